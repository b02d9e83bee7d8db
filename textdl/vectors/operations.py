"""What can be made of word vectors: always others, never in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch

    from textdl.vectors.torching import Coverage
    from textdl.vectors.vectors import Vectors


class Operations:
    """Joining, transforming and handing over."""

    def merge(self, *others: Vectors, **settings: Any) -> Vectors:
        """With the words of others: see :func:`textdl.vectors.combining.merge`."""
        from textdl.vectors.combining import merge

        return merge(self._own, *others, **settings)

    def concatenate(self, *others: Vectors, **settings: Any) -> Vectors:
        """Meta-embeddings, vectors side by side: see
        :func:`textdl.vectors.combining.concatenate`."""
        from textdl.vectors.combining import concatenate

        return concatenate(self._own, *others, **settings)

    def subset(self, words: Sequence[str], **settings: Any) -> Vectors:
        """Some words only, in that order: see :func:`textdl.vectors.combining.subset`."""
        from textdl.vectors.combining import subset

        return subset(self._own, words, **settings)

    def reduce(self, dim: int) -> Vectors:
        """Fewer dimensions, by principal components: see
        :func:`textdl.vectors.transforms.reduce`."""
        from textdl.vectors.transforms import reduce

        return reduce(self._own, dim)

    def post_process(self, components: int | None = None) -> Vectors:
        """Mean centring and all-but-the-top: see
        :func:`textdl.vectors.transforms.post_process`."""
        from textdl.vectors.transforms import post_process

        return post_process(self._own, components)

    def align(self, other: Vectors, words: Any = None) -> Vectors:
        """Turned into the space of other vectors: see :func:`textdl.vectors.transforms.align`."""
        from textdl.vectors.transforms import align

        return align(self._own, other, words)

    def to_torch(
        self, vocab: Sequence[str] | None = None, **settings: Any
    ) -> tuple[torch.nn.Embedding, Coverage]:
        """An embedding layer, and how many words it knows: see
        :func:`textdl.vectors.torching.to_torch`."""
        from textdl.vectors.torching import to_torch

        return to_torch(self._own, vocab, **settings)

    def to_gensim(self) -> Any:
        """gensim's ``KeyedVectors`` with the same words, vectors and counts."""
        from gensim.models import KeyedVectors

        theirs = KeyedVectors(self._own.dim)
        theirs.add_vectors(list(self._own.words), self._own.matrix)
        if self._own.counts is not None:
            theirs.expandos["count"] = self._own.counts
        return theirs

    @classmethod
    def from_gensim(cls, theirs: Any) -> Vectors:
        """Vectors of gensim's ``KeyedVectors``, or of a model that has them (``model.wv``);
        fastText's keep their n-grams."""
        from textdl.vectors.gensim_vectors import from_gensim

        return from_gensim(theirs)

    @property
    def _own(self) -> Vectors:
        return cast("Vectors", self)
