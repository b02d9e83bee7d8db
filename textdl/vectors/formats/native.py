"""textdl's own format: a folder with ``vectors.safetensors``, ``vectors.json`` and a card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from textdl.cards import vectors_card, write_card
from textdl.errors import InputError
from textdl.packed import PackedStrings
from textdl.replacing import replaced_folder
from textdl.tensors import open_tensors, save_tensors
from textdl.vectors.composition import restore_composition

if TYPE_CHECKING:
    from textdl.vectors.vectors import Vectors

FILE = "vectors.safetensors"

_PREFIX = "composition."


def write(vectors: Vectors, folder: Path) -> None:
    """Write vectors into a folder, which is made if need be. Vectors that lie there stay until all
    is written.

    Raises:
        InputError: it is a file.
    """
    tensors: dict[str, NDArray[Any]] = {
        "vectors": vectors.stored,
        "norms": vectors.norms,
        "words.data": vectors.words.data,
        "words.offsets": vectors.words.offsets,
        "words.order": vectors.words.order,
    }
    metadata = {}
    if vectors.scales is not None:
        tensors["scales"] = vectors.scales
    if vectors.counts is not None:
        tensors["counts"] = vectors.counts
    if vectors.context is not None:
        tensors["context"] = vectors.context
    if vectors.composition is not None:
        composition = vectors.composition
        tensors |= {_PREFIX + name: array for name, array in composition.tensors().items()}
        description = {"kind": composition.kind, "settings": composition.settings()}
        metadata["composition"] = json.dumps(description, ensure_ascii=False)
    text = json.dumps(vectors.info, ensure_ascii=False, indent=1)
    unseen = vectors.composition is not None
    card = vectors_card(vectors.info, words=len(vectors), dim=vectors.dim, unseen=unseen)
    with replaced_folder(folder, last=FILE) as new:
        save_tensors(new / FILE, tensors, metadata)
        (new / "vectors.json").write_text(text, "utf-8")
        write_card(new, card)


def read(folder: Path) -> Vectors:
    """Open saved vectors, memory-mapped.

    Raises:
        InputError: the folder holds no vectors, or damaged ones.
    """
    from textdl.vectors.vectors import Vectors

    tensors: dict[str, NDArray[Any]]
    tensors, metadata = open_tensors(folder / FILE)
    try:
        words = PackedStrings(
            tensors["words.data"], tensors["words.offsets"], tensors["words.order"]
        )
        _check(words)
        composition = None
        if "composition" in metadata:
            saved = json.loads(metadata["composition"])
            parts = {
                name.removeprefix(_PREFIX): array
                for name, array in tensors.items()
                if name.startswith(_PREFIX)
            }
            composition = restore_composition(saved["kind"], saved["settings"], parts)
            if hasattr(composition, "check"):
                composition.check(words)
        vectors = Vectors(
            words,
            tensors["vectors"],
            tensors.get("counts"),
            json.loads((folder / "vectors.json").read_text("utf-8")),
            scales=tensors.get("scales"),
            composition=composition,
            context=tensors.get("context"),
        )
        vectors.norms = tensors["norms"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{folder}: not a complete folder of vectors ({error})") from error
    return vectors


def _check(words: PackedStrings) -> None:
    """Raise a ValueError if looking a word up could go astray."""
    offsets, order = words.offsets, words.order
    if offsets.ndim != 1 or not len(offsets) or offsets[0] or offsets[-1] != len(words.data):
        raise ValueError("the places of its words don't fit their letters")
    if (np.diff(offsets) < 0).any():
        raise ValueError("a word ends before it begins")
    if (
        order.shape != (len(words),)
        or order.min(initial=0) < 0
        or order.max(initial=0) >= max(len(words), 1)
    ):
        raise ValueError("the order of its words is none")
    words.data.tobytes().decode()
