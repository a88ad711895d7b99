"""Figures of an experiment; they are returned, never shown or saved."""

import pandas as pd
from matplotlib.figure import Figure


def plot_looks(looks: pd.DataFrame, metric: str, treatment: str) -> Figure:
    """The difference of the primary metric after each day, from ``report.look_table``.

    The wide band holds at all looks together, the narrow one only at a single look.
    """
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.fill_between(
        looks["day"], looks["always_low"], looks["always_high"], alpha=0.2, label="at every look"
    )
    axes.fill_between(looks["day"], looks["low"], looks["high"], alpha=0.4, label="at one look")
    axes.plot(looks["day"], looks["difference"], marker=".", label="measured")
    axes.set(xlabel="outcomes complete by", ylabel=f"{metric}: {treatment} minus control")
    axes.legend()
    figure.autofmt_xdate()
    return figure
