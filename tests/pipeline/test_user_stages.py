"""Stages that a person writes in a file beside the pipeline."""

import importlib
import re
import sys

import numpy as np
import pandas as pd
import pytest

import textdl
from textdl.pipeline import PipelineError, StageFailedError, read_pipeline

MY = """
from textdl.pipeline import stage
from helper import SUFFIX

@stage
def clean(*, text: str = "a b") -> str:
    return text.replace(" ", "") + SUFFIX
"""


@pytest.fixture
def workshop(workshop, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    workshop.write('[clean]\nuses = "my.py:clean"\n')
    workshop.add("my.py", MY)
    workshop.add("helper.py", 'SUFFIX = "!"\n')
    yield workshop
    for name in set(sys.modules) - before:
        if str(workshop.folder) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def use(workshop, code, table="", *names):
    """Have ``my.py`` with this code, and a pipeline of its stages."""
    workshop.add("my.py", f"from textdl.pipeline import StageRun, stage\n{code}")
    workshop.write("".join(f'[{name}]\nuses = "my.py:{name}"\n' for name in names) + table)


def reason(workshop):
    return workshop.plan()["clean"]


def test_a_stage_from_a_file(workshop):
    run = workshop.run({"clean.text": "x y"})
    assert run.clean == "xy!"
    assert run.stages["clean"]["uses"] == "my.py:clean"
    assert run.stages["clean"]["settings"] == {"text": "x y"}
    assert (workshop.places["runs"] / "toy/clean/value.json").read_text() == '"xy!"'
    assert reason(workshop) == ("run", "text x y → a b")


def test_a_file_in_a_folder_below(workshop):
    (workshop.folder / "below").mkdir()
    workshop.add(
        "below/more.py",
        "from textdl.pipeline import stage\nimport near\n"
        "@stage(version=3)\ndef near_(*, n: int = 1) -> int:\n    return near.N + n\n",
    )
    workshop.add("below/near.py", "N = 4\n")
    workshop.write('[near]\nuses = "below/more.py:near_"\n')
    run = workshop.run()
    assert run.near == 5
    assert run.stages["near"]["content"]["version"] == 3
    workshop.add("below/near.py", "N = 5\n")
    assert workshop.run().near == 6


def test_what_else_lies_beside_the_file_stays_as_it_is(workshop, monkeypatch):
    workshop.add("bystander.py", "")
    monkeypatch.syspath_prepend(workshop.folder)
    bystander = importlib.import_module("bystander")
    monkeypatch.setattr(textdl, "__file__", str(workshop.folder / "textdl/__init__.py"))
    assert workshop.run().clean == "ab!"
    assert sys.modules["bystander"] is bystander
    assert sys.modules["textdl"] is textdl


def test_modules_of_one_name_in_two_folders(workshop):
    for folder in ("one", "two"):
        (workshop.folder / folder).mkdir()
        workshop.add(f"{folder}/mine.py", MY)
        workshop.add(f"{folder}/helper.py", f"SUFFIX = '{folder}'\n")
    workshop.write('[a]\nuses = "one/mine.py:clean"\n[b]\nuses = "two/mine.py:clean"\n')
    with pytest.raises(
        PipelineError, match=r"two/helper\.py, and another .*one/helper\.py: .*'helper'"
    ):
        workshop.pipeline()
    workshop.write('[b]\nuses = "two/mine.py:clean"\n')
    assert workshop.run().b == "abtwo"
    workshop.write('[a]\nuses = "one/mine.py:clean"\n')
    assert workshop.run().a == "abone"


def test_a_module_that_a_function_imports_is_that_beside_it(workshop):
    late = MY.replace("from helper import SUFFIX\n", "").replace(
        "    return", "    from helper import SUFFIX\n    return"
    )
    for folder in ("one", "two"):
        (workshop.folder / folder).mkdir()
        workshop.add(f"{folder}/mine.py", late)
        workshop.add(f"{folder}/helper.py", f"SUFFIX = '{folder}'\n")
    for folder in ("one", "two", "one"):
        workshop.write(f'[a]\nuses = "{folder}/mine.py:clean"\n')
        assert workshop.run(force=["a"]).a == f"ab{folder}"


def test_pipelines_in_two_folders_have_modules_of_one_name(workshop, tmp_path):
    assert workshop.run().clean == "ab!"
    other = tmp_path / "other"
    other.mkdir()
    (other / "my.py").write_text(MY)
    (other / "helper.py").write_text('SUFFIX = "?"\n')
    (other / "toy.toml").write_text('[clean]\nuses = "my.py:clean"\n')
    (node,) = read_pipeline(other / "toy.toml", None).nodes
    assert node.stage() == "ab?"
    workshop.add("my.py", MY + "\n\nX = 1\n")
    assert workshop.run().clean == "ab!"


def test_results_of_all_ordinary_kinds(workshop):
    use(
        workshop,
        """
from pathlib import Path
import numpy as np, pandas as pd

@stage
def a_dict() -> dict: return {"b": [1, 2.5, None], "ä": {"x": True}}
@stage
def a_typed_dict() -> dict[str, int]: return {"one": 1}
@stage
def a_list() -> list[str]: return ["a", "b"]
@stage
def a_string() -> str: return "ä\\n"
@stage
def an_int() -> int: return 3
@stage
def a_float() -> float: return 1
@stage
def a_bool() -> bool: return False
@stage
def an_array() -> np.ndarray: return np.arange(6, dtype=np.float32).reshape(2, 3)
@stage
def nothing() -> np.ndarray: return np.zeros((0, 3))
@stage
def a_table() -> pd.DataFrame: return pd.DataFrame({"n": [1, 2], "s": ["a", None]})
@stage
def a_file(*, run: StageRun) -> Path:
    path = run.output / "made.txt"
    path.write_text("made")
    return path
@stage
def another_file() -> Path: return Path(__file__).parent / "source.txt"
@stage
def a_folder() -> Path: return Path(__file__).parent / "folder"
""",
        "",
        "a_dict", "a_typed_dict", "a_list", "a_string", "an_int", "a_float", "a_bool", "an_array",
        "nothing", "a_table", "a_file", "another_file", "a_folder",
    )  # fmt: skip
    (workshop.folder / "folder/inner").mkdir(parents=True)
    workshop.add("folder/inner/x", "x")
    run = workshop.run()
    assert run.a_dict == {"b": [1, 2.5, None], "ä": {"x": True}}
    assert run.a_typed_dict == {"one": 1}
    assert (run.a_list, run.a_string, run.an_int) == (["a", "b"], "ä\n", 3)
    assert (run.a_float, run.a_bool) == (1.0, False)
    assert run.an_array.dtype == np.float32
    np.testing.assert_array_equal(run.an_array, [[0, 1, 2], [3, 4, 5]])
    assert run.nothing.shape == (0, 3)
    pd.testing.assert_frame_equal(run.a_table, pd.DataFrame({"n": [1, 2], "s": ["a", None]}))
    assert (run.a_file.name, run.a_file.read_text()) == ("made.txt", "made")
    assert run.another_file.read_text() == "abc"
    assert (run.a_folder / "inner/x").read_text() == "x"
    again = workshop.run()
    assert all(entry["cached"] for entry in again.stages.values())
    assert again.a_dict == run.a_dict


def test_inputs_of_several_kinds(workshop):
    use(
        workshop,
        """
from pathlib import Path
import numpy as np, pandas as pd

@stage
def one() -> np.ndarray: return np.ones(2)
@stage
def two() -> np.ndarray: return np.full(2, 2.0)
@stage
def words() -> list: return ["a", "b"]
@stage
def text() -> Path: return Path(__file__).parent / "source.txt"
@stage
def table(columns: dict[str, np.ndarray], words: list, text: Path | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({**columns, "word": words})
    return frame.assign(text=text.read_text() if text else "none")
@stage
def total(table: pd.DataFrame, *, times: int = 1) -> float:
    return times * float(table[["one", "two"]].to_numpy().sum())
""",
        '[table]\nuses = "my.py:table"\n'
        'inputs = { columns = ["one", "two"], words = "words", text = "text" }\n'
        '[total]\nuses = "my.py:total"\ninputs = { table = "table" }\ntimes = 10\n',
        "one", "two", "words", "text",
    )  # fmt: skip
    run = workshop.run()
    assert run.table.to_dict("list") == {
        "one": [1, 1], "two": [2, 2], "word": ["a", "b"], "text": ["abc", "abc"],
    }  # fmt: skip
    assert run.total == 60


def test_an_input_can_say_what_its_list_holds(workshop):
    code = """
@stage
def first() -> list[str]: return ["a"]
@stage
def second(first: list[str]) -> str: return first[0]
"""
    use(workshop, code, '[second]\nuses = "my.py:second"\ninputs = { first = "first" }\n', "first")
    assert workshop.run().second == "a"


def test_a_dict_of_several_results_can_not_be_kept(workshop):
    code = "import numpy as np\n@stage\ndef clean() -> dict[str, np.ndarray]: return {}\n"
    use(workshop, code, "", "clean")
    with pytest.raises(PipelineError, match=r"dict\[str, .*ndarray\] can't be kept"):
        workshop.run()


def test_a_users_stage_beside_others(workshop):
    workshop.write(
        f'[read]\nsource = "{workshop.source}"\n'
        '[shout]\nuses = "my.py:shout"\ninputs = { text = "read" }\n'
        '[join]\ninputs = { first = "shout" }\n'
    )
    workshop.add(
        "my.py",
        "from pipeline.toy import Text\nfrom textdl.pipeline import stage\n"
        "@stage\ndef shout(text: Text) -> Text:\n    return Text(text.content + '!')\n",
    )
    assert workshop.run().join.content == "abc!-nobody"
    workshop.write(workshop.file.read_text().replace('first = "shout"', 'first = "clean"'))
    workshop.write(workshop.file.read_text() + '[clean]\nuses = "other.py:clean"\n')
    workshop.add("other.py", MY)
    with pytest.raises(PipelineError, match=r"first is a Text, 'clean' makes a str: .* or shout"):
        workshop.run()


def test_a_setting_of_type_path_counts_by_content(workshop):
    use(
        workshop,
        "from pathlib import Path\n@stage\ndef size(*, file: Path, times: int = 1) -> int:\n"
        "    return times * sum(len(p.read_text()) for p in [file, *file.rglob('*')]"
        " if p.is_file())\n",
        f'[size]\nuses = "my.py:size"\nfile = "{workshop.source}"\n',
    )
    assert workshop.run().size == 3
    moved = workshop.source.rename(workshop.folder / "moved")
    moved.rename(workshop.folder / "source.txt")
    assert workshop.plan()["size"][0] == "cached"
    workshop.source.write_text("abcd")
    assert workshop.plan()["size"] == ("run", "file changed")
    assert workshop.run().size == 4
    folder = workshop.folder / "folder"
    folder.mkdir()
    workshop.add("folder/a", "12345")
    assert workshop.run({"size.file": str(folder)}).size == 5
    workshop.add("folder/b", "6")
    assert workshop.run({"size.file": str(folder)}).size == 6
    with pytest.raises(PipelineError, match=r"size\.file: .*nowhere: no such file or folder"):
        workshop.run({"size.file": "nowhere"})


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("my.py", "import stage\n", "import stage\n\n# a comment\n\n"),
        ("my.py", "    return", '    """What it does."""\n\n    return'),
        ("my.py", 'replace(" ", "")', "replace(\n        ' ', '')"),
        ("helper.py", "SUFFIX", "\n\n# what comes last\nSUFFIX"),
    ],
)
def test_a_comment_or_a_moved_line_changes_nothing(workshop, file, old, new):
    workshop.run()
    text = (workshop.folder / file).read_text()
    assert old in text
    workshop.add(file, text.replace(old, new, 1))
    assert reason(workshop) == ("cached", "")


