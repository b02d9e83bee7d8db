"""Changed copies of documents to train on, different ones in every epoch.

Wei & Zou 2019, "EDA: Easy Data Augmentation Techniques for Boosting Performance on Text
Classification Tasks", with synonyms from word vectors instead of a dictionary; and word dropout.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.progress import Progress
from textdl.settings import checked
from textdl.text.vocab import SPECIALS, UNKNOWN, Vocab
from textdl.vectors import Vectors

Share = Annotated[float, Ge(0), Le(1)]

OPERATIONS = ("replace", "insert", "swap", "delete")


@checked
def synonym_table(
    vocab: Vocab,
    vectors: Vectors,
    *,
    top: Annotated[int, Ge(1)] = 5,
    similarity: Annotated[float, Ge(-1), Le(1)] = 0.5,
    frequent: Annotated[int, Ge(0)] = 100,
) -> NDArray[np.int32]:
    """The synonyms of every word of a vocabulary, int32 ``[words, top]``, the nearest first and -1
    where there are no more.

    A word's synonyms are those of its ``top`` nearest words that have it among their own nearest,
    without opposites ("unhappy", "bad" for "good") and other forms of the word.

    Args:
        top: how many of the nearest words are looked at.
        similarity: the lowest cosine of a synonym.
        frequent: so many of the most frequent words have no synonyms and are none: nearly all of
            them are function words, which EDA leaves alone too.

    Raises:
        InputError: none of the words has a vector.
    """
    from textdl.vectors.synonyms import _opposite, stems

    first = len(SPECIALS) + frequent
    if first >= len(vocab):
        return np.full((len(vocab), top), -1, np.int32)
    rows = vectors.words.find_all(vocab.words[first:])
    known = np.flatnonzero(rows >= 0)
    if not len(known):
        raise InputError(
            f"synonym_table: none of the {len(vectors):,} vectors belongs to a word of the "
            "vocabulary: were they made for another language, or with another tokenizer?"
        )
    ours = vectors.take(rows[known])
    words = list(ours.words)
    answers = ours.neighbors(words, top=top)
    near, scores = answers.rows, answers.scores
    asked = np.broadcast_to(np.arange(len(near))[:, None], near.shape)
    mutual = np.isin(asked * len(near) + near, near * len(near) + asked)
    fit = (near >= 0) & (scores >= similarity) & mutual
    forms = [stems(word) for word in words]
    for i, j in np.argwhere(fit).tolist():
        its, others = forms[i], forms[near[i, j]]
        fit[i, j] = not (its & others or _opposite(its, others))
    table = np.full((len(vocab), top), -1, np.int32)
    order = np.argsort(~fit, axis=1, kind="stable")  # Those that fit come first.
    found = np.where(fit, first + known[near], -1)
    table[first + known, : near.shape[1]] = np.take_along_axis(found, order, 1)
    return table


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How much is changed. Of a document's words the shares are those on average; words without a
    synonym leave theirs to the others."""

    # "always" makes Shares of an Augmentation, whose synonyms are not those of the corpus.
    __pydantic_config__: ClassVar = {"extra": "forbid", "revalidate_instances": "always"}

    documents: Share = 0.8
    """Share of the documents that an operation changes. EDA, which adds n changed copies to every
    document, has n / (n + 1)."""
    replace: Share = 0.1
    """Share of the words that a synonym replaces."""
    insert: Share = 0.1
    """As many synonyms of its words are added, somewhere in the document."""
    swap: Share = 0.1
    """Share of the words that change places with any other, so that twice as many move."""
    delete: Share = 0.1
    """Share of the words that go; one stays."""
    dropout: Share = 0.0
    """Share of the words that become ``<unk>``, in all documents (Bowman et al. 2016, "Generating
    Sentences from a Continuous Space")."""


