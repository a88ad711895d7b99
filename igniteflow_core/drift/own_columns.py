"""A team's own columns as numbers, so that they are watched as the features are."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from igniteflow_core.drift.bins import MAX_DISCRETE_VALUES
from igniteflow_core.drift.columns import WatchedColumn, watched_name
from igniteflow_core.fraud.inputs import EVENT_TIME, ages_in_days
from igniteflow_core.fraud.matrix import table_values
from igniteflow_core.schemas.own_columns import OwnColumns, inputs_of_models
from igniteflow_core.values.categories import CATEGORY_TYPES, MISSING, categories_of

Numbers: TypeAlias = "pd.Series[Any]"
"""A column of numbers, NaN where a value is missing."""

OF_OWN_NAMES: Final = MAX_DISCRETE_VALUES - 1
"""So many categories have a number of their own, and a bin; all others share the next one."""


def own_as_numbers(
    reference: pd.DataFrame, current: pd.DataFrame, own: OwnColumns
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with a column of numbers for each own column, named as ``watched_name`` says.

    A category is its rank by how frequent it is in the reference, from 0 for the most frequent one
    on; those beyond ``OF_OWN_NAMES``, and those that the reference lacks, are one rank. A time is
    its age in days at the transaction. A missing value is NaN.

    Args:
        reference: rows with event_time and the own columns.
        current: the same of other days.
        own: the declared columns.
    """
    added: tuple[dict[str, Numbers], dict[str, Numbers]] = ({}, {})
    frames = (reference, current)
    for name, column in inputs_of_models(own).items():
        numbers: list[Numbers]
        if (type_ := CATEGORY_TYPES.get(column.type)) is not None:
            before, after = (
                pd.Series(categories_of(type_, frame[name].tolist()), frame.index, dtype=str)
                for frame in frames
            )
            ranks = _ranks(before)
            numbers = [
                each.map(ranks).fillna(OF_OWN_NAMES).mask(each == MISSING)
                for each in (before, after)
            ]
        elif column.type == "timestamp":
            numbers = [
                pd.Series(
                    ages_in_days(table_values(frame[name]), table_values(frame[EVENT_TIME])),
                    frame.index,
                )
                for frame in frames
            ]
        else:
            numbers = [
                pd.Series(frame[name].tolist(), frame.index, dtype=float) for frame in frames
            ]
        for columns, values in zip(added, numbers, strict=True):
            columns[watched_name(name, column.type)] = values
    return reference.assign(**added[0]), current.assign(**added[1])


def with_values(
    reference: pd.DataFrame, columns: Sequence[WatchedColumn]
) -> tuple[tuple[WatchedColumn, ...], tuple[str, ...]]:
    """The columns that the reference has a value of, and the names of the others.

    What was declared after the champion was trained has no reference to compare with.
    """
    if reference.empty:
        # Too few days to judge anything, which detection says of every column.
        return tuple(columns), ()
    known = {column.name: bool(reference[column.name].notna().any()) for column in columns}
    judged = tuple(column for column in columns if known[column.name])
    return judged, tuple(column.name for column in columns if not known[column.name])


def _ranks(categories: "pd.Series[str]") -> dict[str, float]:
    counts = categories[categories != MISSING].value_counts().rename_axis("category").reset_index()
    ordered = counts.sort_values(["count", "category"], ascending=[False, True])
    frequent = ordered["category"].head(OF_OWN_NAMES)
    return dict(zip(frequent, np.arange(len(frequent), dtype=float).tolist(), strict=True))
