import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from classifiers.toy_corpora import make_corpus, review_corpus

from textdl.classifiers import SentimentModel, fit_bag_of_words, load_model, train_textcnn
from textdl.errors import InputError
from textdl.text.vocab import Vocab

TEXTS = ["w1 w2 good w3", "bad", "", "good w4 " * 30, "unheard of"]


@pytest.fixture(scope="module")
def corpus():
    return review_corpus()


@pytest.fixture(scope="module")
def model(corpus):
    return train_textcnn(
        corpus, None, embedding="random", dim=8, maps=8, epochs=4, lr=0.01, batch_size=16
    )


def test_predicts_labels_and_probabilities(model):
    probabilities = model.predict_proba(TEXTS)
    assert probabilities.shape == (5, 2)
    assert probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(1), 1)
    assert model.predict(TEXTS) == [["neg", "pos"][i] for i in probabilities.argmax(1)]
    assert model.predict(TEXTS)[:2] == ["pos", "neg"]


@pytest.mark.parametrize("at", ["save", "rename"])
def test_a_model_is_replaced_whole_or_not_at_all(model, corpus, tmp_path, monkeypatch, at):
    model.save(tmp_path)
    turned = SentimentModel(model.network, model.vocab, model.tokenizer, ["pos", "neg"])

    class Killed(BaseException):
        pass

    def killed(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Vocab if at == "save" else Path, at, killed)
        with pytest.raises(Killed):
            turned.save(tmp_path)
    if at == "save":
        assert load_model(tmp_path).label_names == model.label_names
    else:
        with pytest.raises(InputError, match=r"holds no model\.json"):
            load_model(tmp_path)
    turned.save(tmp_path)
    assert load_model(tmp_path).label_names == ["pos", "neg"]
    assert not list(tmp_path.glob(".*"))
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file: is a file"):
        model.save(tmp_path / "file")


def test_labels_judged_apart_keep_their_odds(model, tmp_path):
    model.save(tmp_path / "plain")
    network = model.network
    apart = SentimentModel(network, model.vocab, model.tokenizer, model.label_names, apart=True)
    apart.save(tmp_path / "apart")
    ids = torch.from_numpy(model.vocab.encode(["good"]).astype(np.int64))[None]
    odds = network(ids, torch.tensor([1])).sigmoid()[0].detach().numpy()
    found = load_model(tmp_path / "apart").predict_proba(["good"])[0]
    assert np.allclose(found, odds / odds.sum(), atol=1e-6)
    assert not np.allclose(found, load_model(tmp_path / "plain").predict_proba(["good"])[0])


def test_order_and_company_change_nothing(model, corpus):
    texts = TEXTS * 40
    together = model.predict_proba(texts)
    alone = np.concatenate([model.predict_proba([text]) for text in TEXTS])
    assert np.allclose(together, np.tile(alone, (40, 1)), atol=1e-5)


def test_a_trailing_newline_changes_nothing(model):
    assert np.array_equal(
        model.predict_proba(TEXTS), model.predict_proba([f"{text}\r\n" for text in TEXTS])
    )


def test_no_texts(model):
    assert model.predict([]) == []
    assert model.predict_proba([]).shape == (0, 2)


def test_texts_that_are_none(model):
    with pytest.raises(InputError, match=r"write \[text\]"):
        model.predict("one text")
    with pytest.raises(InputError, match="text 1 is no string but NoneType"):
        model.predict(["one", None])
    with pytest.raises(InputError, match="text 0 has half a character at 1"):
        model.predict(["a\udcff"])


def test_a_corpus_is_predicted_as_its_texts_are(model, corpus):
    words = corpus.vocab.words
    texts = [" ".join(words[i] for i in corpus.document(row)) for row in corpus.splits["test"]]
    found = model.predict_corpus(corpus, "test")
    assert found.shape == (300, 2)
    assert np.allclose(found, model.predict_proba(texts), atol=1e-6)
    labels = corpus.labels[corpus.splits["test"].start :]
    assert (found.argmax(1) == labels).mean() > 0.95


def test_a_corpus_with_another_vocabulary(model):
    other = make_corpus(["neg", "pos"], test=[("other words", 0)])
    with pytest.raises(InputError, match=r"another vocabulary \(4 words\)"):
        model.predict_corpus(other, "test")


def test_a_split_that_does_not_exist(model, corpus):
    with pytest.raises(InputError, match="no split 'dev': the corpus has train, test"):
        model.predict_corpus(corpus, "dev")


def test_reads_no_more_than_max_length(corpus):
    model = train_textcnn(
        corpus, None, embedding="random", dim=4, maps=4, epochs=1, batch_size=16, max_length=5
    )
    one, two = model.predict_proba(["w1 w2 w3 w4 w5 good", "w1 w2 w3 w4 w5 bad bad bad"])
    assert np.allclose(one, two, atol=1e-6)


def test_threads_change_nothing(model):
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            found.append(model.predict_proba(TEXTS * 40))
            assert torch.get_num_threads() == threads
            with ThreadPoolExecutor(1) as pool:  # nor for threads that begin later
                assert pool.submit(torch.get_num_threads).result() == threads
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(*found)


