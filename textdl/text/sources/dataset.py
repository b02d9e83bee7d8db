"""Reading a dataset by its name: a local path, a Hub id, or ``synthetic``."""

from __future__ import annotations

import difflib
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from annotated_types import Ge, Gt, Lt

from textdl.errors import InputError
from textdl.settings import checked
from textdl.text.documents import Documents, DocumentsWriter
from textdl.text.sources.collector import Collector
from textdl.text.sources.holdout import hold_out_documents
from textdl.text.sources.hub import read_hub
from textdl.text.sources.kinds import COMPRESSED, SUFFIXES
from textdl.text.sources.labels import Labels
from textdl.text.sources.local import find_layout, read_local
from textdl.text.sources.sample import sample_documents

SYNTHETIC = "synthetic"

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")


@checked
def read_documents(
    dataset: str | Path,
    folder: str | Path,
    *,
    text_column: str | None = None,
    label_column: str | Sequence[str] | None = None,
    label_separator: str | None = None,
    splits: Sequence[str] | None = None,
    config: str | None = None,
    revision: str | None = None,
    test: Annotated[float, Gt(0), Lt(1)] | None = None,
    sample: Annotated[int, Ge(1)] | None = None,
    seed: Annotated[int, Ge(0)] = 1,
) -> Documents:
    """Read a dataset into a folder, with bounded memory.

    Splits called ``valid``, ``val`` or ``dev`` become ``validation``, ``unsup`` becomes
    ``unsupervised``. Labels become 0, 1, … in numerical or alphabetical order, the same over all
    splits; -1, null and the empty string mean that there is none. Names that the dataset declares
    (``ClassLabel``) are kept; otherwise 0 and 1 in a column ``label`` or ``sentiment`` are called
    ``negative`` and ``positive``, and other numbers by their digits. Empty texts are kept if they
    have a label.

    A document may have several labels, or none of them, if they are lists (``Sequence`` in
    ``datasets``, arrays in JSONL), strings with a ``label_separator``, or columns of 0 and 1.

    Args:
        dataset: a local file or folder (Parquet, CSV, TSV, JSONL, plain text with a document a
            line, or a tree like aclImdb), the id of a dataset on the Hugging Face Hub such as
            ``stanfordnlp/imdb``, or ``synthetic``. What exists locally wins.
        folder: where the documents will lie.
        text_column: the column of the text; by default detected.
        label_column: the column of the label; by default detected, ``""`` reads none. A list names
            columns that are a label each, with 1 or true where a document has it and 0 or false
            where not; a document in which one is missing has no labels.
        label_separator: what stands between the labels of a document, such as ``|``; then an empty
            string means that it has none of them, as an empty list does.
        splits: the splits to read; by default all.
        config: the configuration of a dataset that has several.
        revision: the branch, tag or commit, for datasets on the Hub only.
        test: make this share of the labelled training documents the split ``test``, for datasets
            without one; the same share of every label.
        sample: draw at most so many documents from each split, uniformly, and keep their order.
        seed: decides which documents are drawn.

    Raises:
        InputError: the dataset can't be found or read, its labels don't fit together, or it has a
            test split already.
    """

    def read(target: Path) -> Documents:
        with DocumentsWriter(target) as writer:
            collector = Collector(writer, str(dataset), splits)
            if (path := local_path(dataset)) is not None:
                read_local(collector, path, text_column, label_column, config, label_separator)
            elif dataset == SYNTHETIC:
                _read_synthetic(collector)
            else:
                read_hub(
                    collector,
                    str(dataset),
                    text_column,
                    label_column,
                    config,
                    revision,
                    label_separator,
                )
            return collector.close()

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".all-") as temporary:
        everything, parted = Path(temporary) / "all", Path(temporary) / "parted"
        documents = read(folder if test is sample is None else everything)
        if test is not None:
            target = folder if sample is None else parted
            documents = hold_out_documents(documents, target, test, seed)
        if sample is not None:
            documents = sample_documents(documents, folder, sample, seed)
    return documents


def dataset_files(dataset: str | Path, config: str | None = None) -> list[Path] | None:
    """The files that make up a local dataset, to fingerprint them; None if it isn't local.

    Raises:
        InputError: the path doesn't exist or holds no dataset.
    """
    path = local_path(dataset)
    return None if path is None else find_layout(path, config).paths()


def local_path(dataset: str | Path) -> Path | None:
    """The path that ``dataset`` is, None for ``synthetic`` and ids of the Hub.

    Raises:
        InputError: it looks like a path but doesn't exist.
    """
    path = Path(dataset).expanduser()
    try:
        if str(dataset) and path.exists():
            return path
    except (OSError, ValueError) as error:
        raise InputError(f"{str(dataset)!r} can't be read: {error}.") from error
    if isinstance(dataset, str) and not _looks_like_path(dataset):
        return None
    raise InputError(f"there is no file or folder {str(dataset)!r}{_nearest(path)}")


def _looks_like_path(dataset: str) -> bool:
    known = {*SUFFIXES, *COMPRESSED, ".zip", ".tar", ".tgz"}
    return (
        dataset.startswith((".", "/", "~"))
        or HUB_ID.fullmatch(dataset) is None
        or Path(dataset).suffix.lower() in known
    )


def _nearest(path: Path) -> str:
    """What lies where the path ends to exist."""
    while not path.parent.exists():
        path = path.parent
    try:
        siblings = [sibling.name for sibling in path.parent.iterdir()]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, siblings, 1)
    return (
        f"; did you mean {str(path.parent / near[0])!r}?"
        if near
        else f" in {path.parent.resolve()}."
    )


def _read_synthetic(collector: Collector) -> None:
    from textdl.text.synthetic import LABEL_NAMES, generate

    collector.info = {"source": SYNTHETIC}
    collector.labels = Labels(list(LABEL_NAMES))
    for review in generate():
        if collector.begin(review.split):
            collector.add(review.text, review.label)
