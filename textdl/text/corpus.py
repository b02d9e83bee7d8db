"""A corpus on disk: token ids, where each document begins, labels and splits."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.text.tokenizers import Tokenizer, tokenizer_from_settings
from textdl.text.vocab import Vocab

HELD_OUT = ("test", "validation")
"""The splits that vocabularies and vectors don't see unless they are named."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents as token ids, memory-mapped.

    Attributes:
        tokens: int32 ``[tokens]``, ids into ``vocab``, the documents one behind the other.
        offsets: int64 ``[documents + 1]``, document ``i`` is ``tokens[offsets[i]:offsets[i + 1]]``.
        labels: int32 ``[documents]``, indices into ``label_names``, -1 where there is no label; or,
            if a document may have several, 0 and 1 in ``[documents, label names]``.
        splits: the documents of each split.
        info: where the corpus comes from, and which splits its vocabulary has seen.
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int32]
    vocab: Vocab
    tokenizer: Tokenizer
    label_names: list[str]
    splits: dict[str, range]
    info: dict[str, Any]
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(rows):,}" for name, rows in self.splits.items())
        return f"Corpus({sizes} documents, {len(self.tokens):,} tokens, {self.vocab!r})"

    def document(self, i: int) -> NDArray[np.int32]:
        """The token ids of document ``i``."""
        return self.tokens[self.offsets[i] : self.offsets[i + 1]]

    def training_splits(self, names: list[str] | None = None) -> list[str]:
        """``names``, or every split that is not held out.

        Raises:
            InputError: a split does not exist, or none is left.
        """
        return choose_splits(list(self.splits), names)

    def tokens_in(self, splits: list[str]) -> int:
        """How many tokens the splits have."""
        rows = [self.splits[name] for name in splits]
        return sum(int(self.offsets[row.stop] - self.offsets[row.start]) for row in rows)

    def _check(self) -> None:
        documents = len(self.offsets) - 1
        if self.tokens.dtype != np.int32 or self.offsets.dtype != np.int64:
            raise ValueError("tokens are not int32 or offsets not int64")
        if documents < 0 or self.offsets[0] != 0 or self.offsets[-1] != len(self.tokens):
            raise ValueError("offsets.npy and tokens.npy don't belong together")
        classes = len(self.label_names)
        shapes = (documents,), (documents, classes)
        if (np.diff(self.offsets) < 0).any() or self.labels.shape not in shapes:
            raise ValueError("offsets.npy and labels.npy don't belong together")
        most = classes if self.labels.ndim == 1 else 2
        if self.labels.size and not -1 <= self.labels.min() <= self.labels.max() < most:
            raise ValueError("labels.npy holds a label without a name")
        if any(not 0 <= rows.start <= rows.stop <= documents for rows in self.splits.values()):
            raise ValueError("a split reaches over the end")

    def save(self, folder: str | Path) -> None:
        """Write the corpus into ``folder``; nothing is done if it lies there already."""
        folder = Path(folder)
        if self.folder is not None and self.folder.resolve() == folder.resolve():
            return
        if self.folder is not None:
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            return
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "tokens.npy", self.tokens)
        self.write_all_but_tokens(folder)

    def write_all_but_tokens(self, folder: Path) -> None:
        """What :meth:`save` writes, for a writer that has streamed the tokens to their place."""
        np.save(folder / "offsets.npy", self.offsets)
        np.save(folder / "labels.npy", self.labels)
        self.vocab.save(folder / "vocab.safetensors")
        description = {
            "tokenizer": self.tokenizer.settings(),
            "label_names": self.label_names,
            "splits": {name: [rows.start, rows.stop] for name, rows in self.splits.items()},
            "info": self.info,
        }
        text = json.dumps(description, ensure_ascii=False, indent=1)
        (folder / "corpus.json").write_text(text, "utf-8")

    @classmethod
    def load(cls, folder: str | Path) -> Corpus:
        """Open a saved corpus.

        Raises:
            InputError: the folder holds no corpus, or a damaged one.
        """
        folder = Path(folder)
        try:
            description = json.loads((folder / "corpus.json").read_text("utf-8"))
            corpus = cls(
                tokens=np.load(folder / "tokens.npy", mmap_mode="r"),
                offsets=np.load(folder / "offsets.npy", mmap_mode="r"),
                labels=np.load(folder / "labels.npy", mmap_mode="r"),
                vocab=Vocab.load(folder / "vocab.safetensors"),
                tokenizer=tokenizer_from_settings(description["tokenizer"]),
                label_names=description["label_names"],
                splits={name: range(*rows) for name, rows in description["splits"].items()},
                info=description["info"],
                folder=folder,
            )
            corpus._check()
            return corpus
        except InputError:
            raise
        except (OSError, EOFError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"{folder}: not a complete corpus ({error})") from error


def choose_splits(available: list[str], names: list[str] | None) -> list[str]:
    """``names``, checked against the ``available`` splits; by default those not held out.

    Raises:
        InputError: a split does not exist, or none is left.
    """
    if names == []:
        raise InputError(f"no split is named: choose from {', '.join(available)}")
    if names is None:
        names = [name for name in available if name not in HELD_OUT]
        if not names:
            raise InputError(
                f"every split is held out ({', '.join(available)}), so nothing is left to train "
                "on: name the splits to use with the setting 'splits'"
            )
    for name in names:
        if name not in available:
            raise InputError(f"no split {name!r}: the corpus has {', '.join(available)}")
    return names
