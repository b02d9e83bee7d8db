"""What can be asked of word vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast, overload

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.vectors import search
from textdl.vectors.analogies import Method, analogies
from textdl.vectors.neighbors import Answers, Neighbors

if TYPE_CHECKING:
    from textdl.vectors.indexes.index import Index
    from textdl.vectors.synonyms import Synonyms
    from textdl.vectors.vectors import Vectors

Words = str | Sequence[str]
Among = int | Sequence[str] | None


class Questions:
    """Similarity, neighbours, analogies, directions.

    Wherever a word has no vector, an :class:`UnknownWordError` names words spelled like it, unless
    the vectors have another answer for unknown words.
    """

    def similarity(self, a: str, b: str) -> float:
        """The cosine of the angle between two words' vectors."""
        return float(self._units([a])[0] @ self._units([b])[0])

    def distance(self, a: str, b: str) -> float:
        """One minus the cosine."""
        return 1 - self.similarity(a, b)

    def n_similarity(self, these: Sequence[str], those: Sequence[str]) -> float:
        """The cosine between the means of the vectors of two groups of words."""
        if not len(these) or not len(those) or isinstance(these, str) or isinstance(those, str):
            raise InputError("n_similarity: give a list of at least one word on either side")
        a, b = (_unit(self._own[list(words)].mean(0)) for words in (these, those))
        return float(a @ b)

    @overload
    def neighbors(  # type: ignore[overload-overlap]
        self, words: str | None = None, *, positive: Words = (), negative: Words = (),
        top: int = 10, among: Among = None,
    ) -> Neighbors: ...  # fmt: skip
    @overload
    def neighbors(self, words: Sequence[str], *, top: int = 10, among: Among = None) -> Answers: ...
    @overload
    def neighbors(
        self, words: NDArray[Any], *, top: int = 10, among: Among = None
    ) -> Neighbors | Answers: ...
    def neighbors(
        self,
        words: Words | NDArray[Any] | None = None,
        *,
        positive: Words = (),
        negative: Words = (),
        top: int = 10,
        among: Among = None,
    ) -> Neighbors | Answers:
        """The words whose vectors point most nearly the same way, by cosine.

        >>> from textdl import Vectors
        >>> vectors = Vectors(["good", "fine", "bad"], [[1, 0.1], [1, 0.2], [-1, 0]])
        >>> vectors.neighbors("good")
        fine   0.9952
        bad   -0.9950
        >>> vectors.neighbors(["good", "bad"], top=1)
        good
          fine   0.9952
        bad
          fine  -0.9806

        Args:
            words: a word or a vector ``[dim]``; or many, a list or ``[queries, dim]``, answered
                together, which is much faster than one by one. A given word is left out of its
                answer.
            positive, negative: instead, words whose mean is asked for: of their unit vectors,
                those of ``negative`` turned round. All of them are left out.
            top: how many.
            among: only these words are looked at; or only so many words from the beginning.

        Raises:
            InputError: nothing is given, or a vector of another size.
        """
        limits = self._limits(among)
        if isinstance(words, np.ndarray) and words.dtype.kind == "U":
            words = cast("Sequence[str]", words.tolist())
        if words is None:
            query, given = self._mean(positive, negative)
            found = search.nearest(self._own, query[None], top, skip=[given], among=limits)
            return self._answers([""], found)[0]
        if len(positive) or len(negative):
            raise InputError("neighbors: give words, or positive and negative, not both")
        if isinstance(words, str | np.ndarray):
            one = isinstance(words, str) or words.ndim == 1
            asked = [words] if isinstance(words, str) else None
            queries = self._units([words]) if isinstance(words, str) else self._queries(words)
        else:
            one, asked, queries = False, list(words), self._units(words)
        skip: list[list[int]] = []
        if asked is not None:
            skip = [[row] for row in self._own.words.find_all(asked).tolist()]
        found = search.nearest(self._own, queries, top, skip=skip, among=limits)
        answers = self._answers(asked or [""] * len(queries), found)
        return answers[0] if one else answers

    @overload
    def analogy(  # type: ignore[overload-overlap]
        self, a: str, b: str, c: str, *, top: int = 10, method: Method = "add",
        exclude: Sequence[str] | None = None, among: Among = None,
    ) -> Neighbors: ...  # fmt: skip
    @overload
    def analogy(
        self, a: Sequence[str], b: Sequence[str], c: Sequence[str], *, top: int = 10,
        method: Method = "add", exclude: Sequence[str] | None = None, among: Among = None,
    ) -> Answers: ...  # fmt: skip
    def analogy(
        self,
        a: Words,
        b: Words,
        c: Words,
        *,
        top: int = 10,
        method: Method = "add",
        exclude: Sequence[str] | None = None,
        among: Among = None,
    ) -> Neighbors | Answers:
        """``a`` is to ``b`` as ``c`` is to what? Lists of words are answered together.

        >>> from textdl import Vectors
        >>> words = ["man", "woman", "king", "queen", "tree"]
        >>> vectors = Vectors(words, [[1, 0, 0], [1, 1, 0], [1, 0, 2], [1, 1, 2], [-1, -1, 1]])
        >>> vectors.analogy("man", "woman", "king", top=1)
        queen   0.9404

        Args:
            method: ``add``: the words nearest to b - a + c, of unit vectors (3CosAdd; Mikolov, Yih
                & Zweig 2013, "Linguistic Regularities in Continuous Space Word Representations").
                ``mul``: those near to b and c and far from a, as products of cosines moved to 0…1
                (3CosMul; Levy & Goldberg 2014, "Linguistic Regularities in Sparse and Explicit Word
                Representations"). ``pair``: those that differ from c in the direction in which b
                differs from a (PairDirection; ibid.).
            exclude: words that are no answer; by default a, b and c.
            among: only these words are looked at; or only so many words from the beginning.

        Raises:
            InputError: the lists differ in length.
        """
        one = isinstance(a, str)
        asked = [[words] if isinstance(words, str) else list(words) for words in (a, b, c)]
        if len({len(words) for words in asked}) != 1:
            raise InputError(
                f"analogy: a, b and c must be as many: {', '.join(str(len(w)) for w in asked)}"
            )
        given = [self._own.words.find_all(words) for words in asked]
        skip = np.stack(given, axis=1).tolist()
        if exclude is not None:
            skip = [self._own.words.find_all(exclude).tolist()] * len(asked[0])
        x, y, z = (self._units(words) for words in asked)
        limits = self._limits(among)
        found = analogies(self._own, x, y, z, top, method, skip=skip, among=limits)
        names = ["{} : {} = {} : ?".format(*words) for words in zip(*asked, strict=True)]
        answers = self._answers(names, found)
        return answers[0] if one else answers

    def synonyms(self, word: str, *, top: int = 10, candidates: int = 50) -> Synonyms:
        """The neighbours that may be synonyms: see :func:`textdl.vectors.synonyms.synonyms`."""
        from textdl.vectors.synonyms import synonyms

        return synonyms(self._own, word, top=top, candidates=candidates)

    def odd_one_out(self, words: Sequence[str]) -> str:
        """The word that is least similar to the mean of all of them.

        >>> from textdl import Vectors
        >>> words = ["good", "fine", "nice", "tree"]
        >>> vectors = Vectors(words, [[1, 0], [1, 0.2], [1, 0.1], [0, 1]])
        >>> vectors.odd_one_out(["good", "tree", "fine", "nice"])
        'tree'
        """
        from textdl.vectors import axes

        return axes.odd_one_out(self._own, words)

    def rank(self, a: str, b: str) -> int:
        """Which of the neighbours of ``a`` is ``b``: 1 for the nearest."""
        from textdl.vectors import axes

        return axes.rank(self._own, a, b)

    def closer_than(self, a: str, b: str) -> list[str]:
        """The words that are closer to ``a`` than ``b`` is, the nearest first."""
        from textdl.vectors import axes

        return axes.closer_than(self._own, a, b)

    def between(self, a: str, b: str, steps: int = 3) -> list[str]:
        """The words on the way from ``a`` to ``b``, the nearest to each of ``steps`` points of the
        arc."""
        from textdl.vectors import axes

        return axes.between(self._own, a, b, steps)

    def axis(self, positive: Words, negative: Words) -> NDArray[np.float32]:
        """The direction from some words to their opposites, a unit vector ``[dim]``: see
        :func:`textdl.vectors.axes.axis`."""
        from textdl.vectors import axes

        return axes.axis(self._own, positive, negative)

    @overload
    def project(self, words: str, axis: NDArray[np.float32]) -> float: ...  # type: ignore[overload-overlap]
    @overload
    def project(self, words: Sequence[str], axis: NDArray[np.float32]) -> NDArray[np.float32]: ...
    def project(self, words: Words, axis: NDArray[np.float32]) -> float | NDArray[np.float32]:
        """Where words stand on an axis, from -1 to 1.

        >>> from textdl import Vectors
        >>> vectors = Vectors(["good", "fine", "bad"], [[1, 0.1], [1, 0.2], [-1, 0]])
        >>> axis = vectors.axis(["good"], ["bad"])
        >>> round(vectors.project("fine", axis), 2)
        0.99
        """
        from textdl.vectors import axes

        return axes.project(self._own, words, axis)

    def mean(
        self, words: Sequence[str], weights: Sequence[float] | None = None
    ) -> NDArray[np.float32]:
        """The mean of words' vectors, weighted if wanted, float32 ``[dim]``."""
        from textdl.vectors import documents

        return documents.mean(self._own, words, weights)

    def document_vectors(
        self, documents: Sequence[Sequence[str]], **settings: Any
    ) -> NDArray[np.float32]:
        """A vector for each list of words, float32 ``[documents, dim]``: see
        :func:`textdl.vectors.documents.document_vectors`."""
        from textdl.vectors.documents import document_vectors

        return document_vectors(self._own, documents, **settings)

    def index(self, kind: Any = "hnsw", **settings: Any) -> Index:
        """An index that finds neighbours among millions of words faster: ``hnsw``, ``ivf``,
        ``lsh``, or ``exact``; see :func:`textdl.vectors.indexes.build_index`."""
        from textdl.vectors.indexes import build_index

        return build_index(self._own, kind, **settings)

    @property
    def _own(self) -> Vectors:
        return cast("Vectors", self)

    def _units(self, words: Sequence[str]) -> NDArray[np.float32]:
        return _unit(self._own[list(words)])

    def _queries(self, vectors: NDArray[Any]) -> NDArray[np.float32]:
        found = np.atleast_2d(np.asarray(vectors, np.float32))
        if found.ndim != 2 or found.shape[1] != self._own.dim:
            raise InputError(
                f"neighbors: vectors of shape {np.shape(vectors)} are not of dim {self._own.dim}"
            )
        if not np.isfinite(found).all():
            raise InputError("neighbors: a vector holds nan or infinity: look where it comes from")
        return _unit(found)

    def _mean(self, positive: Words, negative: Words) -> tuple[NDArray[np.float32], list[int]]:
        plus = [positive] if isinstance(positive, str) else list(positive)
        minus = [negative] if isinstance(negative, str) else list(negative)
        if not plus and not minus:
            raise InputError("neighbors of what? Give at least one word")
        signs = np.repeat([1, -1], [len(plus), len(minus)]).astype(np.float32)
        query = signs @ self._units(plus + minus)
        return _unit(query), self._own.words.find_all(plus + minus).tolist()

    def _limits(self, among: Among) -> NDArray[np.int64] | None:
        if among is None:
            return None
        if isinstance(among, str):
            raise InputError(f"among: one word instead of a list: write [{among!r}]")
        if isinstance(among, int | np.integer):
            if among < 1:
                raise InputError(f"among: {among} words are none")
            return np.arange(min(among, len(self._own)))
        return np.unique([self._own.row(word) for word in among])

    def _answers(self, asked: Sequence[str], found: search.Found) -> Answers:
        return Answers(asked, self._own.words, *found)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1), np.float32)
