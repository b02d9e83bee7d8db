"""Parquet files, and Arrow batches as rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from textdl.errors import InputError

BATCH = 1000


class ParquetTable:
    """A Parquet file. The names of labels come from the metadata that ``datasets`` writes.

    Args:
        path: the file.

    Raises:
        InputError: it is no complete Parquet file.
    """

    unit = "row"

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self.path = path
        self.where = str(path)
        try:
            schema = pq.read_schema(path)
        except Exception as error:
            raise self._damaged(error) from error
        self.columns = column_types(schema)
        self.class_names = _class_names(schema.metadata or {})

    def rows(self, names: list[str]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The number of each row, and its values in some columns.

        Raises:
            InputError: the file is damaged.
        """
        import pyarrow.parquet as pq

        try:
            with pq.ParquetFile(self.path) as file:
                yield from numbered_rows(file.iter_batches(BATCH, columns=names), names)
        except Exception as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError(
            f"{self.path} is no complete Parquet file ({error}). Download or write it again."
        )


def column_types(schema: Any) -> dict[str, str]:
    """The columns of an Arrow schema with their types; ``string`` for all that hold text."""
    import pyarrow as pa

    columns = {}
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        columns[field.name] = "string" if is_text else str(kind)
    return columns


def numbered_rows(
    batches: Iterable[Any], names: list[str]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows of Arrow batches, counted from 1, with their values in some columns."""
    number = 0
    for batch in batches:
        for row in zip(*(batch.column(name).to_pylist() for name in names), strict=True):
            number += 1
            yield number, row


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        each = {name: _element(feature) for name, feature in features.items()}
        return {
            name: list(feature["names"])
            for name, feature in each.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
        }
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return {}


def _element(feature: Any) -> Any:
    """What a list holds; a feature that is none as it is."""
    if isinstance(feature, list):
        return feature[0]
    return feature.get("feature", feature) if isinstance(feature, dict) else feature
