"""A folder for each label with a file for each document, as in the original IMDB archive."""

from __future__ import annotations

from pathlib import Path

from textdl.text.sources.plain import TextFile, natural
from textdl.text.sources.splits import NAMES, split_name

SHORT = {"neg": "negative", "pos": "positive"}

UNLABELLED = {"unsup", "unsupervised", "unlabeled", "unlabelled"}


def find_tree(folder: Path) -> dict[str, list[TextFile]]:
    """The files of a tree like aclImdb, by split; empty if the folder isn't one.

    ``train/pos/*.txt`` has the label ``positive``, ``train/neg/*.txt`` ``negative``, any other
    folder its own name. ``train/unsup/*.txt`` is the split ``unsupervised``, without labels.
    Without the level of splits all is ``train``, and there must be two labels. Within a split the
    labels come in alphabetical order, the files in the order of the numbers in their names.
    """
    found: dict[str, list[TextFile]] = {}
    for child in subfolders(folder):
        if child.name.lower() in NAMES:
            _add(found, split_name(child.name), child)
    fewest = 1
    if not found:
        _add(found, "train", folder)
        fewest = 2
    labels = {file.label for files in found.values() for file in files if file.label is not None}
    return found if len(labels) >= fewest else {}


def subfolders(folder: Path) -> list[Path]:
    """The visible folders in a folder, sorted."""
    return sorted(
        (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")),
        key=natural,
    )


def _add(found: dict[str, list[TextFile]], split: str, folder: Path) -> None:
    for child in subfolders(folder):
        unlabelled = child.name.lower() in UNLABELLED
        if child.name.lower() in NAMES and not unlabelled:
            continue
        label = None if unlabelled else SHORT.get(child.name.lower(), child.name)
        files = [TextFile(path, label) for path in sorted(child.glob("*.txt"), key=natural)]
        if files:
            found.setdefault("unsupervised" if unlabelled else split, []).extend(files)
