"""Decides on an experiment from the always-valid intervals of its metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from igniteflow_core.config.experiments import Goal
from igniteflow_core.experiments.comparison import Comparison
from igniteflow_core.experiments.sample_ratio import MISMATCH_P_VALUE

PrimaryState = Literal["better", "worse", "open"]
GuardrailState = Literal["safe", "broken", "open"]
Action = Literal["ship", "stop", "continue", "no_difference", "invalid"]


@dataclass(frozen=True)
class Decision:
    """The action to take, and the reason."""

    action: Action
    reason: str


def primary_state(comparison: Comparison, goal: Goal) -> PrimaryState:
    """The state of the primary metric, from its always-valid interval."""
    if comparison.always_low > 0:
        return "better" if goal == "increase" else "worse"
    if comparison.always_high < 0:
        return "worse" if goal == "increase" else "better"
    return "open"


def guardrail_state(beyond_margin: Comparison, goal: Goal) -> GuardrailState:
    """The state of a guardrail, from its always-valid interval.

    Args:
        beyond_margin: the treatment compared with the worst value that the margin allows.
        goal: direction of an improvement.
    """
    if beyond_margin.always_low > 0:
        return "safe" if goal == "increase" else "broken"
    if beyond_margin.always_high < 0:
        return "broken" if goal == "increase" else "safe"
    return "open"


def decide(
    primary: PrimaryState,
    guardrails: Mapping[str, GuardrailState],
    *,
    sample_ratio_p_value: float,
    fewest_users: int,
    min_users: int,
    max_users: int | None,
) -> Decision:
    """Decide on one treatment; may be called after every day.

    A treatment ships if the primary metric is better and every guardrail is safe. It stops if the
    primary metric is worse or a guardrail is broken.

    Args:
        primary: state of the primary metric.
        guardrails: state of each guardrail.
        sample_ratio_p_value: p-value of the planned shares.
        fewest_users: number of users that count in the smaller of control and treatment.
        min_users: number of users below which no decision is made.
        max_users: number of users from which the test ends with a decision; None for no end.
    """
    broken = [name for name, state in guardrails.items() if state == "broken"]
    unsafe = [name for name, state in guardrails.items() if state == "open"]
    enough = max_users is not None and fewest_users >= max_users
    if sample_ratio_p_value < MISMATCH_P_VALUE:
        decision = Decision(
            "invalid",
            f"the variants do not have their shares of users (p = {sample_ratio_p_value:.2g}): "
            "fix assignment or logging, and start again under another name",
        )
    elif fewest_users < min_users:
        decision = Decision("continue", f"a variant has {fewest_users} of {min_users} users")
    elif broken:
        decision = Decision("stop", f"worse than its margin allows: {', '.join(broken)}")
    elif primary == "worse":
        decision = Decision("stop", "the primary metric is worse than in control")
    elif primary == "better" and unsafe:
        waiting = f"the primary metric is better, but not yet shown to be safe: {', '.join(unsafe)}"
        decision = Decision("stop" if enough else "continue", waiting)
    elif primary == "better":
        decision = Decision("ship", "the primary metric is better, and every guardrail is safe")
    elif enough:
        decision = Decision("no_difference", f"open after {fewest_users} users, as planned")
    else:
        decision = Decision("continue", "the interval of the primary metric contains 0")
    return decision