@pytest.mark.parametrize(
    ("file", "old", "new", "result"),
    [
        ("my.py", 'replace(" ", "")', 'replace(" ", "_")', "a_b!"),
        ("helper.py", '"!"', '"?"', "ab?"),
    ],
)
def test_code_and_what_it_imports_are_part_of_the_key(workshop, file, old, new, result):
    before = workshop.run().clean
    text = (workshop.folder / file).read_text()
    workshop.add(file, text.replace(old, new))
    assert reason(workshop) == ("run", "its source changed")
    assert workshop.run().clean == result
    workshop.add(file, text)
    assert reason(workshop) == ("cached", "")
    assert workshop.run().clean == before


PACKAGES = {
    "from parts.one import SUFFIX": ["parts/__init__.py", "parts/one.py", "parts/two.py"],
    "import parts.one; SUFFIX = parts.one.SUFFIX": ["parts/__init__.py", "parts/one.py"],
    "from parts import one; SUFFIX = one.SUFFIX": ["parts/__init__.py", "parts/one.py"],
    "from twice import SUFFIX": ["twice/__init__.py"],
}


@pytest.mark.parametrize("statement", PACKAGES)
def test_all_local_modules_that_an_import_runs_count(workshop, statement):
    for folder in ("parts", "twice"):
        (workshop.folder / folder).mkdir()
    workshop.add("parts/__init__.py", "X = 1\n")
    workshop.add("parts/one.py", "from .two import SUFFIX\n")
    workshop.add("parts/two.py", "SUFFIX = '2'\n")
    workshop.add("twice/__init__.py", "SUFFIX = 'package'\n")
    workshop.add("twice.py", "SUFFIX = 'module'\n")
    workshop.add("my.py", MY.replace("from helper import SUFFIX", statement))
    workshop.run()
    for name in PACKAGES[statement]:
        workshop.add(name, (workshop.folder / name).read_text() + f"Y{len(name)} = 2\n")
        assert reason(workshop) == ("run", "its source changed"), name
        workshop.run()
    workshop.add("helper.py", "SUFFIX = 3\n")
    assert reason(workshop) == ("cached", "")


