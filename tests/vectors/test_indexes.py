import os
import subprocess
import sys

import numpy as np
import pytest

from textdl.errors import InputError
from textdl.vectors import UnknownWordError, Vectors
from textdl.vectors.indexes import Index, build_index, load_index

KINDS = ["hnsw", "ivf", "lsh", "exact"]
N, DIM = 6000, 40


def clustered(n=N, dim=DIM, seed=0):
    """Words in 100 loose clusters, of uneven lengths."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(100, dim))
    matrix = centres[random.integers(100, size=n)] + 0.7 * random.normal(size=(n, dim))
    return Vectors([f"word{i}" for i in range(n)], matrix * random.uniform(0.1, 9, (n, 1)))


def cosines(vectors, queries):
    a, b = np.float64(queries), np.float64(vectors.matrix)
    return a @ b.T / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))


@pytest.fixture(scope="module")
def vectors():
    return clustered()


@pytest.fixture(scope="module", params=KINDS)
def index(request, vectors):
    if request.param in ("hnsw", "ivf"):
        pytest.importorskip("faiss")
    return build_index(vectors, request.param)


@pytest.fixture(params=KINDS)
def kind(request):
    if request.param in ("hnsw", "ivf"):
        pytest.importorskip("faiss")
    return request.param


def test_most_of_the_nearest_are_found(vectors, index):
    least = {"hnsw": 0.97, "ivf": 0.95, "lsh": 0.95, "exact": 1}[index.kind]
    assert index.recall >= least
    queries = np.random.default_rng(5).normal(size=(200, DIM))
    truth = np.argsort(-cosines(vectors, queries), axis=1)[:, :10]
    rows, _ = index.search(queries, 10)
    found = [len(set(a) & set(b)) for a, b in zip(truth.tolist(), rows.tolist(), strict=True)]
    assert np.mean(found) >= 8  # chance: 0.02


def test_scores_are_exact(vectors, index):
    queries = vectors.matrix[:50]
    rows, scores = index.search(queries, 20)
    assert (rows.dtype, rows.shape) == (np.int64, (50, 20))
    assert (scores.dtype, scores.shape) == (np.float32, (50, 20))
    expected = np.take_along_axis(cosines(vectors, queries), rows, axis=1)
    np.testing.assert_allclose(scores, expected, atol=1e-6)
    assert (np.diff(scores) <= 0).all()
    assert (rows[:, 0] == np.arange(50)).all()
    assert all(len(set(its)) == 20 for its in rows.tolist())


def test_neighbors(vectors, index):
    one = index.neighbors("word7", top=5)
    assert len(one) == 5
    assert "word7" not in one.words
    several = index.neighbors(["word7", "word8"], top=5)
    assert [its.words for its in several] == [one.words, index.neighbors("word8", top=5).words]
    by_vector = index.neighbors(vectors["word7"], top=6)
    assert by_vector.words == ["word7", *one.words]
    np.testing.assert_array_equal(by_vector.scores[1:], one.scores)
    by_vectors = index.neighbors(vectors[["word7", "word8"]], top=6)
    assert [its.words[1:] for its in by_vectors] == [its.words for its in several]
    assert len(index.neighbors([], top=5)) == 0
    assert several.asked == ["word7", "word8"]
    with pytest.raises(UnknownWordError, match="no vector for 'wrod7'"):
        index.neighbors("wrod7")


def test_exact_neighbors_are_those_of_the_vectors(vectors):
    index = build_index(vectors, "exact", check=0)
    assert index.neighbors("word7").words == vectors.neighbors("word7").words
    assert index.recall is None


def test_saved_and_loaded(vectors, index, tmp_path):
    index.save(tmp_path)
    loaded = load_index(vectors, tmp_path)
    queries = vectors.matrix[:100]
    for before, after in zip(index.search(queries, 10), loaded.search(queries, 10), strict=True):
        np.testing.assert_array_equal(before, after)
    assert repr(loaded) == repr(index)
    assert (loaded.settings, loaded.recall) == (index.settings, index.recall)


def test_built_into_a_folder_beside_the_vectors(tmp_path, kind):
    clustered(500).save(tmp_path)
    vectors = Vectors.load(tmp_path)
    build_index(vectors, "lsh", folder=tmp_path)
    build_index(vectors, kind, folder=tmp_path)
    assert load_index(vectors, tmp_path).kind == kind
    held = {"README.md", "index.safetensors", "vectors.json", "vectors.safetensors"}
    held |= {"index.faiss"} if kind in ("hnsw", "ivf") else set()
    assert {path.name for path in tmp_path.iterdir()} == held


@pytest.mark.parametrize("other", [clustered(seed=1), clustered(N - 1), clustered(dim=DIM - 1)])
def test_of_other_vectors(vectors, index, tmp_path, other):
    index.save(tmp_path)
    with pytest.raises(InputError, match="belongs to other vectors: build it again"):
        load_index(other, tmp_path)


def test_damaged(vectors, index, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load_index(vectors, tmp_path)
    index.save(tmp_path)
    for path in tmp_path.iterdir():
        whole = path.read_bytes()
        for damaged in (b"", whole[:20], whole[: len(whole) // 2], whole[:-1]):
            path.write_bytes(damaged)
            with pytest.raises(InputError, match="not a complete"):
                load_index(vectors, tmp_path)
        path.write_bytes(whole)
    load_index(vectors, tmp_path)


def test_damaged_inside(vectors, tmp_path):
    pytest.importorskip("faiss")
    build_index(vectors, "ivf", folder=tmp_path, check=0)
    path = tmp_path / "index.faiss"
    content = bytearray(path.read_bytes())
    content[-9] ^= 64
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"index\.faiss is damaged or of another index"):
        load_index(vectors, tmp_path)
    path.unlink()
    with pytest.raises(InputError, match="not a complete index"):
        load_index(vectors, tmp_path)


def test_the_seed_decides(kind):
    vectors = clustered(1500)
    queries = np.random.default_rng(0).normal(size=(200, DIM)).astype(np.float32)
    low = {"hnsw": {"m": 2, "ef_search": 10}, "ivf": {"nprobe": 1}, "lsh": {"candidates": 10}}
    first, second, other = (
        build_index(vectors, kind, seed=seed, check=100, **low.get(kind, {})) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.search(queries, 10)[0], second.search(queries, 10)[0])
    assert first.recall == second.recall
    same = np.array_equal(first.search(queries, 10)[0], other.search(queries, 10)[0])
    assert same == (kind == "exact")


@pytest.mark.parametrize(
    ("kind", "less", "more"),
    [
        ("hnsw", {"m": 3, "ef_search": 10}, {"ef_search": 200}),
        ("ivf", {"nprobe": 1}, {"nprobe": 20}),
        ("lsh", {"candidates": 12}, {"candidates": 500}),
        ("lsh", {"bits": 64, "candidates": 50}, None),
    ],
)
def test_settings_show_in_the_recall(vectors, kind, less, more):
    if kind != "lsh":
        pytest.importorskip("faiss")
    low = build_index(vectors, kind, **less)
    high = build_index(vectors, kind) if more is None else low.tuned(**more)
    assert low.recall + 0.1 < high.recall
    assert high.recall > 0.9
    assert more is None or high.settings == low.settings | more


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("hnsw", {"m": 1}, "build_index: m: input should be greater than or equal to 2, not 1"),
        ("hnsw", {"nprobe": 3}, "nprobe is no setting of .* 'hnsw': its settings are m, ef_con"),
        ("exact", {"bits": 64}, "bits is no setting of an index of kind 'exact': it has none"),
        ("lsh", {"bits": 100}, "bits: input should be a multiple of 64"),
        ("lsh", {"check": -1}, "check: input should be greater than or equal to 0"),
        ("ivf", {"nlist": 7000}, "nlist: 7000 lists are more than 6000 words"),
        ("tree", {}, "kind: input should be 'hnsw', 'ivf', 'lsh' or 'exact', not 'tree'"),
    ],
)
def test_settings_are_checked(vectors, kind, settings, message):
    with pytest.raises(InputError, match=message):
        build_index(vectors, kind, **settings)


def test_tuning_is_checked(vectors):
    index = build_index(vectors, "lsh", check=0)
    with pytest.raises(InputError, match="nprobe is no setting"):
        index.tuned(nprobe=3)
    with pytest.raises(InputError, match="candidates: 0 is less than 1"):
        index.tuned(candidates=0)


def test_questions_are_checked(index):
    good = np.ones((3, DIM), np.float32)
    bad = good.copy()
    bad[1, 2] = np.nan
    with pytest.raises(InputError, match="query 1 holds nan or infinity"):
        index.search(bad, 5)
    with pytest.raises(InputError, match=r"shape \[number, 40\], not \[3, 39\]"):
        index.search(good[:, 1:], 5)
    with pytest.raises(InputError, match="not \\[40\\]"):
        index.search(good[0], 5)
    for ask in (lambda: index.search(good, 0), lambda: index.neighbors("word1", top=0)):
        with pytest.raises(InputError, match="top is 0: ask for"):
            ask()
    assert index.search(good[:0], 5)[0].shape == (0, 5)


def test_more_than_there_are(kind):
    vectors = clustered(7)
    index = build_index(vectors, kind)
    assert index.recall == 1
    rows, scores = index.search(vectors.matrix[:2], 9)
    assert sorted(rows[0].tolist()) == [-1, -1, *range(7)]
    assert (rows[:, 7:] == -1).all()
    assert np.isneginf(scores[:, 7:]).all()
    assert len(index.neighbors("word1", top=9)) == 6


def test_one_word(kind, tmp_path):
    index = build_index(Vectors(["only"], [[3, 4]]), kind, folder=tmp_path)
    assert index.recall is None
    assert len(index.neighbors("only")) == 0
    assert list(index.neighbors(np.float32([1, 0]))) == [("only", pytest.approx(0.6))]
    assert load_index(index.vectors, tmp_path).recall is None


def test_one_number_each(kind):
    random = np.random.default_rng(0)
    vectors = Vectors([f"word{i}" for i in range(300)], random.normal(size=(300, 1)))
    index = build_index(vectors, kind)
    assert index.recall == 1
    rows, scores = index.search(np.float32([[5]]), 10)
    assert (vectors.matrix[rows] > 0).all()
    np.testing.assert_allclose(scores, 1)


def test_zeros(kind):
    matrix = clustered(400).matrix.copy()
    matrix[::2] = 0
    vectors = Vectors([f"word{i}" for i in range(400)], matrix)
    index = build_index(vectors, kind)
    assert index.recall > 0.95
    assert dict(index.neighbors("word1", top=399))["word3"] == pytest.approx(
        vectors.similarity("word1", "word3"), abs=1e-6
    )
    assert (index.search(matrix[:1], 5)[1] == 0).all()


def test_rows_of_nan_are_never_found(kind):
    if kind == "exact":
        pytest.skip("the scan expects numbers")
    matrix = clustered(300).matrix.copy()
    matrix[4], matrix[5, 0] = np.nan, np.inf
    index = build_index(Vectors([f"word{i}" for i in range(300)], matrix), kind, check=0)
    rows, scores = index.search(matrix[:1], 300)
    assert not {4, 5} & set(rows[0].tolist())
    assert not np.isnan(scores).any()


def test_no_words():
    with pytest.raises(InputError, match="no vectors to index"):
        build_index(Vectors([], np.zeros((0, 5))))


def test_the_recall_is_reported(kind):
    class Log:
        def __init__(self):
            self.notes, self.done = [], []

        def update(self, done, total, unit, **facts):
            self.done.append((done, total, unit))

        def note(self, text):
            self.notes.append(text)

    log = Log()
    index = build_index(clustered(300), kind, check=50, progress=log)
    assert log.notes[-1] == (
        f"{kind} index of 300 words: recall@10 {index.recall:.3f} over 50 of them"
    )
    assert kind == "exact" or log.done[-1] == (300, 300, "words")


def test_threads_of_the_graph(vectors):
    faiss = pytest.importorskip("faiss")
    before = faiss.omp_get_max_threads()
    assert build_index(vectors, "hnsw", workers=2).recall > 0.97
    assert faiss.omp_get_max_threads() == before


def test_without_faiss(vectors, monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    for kind in ("hnsw", "ivf"):
        with pytest.raises(InputError, match=r"pip install 'textdl\[ann\]'"):
            build_index(vectors, kind)
    assert isinstance(build_index(vectors, "lsh", check=0), Index)


def test_vectors_stored_small(vectors, kind):
    small = vectors.quantize("int8")
    index = build_index(small, kind, check=0)
    rows, scores = index.search(vectors.matrix[:20], 10)
    truth = np.take_along_axis(cosines(small, vectors.matrix[:20]), rows, axis=1)
    np.testing.assert_allclose(scores, truth, atol=1e-6)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_process_asks_the_exact_index(tmp_path):
    code = """
import os, numpy as np
from textdl import Vectors
matrix = np.random.default_rng(0).normal(size=(21_000, 8))
vectors = Vectors([f"w{i}" for i in range(21_000)], matrix)
index = vectors.index("exact", check=0)
before = index.neighbors("w5").words
if child := os.fork():
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
os._exit(0 if index.neighbors("w5").words == before else 1)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
