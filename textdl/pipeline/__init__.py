"""A cached, resumable pipeline of stages. Knows nothing of what the stages compute.

The way from ``textdl run`` to the store: ``spec.read_pipeline`` makes a checked ``graph.Pipeline``
of a file; ``runner.run_pipeline`` asks ``plan.Planner`` what to do with each stage, and hands those
that must run to an executor; ``executors.execution.complete`` calls the function of the
``stage.Stage``, and has ``store.results.Store`` publish what it wrote.
"""

from textdl.pipeline.errors import PipelineError, ResultDiffersError, StageFailedError
from textdl.pipeline.graph import Node, Pipeline
from textdl.pipeline.plan import Planner, Step
from textdl.pipeline.runner import Run, make_planner, run_pipeline
from textdl.pipeline.spec import read_pipeline
from textdl.pipeline.stage import Measured, Savable, Stage, StageRun, stage
from textdl.pipeline.stopping import Stopped
from textdl.pipeline.store.results import Store
from textdl.pipeline.tables import parse_overrides

__all__ = [
    "Measured",
    "Node",
    "Pipeline",
    "PipelineError",
    "Planner",
    "ResultDiffersError",
    "Run",
    "Savable",
    "Stage",
    "StageFailedError",
    "StageRun",
    "Step",
    "Stopped",
    "Store",
    "make_planner",
    "parse_overrides",
    "read_pipeline",
    "run_pipeline",
    "stage",
]
