from dataclasses import replace

import pytest
from classifiers.toy_corpora import make_vectors, review_corpus
from report.test_report import Page

from textdl.classifiers import (
    Ensemble,
    evaluate,
    fit_bag_of_words,
    fit_nbsvm,
    train_bag_of_vectors,
    train_textcnn,
)
from textdl.classifiers.sweep import sweep, with_seeds
from textdl.errors import InputError
from textdl.report.leaderboard import write_leaderboard
from textdl.report.page import Report


class Notes:
    def __init__(self):
        self.lines = []

    def update(self, *args, **facts): ...

    def note(self, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def corpus():
    return review_corpus()


@pytest.fixture(scope="module")
def models(corpus):
    textcnn = train_textcnn(
        corpus, make_vectors(corpus), widths=(2,), maps=3, epochs=1, device="cpu"
    )
    swept = sweep(train_bag_of_vectors, corpus, seeds=2, dim=4, buckets=50, epochs=2, lr=0.05)
    words = fit_bag_of_words(corpus)
    nbsvm = fit_nbsvm(corpus, min_count=2)
    return {
        "textcnn": textcnn,
        "swept": swept,
        "words": words,
        "ensemble": Ensemble({"textcnn": textcnn, "words": words}),
        "nbsvm": nbsvm,
    }


@pytest.fixture(scope="module")
def evaluations(corpus, models):
    return {
        f"{name}_evaluation": with_seeds(evaluate(corpus, model), corpus, model)
        for name, model in models.items()
    }


MEASURED = {
    "textcnn": {"seconds": 12.4, "resumed": True},
    "swept": {"seconds": 5.0, "resumed": False},
    "words": {"seconds": 1.25, "resumed": False},
    "ensemble": {"seconds": 0.5, "resumed": False},
    "textcnn_evaluation": {"seconds": 9.0, "resumed": False, "documents_per_second": 12345.6},
}


def cells(folder):
    lines = (folder / "report.md").read_text("utf-8").splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if "|" in line
    ]
    return {row[0]: row[1:] for row in rows}


def test_the_table_has_a_row_for_each_the_best_first(models, evaluations, tmp_path):
    report = write_leaderboard(tmp_path, models, evaluations, measured=MEASURED)
    assert isinstance(report, Report)
    text = report.html.read_text("utf-8")
    assert Page(text).tables == 1
    assert "synthetic" not in text
    found = cells(tmp_path)
    order = [name for name in found if name in models]
    assert sorted(order) == sorted(models)
    accuracies = [float(found[name][1].split(" ")[0]) for name in order]
    assert accuracies == sorted(accuracies, reverse=True)
    accuracy = evaluations["textcnn_evaluation"].model.accuracy
    macro_f1 = evaluations["textcnn_evaluation"].model.macro_f1
    assert found["textcnn"][:3] == ["textcnn", f"{accuracy:.4f}", f"{macro_f1:.4f}"]
    assert "of which always saying the most frequent label gets" in text


def test_several_seeds_have_a_mean_and_a_deviation(models, evaluations, tmp_path):
    write_leaderboard(tmp_path, models, evaluations, measured=MEASURED)
    low, high = (its["accuracy"] for its in evaluations["swept_evaluation"].seeds.values())
    found = cells(tmp_path)
    deviation = abs(low - high) / 2**0.5
    assert found["swept"][1] == f"{(low + high) / 2:.4f} ± {deviation:.4f}"
    assert found["swept"][4] == "2.5"
    assert "mean ± standard deviation" in (tmp_path / "report.md").read_text("utf-8")


def test_baselines_are_marked_and_weights_counted(corpus, models, evaluations, tmp_path):
    write_leaderboard(tmp_path, models, evaluations)
    found = cells(tmp_path)
    assert [found[name][0] for name in models] == [
        "textcnn", "meanvectors (baseline)", "tfidf (baseline)", "ensemble", "ngrams (baseline)",
    ]  # fmt: skip
    words = len(corpus.vocab)
    textcnn = words * 8 + (2 * 8 + 1) * 3 + (3 + 1) * 2
    assert found["textcnn"][3] == f"{textcnn:,}"
    assert found["swept"][3] == f"{(words + 50) * 4 + 2 * 4 + 2:,}"
    assert found["ensemble"][3] == f"{textcnn + words * 3 + 2:,}"


