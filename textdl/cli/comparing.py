"""What the verbs have in common that compare a classifier with the labels of a dataset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from textdl.errors import InputError

if TYPE_CHECKING:
    from textdl.classifiers import SentimentModel
    from textdl.text import Documents

Verb = TypeVar("Verb", bound=Callable[..., None])

OPTIONS = (
    click.argument(
        "dataset",
        help="A file or folder, the id of a dataset on the Hugging Face Hub, or `synthetic`.",
    ),
    click.option("--split", metavar="NAME", help="Its split (default `test`, or the only one)."),
    click.option(
        "--text-column", metavar="NAME", help="The column of the text, if it isn't found."
    ),
    click.option(
        "--label-column",
        metavar="NAME",
        multiple=True,
        help="The column of the label, if it isn't found; or, several times, columns of 0 and 1.",
    ),
    click.option(
        "--label-separator", metavar="TEXT", help="What stands between a document's labels."
    ),
    click.option("--config", metavar="NAME", help="The configuration of a dataset with several."),
    click.option("--revision", metavar="NAME", help="The branch, tag or commit on the Hub."),
)


def labelled(verb: Verb) -> Verb:
    """Have a verb take what :func:`read_labelled` takes after the model."""
    for option in reversed(OPTIONS):
        verb = option(verb)
    return verb


class Labelled(NamedTuple):
    """Documents of a split, their labels as :func:`~textdl.classifiers.inputs.label_numbers` has
    them."""

    split: str
    texts: list[str]
    labels: Any


def read_labelled(
    model: SentimentModel,
    dataset: str,
    split: str | None,
    *,
    label_column: Sequence[str],
    **options: Any,
) -> Labelled:
    """The labelled documents of a dataset, with the model's numbers for their labels.

    Raises:
        InputError: the dataset can't be read, it is not clear which split is meant, or it has no
            labels or other ones than the model, or several per document where the model gives one.
    """
    from textdl.classifiers.examples import are_labelled
    from textdl.classifiers.inputs import label_names, label_numbers
    from textdl.text import read_documents

    columns = list(label_column)
    with TemporaryDirectory() as folder:
        documents = read_documents(
            dataset,
            folder,
            splits=None if split is None else [split],
            label_column=columns[0] if len(columns) == 1 else columns or None,
            **options,
        )
        name = _choose(documents, dataset)
        have = are_labelled(documents.labels)
        rows = [i for i in documents.splits[name] if have[i]]
        if not rows:
            raise InputError(
                f"no document of split {name!r} of {dataset} has a label: name the column of the "
                "labels with --label-column, or another split with --split"
            )
        texts = [documents.texts[i] for i in rows]
        names = label_names(documents.labels[rows], documents.label_names)
    lists = [[its] if isinstance(its, str) else its for its in names]
    if documents.labels.ndim == 2 and not model.several:
        raise InputError(
            f"a document of {dataset} may have several labels, and the model gives one: name the "
            "column of another label with --label-column"
        )
    if not {label for its in lists for label in its} <= set(model.label_names):
        raise InputError(
            f"{dataset} has the labels {', '.join(documents.label_names)}, and the model has "
            f"{', '.join(model.label_names)}: rename those of the dataset, or name another column "
            "with --label-column"
        )
    given = lists if model.several else names
    return Labelled(name, texts, label_numbers(given, model.label_names, several=model.several))


def _choose(documents: Documents, dataset: str) -> str:
    if "test" in documents.splits:
        return "test"
    first, *others = documents.splits
    if others:
        raise InputError(
            f"{dataset} has the splits {', '.join(documents.splits)} and no 'test': name one with "
            "--split"
        )
    return first
