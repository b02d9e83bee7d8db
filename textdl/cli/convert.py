"""``textdl convert``"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from textdl.cli.asking import Limit, VectorsName, open_vectors

Formats = StrEnum(
    "Formats",
    ["textdl", "word2vec", "word2vec-binary", "glove", "fasttext", "floret", "npz", "safetensors"],
)
Dtypes = StrEnum("Dtypes", ["float32", "float16", "int8"])
Duplicates = StrEnum("Duplicates", ["error", "first", "last"])
EncodingErrors = StrEnum("EncodingErrors", ["strict", "replace", "ignore", "backslashreplace"])


def convert(
    vectors: VectorsName,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file or folder to write.")],
    format: Annotated[  # noqa: A002 - the option's name
        Formats | None, typer.Option(help="By default what the suffix of OUT says.")
    ] = None,
    limit: Limit = None,
    dtype: Annotated[Dtypes, typer.Option(help="How a folder stores numbers.")] = Dtypes.float32,
    normalize: Annotated[bool, typer.Option(help="Make all vectors one long.")] = False,
    on_duplicate: Annotated[
        Duplicates, typer.Option(help="Of rows for one word, which to keep.")
    ] = Duplicates.error,
    encoding_errors: Annotated[
        EncodingErrors, typer.Option(help="What becomes of words that are not UTF-8.")
    ] = EncodingErrors.strict,
) -> None:
    """Write vectors in another format."""
    from textdl.vectors import save_vectors
    from textdl.vectors.saving import Format

    loaded = open_vectors(
        vectors, limit=limit, dtype=dtype.value, normalize=normalize,
        on_duplicate=on_duplicate.value, encoding_errors=encoding_errors.value,
    )  # fmt: skip
    save_vectors(loaded, out, format=cast("Format | None", format and format.value))
    typer.echo(out)
