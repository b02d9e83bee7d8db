"""Every embedding × every network on one page, small."""

from io import StringIO
from pathlib import Path

import pytest

import textdl
from textdl.classifiers import Ensemble
from textdl.classifiers.sweep import Sweep
from textdl.display import Lines
from textdl.pipeline import read_pipeline
from textdl.stages import find_stage

PIPELINE = Path(__file__).parents[1] / "pipelines" / "imdb-leaderboard.toml"
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
NETWORKS = ("textcnn", "birnn", "transformer")
MODELS = [
    "bag_of_words", "nbsvm", "bag_of_vectors", "ensemble",
    *(f"{network}@{vectors}" for network in NETWORKS
      for vectors in ("skipgram", "cbow", "fasttext", "glove")),
    *(f"of_pieces@{network}" for network in NETWORKS),
]  # fmt: skip


def small():
    """Overrides that make every stage small."""
    overrides = {
        f"defaults.{uses}.{setting}": value
        for uses, settings in SMALL.items()
        for setting, value in settings.items()
    }
    small = {"reviews.dataset": "synthetic", "reviews.sample": 80, "textcnn.seeds": 2}
    return overrides | small


class Killed(BaseException):
    pass


class Killer(Lines):
    """Kills in the middle of a stage."""

    def __init__(self, stage):
        super().__init__(StringIO())
        self.stage = stage

    def show(self, event):
        if event["event"] == "progress" and event["stage"] == self.stage:
            raise Killed


@pytest.mark.slow
def test_every_model_is_in_the_table_and_the_run_goes_on_where_it_was_killed(tmp_path):
    def run(display):
        places = {"home": tmp_path / "home", "runs": tmp_path / "runs"}
        return textdl.run(PIPELINE, set=small(), display=display, **places)

    with pytest.raises(Killed):
        run(Killer("birnn@fasttext"))

    log = StringIO()
    finished = run(Lines(log))
    lines = log.getvalue().splitlines()
    assert "birnn@cbow: cached" in lines
    assert "birnn@fasttext: runs (not computed yet)" in lines
    shown = [line.removeprefix("  leaderboard: ").split("  ")[0] for line in lines[-20 - 1 : -1]]
    assert sorted(shown[1:]) == sorted(MODELS)

    page = finished.leaderboard.html.read_text("utf-8")
    assert "The texts are synthetic" in page
    table = (finished.leaderboard.folder / "report.md").read_text("utf-8").replace("\\_", "_")
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    found = {row[0]: row[1:] for row in rows}
    assert sorted(found.keys() & set(MODELS)) == sorted(MODELS)
    networks = [network for network in NETWORKS for _ in range(4)]
    baselines = ["tfidf (baseline)", "ngrams (baseline)", "meanvectors (baseline)"]
    kinds = [*baselines, "ensemble", *networks, *NETWORKS]
    assert [found[name][0] for name in MODELS] == kinds
    for name in MODELS:
        _, accuracy, _, parameters, seconds, speed = found[name]
        assert ("±" in accuracy) == name.startswith("textcnn")
        assert int(parameters.replace(",", "")) > 100
        assert float(seconds.removeprefix("≥ ").replace(",", "")) >= 0
        assert int(speed.replace(",", "")) > 0
    assert isinstance(finished["ensemble"], Ensemble)
    assert isinstance(finished["ensemble"].models["textcnn@glove"], Sweep)

    log = StringIO()
    again = run(Lines(log))
    assert set(log.getvalue().splitlines()) == {f"{name}: cached" for name in again}
    assert again.stages["leaderboard"]["digest"] == finished.stages["leaderboard"]["digest"]


def test_what_votes_is_of_one_corpus_and_is_measured_on_it():
    nodes = {node.name: node for node in read_pipeline(PIPELINE, find_stage).nodes}
    voting = nodes["ensemble"].inputs["models"]
    assert len(voting) == 14
    assert {nodes[name].inputs["corpus"] for name in voting} == {"tokens"}
    assert sorted(nodes["leaderboard"].inputs["models"]) == sorted(MODELS)
    for name in nodes["leaderboard"].inputs["evaluations"]:
        inputs = nodes[name].inputs
        assert inputs["corpus"] == nodes[inputs["model"]].inputs["corpus"]


def test_the_cells_of_a_list_of_settings_are_ranked(tmp_path):
    path = tmp_path / "several.toml"
    path.write_text("""
reviews = { dataset = "synthetic", sample = 60 }
tokens = { inputs = { documents = "reviews" } }
network = { uses = "nbsvm", inputs = { corpus = "tokens" }, matrix = { beta = [0.25, 1.0] } }
evaluation = { inputs = { corpus = "tokens", model = "network" } }
leaderboard = { inputs = { models = "network", evaluations = "evaluation" } }
""")
    finished = textdl.run(path, home=tmp_path / "home", runs=tmp_path / "runs")
    page = (finished.folder / "leaderboard" / "report.md").read_text("utf-8")
    assert page.count("network@beta=0.25") == page.count("network@beta=1.0") == 1
