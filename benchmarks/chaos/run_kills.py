"""SIGKILL to the process of a run, or to its Spark driver, somewhere within each step."""

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from benchmarks.chaos.graph import assets_of_steps
from benchmarks.chaos.home import ALL_DAYS, variables_of
from benchmarks.chaos.ledger import Ledger
from benchmarks.chaos.runs import Run, finished, started

_NOTED = "undisturbed.json"
RUN, DRIVER = "kill the run process", "kill the Spark driver"


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


def run_kills(
    reference: Reference, home: Path, fault: str, ledger: Ledger, chance: random.Random,
    is_time_over: Callable[[], bool] = lambda: False,
) -> None:  # fmt: skip
    """Kill once in each step that is still to do; each next run does again what was not finished.

    At the end what is left runs undisturbed, and everything is compared.
    """
    variables = variables_of(home, reference.source)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        for step in reference.steps:
            if is_time_over():
                break
            to_do = _to_do(reference, instance)
            if step not in to_do:
                continue
            with started(_assets(reference, to_do, step), variables, ALL_DAYS) as run:
                wrong = _killed_within(run, step, reference.seconds[step], fault, instance, chance)
            if wrong is not None:
                ledger.add(fault, " and ".join(reference.steps[step]), wrong)
        if left := _to_do(reference, instance):
            finished(_assets(reference, left), variables, ALL_DAYS)
    ledger.compare(fault, reference.home, home, variables)


def _to_do(reference: Reference, instance: dg.DagsterInstance) -> list[str]:
    """The steps that no run of the instance has finished, in their order."""
    done = {
        record.event_log_entry.step_key
        for run in instance.get_runs()
        for record in instance.get_records_for_run(
            run.run_id, of_type=dg.DagsterEventType.STEP_SUCCESS
        ).records
    }
    return [step for step in reference.steps if step not in done]


def _assets(reference: Reference, steps: list[str], last: str | None = None) -> list[str]:
    """The assets of the steps, up to the last of them that is wanted."""
    wanted = steps[: steps.index(last) + 1] if last else steps
    return [name for step in wanted for name in reference.steps[step]]


def _killed_within(
    run: Run, step: str, seconds: float, fault: str, instance: dg.DagsterInstance,
    chance: random.Random,
) -> str | None:  # fmt: skip
    """What was wrong with how the run ended; None if it had ended by itself."""
    if not run.wait_for(step, instance):
        raise RuntimeError(f"the run did not come to {step}: {run.told()}")
    time.sleep(chance.uniform(0, seconds))
    if fault == RUN:
        if not run.process.is_alive():
            return None
        run.kill()
        return ""
    driver = run.java()
    if driver is None:
        return None
    driver.kill()
    # A step that needs no Spark any more may still end well.
    run.end()
    return ""