@dataclass(frozen=True, eq=False)
class Augmentation(Shares):
    """What happens to the documents of an epoch.

    One operation changes a document, drawn evenly from those whose share is above 0; then words
    drop out.

    Args:
        synonyms: int32 ``[words, most]``, as :func:`synonym_table` makes them; ``replace`` and
            ``insert`` need them.

    Raises:
        InputError: a share is not between 0 and 1, or the synonyms are missing.
    """

    synonyms: NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        for name in ("documents", *OPERATIONS, "dropout"):
            if not 0 <= (share := getattr(self, name)) <= 1:
                raise InputError(f"augmentation: {name} is {share}: a share is between 0 and 1")
        if self.synonyms is None and (self.replace or self.insert):
            raise InputError(
                "augmentation: replace and insert need synonyms: give vectors, or set both to 0"
            )

    def __call__(
        self, tokens: NDArray[np.int32], offsets: NDArray[np.int64], *, seed: int, epoch: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The documents of an epoch, a function of the arguments alone.

        Args:
            tokens: int32 ``[tokens]``, ids; not changed.
            offsets: int64 ``[n + 1]``, document ``i`` is ``tokens[offsets[i]:offsets[i + 1]]``.

        Returns:
            new tokens and offsets of as many documents.
        """
        generator = np.random.default_rng([seed, epoch])
        lengths = np.diff(offsets)
        tokens = np.array(tokens[offsets[0] : offsets[-1]])
        chosen = np.full(len(lengths), -1)
        if operations := [i for i, name in enumerate(OPERATIONS) if getattr(self, name)]:
            changed = generator.random(len(lengths)) < self.documents
            chosen[changed] = generator.choice(operations, int(changed.sum()))
        document = np.repeat(np.arange(len(lengths)), lengths)
        # Every word's own draw decides, so that operations don't change each other's words.
        drawn = generator.random(len(tokens))
        shares = np.array([getattr(self, name) for name in OPERATIONS] + [0.0])[chosen]
        able = np.ones(len(tokens), np.bool_)
        if self.synonyms is not None:
            able = (self.synonyms[tokens, 0] >= 0) | (chosen > OPERATIONS.index("insert"))[document]
            shares *= lengths / np.maximum(np.bincount(document[able], minlength=len(lengths)), 1)
        meant = np.flatnonzero(able & (drawn < shares[document]))
        replaced, inserted, swapped, deleted = (
            meant[chosen[document[meant]] == i] for i in range(len(OPERATIONS))
        )

        begins = offsets[:-1] - offsets[0]
        tokens[replaced] = self._synonyms_of(tokens[replaced], generator)
        swapped = swapped[lengths[document[swapped]] > 1]
        there = document[swapped]
        others = (generator.random(len(there)) * (lengths[there] - 1)).astype(np.int64)
        others += begins[there]
        others += others >= swapped
        for one, other in zip(swapped.tolist(), others.tolist(), strict=True):
            tokens[one], tokens[other] = tokens[other], tokens[one]
        words = self._synonyms_of(tokens[inserted], generator)
        into = document[inserted]
        spots = (generator.random(len(into)) * (lengths[into] + 1)).astype(np.int64)
        stay = np.ones(len(tokens), np.bool_)
        stay[deleted] = False
        gone = np.bincount(document[deleted], minlength=len(lengths))
        emptied = np.flatnonzero((gone == lengths) & (lengths > 0))
        spared = (generator.random(len(emptied)) * lengths[emptied]).astype(np.int64)
        stay[begins[emptied] + spared] = True
        gone[emptied] -= 1
        added = np.bincount(into, minlength=len(lengths))

        # Of one document, words are either deleted or inserted: places count the same in both.
        shifted = np.concatenate([[0], np.cumsum(stay)])
        tokens = np.insert(tokens[stay], shifted[begins[into] + spots], words)
        if self.dropout:
            tokens[generator.random(len(tokens)) < self.dropout] = UNKNOWN
        return tokens, np.concatenate([[0], np.cumsum(lengths - gone + added)])

    def content(self) -> Iterator[NDArray[Any]]:
        yield np.array([getattr(self, name) for name in ("documents", *OPERATIONS, "dropout")])
        if self.synonyms is not None:
            yield self.synonyms

    def _synonyms_of(
        self, words: NDArray[np.int32], generator: np.random.Generator
    ) -> NDArray[np.int32]:
        """One of the synonyms of each word, which has some."""
        if self.synonyms is None:
            return words
        counts = (self.synonyms[words] >= 0).sum(1)
        columns = (generator.random(len(words)) * counts).astype(np.int64)
        drawn: NDArray[np.int32] = self.synonyms[words, columns]
        return drawn


def augmentation(
    shares: Shares | None, vocab: Vocab, vectors: Vectors | None, progress: Progress
) -> Augmentation | None:
    """The augmentation of these shares, with synonyms from the vectors if it needs them.

    Raises:
        InputError: it needs them and there are no vectors, or none of a word of the vocabulary.
    """
    if shares is None:
        return None
    synonyms = None
    if vectors is not None and (shares.replace or shares.insert):
        synonyms = synonym_table(vocab, vectors)
        having = int((synonyms[:, 0] >= 0).sum())
        progress.note(f"{having:,} of {len(vocab):,} words have synonyms to augment with")
    return Augmentation(synonyms=synonyms, **asdict(shares))
