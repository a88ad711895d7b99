"""SIGKILL to the process of a run, or to its Spark driver, somewhere within each step."""

import random
import time
from dataclasses import replace

import dagster as dg

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.home import ALL_DAYS
from benchmarks.chaos.reference import Reference
from benchmarks.chaos.runs import Run, finished, started

RUN, DRIVER = "kill the run process", "kill the Spark driver"


def run_kills(fault: str, campaign: Campaign) -> None:
    """Rounds of kills, once in each step that is still to do; the next run does what is left.

    At the end of each round what is left runs undisturbed, and everything is compared.
    """
    for number in campaign.numbers():
        _round(fault, replace(campaign, home=campaign.home / str(number)))


def _round(fault: str, campaign: Campaign) -> None:
    reference, variables = campaign.reference, campaign.variables()
    with dg.DagsterInstance.from_config(str(campaign.home)) as instance:
        for step in reference.steps:
            if campaign.is_time_over():
                break
            to_do = _to_do(reference, instance)
            if step not in to_do:
                continue
            seconds = reference.seconds[step]
            with started(_assets(reference, to_do, step), variables, ALL_DAYS) as run:
                wrong = _killed_within(run, step, seconds, fault, instance, campaign.chance)
            if wrong is not None:
                campaign.ledger.add(fault, " and ".join(reference.steps[step]), wrong)
        if left := _to_do(reference, instance):
            finished(_assets(reference, left), variables, ALL_DAYS)
    campaign.compare(fault)


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
    """The assets of the steps, up to the last requested one."""
    requested = steps[: steps.index(last) + 1] if last else steps
    return [name for step in requested for name in reference.steps[step]]


def _killed_within(
    run: Run, step: str, seconds: float, fault: str, instance: dg.DagsterInstance,
    chance: random.Random,
) -> str | None:  # fmt: skip
    """What was wrong with how the run ended; None if it had ended by itself."""
    if not run.wait_for(step, instance):
        raise RuntimeError(f"the run did not come to {step}: {run.output()}")
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
