"""Figures of the business report; they are returned, never shown or saved."""

from datetime import date
from itertools import pairwise

import pandas as pd
from matplotlib.dates import date2num
from matplotlib.figure import Figure

_ALERTS = "#457b9d"
_CHANGE = "#6c757d"


def plot_alert_load(days: pd.DataFrame) -> Figure:
    """Alerts a day, and a line on each day whose scores are by another model than the day before.

    Args:
        days: as ``fraud_days.fraud_days`` gives them.
    """
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.bar(days["event_date"], days["alerts"], color=_ALERTS)
    for changed, version in champion_changes(days):
        day = date2num(changed)  # type: ignore[no-untyped-call]  # matplotlib lacks types
        axes.axvline(day, color=_CHANGE, linestyle="--", linewidth=1)
        axes.annotate(
            f"version {version}",
            (day, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, -10),
            textcoords="offset points",
            fontsize="small",
        )
    axes.set_ylabel("Alerts of the day")
    figure.autofmt_xdate()
    return figure


def champion_changes(days: pd.DataFrame) -> list[tuple[date, str]]:
    """The days that are scored by another model than the day before, and by which."""
    scored = zip(days["event_date"].tolist(), days["model_version"].tolist(), strict=True)
    return [(day, version) for (_, before), (day, version) in pairwise(scored) if version != before]


def plot_experiments(experiments: pd.DataFrame) -> Figure:
    """The lift of each treatment's primary metric with its interval.

    Args:
        experiments: as ``report.experiment_states`` gives them, at least one with a lift.
    """
    known = experiments.dropna(subset=["lift", "lift_low", "lift_high"])
    names = known["experiment"] + ": " + known["treatment"]
    figure = Figure(figsize=(7, 0.5 * len(known) + 1.2), layout="constrained")
    axes = figure.subplots()
    below, above = known["lift"] - known["lift_low"], known["lift_high"] - known["lift"]
    axes.errorbar(known["lift"], names, xerr=[below, above], fmt="o", capsize=4)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.set_xlabel("Lift of the primary metric over control, and 95 % interval")
    return figure
