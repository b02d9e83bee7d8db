"""What every stage that comes with textdl must do."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import textdl
from textdl.pipeline import Stage, read_pipeline
from textdl.stages import find_stage, stage_names

PIPELINES = sorted((Path(__file__).parents[2] / "pipelines").glob("*.toml"))


@pytest.mark.parametrize("name", stage_names())
def test_a_stage_is_named_after_its_module_and_says_what_it_makes(name):
    stage = find_stage(name)
    assert isinstance(stage, Stage)
    assert stage.name == name
    assert stage.version >= 1
    assert importlib.import_module(f"textdl.stages.{name}").__doc__
    for kind in (stage.result, *(parameter.type for parameter in stage.inputs)):
        assert callable(kind.save)
        assert callable(kind.load)
    assert stage.unkeyed <= set(stage.settings)
    assert set(stage.files) <= set(stage.settings)


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.stem)
def test_every_pipeline_can_be_planned(path):
    assert read_pipeline(path, find_stage).nodes


def test_planning_imports_no_trainer(tmp_path):
    script = """
import sys
from textdl.stages import find_stage, stage_names
for name in stage_names():
    find_stage(name)
heavy = {"torch", "numba", "datasets", "sklearn", "matplotlib", "pyarrow", "pydantic"}
heavy &= sys.modules.keys()
sys.exit(", ".join(heavy) or 0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_unknown_stage_comes_with_the_known_ones():
    with pytest.raises(LookupError) as error:
        find_stage("skipgrams")
    assert error.value.args[0] == stage_names()


def test_a_folder_with_several_configurations_can_be_planned(tmp_path):
    for name in ("de", "en"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "train.csv").write_text(f"text,label\n{name},1\n")
    pipeline = tmp_path / "job.toml"
    pipeline.write_text(f'[reviews]\ndataset = "{tmp_path}/data"\nconfig = "en"\n')
    run = textdl.run(pipeline, home=tmp_path / "home", runs=tmp_path / "runs")
    assert list(run.reviews.texts) == ["en"]


def test_the_place_of_a_file_in_a_dataset_is_part_of_the_key(tmp_path):
    for place in ("a/train/0.tsv", "b/test/0.tsv"):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text("text\tlabel\nfine\t1\n")
    pipeline = tmp_path / "job.toml"
    splits = []
    for name in ("a", "b"):
        pipeline.write_text(f'[reviews]\ndataset = "{tmp_path / name}"\n')
        run = textdl.run(pipeline, home=tmp_path / "home", runs=tmp_path / "runs")
        splits.append(list(run.reviews.splits))
    assert splits == [["train"], ["test"]]