@pytest.mark.parametrize("name", ["my-stages.py", "my.stages.py", "my stages.py"])
def test_files_of_any_name_count(workshop, name):
    workshop.add(name, MY)
    workshop.write(f'[clean]\nuses = "{name}:clean"\n')
    workshop.run()
    workshop.add(name, MY.replace('""', '"+"'))
    assert reason(workshop) == ("run", "its source changed")
    assert workshop.run().clean == "a+b!"


def test_moving_the_folder_changes_nothing(workshop):
    workshop.run()
    moved = workshop.folder / "moved"
    moved.mkdir()
    for name in ("toy.toml", "my.py", "helper.py"):
        (workshop.folder / name).rename(moved / name)
    workshop.file = moved / "toy.toml"
    assert reason(workshop) == ("cached", "")


def test_an_import_within_a_function(workshop):
    code = "@stage\ndef clean() -> str:\n    from helper import SUFFIX\n    return SUFFIX\n"
    use(workshop, code, "", "clean")
    assert workshop.run().clean == "!"
    workshop.add("helper.py", "SUFFIX = 'other'\n")
    assert workshop.run().clean == "other"


def test_its_source_is_no_warning(workshop):
    workshop.run()
    workshop.add("my.py", MY.replace('""', '"-"'))
    workshop.run()
    assert "warning" not in workshop.log


