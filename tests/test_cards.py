import json
from functools import partial

import numpy as np
import pytest

import textdl
from textdl.cards import FILE
from textdl.classifiers.sweep import sweep
from textdl.vectors import Vectors


def head_of(card):
    """What the Hub reads of a card."""
    import yaml

    _, head, _ = card.split("---\n", 2)
    return yaml.safe_load(head)


def rows_of(card, heading):
    part = card.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ") for line in part.splitlines() if line.startswith("| ")]
    return [line.split(" | ") for line in lines]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cards")
    documents = textdl.read_documents("synthetic", folder / "documents", sample=100)
    corpus = textdl.build_corpus(documents, folder / "corpus", min_count=2)
    vectors = textdl.train_skipgram(corpus, dim=8, epochs=2)
    vectors.save(folder / "vectors")
    model = textdl.train_textcnn(corpus, vectors, maps=4, epochs=2, dropout=0.25)
    model.save(folder / "model")
    model.save(folder / "again")
    nbsvm = textdl.fit_nbsvm(corpus, validation=0.1)
    nbsvm.save(folder / "nbsvm")
    train = partial(textdl.train_textcnn, maps=4, epochs=1)
    sweep(train, corpus, vectors, seeds=2).save(folder / "sweep")
    textdl.vote(corpus, {"one": model, "two": nbsvm}).save(folder / "ensemble")
    return folder


def test_the_card_of_vectors_says_what_they_were_trained_on_and_how(folder):
    card = (folder / "vectors" / FILE).read_text("utf-8")
    head = head_of(card)
    assert head["library_name"] == "textdl"
    assert head["pipeline_tag"] == "feature-extraction"
    assert head["tags"] == ["word-embeddings", "skipgram"]
    assert ["dim", "8"] in rows_of(card, "Settings")
    info = json.loads((folder / "vectors/vectors.json").read_text("utf-8"))
    losses = [[str(i), f"{loss:.4f}"] for i, loss in enumerate(info["losses"], 1)]
    assert rows_of(card, "Metrics") == [["epoch", "loss"], *losses]
    assert "generates from a grammar of its own" in card
    assert f"{info['corpus']['tokens']:,} tokens in all its splits" in card
    assert f"An epoch reads {info['words_per_epoch']:,} tokens." in card


def test_the_card_of_a_model_has_its_metrics_where_the_hub_looks_for_them(folder):
    card = (folder / "model" / FILE).read_text("utf-8")
    head = head_of(card)
    model = textdl.load_model(folder / "model")
    best = model.history[model.history.best]
    (result,) = head["model-index"][0]["results"]
    assert result["metrics"] == [{"type": "accuracy", "value": round(best.validation_accuracy, 4)}]
    assert result["dataset"]["split"] == "validation"
    assert head["tags"] == ["sentiment-classification", "textcnn"]
    assert len(rows_of(card, "Metrics")) == 1 + len(model.history)
    assert ["dropout", "0.25"] in rows_of(card, "Settings")
    assert "Tells these apart: negative, positive." in card
    assert "Labelled documents: 90 for training, 10 for validation." in card
    assert ["dim", "8"] in rows_of(card, "Settings")
    (tokenizer,) = (row[1] for row in rows_of(card, "Settings") if row[0] == "tokenizer")
    assert json.loads(tokenizer) == model.tokenizer.settings()


def test_models_of_models_have_one_too(folder):
    card = (folder / "ensemble" / FILE).read_text("utf-8")
    assert "# Text classifier: ensemble" in card
    assert "grammar of its own" in card
    assert (folder / "ensemble/member-0" / FILE).is_file()
    swept = (folder / "sweep" / FILE).read_text("utf-8")
    assert "# Text classifier: textcnn" in swept
    assert [row[0] for row in rows_of(swept, "Metrics")][1:] == ["seed 1", "seed 2", "mean", "std"]


@pytest.mark.parametrize("name", ["nbsvm", "sweep", "ensemble"])
def test_what_was_right_on_validation_is_told(folder, name):
    card = (folder / name / FILE).read_text("utf-8")
    model = textdl.load_model(folder / name)
    accuracies = model.info["validation_accuracy"]
    accuracy = accuracies[model.info["best"]] if name == "sweep" else accuracies
    (result,) = head_of(card)["model-index"][0]["results"]
    assert result["metrics"] == [{"type": "accuracy", "value": round(accuracy, 4)}]


def test_a_trained_tokenizer_is_not_spelled_out(folder, tmp_path):
    documents = textdl.text.Documents.load(folder / "documents")
    bpe = textdl.train_bpe(documents, vocab_size=400)
    corpus = textdl.build_corpus(documents, tmp_path / "pieces", tokenizer=bpe)
    textdl.train_skipgram(corpus, dim=4, epochs=1).save(tmp_path / "vectors")
    card = (tmp_path / "vectors" / FILE).read_text("utf-8")
    assert '"kind": "bpe"' in card
    assert len(card) < 5000


def test_a_card_without_scores_says_so(folder):
    textdl.fit_nbsvm(textdl.text.Corpus.load(folder / "corpus")).save(folder / "unmeasured")
    card = (folder / "unmeasured" / FILE).read_text("utf-8")
    assert "No scores on held-out texts are recorded" in card
    assert "model-index" not in head_of(card)


def test_the_same_model_has_the_same_card(folder):
    assert (folder / "model" / FILE).read_bytes() == (folder / "again" / FILE).read_bytes()


def test_a_card_without_knowledge_says_so(tmp_path):
    Vectors(["a|b", "c"], np.eye(2, dtype=np.float32)).save(tmp_path / "vectors")
    card = (tmp_path / "vectors" / FILE).read_text("utf-8")
    assert "Not recorded" in card
    assert "## Metrics" not in card
    assert "## Settings" not in card
    assert head_of(card)["license"] == "unknown"


def test_the_hub_accepts_the_head(folder):
    from huggingface_hub import ModelCard

    for name in ("vectors", "model", "ensemble"):
        card = ModelCard.load(folder / name / FILE)
        assert card.data.library_name == "textdl"
