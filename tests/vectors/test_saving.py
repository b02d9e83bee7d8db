from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import textdl
from textdl.errors import InputError
from textdl.vectors import Vectors, load_vectors, save_vectors
from textdl.vectors.formats import lines


@pytest.fixture
def vectors():
    return Vectors(["one", "two"], [[1, 2], [3, 4]], np.array([2, 1]), {"model": "none"})


@pytest.mark.parametrize("name", ["a.bin", "a.vec", "A.VEC", "folder", "deep/new/a.vec", "v1.2"])
def test_the_suffix_names_the_format_and_the_content_tells_it(vectors, tmp_path, name):
    textdl.save_vectors(vectors, tmp_path / name)
    (tmp_path / name).rename(tmp_path / "renamed")
    loaded = textdl.load_vectors(tmp_path / "renamed")
    assert list(loaded.words) == ["one", "two"]
    np.testing.assert_array_equal(loaded.matrix, vectors.matrix)


@pytest.mark.parametrize("name", ["a.bin", "a.vec", "folder"])
def test_saving_replaces_what_was_there(vectors, tmp_path, name):
    save_vectors(Vectors(["old"], [[1]]), tmp_path / name)
    old = load_vectors(tmp_path / name)
    save_vectors(vectors, tmp_path / name)
    assert list(load_vectors(tmp_path / name).words) == ["one", "two"]
    assert old["old"].tolist() == [1]
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.vec", "folder"])
def test_threads_that_save_to_one_place_leave_one_of_theirs(tmp_path, name):
    tables = [Vectors([f"w{i}" for i in range(n)], np.ones((n, 8))) for n in (3000, 20_000)]
    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda table: save_vectors(table, tmp_path / name), tables))
        assert len(load_vectors(tmp_path / name)) in (3000, 20_000)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_killed_save_leaves_no_mixture(vectors, tmp_path, monkeypatch):
    save_vectors(Vectors(["old"], [[1]]), tmp_path)

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            save_vectors(vectors, tmp_path)
    with pytest.raises(InputError):
        load_vectors(tmp_path)


def test_a_binary_file_that_looks_like_text(tmp_path):
    vectors = Vectors(["a", "b"], [[0.1, 0.2], [0.3, 0.4]])
    save_vectors(vectors, tmp_path / "a.w2v")
    assert np.array_equal(load_vectors(tmp_path / "a.w2v").matrix, vectors.matrix)


@pytest.mark.parametrize("name", ["a.npz.gz", "a.safetensors.xz"])
def test_what_is_not_compressed(vectors, tmp_path, name):
    with pytest.raises(InputError, match="is not compressed as a whole: leave out"):
        save_vectors(vectors, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_has_no_name(vectors):
    with pytest.raises(InputError, match="give the name of a file or a folder"):
        save_vectors(vectors, "")


def test_a_failure_leaves_the_file_that_was_there(vectors, tmp_path, monkeypatch):
    path = tmp_path / "a.vec"
    save_vectors(vectors, path)

    def fail(file, *_):
        file.write(b"half")
        raise OSError("the disk is full")

    monkeypatch.setattr(lines, "write_lines", fail)
    with pytest.raises(OSError, match="disk is full"):
        save_vectors(Vectors(["new"], [[1]]), path)
    assert list(load_vectors(path).words) == ["one", "two"]
    assert list(tmp_path.iterdir()) == [path]
