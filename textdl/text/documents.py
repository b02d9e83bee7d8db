"""Texts with labels and splits on disk, memory-mapped, and the writer that streams them there."""

from __future__ import annotations

import json
import shutil
from array import array
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdl.errors import InputError
from textdl.packed import PackedStrings

SPLITS = ("train", "validation", "test", "unsupervised")
"""The order in which splits lie; others follow in the order in which they began."""

UNLABELLED = -1

FILES = ("texts.bin", "offsets.npy", "labels.npy", "documents.json")


@dataclass(frozen=True, eq=False)
class Documents:
    """Texts with labels and splits.

    Attributes:
        texts: the documents, decoded on demand.
        labels: int32 ``[documents]``, indices into ``label_names``, -1 where there is no label; or,
            if a document may have several, 0 and 1 in ``[documents, label names]``, or all -1.
        label_names: the name of each label; empty if nothing is labelled.
        splits: the documents of each split, which lie one behind the other.
        info: where the documents come from. Holds no paths and no times, so that the same
            documents make the same bytes wherever they are read.
        folder: where they lie.
    """

    texts: PackedStrings
    labels: NDArray[np.int32]
    label_names: list[str]
    splits: dict[str, range]
    info: dict[str, Any]
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(rows):,}" for name, rows in self.splits.items())
        return f"Documents({sizes}; labels {', '.join(self.label_names) or 'none'})"

    def save(self, folder: str | Path) -> None:
        """Write a copy into ``folder``; nothing is done if the documents lie there already."""
        folder = Path(folder)
        if self.folder is not None and self.folder.resolve() == folder.resolve():
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
        self.texts.data.tofile(folder / "texts.bin")
        _write_tables(
            folder, self.texts.offsets, self.labels, self.label_names, self.splits, self.info
        )

    @classmethod
    def load(cls, folder: str | Path) -> Documents:
        """Open the documents in ``folder``: nothing is read until it is used.

        Raises:
            InputError: the folder holds no documents, or damaged ones.
        """
        folder = Path(folder)
        try:
            description = json.loads((folder / "documents.json").read_text("utf-8"))
            documents = cls(
                texts=PackedStrings(
                    _map_bytes(folder / "texts.bin"),
                    np.asarray(np.load(folder / "offsets.npy", mmap_mode="r")),
                ),
                labels=np.asarray(np.load(folder / "labels.npy", mmap_mode="r")),
                label_names=list(description["label_names"]),
                splits={name: range(*rows) for name, rows in description["splits"].items()},
                info=dict(description["info"]),
                folder=folder,
            )
            documents._check()
        except (OSError, EOFError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"{folder} holds no complete set of documents ({error}): it needs "
                f"{', '.join(FILES)} as textdl wrote them. Read the dataset again."
            ) from error
        return documents

    def _check(self) -> None:
        offsets, labels, n = self.texts.offsets, self.labels, len(self.texts)
        if offsets.dtype != np.int64 or offsets.ndim != 1 or n < 0:
            raise ValueError("offsets.npy is not a list of int64 offsets")
        if offsets[0] != 0 or offsets[-1] != len(self.texts.data) or (np.diff(offsets) < 0).any():
            raise ValueError("offsets.npy and texts.bin don't belong together")
        classes = len(self.label_names)
        if labels.dtype != np.int32 or labels.shape not in ((n,), (n, classes)):
            raise ValueError(f"labels.npy doesn't hold int32 labels of {n} documents")
        most = classes if labels.ndim == 1 else 2
        if labels.size and not -1 <= labels.min() <= labels.max() < most:
            raise ValueError("labels.npy holds a label without a name")
        for name, rows in self.splits.items():
            if not 0 <= rows.start <= rows.stop <= n:
                raise ValueError(f"split {name!r} reaches over the end")


