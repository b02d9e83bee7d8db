"""What MkDocs needs to make a site of these pages: formulas without scripts, the list of decisions,
and docstrings whose references are links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import griffe
from latex2mathml.converter import convert

SESSION = re.compile(r"^( *)>>> .*\n(?:\1\S.*\n?)*", re.MULTILINE)
ROLE = re.compile(r":(?:class|func|meth|mod|data|attr):`(~?)([\w.]+)`")


def on_config(config: Any) -> Any:
    """Have blocks of ``math`` typeset, and every decision in the navigation."""
    fences = {"name": "math", "class": "math", "format": formula}
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [fences]
    folder = Path(config.docs_dir)
    decisions = sorted(folder.glob("decisions/*.md"))
    config.nav.append({"Decisions": [p.relative_to(folder).as_posix() for p in decisions]})
    return config


def formula(source: str, *_: Any, **__: Any) -> str:
    """MathML of LaTeX, which browsers show as it is; an empty line parts two formulas."""
    parts = (convert(part, display="block") for part in source.strip().split("\n\n"))
    return f'<div class="formula">{"".join(parts)}</div>'


class Docstrings(griffe.Extension):
    """Makes of docstrings what Markdown understands: sessions of Python become blocks of code, and
    Sphinx' roles links where the site has their target."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            text = SESSION.sub(_fenced, obj.docstring.value + "\n")
            obj.docstring.value = ROLE.sub(lambda role: _link(role, obj), text)


def _fenced(session: re.Match[str]) -> str:
    indent = session[1]
    return f"{indent}```pycon\n{session[0].rstrip()}\n{indent}```\n"


def _link(role: re.Match[str], obj: griffe.Object) -> str:
    short, target = role.groups()
    shown = target.rpartition(".")[2] if short else target
    if "." not in target:
        target = f"{obj.module.path}.{target}"
    return f'<autoref identifier="{target}" optional><code>{shown}</code></autoref>'
