"""A page about a source: each of its columns with a plot, and the proposed mapping."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from igniteflow_core.connect.proposal import Proposal
from igniteflow_core.connect.sample import Sample
from igniteflow_core.html import html_template
from igniteflow_core.images import figure_data_uri
from igniteflow_core.values.python import number

_COLOR = "#5b7f95"
_BINS = 40
_MOST_COMMON = 12
_LONGEST_NAME = 24
_SHOWN_SHARE = (0.005, 0.995)


def profile_page(sample: Sample, proposal: Proposal, facts: Mapping[str, str]) -> str:
    """Render the profile as self-contained HTML.

    Args:
        sample: the first rows of the source.
        proposal: proposal made from the sample.
        facts: about the whole source, such as its number of rows, by name.
    """
    mapped = {name: column for column, name in proposal.mapped.items()}
    columns = [
        {
            "name": name,
            "mapped_to": mapped.get(name, ""),
            "missing": f"{100 * sample.rows[name].isna().mean():.3g} %",
            "different": f"{sample.rows[name].nunique():,}",
            "plot": figure_data_uri(plot_values(sample.rows[name])),
        }
        for name in sample.rows.columns
    ]
    return html_template("igniteflow_core.connect", "profile.html.j2").render(
        proposal=proposal, facts=facts, columns=columns, sampled=f"{len(sample.rows):,}"
    )


def plot_values(values: "pd.Series[str]") -> Figure:
    """A histogram of numbers, or a bar for each of the most common texts."""
    figure = Figure(figsize=(4.2, 2.2), layout="constrained")
    axes = figure.subplots()
    there = values.dropna()
    # pandas.to_numeric crashes the process on text such as 754b16e87cd.
    numbers = there.map(number).dropna().astype(float)
    if len(numbers) == len(there) and there.nunique() > _MOST_COMMON:
        low, high = numbers.quantile(list(_SHOWN_SHARE))
        axes.hist(numbers.clip(low, high), bins=_BINS, color=_COLOR)
        axes.set_ylabel("rows")
    else:
        most = there.value_counts().head(_MOST_COMMON)[::-1]
        axes.barh([str(name)[:_LONGEST_NAME] for name in most.index], most, color=_COLOR)
        axes.set_xlabel("rows")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7)
    return figure
