"""The undisturbed run, with which everything is compared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from benchmarks.chaos.graph import assets_of_steps
from benchmarks.chaos.home import ALL_DAYS, variables_of
from benchmarks.chaos.runs import finished

_NOTED = "undisturbed.json"


@dataclass(frozen=True)
class Reference:
    """The undisturbed run: its home, and each step's assets and seconds, in their order."""

    home: Path
    source: Path
    steps: Mapping[str, list[str]]
    seconds: Mapping[str, float]

    @property
    def assets(self) -> list[str]:
        return [name for names in self.steps.values() for name in names]


def undisturbed_run(home: Path, source: Path, assets: list[str]) -> Reference:
    """Run these assets once and note how long each step takes; a home that has done so is kept."""
    noted = home / _NOTED
    if noted.exists():
        return Reference(home, source, **json.loads(noted.read_text()))
    variables = variables_of(home, source)
    run = finished(assets, variables, ALL_DAYS)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        (done,) = run.records(instance)
        stats = {each.step_key: each for each in instance.get_run_step_stats(done.run_id)}
    made = assets_of_steps(assets)
    steps = sorted(made, key=lambda step: stats[step].start_time or 0)
    facts = {
        "steps": {step: made[step] for step in steps},
        "seconds": {
            step: (stats[step].end_time or 0) - (stats[step].start_time or 0) for step in steps
        },
    }
    noted.write_text(json.dumps(facts, indent=2))
    return Reference(home, source, **facts)
