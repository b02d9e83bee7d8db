"""``textdl convert``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from textdl.cli import asking, options

if TYPE_CHECKING:
    from textdl.vectors.saving import Format

FORMATS = (
    "textdl", "word2vec", "word2vec-binary", "glove", "fasttext", "floret", "npz", "safetensors",
)  # fmt: skip


@click.command
@asking.vectors
@click.argument("out", type=options.PATH, help="The file or folder to write.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    help="By default what the suffix of OUT says.",
)
@asking.limit
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float16", "int8"]),
    default="float32",
    help="How a folder stores numbers.",
)
@click.option("--normalize/--no-normalize", help="Make all vectors one long.")
@click.option(
    "--on-duplicate",
    type=click.Choice(["error", "first", "last"]),
    default="error",
    help="Of rows for one word, which to keep.",
)
@click.option(
    "--encoding-errors",
    type=click.Choice(["strict", "replace", "ignore", "backslashreplace"]),
    default="strict",
    help="What becomes of words that are not UTF-8.",
)
def convert(
    vectors: str,
    out: Path,
    format_: Format | None,
    limit: int | None,
    dtype: str,
    normalize: bool,
    on_duplicate: str,
    encoding_errors: str,
) -> None:
    """Write vectors in another format."""
    from textdl.vectors import save_vectors

    loaded = asking.open_vectors(
        vectors, limit=limit, dtype=dtype, normalize=normalize,
        on_duplicate=on_duplicate, encoding_errors=encoding_errors,
    )  # fmt: skip
    save_vectors(loaded, out, format=format_)
    click.echo(out)
