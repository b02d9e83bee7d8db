"""Documents on their way from a source into a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textdl.errors import InputError
from textdl.text.documents import UNLABELLED, Documents, DocumentsWriter
from textdl.text.sources.labels import Labels
from textdl.text.sources.splits import choose, split_name


class Collector:
    """Takes the documents of a source, numbers their labels, and leaves out what isn't wanted.

    Args:
        writer: where the documents go.
        dataset: the dataset's name in errors.
        splits: the splits to read; all if None.

    Attributes:
        labels: replaced by a source that knows the names of its labels.
        info: what the source tells of itself.
    """

    def __init__(
        self, writer: DocumentsWriter, dataset: str, splits: Sequence[str] | None = None
    ) -> None:
        self.writer = writer
        self.dataset = dataset
        self.splits = splits
        self.labels = Labels()
        self.info: dict[str, Any] = {}
        self._wanted = None if splits is None else {split_name(name) for name in splits}
        self._available: dict[str, None] = {}
        self._split = ""
        self._skipped = 0

    def choose(self, available: Sequence[str]) -> list[str]:
        """The splits to read of those there are.

        Raises:
            InputError: one that was asked for does not exist.
        """
        return choose(available, self.splits, self.dataset)

    def begin(self, split: str) -> bool:
        """Let the documents that follow belong to ``split``; False if it isn't wanted."""
        self._available[split] = None
        if self._wanted is not None and split not in self._wanted:
            return False
        self.writer.begin_split(split)
        self._split = split
        return True

    def add(self, text: str, label: Any = None) -> None:
        """Add a document. An empty one is skipped unless it has a label.

        Raises:
            InputError: the label or the text can't be used.
        """
        number = self.labels.number(label, self._split)
        if number == UNLABELLED and (not text or text.isspace()):
            self._skipped += 1
            return
        try:
            self.writer.add(text, number)
        except UnicodeEncodeError as error:
            raise InputError(
                f"the text has half of a surrogate pair ({error.object[error.start]!a}) at "
                f"character {error.start}, which is no Unicode text. Remove it."
            ) from error

    def write(self, piece: bytes) -> None:
        """Add a piece of a document that is known to be UTF-8."""
        self.writer.write(piece)

    def end(self, label: Any = None) -> None:
        """End the document whose pieces were written."""
        self.writer.end(self.labels.number(label, self._split))

    def close(self) -> Documents:
        """Complete the documents.

        Raises:
            InputError: a split doesn't exist or is empty, or labels don't agree between splits.
        """
        self.choose(list(self._available))
        sizes = self.writer.sizes()
        if not sum(sizes.values()):
            raise InputError(f"{self.dataset} holds no documents.")
        for split, size in sizes.items():
            if not size:
                raise InputError(
                    f"split {split!r} of {self.dataset} holds no documents. Leave it out with "
                    "splits."
                )
        try:
            names, relabel = self.labels.finish()
        except InputError as error:
            raise InputError(f"{self.dataset}: {error}") from error
        skipped = {"skipped_empty": self._skipped} if self._skipped else {}
        return self.writer.close(names, {**self.info, **skipped}, relabel)
