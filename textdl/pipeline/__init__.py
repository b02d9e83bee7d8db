"""A cached, resumable pipeline of stages. Knows nothing of what the stages compute."""

from textdl.pipeline.errors import PipelineError, StageFailedError
from textdl.pipeline.plan import Planner, Step
from textdl.pipeline.runner import Run, plan_pipeline, run_pipeline
from textdl.pipeline.spec import Node, Pipeline, parse_overrides, read_pipeline
from textdl.pipeline.stage import Measured, Savable, Stage, StageRun, stage
from textdl.pipeline.store import Store

__all__ = [
    "Measured",
    "Node",
    "Pipeline",
    "PipelineError",
    "Planner",
    "Run",
    "Savable",
    "Stage",
    "StageFailedError",
    "StageRun",
    "Step",
    "Store",
    "parse_overrides",
    "plan_pipeline",
    "read_pipeline",
    "run_pipeline",
    "stage",
]
