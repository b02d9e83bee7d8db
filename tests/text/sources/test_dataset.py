import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from textdl.errors import InputError
from textdl.text.documents import Documents
from textdl.text.sources import dataset_files, read_documents
from textdl.text.sources.dataset import local_path


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "reviews.csv"
    rows = [f"text {i},{i % 2},{'test' if i % 5 == 0 else 'train'}" for i in range(500)]
    path.write_text("\n".join(["text,label,split", *rows]))
    return path


@pytest.mark.parametrize(
    "dataset", ["./none", "/nowhere/none", "~/none-such", "reviews.csv", "data/reviews.tsv.gz", ""]
)
def test_a_path_that_does_not_exist(tmp_path, monkeypatch, dataset):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="there is no file or folder"):
        local_path(dataset)


@pytest.mark.parametrize("dataset", ["a\0b", "x" * 5000])
def test_what_cannot_be_a_path(dataset):
    with pytest.raises(InputError, match=r"can't be read|there is no file"):
        local_path(dataset)


def test_the_nearest_name_is_proposed(table, tmp_path):
    with pytest.raises(InputError, match=r"review.csv'; did you mean '.*reviews.csv'\?$"):
        read_documents(tmp_path / "review.csv", tmp_path / "out")
    with pytest.raises(InputError, match=r"did you mean '.*reviews.csv'\?"):
        read_documents(f"{tmp_path}/review.csv/train.tsv", tmp_path / "out")


@pytest.mark.parametrize("dataset", ["imdb", "stanfordnlp/imdb", "synthetic"])
def test_what_exists_locally_wins(tmp_path, monkeypatch, dataset):
    monkeypatch.chdir(tmp_path)
    assert local_path(dataset) is None
    assert dataset_files(dataset) is None
    Path(dataset).mkdir(parents=True)
    (Path(dataset) / "train.txt").write_text("here\n")
    assert local_path(dataset) == Path(dataset)
    assert dataset_files(dataset) == [Path(dataset) / "train.txt"]
    assert list(read_documents(dataset, tmp_path / "out").texts) == ["here"]


def test_a_sample_is_drawn_from_each_split(table, tmp_path):
    whole = read_documents(table, tmp_path / "whole")
    drawn = read_documents(table, tmp_path / "a", sample=40)
    assert {name: len(rows) for name, rows in drawn.splits.items()} == {"train": 40, "test": 40}
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        *("documents.json", "labels.npy", "offsets.npy", "texts.bin")
    ]
    places = [whole.texts.find(text) for text in drawn.texts]
    assert places == sorted(places)
    assert drawn.labels.tolist() == whole.labels[places].tolist()
    assert drawn.info["sample"] == 40
    again = read_documents(table, tmp_path / "b", sample=40, splits=["test"])
    assert list(again.texts) == list(drawn.texts)[40:]
    other = read_documents(table, tmp_path / "c", sample=40, seed=2)
    assert list(other.texts) != list(drawn.texts)
    every = read_documents(table, tmp_path / "d", sample=1000)
    assert list(every.texts) == list(whole.texts)


@pytest.mark.parametrize("settings", [{"sample": 0}, {"sample": 3, "seed": -1}])
def test_settings_are_checked(table, tmp_path, settings):
    with pytest.raises(InputError, match=f"{list(settings)[-1]}: input should be"):
        read_documents(table, tmp_path / "out", **settings)


class Review(NamedTuple):
    text: str
    label: int
    split: str


def test_synthetic_reviews(tmp_path, monkeypatch):
    reviews = [Review("a", 1, "test"), Review("b", -1, "unsupervised"), Review("c", 0, "train")]
    module = SimpleNamespace(LABEL_NAMES=("negative", "positive"), generate=lambda: reviews)
    monkeypatch.setitem(sys.modules, "textdl.text.synthetic", module)
    monkeypatch.chdir(tmp_path)
    documents = read_documents("synthetic", tmp_path / "out")
    assert list(documents.texts) == ["c", "a", "b"]
    assert documents.labels.tolist() == [0, 1, -1]
    assert documents.label_names == ["negative", "positive"]
    assert documents.info == {"source": "synthetic"}


def test_importing_is_light():
    code = (
        "import sys, textdl.text.sources; "
        "print([name for name in ('datasets', 'pyarrow', 'torch', 'numba') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


needs_data = pytest.mark.skipif("TEXTDL_DATA" not in os.environ, reason="TEXTDL_DATA is not set")


def real(name):
    return Path(os.environ["TEXTDL_DATA"]) / name


@needs_data
def test_real_imdb(tmp_path):
    documents = read_documents(real("imdb"), tmp_path)
    assert {name: len(rows) for name, rows in documents.splits.items()} == {
        "train": 25000,
        "test": 25000,
        "unsupervised": 50000,
    }
    assert documents.label_names == ["negative", "positive"]
    assert (documents.labels[:12500] == 0).all()
    assert (documents.labels[12500:25000] == 1).all()
    train, test = (set(documents.texts[slice(i, i + 25000)]) for i in (0, 25000))
    assert len(train & test) == 123


@needs_data
def test_real_chinese_reviews(tmp_path):
    documents = read_documents(real("online_shopping_10_cats/train.tsv.gz"), tmp_path)
    assert len(documents) == 62774
    assert documents.label_names == ["negative", "positive"]
    assert sum(not text for text in documents.texts) == 1
    assert isinstance(Documents.load(tmp_path), Documents)
    assert len(read_documents(real("waimai_10k"), tmp_path)) == 11987


@needs_data
def test_real_plain_text(tmp_path):
    documents = read_documents(real("mr"), tmp_path)
    assert len(documents) == 2 * 5331
    assert documents.label_names == ["negative", "positive"]
