"""The README's code does what it says."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def blocks(language):
    text = (ROOT / "README.md").read_text("utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_pieces_work_without_the_runner(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{['bad', 'good'][i % 2]} film number {i % 7},{i % 2}" for i in range(80)]
    Path("reviews.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    (code,) = (block for block in blocks("python") if "reviews.csv" in block)
    names = {}
    exec("import textdl\n" + code, names)
    assert names["model"].label_names == ["negative", "positive"]
    assert "film" in names["vectors"]


def test_the_map_names_folders_that_exist():
    named = re.findall(r"^\| `([a-z/]+)`", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(named) > 10
    assert all((ROOT / name).is_dir() for name in named)
    rooms = {path.name for path in (ROOT / "textdl").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= {Path(name).name for name in named}


def test_the_commands_name_files_that_exist():
    for block in blocks("sh"):
        for name in re.findall(r"pipelines/[\w-]+\.toml|constraints\.txt", block):
            assert (ROOT / name).is_file()
