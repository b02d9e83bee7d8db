"""What every function that trains a classifier must do."""

import inspect
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from classifiers.toy_corpora import make_corpus, make_vectors, reviews
from classifiers.trainers import (
    LONG,
    NETWORKS,
    STILL,
    TRAINERS,
    Killed,
    Killer,
    accuracy,
    corpus,
    moved,
    of_all,
    of_networks,
    saved,
    train,
    trained,
    weights,
)
from torch.nn import functional
from training.toy_networks import Notes

from textdl.classifiers import load_model
from textdl.classifiers.augmentation import Augmentation
from textdl.errors import InputError
from textdl.text.documents import DocumentsWriter
from textdl.text.encoding import build_corpus
from textdl.text.pieces import train_bpe
from textdl.vectors import Vectors
from textdl.vectors.ngrams import Ngrams
from textdl.vectors.pieces import PieceComposition
from textdl.vectors.subwords import SubwordComposition

TEXTS = ["w1 w2 good w3", "bad", "", "good w4 " * 30, "unheard of", "w1 bad w9 w9"]


def longer(name):
    return LONG if name in NETWORKS else {}


def output(model):
    return model.network.output.weight.detach()


# Learning


@of_all
def test_learns(name):
    assert accuracy(trained(name, **longer(name)), corpus()) > 0.95


@of_all
def test_learns_three_classes(name):
    texts = [(f"w{i % 7} {word}", label) for i in range(40) for label, word in enumerate("abc")]
    three = make_corpus(["one", "two", "three"], train=texts)
    model = train(name, three, **longer(name))
    assert model.predict(["w1 c", "a", "w3 b"]) == ["three", "one", "two"]
    assert model.predict_proba(TEXTS).shape == (6, 3)


@of_all
def test_learns_from_empty_documents_and_single_words(name):
    texts = [("", 0), ("good", 1), ("bad", 0), ("w1 good", 1)] * 30
    model = train(name, make_corpus(["neg", "pos"], train=texts), **longer(name))
    assert model.predict(["", "good", "bad"]) == ["neg", "pos", "neg"]
    assert np.isfinite(model.predict_proba(["", " ", "never heard"])).all()


@of_networks
def test_validates_on_the_split_of_that_name(name):
    split = make_corpus(["neg", "pos"], train=reviews(60, 1), validation=reviews(30, 2))
    notes = Notes()
    model = train(name, split, progress=notes, epochs=1)
    assert model.info["examples"] == {"training": 60, "validation": 30}
    assert "validating on the split 'validation' (30 documents)" in notes.notes
    assert train(name, split, split="validation", epochs=1).info["examples"]["training"] == 27


# The same again


@of_all
def test_same_seed_same_bytes(name, tmp_path):
    settings = {"epochs": 2} if name != "nbsvm" else {}
    files = [
        saved(train(name, corpus(), seed=seed, **settings), tmp_path / str(i))
        for i, seed in enumerate([1, 1, 2])
    ]
    assert files[0] == files[1]
    assert files[0]["model.safetensors"] != files[2]["model.safetensors"]


@of_networks
def test_writing_checkpoints_changes_no_byte(name, tmp_path):
    plain = saved(trained(name), tmp_path / "plain")
    model = train(name, corpus(), checkpoints=tmp_path / "checkpoints", checkpoint_steps=1)
    assert saved(model, tmp_path / "checked") == plain


@pytest.mark.parametrize(
    "kill",
    [*({"epochs": n} for n in (1, 2, 3)), *({"batches": n} for n in (3, 8, 17, 24))],
    ids=str,
)
@of_networks
def test_killed_and_started_again(name, kill, tmp_path):
    settings = {"checkpoints": tmp_path / "checkpoints", "checkpoint_steps": 5}
    with pytest.raises(Killed):
        train(name, corpus(), progress=Killer(**kill), **settings)
    notes = Notes()
    resumed = train(name, corpus(), progress=notes, **settings)
    begun = any(note.startswith("resuming from the checkpoint") for note in notes.notes)
    assert begun == (kill != {"batches": 3})
    assert saved(resumed, tmp_path / "one") == saved(trained(name), tmp_path / "two")


