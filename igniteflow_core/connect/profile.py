"""A page about a source: each of its columns with a plot, and the proposed mapping."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from igniteflow_core.connect.proposal import Proposal
from igniteflow_core.connect.sample import Sample
from igniteflow_core.html import html_template
from igniteflow_core.images import figure_data_uri
from igniteflow_core.profiles.plots import MOST_COMMON, plot_histogram, plot_most_common
from igniteflow_core.values.python import number

_BINS = 40
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
    there = values.dropna()
    # pandas.to_numeric crashes the process on text such as 754b16e87cd.
    numbers = there.map(number).dropna().astype(float)
    if len(numbers) == len(there) and there.nunique() > MOST_COMMON:
        low, high = numbers.quantile(list(_SHOWN_SHARE))
        counts, edges = np.histogram(numbers.clip(low, high), bins=_BINS)
        return plot_histogram(edges.tolist(), counts.tolist())
    most = there.value_counts().head(MOST_COMMON)
    return plot_most_common([(str(name), int(rows)) for name, rows in most.items()])
