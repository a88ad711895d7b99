"""One page about the tables of the lake: each column with its figures and a plot."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from igniteflow_core.html import html_template
from igniteflow_core.images import figure_data_uri
from igniteflow_core.profiles.columns import QUANTILES, ColumnProfile
from igniteflow_core.profiles.plots import MOST_COMMON, plot_most_common, plot_quantiles

_TIMES = frozenset({"date", "timestamp", "timestamp_ntz"})


@dataclass(frozen=True)
class TableProfile:
    """What a table, or its newest days, holds.

    Attributes:
        table: name of the table.
        days: the days of the rows, as people read them.
        rows: how many there are.
        columns: one for each column, in the table's order.
    """

    table: str
    days: str
    rows: int
    columns: tuple[ColumnProfile, ...]


def profile_page(tables: Sequence[TableProfile]) -> str:
    """A self-contained HTML page."""
    return html_template("igniteflow_core.profiles", "tables.html.j2").render(
        quantiles=[f"{share:.0%}" for share in QUANTILES],
        tables=[
            {
                "name": each.table,
                "days": each.days,
                "rows": f"{each.rows:,}",
                "columns": [_shown(column, each.rows) for column in each.columns],
            }
            for each in tables
        ],
    )


def _shown(column: ColumnProfile, rows: int) -> dict[str, object]:
    figure = _plot(column)
    return {
        "name": column.name,
        "type": column.type,
        "nulls": f"{100 * column.nulls / rows:.3g} % missing" if rows else "no values",
        "distinct": "" if column.distinct is None else f"{column.distinct:,}",
        "quantiles": column.quantiles,
        "plot": None if figure is None else figure_data_uri(figure),
    }


def _plot(column: ColumnProfile) -> Figure | None:
    if len(set(column.edges)) > MOST_COMMON:
        return plot_quantiles(column.edges, times=column.type in _TIMES)
    repeated = column.most_common and column.most_common[0][1] > 1
    return plot_most_common(column.most_common) if repeated else None