@of_networks
def test_a_checkpoint_of_other_settings_is_refused(name, tmp_path):
    train(name, corpus(), checkpoints=tmp_path, epochs=1)
    shares = {"replace": 0, "insert": 0, "delete": 0.5}
    for other in ({"label_smoothing": 0.1}, {"augment": shares}, {"seed": 2}):
        with pytest.raises(InputError, match="written by a training with other settings"):
            train(name, corpus(), checkpoints=tmp_path, **other)


@of_all
def test_saves_and_loads(name, tmp_path):
    model = trained(name)
    files = saved(model, tmp_path / "one")
    loaded = load_model(tmp_path / "one")
    assert np.array_equal(loaded.predict_proba(TEXTS), model.predict_proba(TEXTS))
    assert loaded.info == model.info
    assert loaded.history == model.history
    assert saved(loaded, tmp_path / "two") == files


@of_all
def test_every_setting_is_recorded(name):
    parameters = inspect.signature(TRAINERS[name][0]).parameters.values()
    settings = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    computed = {"checkpoints", "checkpoint_steps", "device", "progress"}
    assert trained(name).info["settings"].keys() == settings - computed


# Predictions


@of_all
def test_a_trailing_newline_changes_nothing(name):
    model = trained(name)
    expected = model.predict_proba(TEXTS)
    for end in ("\n", "\r\n", " \n\n"):
        assert np.array_equal(model.predict_proba([text + end for text in TEXTS]), expected)


@of_all
def test_company_changes_nothing(name):
    model = trained(name)
    together = model.predict_proba(TEXTS * 40)
    alone = np.concatenate([model.predict_proba([text]) for text in TEXTS])
    assert np.allclose(together, np.tile(alone, (40, 1)), atol=1e-5)


@of_all
def test_padding_changes_nothing(name):
    model = trained(name)
    ids = torch.randint(1, len(model.vocab), (8, 12), generator=torch.Generator().manual_seed(0))
    lengths = torch.tensor([12, 0, 1, 5, 12, 3, 7, 2])
    ids[torch.arange(12) >= lengths[:, None]] = 0
    expected = model.network(ids, lengths)
    assert torch.allclose(model.network(functional.pad(ids, (0, 40)), lengths), expected, atol=1e-5)


# Vectors and tokenizers


@of_networks
@pytest.mark.parametrize(
    ("embedding", "moves"),
    [("static", [False]), ("tuned", [True]), ("two-channel", [False, True]), ("random", [True])],
)
def test_what_training_moves(name, embedding, moves):
    vectors = make_vectors(corpus())
    model = train(name, corpus(), vectors, embedding=embedding, epochs=1)
    rows = corpus().vocab.words.find_all(vectors.words)
    tables = [channel.weight.detach().numpy() for channel in model.network.channels]
    assert [not np.array_equal(table[rows], vectors.matrix) for table in tables] == moves
    assert not any(table[0].any() for table in tables)
    assert accuracy(model, corpus()) > 0.4


@pytest.mark.parametrize("name", [*NETWORKS, "bag_of_vectors"])
def test_subword_vectors_cover_words_without_a_row(name):
    words = [word for word in corpus().vocab.words[2:] if word not in ("bad", "w3")]
    random = np.random.default_rng(0)
    buckets = random.normal(size=(50, 8)).astype(np.float32)
    composition = SubwordComposition(Ngrams(min_n=2, max_n=3, bucket=50), buckets)
    vectors = Vectors(words, random.normal(size=(len(words), 8)), composition=composition)
    notes = Notes()
    settings = {**STILL, "embedding": "static"} if name in NETWORKS else {"lr": 1e-9, "epochs": 1}
    model = train(name, corpus(), vectors, progress=notes, **settings)
    assert model.info["coverage"] == {"words": 1.0, "tokens": 1.0}
    assert notes.notes[0].startswith("100.0% of the vocabulary's words have a vector")
    state = weights(model)
    table = state["channels.0.weight" if name in NETWORKS else "table"]
    for word in ("bad", "w3", "good"):
        row = table[corpus().vocab.words.find(word)].numpy()
        assert np.allclose(row, vectors[word], atol=1e-6)


