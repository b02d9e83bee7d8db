"""Where texts come from: the Hub, files, folders, and the synthetic reviews.

One module per kind of source: ``hub``, ``parquet``, ``delimited`` (CSV and TSV), ``jsonl``,
``plain`` (text) and ``folders`` (a file per document); ``local`` finds out what a path holds.
"""

from __future__ import annotations

from textdl.text.sources.dataset import dataset_files, read_documents

__all__ = ["dataset_files", "read_documents"]
