"""Datasets of the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from textdl.errors import InputError
from textdl.text.sources.collector import Collector
from textdl.text.sources.parquet import BATCH, column_types, numbered_rows
from textdl.text.sources.splits import split_name
from textdl.text.sources.tables import Table, read_tables

TIMEOUT = 10.0
"""Seconds to wait for the Hub's first answer."""


def read_hub(
    collector: Collector,
    dataset: str,
    text_column: str | None = None,
    label_column: str | Sequence[str] | None = None,
    config: str | None = None,
    revision: str | None = None,
    label_separator: str | None = None,
) -> None:
    """Read a dataset of the Hub, through the cache of ``datasets``.

    The commit that was read is recorded in ``info``. With ``HF_HUB_OFFLINE=1`` the newest copy in
    the cache is read, and ``info`` has no commit.

    Raises:
        InputError: the Hub can't be reached, or doesn't give the dataset.
    """
    commit = _commit(dataset, revision)
    splits = _load(dataset, config, commit or revision)
    collector.info = {"source": "hub", "dataset": dataset, "config": config, "commit": commit}
    tables: dict[str, list[Table]] = {}
    for name, split in splits.items():
        where = f"{dataset}, split {name!r}"
        tables.setdefault(split_name(str(name)), []).append(HubTable(split, where))
    read_tables(collector, tables, text_column, label_column, label_separator)


class HubTable:
    """A split of a dataset that ``datasets`` has loaded."""

    unit = "row"

    def __init__(self, split: Any, where: str) -> None:
        self.where = where
        self.columns = column_types(split.features.arrow_schema)
        # Of a list of labels the elements have the names.
        each = {name: getattr(its, "feature", its) for name, its in split.features.items()}
        names = {name: getattr(feature, "names", None) for name, feature in each.items()}
        self.class_names = {name: list(found) for name, found in names.items() if found}
        self._split = split

    def rows(self, names: list[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The number of each row, and its values in some columns.

        Raises:
            InputError: the copy in the cache is damaged.
        """
        try:
            batches = self._split.select_columns(names).with_format("arrow").iter(BATCH)
            yield from numbered_rows(batches, names)
        except Exception as error:
            raise InputError(
                f"{self.where}: the copy in the cache of downloaded datasets is damaged "
                f"({_first_line(error)}). Delete it and read the dataset again."
            ) from error


def _commit(dataset: str, revision: str | None) -> str | None:
    """The commit that a revision stands for, None offline.

    ``datasets`` would find out by itself, but it retries for half a minute before it says that the
    Hub is out of reach.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return HfApi().dataset_info(dataset, revision=revision, timeout=TIMEOUT).sha
    except OfflineModeIsEnabled:
        return None
    except GatedRepoError as error:
        raise _gated(dataset) from error
    except RevisionNotFoundError as error:
        raise InputError(
            f"the dataset {dataset!r} on the Hugging Face Hub has no revision {revision!r}. Set "
            "revision to one of its branches, tags or commits, or leave it out."
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise InputError(
            f"there is no dataset {dataset!r} on the Hugging Face Hub, or it is private, and no "
            "local file or folder of this name. Check the spelling; for a private dataset run "
            "`hf auth login`."
        ) from error
    except Exception as error:
        raise InputError(
            f"the Hugging Face Hub can't be reached, or fails, to give {dataset!r} "
            f"({_first_line(error)}), and there is no local file or folder of this name. Check the "
            "connection; or set dataset to the path of a local copy; or, if it has been downloaded "
            "before, set the environment variable HF_HUB_OFFLINE=1."
        ) from error


def _load(dataset: str, config: str | None, revision: str | None) -> Any:
    import datasets

    try:
        return datasets.load_dataset(dataset, config, revision=revision)
    except Exception as error:
        if "gated dataset" in str(error):
            raise _gated(dataset) from error
        if _offline() and isinstance(error, ConnectionError | FileNotFoundError):
            raise InputError(
                f"{dataset!r} is not in the cache of downloaded datasets, and HF_HUB_OFFLINE is "
                "set. Unset it to download the dataset, or set dataset to the path of a local copy."
            ) from error
        raise InputError(
            f"the dataset {dataset!r} of the Hugging Face Hub can't be read ({_first_line(error)})."
            " Check config and revision, or set dataset to the path of a local copy."
        ) from error


def _offline() -> bool:
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def _gated(dataset: str) -> InputError:
    return InputError(
        f"the dataset {dataset!r} is gated: its owner decides who may read it. Ask for access at "
        f"https://huggingface.co/datasets/{dataset}, then run `hf auth login`."
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0].rstrip(". ")
    return text or type(error).__name__