@dataclass(frozen=True)
class Characters:
    """A tokenizer."""

    def __call__(self, text):
        return list("".join(text.split()))

    def settings(self):
        return {"kind": "characters"}


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    with DocumentsWriter(tmp_path_factory.mktemp("documents")) as writer:
        for split, seed in (("train", 1), ("test", 2)):
            writer.begin_split(split)
            for text, label in reviews(200, seed):
                writer.add(text, label)
        return writer.close(["neg", "pos"], {})


@of_all
def test_learns_from_characters(name, documents, tmp_path):
    letters = build_corpus(documents, tmp_path, tokenizer=Characters(), min_count=1)
    model = train(name, letters, **longer(name))
    assert accuracy(model, letters) > 0.9
    assert model.predict(["w1 good", "w1 bad"]) == ["pos", "neg"]


@pytest.mark.parametrize("name", [*NETWORKS, "bag_of_vectors"])
def test_learns_from_pieces_and_their_vectors(name, documents, tmp_path):
    tokenizer = train_bpe(documents, vocab_size=290)
    pieces = build_corpus(documents, tmp_path / "corpus", tokenizer=tokenizer)
    words = tokenizer.pieces
    matrix = np.random.default_rng(0).normal(0, 0.5, (len(words), 8))
    vectors = Vectors(words, matrix, composition=PieceComposition(tokenizer, words))
    model = train(name, pieces, vectors, **longer(name))
    assert model.info["coverage"]["words"] == 1.0
    assert accuracy(model, pieces) > 0.9
    model.save(tmp_path / "model")
    assert load_model(tmp_path / "model").predict(["w1 good\n", "bad"]) == ["pos", "neg"]


# Settings of training, by what they do


@of_networks
def test_ftrl_makes_zeros(name):
    settings = {"optimizer": "ftrl", "lr": 0.5, "warmup": 0.0}
    plain, sparse = (train(name, corpus(), l1=l1, **settings) for l1 in (0.0, 0.5))
    for part in ("output.weight", "channels.0.weight"):
        shares = [(weights(model)[part] == 0).double().mean() for model in (plain, sparse)]
        assert shares[0] < 0.05
        assert shares[1] > 0.15


@of_networks
def test_max_norm_bounds_the_rows_of_the_output_layer(name):
    lengths = [
        output(train(name, corpus(), lr=0.03, max_norm=most)).norm(dim=1).max()
        for most in (None, 0.3)
    ]
    assert lengths[0] > 0.4
    assert lengths[1] < 0.3 * (1 + 1e-5)


@of_networks
def test_consistency_makes_readings_with_dropout_agree(name):
    def disagreement(consistency):
        model = train(name, corpus(), consistency=consistency, dropout=0.5, epochs=3)
        model.network.train()
        with torch.no_grad(), torch.random.fork_rng():
            torch.manual_seed(1)
            ids, lengths = torch.randint(2, 10, (500, 12)), torch.full((500,), 12)
            one, other = (model.network(ids, lengths).softmax(1) for _ in range(2))
        return (one - other).abs().mean()

    assert disagreement(5.0) < 0.8 * disagreement(0.0)


@of_networks
def test_consistency_without_dropout_changes_nothing(name):
    once, twice = (
        weights(train(name, corpus(), consistency=share, dropout=0.0, epochs=1, optimizer="sgd"))
        for share in (0.0, 1.0)
    )
    assert max(moved(once, twice).values()) < 1e-5


