"""What is taken without pydantic is what pydantic would have taken."""

import subprocess
import sys
from dataclasses import dataclass
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Le, Lt, MultipleOf
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from textdl.pipeline import PipelineError
from textdl.pipeline.schema import Schema, WrongSettingError
from textdl.stages import find_stage, stage_names


@dataclass
class Noise:
    scale: float = 0.1


TYPES: dict[str, tuple[Any, Any]] = {
    "count": (Annotated[int, Ge(1)], 3),
    "rate": (Annotated[float, Gt(0), Lt(1)], 0.5),
    "even": (Annotated[int, MultipleOf(2)], 2),
    "limit": (Annotated[int, Ge(1), Le(9)] | None, None),
    "either": (int | float | Literal["all"], "all"),
    "kind": (Literal["a", "b", 1, True], "a"),
    "name": (str, ""),
    "flag": (bool, False),
    "names": (tuple[str, ...], ("x", "y")),
    "sizes": (list[int] | None, None),
    "file": (Path, Path("a.txt")),
    "noise": (Noise | None, None),
}
SCHEMA = Schema("toy", TYPES)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
VALUES = (
    PLAIN
    | st.sampled_from([0, 1, 2, 9, 10, 0.0, 0.5, 1.0, "a", "all", "a.txt"])
    | st.lists(PLAIN, max_size=2)
    | st.fixed_dictionaries({"scale": PLAIN})
)


def outcome(judge, values):
    try:
        return repr(judge(values))
    except WrongSettingError as error:
        return error.name, error.message


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*TYPES, "nmae"]), VALUES, max_size=4))
@example({"kind": True})
@example({"kind": 1})
@example({"either": 3})
@example({"rate": 1})
@example({"limit": True})
def test_any_values(values):
    assert outcome(SCHEMA.resolve, values) == outcome(SCHEMA._judge, values)


@pytest.mark.parametrize("name", stage_names())
def test_the_defaults_of_every_stage(name):
    schema = find_stage(name).settings
    needed = {s: "x" for s, (_, default) in schema.items() if default is Parameter.empty}
    try:
        judged = schema._judge(needed)
    except WrongSettingError:
        pytest.skip(f"{name} needs settings of its own")
    assert repr(schema.resolve(needed)) == repr(judged)
    assert schema._judge(judged) == judged


def test_what_is_right_beyond_doubt_does_not_need_pydantic():
    code = """
import sys
from typing import Annotated, Literal
from annotated_types import Ge
from textdl.pipeline import stage

@stage
def clean(*, n: Annotated[int, Ge(1)] = 1, how: Literal["a", "b"] | None = None) -> int: ...

assert clean.settings.resolve({"n": 300, "how": "b"}) == {"n": 300, "how": "b"}
assert "pydantic" not in sys.modules
assert clean.settings.load({"n": 300, "how": None}) == {"n": 300, "how": None}
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_type_that_no_setting_can_have():
    schema = Schema("toy", {"x": (type(pytest), None)})
    with pytest.raises(PipelineError, match="toy: no setting can be of such a type"):
        schema.load({"x": None})
