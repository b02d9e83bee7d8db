"""Where the bytes of a file of vectors come from: disk, archives, addresses, names."""

from textdl.vectors.sources.source import Source, find_source

__all__ = ["Source", "find_source"]
