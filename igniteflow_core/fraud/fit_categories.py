"""Fitting the encoding of categories from their counts, which a cluster can count as well."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from igniteflow_core.fraud.inputs import CategoryEncoding, Floats
from igniteflow_core.schemas.own_columns import OwnColumns
from igniteflow_core.values.categories import CATEGORY_TYPES, CategoryType, categories_of

PRIOR_WEIGHT: Final = 20
"""Number of rows at the mean rate that are added to each category to smooth its rate."""

MAX_CATEGORIES: Final = 10_000
"""Maximum number of categories in the table of a column; rarer ones are encoded as unseen."""

COMMON: Final = 20
COMMON_SHARE: Final = 0.01
"""Maximum number, and minimum share of the rows, of the categories with inputs of their own."""

COUNTS_DDL: Final = (
    "column string, category string, event_date date, transactions bigint, frauds bigint"
)
"""The columns of ``category_counts`` in Spark."""

_BLOCKS: Final = 5
_STEP: Final = 0.5


@dataclass(frozen=True)
class TrainingCategories:
    """The encoding of a categorical column, and the one for the training rows of each day.

    Attributes:
        whole: encoding that is fitted on all rows, for later rows.
        of_days: encoding for the rows of each day, fitted on the rows of other blocks of days.
    """

    whole: CategoryEncoding
    of_days: Mapping[Hashable, CategoryEncoding]

    def encode(self, values: Sequence[object], days: ArrayLike) -> Floats:
        """The inputs of training rows, shape (rows, names)."""
        numbers, found = pd.factorize(np.asarray(days))
        encoded = np.empty((len(values), len(self.whole.names)))
        for number, day in enumerate(found):
            inside = np.flatnonzero(numbers == number)
            encoded[inside] = self.of_days[day].encode([values[at] for at in inside.tolist()])
        return encoded


def category_counts(rows: pd.DataFrame, own: OwnColumns) -> pd.DataFrame:
    """How often each category of each column occurs on each day, and how often as fraud.

    Args:
        rows: rows with event_date, is_fraud and the own columns.
        own: declared columns, of which the categorical ones are counted.
    """
    counts = []
    for name, column in own.items():
        type_ = CATEGORY_TYPES.get(column.type)
        if type_ is None:
            continue
        frame = pd.DataFrame(
            {
                "category": categories_of(type_, rows[name].tolist()),
                "event_date": rows["event_date"].to_numpy(),
                "is_fraud": rows["is_fraud"].to_numpy(),
            }
        )
        grouped = frame.groupby(["category", "event_date"])["is_fraud"].agg(["size", "sum"])
        found = grouped.reset_index().rename(columns={"size": "transactions", "sum": "frauds"})
        counts.append(found.assign(column=name))
    names = ["column", "category", "event_date", "transactions", "frauds"]
    return pd.concat(counts)[names] if counts else pd.DataFrame(columns=names)


def fit_categories(name: str, type_: CategoryType, counts: pd.DataFrame) -> TrainingCategories:
    """The encoding of one column, from its rows of ``category_counts``."""
    by_category = counts.groupby("category", sort=True)["transactions"].sum()
    shares = (by_category / by_category.sum()).reset_index()
    often = shares[shares["transactions"] >= COMMON_SHARE]
    often = often.sort_values(["transactions", "category"], ascending=[False, True]).head(COMMON)
    common = tuple(often["category"])
    others = counts[~counts["category"].isin(common)]
    prior = float(counts["frauds"].sum() / counts["transactions"].sum())
    days = np.sort(counts["event_date"].unique())
    block = dict(zip(days, np.arange(len(days)) * _BLOCKS // len(days), strict=True))

    def encoding(without: int | None) -> CategoryEncoding:
        seen = [day for day in days if block[day] != without]
        return CategoryEncoding(
            type=type_,
            column=name,
            common=common,
            has_others=len(others) > 0,
            prior=_coarse(_log_odds(prior)),
            table=_table(others[others["event_date"].isin(seen)], prior, len(seen)),
        )

    of_blocks = {number: encoding(number) for number in set(block.values())}
    return TrainingCategories(encoding(None), {day: of_blocks[block[day]] for day in days})


def _table(counts: pd.DataFrame, prior: float, days: int) -> dict[str, tuple[float, float]]:
    found = counts.groupby("category")[["transactions", "frauds"]].sum().reset_index()
    found = found.sort_values(["transactions", "category"], ascending=[False, True])
    found = found.head(MAX_CATEGORIES)
    rates = (found["frauds"] + PRIOR_WEIGHT * prior) / (found["transactions"] + PRIOR_WEIGHT)
    return {
        category: (_coarse(_log_odds(rate)), _coarse(math.log1p(rows / days)))
        for category, rate, rows in zip(
            found["category"], rates.tolist(), found["transactions"].tolist(), strict=True
        )
    }


def _log_odds(rate: float) -> float:
    return math.log(rate / (1 - rate))


def _coarse(value: float) -> float:
    return round(value / _STEP) * _STEP
