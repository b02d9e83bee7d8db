"""What the READMEs name exists, and both say the same; ``test_quickstart.py`` follows the English
one."""

import re
from pathlib import Path

from pages import ROOT, blocks


def figures(name, heading):
    """The numbers in the table below a heading."""
    section = (ROOT / name).read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"\d+(?:[.,]\d+)*", " ".join(re.findall(r"^\|.*", section, re.M))))


def test_the_map_names_folders_that_exist():
    named = re.findall(r"^\| `([a-z/]+)`", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(named) > 10
    assert all((ROOT / name).is_dir() for name in named)
    rooms = {path.name for path in (ROOT / "textdl").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= {Path(name).name for name in named}


def test_the_commands_name_files_that_exist():
    named = [
        name
        for page in (ROOT / "README.md", ROOT / "README.zh.md")
        for block in blocks(page)
        for name in re.findall(r"pipelines/[\w-]+\.toml|constraints\.txt", block.source)
    ]
    assert len(set(named)) > 4
    assert all((ROOT / name).is_file() for name in named)


def test_the_picture_is_there_and_small():
    text = (ROOT / "README.md").read_text("utf-8")
    pictures = re.findall(r'(?:src|srcset)="([^"]+)"', text)
    assert len(pictures) == 2
    assert all(0 < (ROOT / picture).stat().st_size < 200_000 for picture in pictures)


def test_the_figures_are_the_same_in_chinese():
    assert figures("README.zh.md", "数字") <= figures("README.md", "Figures")
    assert figures("README.zh.md", "排行榜") == figures("README.md", "Leaderboard")