def test_leaves_no_trace_in_torch(model):
    before = torch.random.get_rng_state()
    model.network.train()
    one, two = model.predict_proba(TEXTS), model.predict_proba(TEXTS)
    assert np.array_equal(one, two)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("kind", ["textcnn", "tfidf"])
def test_save_and_load(model, corpus, kind, tmp_path):
    model = model if kind == "textcnn" else fit_bag_of_words(corpus)
    model.save(tmp_path / "one")
    before = torch.random.get_rng_state()
    loaded = load_model(tmp_path / "one")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert loaded.network.kind == kind
    assert np.array_equal(loaded.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert loaded.history == model.history
    assert loaded.info == model.info
    assert repr(loaded) == f"SentimentModel({kind}, 34 words, neg, pos)"
    flags = [[p.requires_grad for p in m.network.parameters()] for m in (loaded, model)]
    assert flags[0] == flags[1]
    loaded.save(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_nothing_to_load(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load_model(tmp_path / "absent")
    with pytest.raises(InputError, match=r"holds no model\.json"):
        load_model(tmp_path)


def edited(change):
    def edit(folder):
        path = folder / "model.json"
        description = json.loads(path.read_text())
        change(description)
        path.write_text(json.dumps(description))

    return edit


DAMAGES = {
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "cut weights": lambda folder: (folder / "model.safetensors").write_bytes(b"\x10"),
    "no vocabulary": lambda folder: (folder / "vocab.safetensors").unlink(),
    "no JSON": lambda folder: (folder / "model.json").write_text("{"),
    "a list": lambda folder: (folder / "model.json").write_text("[]"),
    "a key less": edited(lambda d: d.pop("tokenizer")),
    "other shapes": edited(lambda d: d["settings"].update(dim=9)),
    "another size of vocabulary": edited(lambda d: d["settings"].update(words=9)),
    "another number of labels": edited(lambda d: d["label_names"].append("meh")),
    "unknown network": edited(lambda d: d.update(network="perceptron")),
    "unknown settings": edited(lambda d: d["settings"].update(depth=3)),
    "settings of a wrong type": edited(lambda d: d["settings"].update(widths="wide")),
    "history": edited(lambda d: d.update(history=[{"loss": 1}])),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_models(model, tmp_path, damage):
    model.save(tmp_path)
    DAMAGES[damage](tmp_path)
    with pytest.raises(InputError, match=str(tmp_path)):
        load_model(tmp_path)


def test_network_and_vocabulary_have_to_fit(model, corpus):
    with pytest.raises(ValueError, match="a network for 2 classes, not for 1"):
        SentimentModel(model.network, corpus.vocab, corpus.tokenizer, ["pos"])


def test_labels_of_more_than_two_classes():
    texts = [(f"w{i % 7} {word}", label) for i in range(30) for label, word in enumerate("abc")]
    corpus = make_corpus(["one", "two", "three"], train=texts)
    for model in (
        train_textcnn(corpus, None, embedding="random", dim=8, maps=8, lr=0.05, batch_size=8),
        fit_bag_of_words(corpus),
    ):
        assert model.predict(["w1 c", "a", "w9 w9 b"]) == ["three", "one", "two"]


def test_unlabelled_documents_are_predicted_too(model, corpus):
    bare = dataclasses.replace(corpus, labels=np.full(len(corpus), -1, np.int32))
    assert np.array_equal(model.predict_corpus(bare, "test"), model.predict_corpus(corpus, "test"))


def test_evaluates_texts(model):
    texts = ["w1 good", "bad w2", "w3 good w4", "bad"]
    assert model.evaluate(texts, ["pos", "neg", "pos", "neg"]).accuracy == 1
    scores = model.evaluate(texts, ["pos", "pos", "pos", "neg"])
    assert scores.confusion == [[1, 0], [1, 2]]
    assert scores.per_class["neg"]["documents"] == 1
    labels = (label for label in ["pos", "pos", "pos", "neg"])
    assert model.evaluate((text for text in texts), labels) == scores


@pytest.mark.parametrize(
    ("texts", "labels", "message"),
    [
        (["good"], [], "1 texts and 0 labels"),
        ([], [], "no texts to evaluate on"),
        ("good", ["pos"], r"write \[text\]"),
        (["good"], "pos", r"write \[label\]"),
        (["good"], ["meh"], r"label 0: 'meh' is none of the model's labels \(neg, pos\)"),
        (["good"], [["pos"]], r"label 0: \['pos'\] is none of the model's labels"),
        (["good"], [1], "label 0: 1 is none of the model's labels"),
        (["good"], 1, "a int is no list of labels"),
    ],
)
def test_what_can_not_be_evaluated(model, texts, labels, message):
    with pytest.raises(InputError, match=message):
        model.evaluate(texts, labels)


@pytest.mark.parametrize("texts", [np.array([["a", "b"]]), 7, None])
def test_texts_in_no_list(model, texts):
    with pytest.raises(InputError, match="is no list of texts"):
        model.predict_proba(texts)
