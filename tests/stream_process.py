"""The stream of a test in a process of its own: ``python -m tests.stream_process ENSEMBLE``.

The settings come from the environment; the model is read from a folder, where the command
``igniteflow stream`` asks the registry for the champion.
"""

import sys
from pathlib import Path

from dagster import build_init_resource_context

from igniteflow_core.config.load import load_settings
from igniteflow_core.fraud.artifact import load_ensemble
from igniteflow_core.stream.scores import Scorer
from igniteflow_resources.platform import platform_resources
from igniteflow_resources.stream.run import run_stream

if __name__ == "__main__":
    settings = load_settings()
    resources = platform_resources(settings)
    resources["spark"].setup_for_execution(build_init_resource_context())
    scorer = Scorer(load_ensemble(Path(sys.argv[1])), "1")
    run_stream(resources["spark"].session, resources["lake"], settings, scorer)
