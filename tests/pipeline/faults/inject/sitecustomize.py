"""For the processes that a run with several jobs starts: Python imports this first."""

import json
import os

if "FAULTS_WORKER" in os.environ:
    from pipeline.faults import injection, stages

    stages.log("born", "")
    fault = json.loads(os.environ["FAULTS_WORKER"])
    if fault:
        injection.install(fault, os.environ["FAULTS_ROOT"])
