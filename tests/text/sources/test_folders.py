import pytest

from textdl.errors import InputError
from textdl.text.sources import dataset_files, read_documents


@pytest.fixture
def imdb(tmp_path):
    """A tree like aclImdb, with the files beside the reviews that the original has."""
    root = tmp_path / "aclImdb"
    for name, text in {
        "train/pos/10_9.txt": "third",
        "train/pos/2_8.txt": "second<br />",
        "train/neg/0_1.txt": "first",
        "train/unsup/0_0.txt": "seventh",
        "test/pos/0_10.txt": "sixth",
        "test/neg/1_2.txt": "fifth",
        "test/neg/0_2.txt": "fourth\n",
        "README": "Large Movie Review Dataset",
        "imdb.vocab": "the\nand\n",
        "train/urls_pos.txt": "http://example.org\n",
        "train/labeledBow.feat": "9 0:9 1:1",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_the_imdb_tree(imdb, tmp_path):
    documents = read_documents(imdb, tmp_path / "out")
    assert list(documents.texts) == [
        *("first", "second<br />", "third"),
        *("fourth\n", "fifth", "sixth", "seventh"),
    ]
    assert documents.labels.tolist() == [0, 1, 1, 0, 0, 1, -1]
    assert documents.label_names == ["negative", "positive"]
    assert documents.splits == {
        "train": range(3),
        "test": range(3, 6),
        "unsupervised": range(6, 7),
    }
    assert [path.name for path in dataset_files(imdb)] == [
        *("0_2.txt", "1_2.txt", "0_10.txt"),
        *("0_1.txt", "2_8.txt", "10_9.txt", "0_0.txt"),
    ]


def test_a_part_of_the_tree(imdb, tmp_path):
    documents = read_documents(imdb / "train", tmp_path / "out")
    assert documents.splits == {"train": range(3), "unsupervised": range(3, 4)}
    assert documents.label_names == ["negative", "positive"]


def test_other_labels_are_in_alphabetical_order(imdb, tmp_path):
    for split in ("train", "test"):
        (imdb / split / "pos").rename(imdb / split / "happy")
        (imdb / split / "neg").rename(imdb / split / "sad")
    documents = read_documents(imdb, tmp_path / "out")
    assert documents.label_names == ["happy", "sad"]
    assert documents.labels[:3].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\ncaf\xe9", r"5_1.txt, line 2: byte 5 \(0xe9\) is not UTF-8"),
        (b"a\0b", "5_1.txt, line 1: there is a NUL byte"),
    ],
)
def test_a_damaged_file_is_named(imdb, tmp_path, data, message):
    (imdb / "train" / "neg" / "5_1.txt").write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_documents(imdb, tmp_path / "out")


def test_two_files_of_opposite_sentiment(tmp_path):
    folder = tmp_path / "mr"
    folder.mkdir()
    (folder / "rt-polarity.pos").write_text("good \nbetter\n")
    (folder / "rt-polarity.neg").write_text("bad \n")
    documents = read_documents(folder, tmp_path / "out")
    assert list(documents.texts) == ["bad ", "good ", "better"]
    assert documents.labels.tolist() == [0, 1, 1]
    assert documents.label_names == ["negative", "positive"]
    alone = read_documents(folder / "rt-polarity.pos", tmp_path / "out")
    assert alone.labels.tolist() == [-1, -1]