@of_networks
def test_a_schedule_decides_the_rates(name):
    first = train(name, corpus(), epochs=1, warmup=0.0)
    stopped = train(name, corpus(), schedule="step", decay=1e-12, warmup=0.0)
    assert len(stopped.history) == 3
    assert max(moved(weights(first), weights(stopped)).values()) < 1e-5
    warmed = train(name, corpus(), warmup=0.9, epochs=1, optimizer="sgd")
    cold = train(name, corpus(), warmup=0.0, epochs=1, optimizer="sgd")
    start = weights(train(name, corpus(), **STILL))
    part = "output.weight"
    assert moved(start, weights(warmed))[part] < 0.9 * moved(start, weights(cold))[part]


def test_label_smoothing_makes_less_sure():
    settings = {"epochs": 8, "patience": 8, "monitor": "loss"}
    sure, smooth = (
        train("textcnn", corpus(), label_smoothing=share, **settings)
        .predict_corpus(corpus(), "train")
        .max(1)
        .mean()
        for share in (0.0, 0.5)
    )
    assert sure > 0.93
    assert 0.65 < smooth < 0.83


@of_networks
def test_swa_keeps_the_mean_of_the_epochs_weights(name):
    settings = {"monitor": "loss", "lr": 0.003, "warmup": 0.0}
    one, two = (train(name, corpus(), epochs=n, **settings) for n in (1, 2))
    mean = train(name, corpus(), epochs=2, averaging="swa", swa_start=0.0, **settings)
    assert two.history.best == mean.history.best == 1
    one, two, mean = map(weights, (one, two, mean))
    for part, value in mean.items():
        assert torch.allclose(value, (one[part] + two[part]) / 2, atol=1e-6)


@of_networks
def test_ema_lags_behind(name):
    start = weights(train(name, corpus(), **STILL))
    plain = train(name, corpus(), epochs=1)
    slow = train(name, corpus(), epochs=1, averaging="ema")
    part = "output.weight"
    assert moved(start, weights(slow))[part] < 0.97 * moved(start, weights(plain))[part]


@of_networks
def test_embeddings_have_a_rate_of_their_own(name):
    start = weights(train(name, corpus(), **STILL))
    slow = moved(start, weights(train(name, corpus(), epochs=1, embedding_lr=1e-9)))
    assert slow["channels.0.weight"] < 1e-5
    assert slow["output.weight"] > 0.01


@of_networks
def test_lower_layers_have_lower_rates(name):
    start = weights(train(name, corpus(), **STILL))
    steep = moved(start, weights(train(name, corpus(), epochs=1, layer_decay=1e-6)))
    assert steep.pop("output.weight") > 0.01
    del steep["output.bias"]
    assert max(steep.values()) < 1e-3


@of_networks
@pytest.mark.parametrize("decay", [{"weight_decay": 10.0}, {"l2": 1.0}, {"l1": 0.1}], ids=str)
def test_decay_and_penalties_make_weights_smaller(name, decay):
    plain = output(trained(name)).norm()
    assert output(train(name, corpus(), monitor="loss", **decay)).norm() < 0.7 * plain


@of_networks
@pytest.mark.parametrize("clip", [{"clip_norm": 1e-12}, {"clip_value": 1e-12}], ids=str)
def test_clipped_gradients_move_nothing(name, clip):
    start = weights(train(name, corpus(), **STILL))
    settings = {"optimizer": "sgd", "lr": 1.0, "epochs": 1}
    assert moved(start, weights(train(name, corpus(), **settings)))["output.weight"] > 0.01
    assert max(moved(start, weights(train(name, corpus(), **settings, **clip))).values()) < 1e-6


