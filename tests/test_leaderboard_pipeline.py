"""Every embedding × every network on one page, small."""

import tomllib
from io import StringIO
from pathlib import Path

import pytest

import textdl
from textdl.classifiers import Ensemble
from textdl.classifiers.sweep import Sweep
from textdl.pipeline.display import Lines

PIPELINE = Path(__file__).parents[1] / "pipelines" / "imdb-leaderboard.toml"
TABLES = tomllib.loads(PIPELINE.read_text("utf-8"))
MODELS = TABLES["leaderboard"]["inputs"]["models"]
SMALL = {
    "skipgram": {"dim": 8, "epochs": 1},
    "cbow": {"dim": 8, "epochs": 1},
    "fasttext": {"dim": 8, "epochs": 1, "bucket": 100},
    "glove": {"dim": 8, "epochs": 1},
    "bpe": {"vocab_size": 400},
    "bag_of_vectors": {"epochs": 2, "buckets": 100, "lr": 0.1},
    "textcnn": {"epochs": 1, "maps": 4, "max_length": 10},
    "birnn": {"epochs": 1, "hidden": 4, "max_length": 10},
    "transformer": {"epochs": 1, "width": 8, "heads": 2, "feedforward": 8, "max_length": 10},
}


def small():
    """Overrides that make every stage small."""
    overrides = {"reviews.dataset": "synthetic", "reviews.sample": 80}
    for name, table in TABLES.items():
        for setting, value in SMALL.get(table.get("uses", name), {}).items():
            overrides[f"{name}.{setting}"] = value
    return overrides | {"textcnn_glove.seeds": 2}


class Killed(BaseException):
    pass


class Killer(Lines):
    """Kills in the middle of a stage."""

    def __init__(self, stage):
        super().__init__(StringIO())
        self.stage = stage

    def update(self, stage, *args):
        if stage == self.stage:
            raise Killed


@pytest.mark.slow
def test_every_model_is_in_the_table_and_the_run_goes_on_where_it_was_killed(tmp_path):
    def run(display):
        places = {"home": tmp_path / "home", "runs": tmp_path / "runs"}
        return textdl.run(PIPELINE, set=small(), display=display, **places)

    with pytest.raises(Killed):
        run(Killer("birnn_fasttext"))

    log = StringIO()
    finished = run(Lines(log))
    lines = log.getvalue().splitlines()
    assert "birnn_cbow: cached" in lines
    assert "birnn_fasttext: runs (not computed yet)" in lines
    shown = [line.removeprefix("  leaderboard: ").split("  ")[0] for line in lines[-20 - 1 : -1]]
    assert sorted(shown[1:]) == sorted(MODELS)

    page = finished.leaderboard.html.read_text("utf-8")
    assert "The texts are synthetic" in page
    table = (finished.leaderboard.folder / "report.md").read_text("utf-8").replace("\\_", "_")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    found = {row[0]: row[1:] for row in rows}
    assert sorted(found.keys() & set(MODELS)) == sorted(MODELS)
    networks = [network for network in ("textcnn", "birnn", "transformer") for _ in range(5)]
    baselines = ["tfidf (baseline)", "ngrams (baseline)", "meanvectors (baseline)"]
    assert [found[name][0] for name in MODELS] == [*baselines, "ensemble", *networks]
    for name in MODELS:
        _, accuracy, _, parameters, seconds, speed = found[name]
        assert ("±" in accuracy) == (name == "textcnn_glove")
        assert int(parameters.replace(",", "")) > 100
        assert float(seconds.removeprefix("≥ ").replace(",", "")) >= 0
        assert int(speed.replace(",", "")) > 0
    assert isinstance(finished["ensemble"], Ensemble)
    assert isinstance(finished["ensemble"].models["textcnn_glove"], Sweep)

    log = StringIO()
    again = run(Lines(log))
    assert set(log.getvalue().splitlines()) == {f"{name}: cached" for name in TABLES}
    assert again.stages["leaderboard"]["digest"] == finished.stages["leaderboard"]["digest"]


def test_what_votes_is_of_one_corpus():
    voting = TABLES["ensemble"]["inputs"]["models"]
    assert {TABLES[name]["inputs"]["corpus"] for name in voting} == {"tokens"}
    assert len(set(voting)) == 14
    evaluations = TABLES["leaderboard"]["inputs"]["evaluations"]
    assert {name.removesuffix("_evaluation") for name in evaluations} == set(MODELS)
    for name in evaluations:
        inputs = TABLES[name]["inputs"]
        model = inputs["model"]
        assert name == f"{model}_evaluation"
        assert inputs["corpus"] == TABLES[model]["inputs"]["corpus"]
