"""The other side of :mod:`textdl.pipeline.executors.processes`: a process that does one step."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from textdl.pipeline.errors import PipelineError, StageFailedError
from textdl.pipeline.executors.execution import Workplace, complete
from textdl.pipeline.graph import Node
from textdl.pipeline.plan import Step
from textdl.pipeline.stopping import Stopped, stoppable
from textdl.pipeline.store.remote import open_remote
from textdl.pipeline.store.results import Store
from textdl.pipeline.userstages import is_user_stage, load_user_stage


def main() -> None:
    request = json.load(sys.stdin)
    # What a stage prints must not get between the lines that the parent reads.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    with stoppable() as stop:

        def tell(event: str, **facts: Any) -> None:
            try:
                line = json.dumps({"time": time.time(), "event": event, **facts})
                print(line, file=answers, flush=True)
            except BrokenPipeError as error:  # the parent is gone
                raise Stopped(15) from error

        remote = open_remote(request["remote"]) if request["remote"] else None
        place = Workplace(
            Store(Path(request["home"])), remote, Path(request["folder"]),
            tuple(request["packages"]), tell, stop,
        )  # fmt: skip
        try:
            step = Step(
                _node(request), request["state"], request["reason"], request["content"],
                request["manifest"],
            )  # fmt: skip
            tell("outcome", manifest=complete(step, request["results"], place))
        except StageFailedError as error:
            tell("outcome", failure={**vars(error), "traceback": str(error.traceback)})
        except PipelineError as error:
            tell("outcome", wrong=str(error))
        except KeyboardInterrupt as error:
            sys.exit(128 + (error.args[0] if error.args else 2))


def _node(request: dict[str, Any]) -> Node:
    node = request["node"]
    if is_user_stage(node["uses"]):
        stage = load_user_stage(node["uses"], Path(request["pipeline"]).parent, {})
        if stage.source != request["content"]["source"]:
            raise PipelineError(f"{node['uses']} has changed since the run began: run again")
    else:
        module, _, name = request["find_stage"].partition(":")
        find: Any = importlib.import_module(module)
        for part in name.split("."):
            find = getattr(find, part)
        stage = find(node["uses"])
    inputs = {k: v if isinstance(v, str) else tuple(v) for k, v in node["inputs"].items()}
    return Node(node["name"], node["table"], stage, node["uses"], inputs, node["settings"])


if __name__ == "__main__":
    main()
