"""The pipelines that people copy for texts of their own, on small ones."""

import csv
import itertools
from io import StringIO
from pathlib import Path

import pytest

import textdl
from textdl.display import Lines
from textdl.pipeline import PipelineError

PIPELINES = Path(__file__).parents[1] / "pipelines"
SMALL = {
    "skipgram.dim": 8, "skipgram.epochs": 1, "textcnn.maps": 4, "textcnn.epochs": 1,
}  # fmt: skip


def write(path, good, bad):
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "label"])
        for both in itertools.zip_longest(good, bad):
            table.writerows(zip(both, ("1", "0"), strict=True))


@pytest.fixture
def run(tmp_path):
    def run(name, **more):
        places = {"home": tmp_path / "home", "runs": tmp_path / "runs"}
        settings = {"set": SMALL | more.pop("set", {}), "display": Lines(StringIO())}
        return textdl.run(PIPELINES / name, **places, **settings, **more)

    return run


def test_a_table_of_ones_own(run, tmp_path, monkeypatch):
    things = ["phone", "book", "chair", "lamp", "coat", "bag", "pen", "cup", "ring", "shoe"]
    path = tmp_path / "reviews.csv"
    write(
        path,
        [f"a {word} {thing}, I love it" for thing in things for word in ("fine", "great", "nice")],
        [f"a {word} {thing}, send it back" for thing in things for word in ("bad", "poor", "dull")],
    )
    monkeypatch.setenv("REVIEWS", str(path))
    finished = run("own-table.toml")
    evaluation = finished["evaluation@nbsvm"]
    assert evaluation.documents == 6
    assert evaluation.model.accuracy == 1
    assert {"evaluation@textcnn", "leaderboard"} <= set(finished)
    assert "nbsvm" in (finished.leaderboard.folder / "report.md").read_text("utf-8")
    assert finished.nbsvm.predict(["a great coat, I love it"]) == ["positive"]


def test_film_reviews(run, tmp_path):
    films = ["western", "comedy", "drama", "musical", "thriller", "romance", "cartoon", "epic"]
    (tmp_path / "films").mkdir()
    for split in ("train", "test"):
        write(
            tmp_path / "films" / f"{split}.csv",
            [f"a {word} {film}, see it" for film in films for word in ("fine", "great", "nice")],
            [f"a {word} {film}, avoid it" for film in films for word in ("bad", "poor", "dull")],
        )
    unlabelled = "".join(f"a {film} with a horse,\n" for film in films)
    (tmp_path / "films" / "unsupervised.csv").write_text(f"text,label\n{unlabelled}")
    finished = run("imdb.toml", set={"reviews.dataset": str(tmp_path / "films")})
    assert finished.evaluation.documents == 48
    assert "Film reviews" in finished.report.html.read_text("utf-8")


def test_without_a_table_it_says_what_is_missing(run, monkeypatch, tmp_path):
    monkeypatch.delenv("REVIEWS", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PipelineError, match=r"there is no file or folder 'reviews\.csv'"):
        run("own-table.toml")


def test_chinese_reviews_in_words_and_in_characters(run, tmp_path):
    pytest.importorskip("jieba")
    dishes = ["面条", "米饭", "饺子", "鸡汤", "烤鸭", "豆腐", "包子", "牛肉", "青菜", "蛋糕"]
    path = tmp_path / "评论.csv"
    write(
        path,
        [f"{dish}{word}，下次还会点" for dish in dishes for word in ("很香", "好吃", "新鲜")],
        [f"{dish}{word}，再也不点了" for dish in dishes for word in ("太咸", "难吃", "凉了")],
    )
    finished = run("chinese.toml", set={"reviews.dataset": str(path)})
    kinds = ("jieba", "characters")
    assert {name for name in finished if name.startswith("tokens@")} == {
        f"tokens@kind={kind}" for kind in kinds
    }
    for kind in kinds:
        assert finished[f"evaluation@nbsvm,kind={kind}"].model.accuracy == 1
    assert "饺子" in finished["skipgram@kind=jieba"].words
    assert "饺" in finished["skipgram@kind=characters"].words