class DocumentsWriter:
    """Streams documents into a folder; memory holds 12 bytes per document.

    Splits may be begun in any order and more than once: each is spooled into a file of its own,
    and :meth:`close` puts them one behind the other in the order of :data:`SPLITS`. Documents
    before the first :meth:`begin_split` belong to ``train``.

    As a context manager, it removes what it has written unless :meth:`close` was reached.

    Args:
        folder: where the documents will lie; made if need be. Documents that lie there are
            removed, those who have them open keep what they see.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (self.folder / name).unlink(missing_ok=True)
        self._spools: dict[str, _Spool] = {}
        self._spool: _Spool | None = None

    def begin_split(self, name: str) -> None:
        """Let the documents that follow belong to the split ``name``."""
        if name not in self._spools:
            self._spools[name] = _Spool(self.folder / f"texts.{len(self._spools)}.part")
        self._spool = self._spools[name]

    def add(self, text: str, label: int = UNLABELLED) -> None:
        """Add one document."""
        self.write(text.encode())
        self.end(label)

    def write(self, piece: bytes) -> None:
        """Add a piece of a document of any length; the pieces together must be UTF-8."""
        spool = self._spool or self._first()
        spool.size += spool.file.write(piece)

    def end(self, label: int = UNLABELLED) -> None:
        """End the document whose pieces were written."""
        spool = self._spool or self._first()
        spool.ends.append(spool.size)
        spool.labels.append(label)

    def _first(self) -> _Spool:
        self.begin_split("train")
        return self._spools["train"]

    def sizes(self) -> dict[str, int]:
        """The number of documents in each split so far."""
        return {name: len(spool.ends) for name, spool in self._spools.items()}

    def close(
        self,
        label_names: list[str],
        info: dict[str, Any],
        relabel: NDArray[np.int32] | None = None,
    ) -> Documents:
        """Complete the files and open them.

        Args:
            label_names: the name of each label.
            info: where the documents come from; must be JSON.
            relabel: int32 ``[labels]``, the label that takes the place of each that was added, for
                labels which were numbered before all of them were known; or, for documents with
                several, ``[labels, label names]``, a row of 0 and 1.
        """
        names = sorted(self._spools, key=lambda name: (*SPLITS, name).index(name))
        spools = [self._spools[name] for name in names]
        splits, start, size = {}, 0, 0
        offsets, labels = [np.zeros(1, np.int64)], [np.empty(0, np.int32)]
        for name, spool in zip(names, spools, strict=True):
            splits[name] = range(start, start := start + len(spool.ends))
            offsets.append(np.array(spool.ends, np.int64) + size)
            labels.append(np.array(spool.labels, np.int32))
            size += spool.size
            spool.file.close()
        _join([spool.path for spool in spools], self.folder / "texts.bin")
        self._spools, self._spool = {}, None
        numbers = np.concatenate(labels)
        if relabel is not None:
            without = np.full((1, *relabel.shape[1:]), UNLABELLED, np.int32)
            numbers = np.concatenate([relabel, without])[numbers]
        _write_tables(self.folder, np.concatenate(offsets), numbers, label_names, splits, info)
        return Documents.load(self.folder)

    def __enter__(self) -> DocumentsWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for spool in self._spools.values():
            spool.file.close()
            spool.path.unlink(missing_ok=True)
        self._spools, self._spool = {}, None


class _Spool:
    """The documents of one split while they are written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = path.open("wb", buffering=1 << 20)
        self.size = 0
        self.ends = array("q")
        self.labels = array("i")


def _join(parts: list[Path], target: Path) -> None:
    if parts:
        parts[0].replace(target)
    with target.open("ab") as joined:
        for part in parts[1:]:
            with part.open("rb") as source:
                shutil.copyfileobj(source, joined, 1 << 20)
            part.unlink()


def _map_bytes(path: Path) -> NDArray[np.uint8]:
    if not path.stat().st_size:
        return np.empty(0, np.uint8)
    return np.asarray(np.memmap(path, np.uint8, mode="r"))


def _write_tables(
    folder: Path,
    offsets: NDArray[np.int64],
    labels: NDArray[np.int32],
    label_names: list[str],
    splits: dict[str, range],
    info: dict[str, Any],
) -> None:
    np.save(folder / "offsets.npy", offsets)
    np.save(folder / "labels.npy", labels)
    description = {
        "label_names": label_names,
        "splits": {name: [rows.start, rows.stop] for name, rows in splits.items()},
        "info": info,
    }
    text = json.dumps(description, ensure_ascii=False, indent=1)
    (folder / "documents.json").write_text(text + "\n", "utf-8")
