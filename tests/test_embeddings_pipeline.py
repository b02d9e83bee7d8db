"""All embeddings on one corpus, ranked on one page."""

from pathlib import Path

import pytest

import textdl

PIPELINE = Path(__file__).parents[1] / "pipelines" / "embeddings.toml"
TABLES = ("skipgram", "cbow", "fasttext", "glove", "skipgram_pieces")
SENTENCES = (
    "a good film with a great actor and a fine story",
    "a bad phone with an awful battery and a dull screen",
    "the capital of the country is a large old city",
    "the film is boring , but the music is superb",
)


def test_all_families_are_trained_and_ranked(tmp_path):
    (tmp_path / "text.txt").write_text("\n".join(SENTENCES * 200))
    small = {f"{table}.dim": 16 for table in TABLES} | {f"{table}.epochs": 1 for table in TABLES}
    run = textdl.run(
        PIPELINE,
        set={
            **small,
            "reviews.dataset": str(tmp_path / "text.txt"),
            "bpe.vocab_size": 300,
            "fasttext.bucket": 1000,
        },
        home=tmp_path / "home",
        runs=tmp_path / "runs",
    )
    scores = run.vector_evaluation.full
    assert tuple(scores) == TABLES
    assert all(len(its) == 3 for its in scores.values())
    page = run.ranking.html.read_text("utf-8")
    for table in TABLES:
        assert f">{table}</t" in page
        assert run[table].dim == 16
    assert "synthetic" not in page


@pytest.mark.slow
def test_what_is_planted_is_found(tmp_path):
    run = textdl.run(PIPELINE, home=tmp_path / "home", runs=tmp_path / "runs")
    scores = run.vector_evaluation.full
    for table in ("skipgram", "cbow", "fasttext", "glove"):
        assert scores[table]["planted synonyms"].coverage > 0.9
    for table in ("skipgram", "cbow", "fasttext"):
        assert scores[table]["planted analogies"].value > 0.5
        assert scores[table]["planted synonyms"].value > 0.5
    assert "The texts are synthetic" in run.ranking.html.read_text("utf-8")
