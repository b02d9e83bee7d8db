"""The script that draws maps, as it comes with Bokeh."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def source() -> str:
    """What a page needs in order to show what :mod:`textdl.report.map` makes. Bokeh itself is not
    imported."""
    spec = find_spec("bokeh")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("bokeh")
    path = Path(spec.origin).parent / "server" / "static" / "js" / "bokeh.min.js"
    return path.read_text("utf-8").replace("</script", "<\\/script")