def test_it_runs_in_processes_of_its_own(workshop):
    workshop.write('[clean]\nuses = "my.py:clean"\nmatrix = { text = ["a a", "b b"] }\n')
    run = workshop.run(jobs=2)
    assert run["clean@text=a-a"] == "aa!"
    assert run["clean@text=b-b"] == "bb!"


def test_it_can_resume(workshop):
    use(
        workshop,
        """
import os

@stage
def clean(*, run: StageRun) -> str:
    seen = run.checkpoints / "seen"
    if not seen.exists():
        seen.write_text("x")
        raise RuntimeError("stumbled")
    run.note("goes on")
    run.update(1, 1, "steps")
    return seen.read_text()
""",
        "",
        "clean",
    )
    with pytest.raises(StageFailedError, match="stage 'clean' failed: stumbled") as failure:
        workshop.run()
    assert failure.value.own
    assert "RuntimeError: stumbled" in failure.value.traceback.read_text()
    run = workshop.run()
    assert run.clean == "x"
    assert "  clean: goes on" in workshop.log
    assert run.stages["clean"]["resumed"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("-> int:\n    return 'x'", "it returned a str, and promised a int"),
        ("-> dict:\n    return {1: 'a'}", "1 is a key of a dict, which may have only strings"),
        ("-> dict:\n    return {'a': {2, 3}}", "set"),
        ("-> list:\n    return [object()]", "object"),
        ("-> Path:\n    return Path('nowhere')", "nowhere: No such file"),
        ("-> np.ndarray:\n    return np.array([{}])", "Object arrays cannot be saved"),
        ("-> np.ndarray:\n    return [1]", "it returned a list, and promised a ndarray"),
    ],
)
def test_a_result_that_can_not_be_kept(workshop, body, message):
    code = f"import numpy as np\nfrom pathlib import Path\n@stage\ndef clean() {body}\n"
    use(workshop, code, "", "clean")
    with pytest.raises(StageFailedError, match=f"stage 'clean' failed: .*{message}"):
        workshop.run()
    assert not [name for name in workshop.files() if name.startswith(("results/", "objects/."))]


