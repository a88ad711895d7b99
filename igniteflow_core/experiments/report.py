"""The report of an experiment: every treatment and metric against control."""

from datetime import date

import pandas as pd

from igniteflow_core.config.experiments import ExperimentSettings, MetricSettings
from igniteflow_core.experiments.comparison import Comparison, Sample, compare
from igniteflow_core.experiments.decision import decide, guardrail_state, primary_state
from igniteflow_core.schemas.experiments import EXPERIMENT_REPORT

FEWEST_TO_COMPARE = 2


def report_table(
    experiment: ExperimentSettings, sums: pd.DataFrame, sample_ratio_p_value: float
) -> pd.DataFrame:
    """One row per treatment and metric, with the decision on the treatment.

    With several treatments alpha is divided by their number (Bonferroni).

    Args:
        experiment: the definition.
        sums: result of ``sums_by_day``.
        sample_ratio_p_value: p-value of the shares of all exposed users.

    Returns:
        The columns of EXPERIMENT_REPORT, those after ``reason`` empty. There is no row for a
        treatment while it or control has fewer than two users that count.
    """
    rows = [
        row
        for treatment in experiment.treatments
        for row in _treatment_rows(experiment, sums, treatment, sample_ratio_p_value)
    ]
    return pd.DataFrame(rows, columns=EXPERIMENT_REPORT.column_names)


def look_table(experiment: ExperimentSettings, sums: pd.DataFrame, treatment: str) -> pd.DataFrame:
    """The primary metric after each day: ``day``, ``users``, and the fields of ``Comparison``.

    Days on which the treatment or control had fewer than ``min_users`` are left out.
    """
    metric = experiment.primary.name
    rows = []
    for day in sorted(sums["day"].unique()):
        control, treated = (
            _sample(sums, variant, metric, day) for variant in (experiment.control, treatment)
        )
        if min(control.users, treated.users) >= experiment.min_users:
            comparison = _compare(experiment, control, treated)
            rows.append({"day": day, "users": control.users + treated.users} | vars(comparison))
    return pd.DataFrame(rows)


def _treatment_rows(
    experiment: ExperimentSettings,
    sums: pd.DataFrame,
    treatment: str,
    sample_ratio_p_value: float,
) -> list[dict[str, object]]:
    metrics: tuple[MetricSettings, ...] = (experiment.primary, *experiment.guardrails)
    samples = {
        metric.name: (
            _sample(sums, experiment.control, metric.name),
            _sample(sums, treatment, metric.name),
        )
        for metric in metrics
    }
    control, treated = samples[experiment.primary.name]
    fewest = min(control.users, treated.users)
    if fewest < FEWEST_TO_COMPARE:
        return []
    comparisons = {name: _compare(experiment, *both) for name, both in samples.items()}
    primary = primary_state(comparisons[experiment.primary.name], experiment.primary.goal)
    guardrails = {
        each.name: guardrail_state(
            _compare(
                experiment,
                *samples[each.name],
                margin=-each.margin if each.goal == "increase" else each.margin,
            ),
            each.goal,
        )
        for each in experiment.guardrails
    }
    decision = decide(
        primary,
        guardrails,
        sample_ratio_p_value=sample_ratio_p_value,
        fewest_users=fewest,
        min_users=experiment.min_users,
        max_users=experiment.max_users,
    )
    states: dict[str, str] = {experiment.primary.name: primary, **guardrails}
    return [
        {
            "experiment": experiment.name,
            "treatment": treatment,
            "metric": name,
            "role": "primary" if name == experiment.primary.name else "guardrail",
            "control_users": samples[name][0].users,
            "treatment_users": samples[name][1].users,
            "control_mean": samples[name][0].mean,
            "treatment_mean": samples[name][1].mean,
            **vars(comparisons[name]),
            "state": state,
            "sample_ratio_p_value": sample_ratio_p_value,
            "decision": decision.action,
            "reason": decision.reason,
        }
        for name, state in states.items()
    ]


def _compare(
    experiment: ExperimentSettings, control: Sample, treatment: Sample, margin: float = 0.0
) -> Comparison:
    return compare(
        control,
        treatment,
        alpha=experiment.alpha / len(experiment.treatments),
        effect_scale=experiment.effect_scale,
        margin=margin,
    )


def _sample(sums: pd.DataFrame, variant: str, metric: str, last: date | None = None) -> Sample:
    """The users of a variant whose outcomes were complete by the end of that day, or of all."""
    chosen = sums[(sums["variant"] == variant) & (sums["metric"] == metric)]
    if last is not None:
        chosen = chosen[chosen["day"] <= last]
    total = chosen[["users", "total", "total_of_squares"]].sum()
    return Sample.of_sums(
        int(total["users"]), float(total["total"]), float(total["total_of_squares"])
    )