@of_networks
@pytest.mark.parametrize(
    "setting",
    [
        {"word_dropout": 0.99},
        {"embedding_dropout": 0.99},
        {"input_noise": 50.0},
        {"weight_noise": 5.0},
        {"augment": {"replace": 0, "insert": 0, "swap": 0, "delete": 0, "dropout": 1}},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_disturbed_training_learns_little(name, setting):
    assert train(name, corpus(), **setting).history[-1].loss > trained(name).history[-1].loss + 0.1


@of_networks
def test_synonyms_come_from_the_vectors(name):
    notes = Notes()
    shares = {"replace": 0.5, "insert": 0, "swap": 0, "delete": 0}
    texts = [(f"x{i} x{(7 * i) % 150} {['bad', 'good'][i % 2]}", i % 2) for i in range(150)]
    many = make_corpus(["neg", "pos"], train=texts)
    settings = {"augment": shares, "epochs": 1, "progress": notes}
    model = train(name, many, make_vectors(many), **settings)
    assert any("of 154 words have synonyms" in note for note in notes.notes)
    assert model.info["settings"]["augment"]["replace"] == 0.5
    with pytest.raises(InputError, match="replace and insert need synonyms: give vectors"):
        train(name, corpus(), augment=shares)
    own = Augmentation(synonyms=np.zeros((9, 1), np.int32), **shares)
    again = train(name, many, make_vectors(many), **settings | {"augment": own})
    assert again.info == model.info
    assert all(torch.equal(value, weights(again)[key]) for key, value in weights(model).items())


@of_networks
def test_a_class_that_counts_nothing_is_not_predicted(name):
    model = train(name, corpus(), class_weights=(1.0, 1e-4), lr=0.02)
    assert set(model.predict(TEXTS)) == {"neg"}


def test_a_squared_loss_draws_logits_to_one():
    settings = {"epochs": 8, "patience": 8, "monitor": "loss", "loss": "squared"}
    proba = train("textcnn", corpus(), **settings).predict_corpus(corpus(), "train")
    margins = np.log(proba.max(1) / proba.min(1))  # of logits 1 and -1
    assert abs(np.median(margins) - 2) < 0.7


@of_networks
def test_weights_are_drawn_as_asked(name):
    drawn = output(train(name, corpus(), initialisation="orthogonal", **STILL))
    assert torch.allclose(drawn @ drawn.T, torch.eye(2), atol=1e-5)
    own = output(train(name, corpus(), **STILL))
    assert not torch.allclose(own @ own.T, torch.eye(2), atol=0.1)


@of_networks
def test_half_precision_is_near(name):
    half = train(name, corpus(), epochs=1, precision="bf16").predict_proba(TEXTS)
    full = train(name, corpus(), epochs=1).predict_proba(TEXTS)
    assert not np.array_equal(half, full)
    assert np.allclose(half, full, atol=0.1)


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_recurrent_networks_of_fp16_need_a_gpu(cell):
    with pytest.raises(InputError, match=r"precision 'fp16': .* on a CPU; use 'bf16'"):
        train("birnn", corpus(), cell=cell, precision="fp16")


@of_networks
def test_momentum_goes_on(name):
    settings = {"lr": 0.05, "epochs": 1}
    start = weights(train(name, corpus(), **STILL))
    plain, none, much = (
        moved(start, weights(train(name, corpus(), **settings, **optimizer)))["output.weight"]
        for optimizer in (
            {"optimizer": "sgd"},
            {"optimizer": "momentum", "momentum": 0.0},
            {"optimizer": "nesterov"},
        )
    )
    assert none == pytest.approx(plain, rel=1e-3)
    assert much > 1.5 * plain


@of_networks
def test_patience_and_monitor(name):
    impatient = train(name, corpus(), patience=1, **{**STILL, "epochs": 9})
    assert len(impatient.history) == 2
    assert impatient.info["best_epoch"] == impatient.history.best + 1
    scored = train(name, corpus(), monitor="macro_f1", epochs=2)
    assert all(0 <= epoch.score <= 1 for epoch in scored.history)
    lowest = train(name, corpus(), monitor="loss").history
    assert lowest.best == np.argmin([epoch.validation_loss for epoch in lowest])


def test_a_transformer_warms_up_by_default():
    shares = {name: trained(name).info["settings"]["warmup"] for name in NETWORKS}
    assert shares == {"textcnn": 0.0, "birnn": 0.0, "transformer": 0.1}


# Settings that can't be


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("epochs", 0),
        ("batch_size", -1),
        ("lr", 0.0),
        ("lr", "fast"),
        ("dropout", 1.0),
        ("validation", 0.0),
        ("embedding", "frozen"),
        ("max_length", 0),
        ("patience", 0),
        ("device", "tpu"),
        ("optimizer", "sgdd"),
        ("schedule", "cosinus"),
        ("loss", "zero-one"),
        ("label_smoothing", 1.0),
        ("class_weights", (1.0, 0.0)),
        ("class_weights", "even"),
        ("max_norm", 0.0),
        ("clip_norm", -1.0),
        ("word_dropout", 1.5),
        ("averaging", "mean"),
        ("unfreeze", "some"),
        ("augment", {"swop": 0.1}),
        ("augment", {"swap": 2}),
        ("freeze", "output"),
        ("checkpoint_steps", 0),
        ("seed", -1),
        ("precision", "fp8"),
    ],
)
@of_networks
def test_a_wrong_value_is_named(name, setting, value):
    with pytest.raises(InputError, match=f"train_{name}: {setting}"):
        train(name, corpus(), **{setting: value})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "ftrl", "weight_decay": 0.1}, "weight_decay with optimizer 'ftrl'"),
        ({"class_weights": [1, 0]}, "class_weights.1: input should be greater than 0, not 0"),
        ({"loss": "hinge", "label_smoothing": 0.1}, "label_smoothing with loss 'hinge'"),
        ({"loss": "squared", "consistency": 0.1}, "consistency with loss 'squared'"),
        ({"class_weights": (1.0, 1.0, 1.0)}, "class_weights has 3 values, and there are 2 classes"),
        ({"max_norm": 1.0, "max_norm_layers": ("head",)}, "no module 'head' to limit: it has chan"),
        ({"split": "dev"}, "no split 'dev'"),
        ({"optimizer": "sgd", "lr": 1e38}, "the loss became nan in epoch 1, .*: lower lr"),
        ({"embedding": "tuned"}, "embedding 'tuned' needs vectors"),
        ({"optimizer": "nesterov", "momentum": 0}, "momentum 0 with optimizer 'nesterov'"),
        ({"averaging": "swa", "epochs": 1}, "swa_start 0.5 of 1 epochs"),
        ({"reset": ("output",)}, "reset: output: it says what of init_from begins anew"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
@of_networks
def test_settings_that_do_not_fit(name, settings, message):
    with pytest.raises(InputError, match=message):
        train(name, corpus(), **settings)


@of_all
def test_an_unknown_setting_comes_with_the_nearest(name):
    with pytest.raises(TypeError, match=r"has no setting 'sed': did you mean 'seed'\?"):
        train(name, corpus(), sed=3)


@of_all
def test_corpora_that_can_not_be_trained_on(name):
    with pytest.raises(InputError, match="split 'train' has no labels"):
        train(name, make_corpus([], train=[("a b", -1), ("b c", -1)]))
    if name != "nbsvm":
        with pytest.raises(InputError, match="has the label 'neg': a classifier needs at least tw"):
            train(name, make_corpus(["neg", "pos"], train=[("a b", 0), ("b c", 0)]))


@pytest.mark.parametrize("name", [*NETWORKS, "bag_of_vectors"])
def test_vectors_of_other_words(name):
    vectors = Vectors(["слово"], [[1.0] * 8])
    with pytest.raises(InputError, match="none of the 1 vectors belongs to a word"):
        train(name, corpus(), vectors)


@pytest.mark.parametrize("name", [*NETWORKS, "bag_of_vectors"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite(name, value):
    vectors = make_vectors(corpus())
    matrix = vectors.matrix.copy()
    matrix[vectors.words.find("good"), 3] = value
    with pytest.raises(InputError, match="the vector of 'good' holds NaN or infinity"):
        train(name, corpus(), Vectors(vectors.words, matrix))