@pytest.mark.parametrize(
    ("uses", "code", "message"),
    [
        ("my.py:claen", MY, r"my\.py: no stage 'claen': it has clean"),
        ("my.py:clean", "x = 1\n", r"my\.py: .*it has no function marked with @stage"),
        ("my.py:clean", "def clean(:\n", r"my\.py, line 1: "),
        ("my.py:clean", "x = 1\n\ny = 1 / 0\n", r"my\.py, line 3: ZeroDivisionError: "),
        ("my.py:clean", "import nowhere_at_all\n", "line 1: ModuleNotFoundError: .*nowhere_at_all"),
        ("my.py:clean", "import wrong\n", r"wrong\.py, line 2: "),
        ("yours.py:clean", MY, r"yours\.py: no such file"),
        ("../my.py:clean", MY, r"\.\./my\.py is not in the folder of the pipeline"),
        ("/my.py:clean", MY, r"/my\.py is not in the folder of the pipeline"),
        (
            "my.py:clean",
            "from textdl.pipeline import stage\n@stage\ndef clean() -> set:\n    return {1}\n",
            r"my\.py, line 2: TypeError: set can't be kept: use dict, ",
        ),
        (
            "my.py:clean",
            "from textdl.pipeline import stage\n@stage\ndef clean():\n    return 1\n",
            r"my\.py, line 2: TypeError: None can't be kept",
        ),
        (
            "my.py:clean",
            "from textdl.pipeline import stage\n@stage\ndef clean(x: set) -> int:\n    return 1\n",
            r"my\.py, line 2: TypeError: set can't be kept",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(workshop, uses, code, message):
    workshop.add("my.py", code)
    workshop.add("wrong.py", "x = 1\ndef f(:\n")
    workshop.write(f'[clean]\nuses = "{uses}"\n')
    with pytest.raises(PipelineError, match=rf"toy\.toml, line 2, clean\.uses: .*{message}"):
        workshop.run()


def test_its_settings_and_inputs_are_checked_like_others(workshop):
    for table, message in (
        ("tetx = 'a'\n", "clean.tetx: clean has no such setting: did you mean 'text'"),
        ("text = 3\n", "clean.text: input should be a valid string, not 3"),
        ('inputs = { x = "clean" }\n', "clean takes no input 'x'"),
    ):
        workshop.write(f'[clean]\nuses = "my.py:clean"\n{table}')
        with pytest.raises(PipelineError, match=re.escape(message)):
            workshop.pipeline()


def test_a_file_changed_while_the_pipeline_runs_is_not_taken_for_the_old_one(workshop):
    """The second stage's process reads the file after the first one has written it."""
    use(
        workshop,
        """
from pathlib import Path

@stage
def first() -> int:
    me = Path(__file__)
    me.write_text(me.read_text().replace("10", "20"))
    return 1

@stage
def second(first: int) -> int:
    return first + 10
""",
        '[first]\nuses = "my.py:first"\n'
        '[second]\nuses = "my.py:second"\ninputs = { first = "first" }\n',
    )
    with pytest.raises((StageFailedError, PipelineError), match="changed"):
        workshop.run(jobs=2)


@pytest.mark.parametrize("hint", ["Path", "Path | None", "Annotated[Path, 'text']"])
def test_files_that_a_setting_names_count_by_their_content(workshop, hint):
    use(
        workshop,
        "from pathlib import Path\nfrom typing import Annotated\n"
        f"@stage\ndef count(*, file: {hint}) -> int: return len(file.read_text())\n",
        f'file = "{workshop.source}"\n',
        "count",
    )
    assert workshop.run().count == 3
    workshop.source.write_text("abcd")
    assert workshop.plan()["count"] == ("run", "file changed")
    assert workshop.run().count == 4


def test_a_setting_that_names_no_file_is_no_file(workshop):
    use(
        workshop,
        "from pathlib import Path\n@stage\ndef count(*, file: Path | None = None) -> str: "
        "return str(file)\n",
        "",
        "count",
    )
    assert workshop.run().count == "None"


def test_files_within_other_settings_would_not_count(workshop):
    use(
        workshop,
        "from pathlib import Path\n@stage\ndef count(*, files: list[Path]) -> int: return 1\n",
        "files = []\n",
        "count",
    )
    with pytest.raises(PipelineError, match=r"files: list.* would not count: take a Path"):
        workshop.pipeline()


def test_linked_folders_count(workshop):
    use(
        workshop,
        "from pathlib import Path\n@stage\ndef count(*, data: Path) -> int: "
        "return sum(len(p.read_text()) for p in (data / 'train').iterdir())\n",
        f'data = "{workshop.folder}/data"\n',
        "count",
    )
    (workshop.folder / "big").mkdir()
    workshop.add("big/a.txt", "ab")
    (workshop.folder / "data").mkdir()
    (workshop.folder / "data/train").symlink_to(workshop.folder / "big")
    assert workshop.run().count == 2
    workshop.add("big/a.txt", "abc")
    assert workshop.run().count == 3
    (workshop.folder / "data/back").symlink_to(workshop.folder / "data")
    with pytest.raises(PipelineError, match=r"count\.data: .*back is a link that leads back"):
        workshop.run()


@pytest.mark.parametrize("returned", ["run.output", "run.output / 'a'"])
def test_what_is_returned_is_all_of_the_output(workshop, returned):
    use(
        workshop,
        "from pathlib import Path\n@stage\ndef split(*, run: StageRun) -> Path:\n"
        "    for name in 'ab': (run.output / name).write_text(name)\n"
        f"    return {returned}\n",
        "",
        "split",
    )
    with pytest.raises(StageFailedError, match="a part of its output, which must be all of it"):
        workshop.run()


def test_an_input_that_becomes_several(workshop):
    one = "import numpy as np\n@stage\ndef one() -> np.ndarray: return np.ones(1)\n"
    use(
        workshop,
        one + "@stage\ndef add(x: np.ndarray) -> float: return float(x.sum())\n",
        'inputs = { x = "one" }\n',
        "one",
        "add",
    )
    assert workshop.run().add == 1
    workshop.add(
        "my.py",
        f"from textdl.pipeline import stage\n{one}@stage\n"
        "def add(x: dict[str, np.ndarray]) -> float: return float(sum(map(np.sum, x.values())))\n",
    )
    workshop.write(
        '[one]\nuses = "my.py:one"\n[add]\nuses = "my.py:add"\ninputs = { x = ["one"] }\n'
    )
    assert workshop.run().add == 1
    assert "add: runs (its source changed, its inputs changed)" in workshop.log


def test_a_default_that_is_no_value_is_found_before_anything_runs(workshop):
    use(workshop, "@stage\ndef cut(*, limit: int = None) -> int: return 1\n", "", "cut")
    with pytest.raises(PipelineError, match=r"cut\.limit: its default None is none of its values"):
        workshop.pipeline()


def test_figures_of_numpy_are_figures(workshop):
    use(
        workshop,
        """
import numpy as np
from pathlib import Path

class Kept:
    info = {"best": np.float32(0.5), "by": {"odd": np.arange(2)}, "what": Path("x")}
    def save(self, folder): (folder / "x").touch()
    @classmethod
    def load(cls, folder): return cls()

@stage
def train(*, run: StageRun) -> Kept:
    run.update(np.int64(1), np.int64(2), "steps", loss=np.float32(0.25))
    run.measure(speed=np.int64(3))
    return Kept()
""",
        "",
        "train",
    )
    entry = workshop.run().stages["train"]
    assert entry["info"] == {"best": 0.5, "by": {"odd": [0, 1]}, "what": "x"}
    assert entry["measured"] == {"speed": 3.0}
