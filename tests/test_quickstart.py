"""The main job as a newcomer runs it, with its claims checked, and the README, which asks its
results."""

from collections import Counter

import numpy as np
import pytest
from pages import ROOT, follow

import textdl
from textdl.text.synthetic import SECTIONS, TRUTH


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quickstart")
    places = {"home": folder / "home", "runs": folder / "runs"}
    return textdl.run(ROOT / "pipelines" / "quickstart.toml", **places)


@pytest.mark.slow
def test_the_network_beats_the_bag_of_words(run):
    evaluation = run.evaluation
    assert evaluation.documents == 5000
    assert evaluation.baseline.accuracy > 0.75
    assert evaluation.model.accuracy > evaluation.baseline.accuracy + 0.1


@pytest.mark.slow
def test_planted_synonyms_are_neighbours(run):
    vectors = run["skipgram"]
    found = Counter()
    for words in TRUTH.synonyms:
        for word in words:
            near = vectors.neighbors(word, top=3).words
            found[len(set(near) & set(words)) > 0] += 1
    assert found[True] / found.total() > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("section", SECTIONS)
def test_planted_analogies_are_found(run, section):
    questions = list(TRUTH.analogies(section))
    right = [run.skipgram.analogy(a, b, c, top=1).words == [d] for a, b, c, d in questions]
    assert len(right) > 100
    assert np.mean(right) > 0.9


@pytest.mark.slow
def test_vectors_and_vocabulary_have_not_seen_the_test_split(run):
    assert run.tokens.info["vocab_splits"] == ["train", "unsupervised"]
    assert run.skipgram.info["settings"]["splits"] == ["train", "unsupervised"]
    assert run.stages["skipgram"]["info"]["settings"]["splits"] == ["train", "unsupervised"]


@pytest.mark.slow
def test_the_model_reads_word_order(run):
    texts = [
        "The film is not terrible at all.",
        "The film is terrible.",
        "I wanted to like it, but no.",
    ]
    assert run.textcnn.predict(texts)[:2] == ["positive", "negative"]
    loaded = textdl.load_model(run.folder / "textcnn")
    np.testing.assert_array_equal(loaded.predict_proba(texts), run.textcnn.predict_proba(texts))


@pytest.mark.slow
def test_the_report_says_that_the_texts_are_synthetic(run):
    assert "The texts are synthetic" in run.report.html.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_the_readme_shows_what_happens(run, monkeypatch, capsys):
    folder = run.folder.parents[1]
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TEXTDL_HOME", str(folder / "home"))
    (folder / "pipelines").symlink_to(ROOT / "pipelines")
    follow(ROOT / "README.md", capsys)