def test_times_are_those_that_were_measured(models, evaluations, tmp_path):
    write_leaderboard(tmp_path, models, evaluations, measured=MEASURED)
    found = cells(tmp_path)
    assert found["textcnn"][4:] == ["≥ 12", "12,346"]
    assert found["words"][4:] == ["1.2", "–"]
    assert found["ensemble"][4] == "≥ 14"
    assert found["nbsvm"][4:] == ["–", "–"]
    assert "a training that was killed" in (tmp_path / "report.md").read_text("utf-8")


def test_the_table_is_told_line_by_line(models, evaluations, tmp_path):
    notes = Notes()
    write_leaderboard(tmp_path, models, evaluations, measured=MEASURED, progress=notes)
    assert len(notes.lines) == 1 + len(models)
    assert len({len(line) for line in notes.lines}) == 1
    assert notes.lines[0].split() == [
        "model", "network", "accuracy", "macro-F1", "parameters", "seconds", "documents/s",
    ]  # fmt: skip


def test_the_same_is_the_same_to_the_byte(models, evaluations, tmp_path):
    for name in ("a", "b"):
        write_leaderboard(tmp_path / name, models, evaluations, measured=MEASURED)
    for file in ("report.html", "report.md"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_synthetic_texts_are_named(corpus, models, evaluations, tmp_path):
    synthetic = replace(corpus, info={"source": {"source": "synthetic"}})
    report = write_leaderboard(tmp_path, models, evaluations, synthetic)
    assert "The texts are synthetic" in report.html.read_text("utf-8")


def test_evaluations_may_have_the_same_names(models, evaluations, tmp_path):
    same = {name.removesuffix("_evaluation"): its for name, its in evaluations.items()}
    write_leaderboard(tmp_path, models, same)
    assert len(cells(tmp_path)) >= len(models)


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("textcnn@glove", "evaluation@textcnn,glove"),
        ("textcnn@glove", "textcnn_evaluation@glove"),
        ("textcnn@glove", "evaluation@glove"),
        ("textcnn", "evaluation@textcnn"),
    ],
)
def test_evaluations_are_found_by_the_names_of_cells(models, evaluations, tmp_path, name, called):
    some = {name: models["textcnn"], "words": models["words"]}
    its = {called: evaluations["textcnn_evaluation"]}
    write_leaderboard(tmp_path, some, {**its, "words_evaluation": evaluations["words_evaluation"]})
    assert name in cells(tmp_path)


def test_an_evaluation_that_may_be_of_two_models_is_refused(models, evaluations, tmp_path):
    one = evaluations["words_evaluation"]
    two = {"a@glove": models["words"], "b@glove": models["words"]}
    with pytest.raises(
        InputError, match="a@glove has no evaluation: give one called a_evaluation@g"
    ):
        write_leaderboard(tmp_path, two, {"evaluation@glove": one})
    with pytest.raises(
        InputError, match="may be of a@glove: call the one that is a_evaluation@glo"
    ):
        write_leaderboard(tmp_path, {"a@glove": models["words"]}, {"x@glove": one, "y@glove": one})


def test_models_and_evaluations_belong_together(models, evaluations, tmp_path):
    fewer = {name: its for name, its in evaluations.items() if name != "words_evaluation"}
    with pytest.raises(InputError, match="words has no evaluation: give one called words_eval"):
        write_leaderboard(tmp_path, models, fewer)
    with pytest.raises(InputError, match="words_evaluation is of no model: give the model words"):
        write_leaderboard(tmp_path, {"nbsvm": models["nbsvm"]}, {
            name: evaluations[name] for name in ("nbsvm_evaluation", "words_evaluation")
        })  # fmt: skip
    other = {
        **evaluations,
        "words_evaluation": replace(evaluations["words_evaluation"], documents=9),
    }
    with pytest.raises(InputError, match="only scores on the same documents can be compared"):
        write_leaderboard(tmp_path, models, other)
    with pytest.raises(InputError, match="give at least one"):
        write_leaderboard(tmp_path, {}, {})
