"""Where results are kept: by key, with their bytes checked, on this machine and elsewhere."""

from textdl.pipeline.store.results import Manifest, Store

__all__ = ["Manifest", "Store"]
