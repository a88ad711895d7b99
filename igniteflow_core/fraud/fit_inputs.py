"""Fitting the encodings of own columns on the training rows of a model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.fit_categories import (
    TrainingCategories,
    category_counts,
    fit_categories,
)
from igniteflow_core.fraud.inputs import (
    EVENT_TIME,
    AgeEncoding,
    Floats,
    ModelInputs,
    NumberEncoding,
    ages_in_days,
)
from igniteflow_core.fraud.matrix import Matrix, binary_labels, feature_matrix, table_values
from igniteflow_core.schemas.own_columns import OwnColumn, OwnColumns

TrainingEncoding = NumberEncoding | AgeEncoding | TrainingCategories
"""The encoding of one own column for training rows."""


@dataclass(frozen=True)
class TrainingInputs:
    """The inputs of a model, and the encodings of its training rows.

    Attributes:
        inputs: inputs with encodings that are fitted on all rows, for later rows.
        encodings: encodings of the own columns, in the same order.
    """

    inputs: ModelInputs
    encodings: tuple[TrainingEncoding, ...] = ()

    def matrix(self, rows: pd.DataFrame) -> Matrix:
        """The inputs of rows that the model is trained on, shape (rows, inputs)."""
        parts: list[NDArray[np.floating]] = [feature_matrix(rows, self.inputs.features)]
        parts += [
            _encoded(rows, each.column, how)
            for each, how in zip(self.inputs.encodings, self.encodings, strict=True)
        ]
        return feature_matrix(np.column_stack(parts), self.inputs.names)


@dataclass(frozen=True)
class FittedInputs:
    """The inputs of a model, and the matrix that its members are fitted on.

    Attributes:
        inputs: inputs with encodings that are fitted on all rows, for later rows.
        matrix: inputs of the training rows, shape (rows, inputs).
    """

    inputs: ModelInputs
    matrix: Matrix


def fit_inputs(
    rows: pd.DataFrame, own: OwnColumns, names: tuple[str, ...] = FEATURE_NAMES
) -> FittedInputs:
    """Fit the encodings, and encode the rows without using a row's own label for its inputs.

    Args:
        rows: rows as FRAUD_TRAINING_SET with the own columns; all labels were known at training
            time.
        own: declared columns.
        names: names of the features.

    Raises:
        InsufficientDataError: the rows hold only one class.
    """
    if own:
        binary_labels(rows["is_fraud"], rows=len(rows), where="rows that own columns are fitted on")
    fitted = training_inputs(own, category_counts(rows, own), _medians(rows, own), names)
    return FittedInputs(fitted.inputs, fitted.matrix(rows))


def training_inputs(
    own: OwnColumns,
    counts: pd.DataFrame,
    medians: Mapping[str, float],
    names: tuple[str, ...],
) -> TrainingInputs:
    """Fit the encodings from the counts of the training rows.

    Each common category has an input of its own, which uses no label. The risk of any other
    category is the log-odds of the rate of fraud among its rows, shrunk towards the mean of all
    rows (Micci-Barreca, 2001, "A preprocessing scheme for high-cardinality categorical
    attributes"), and its frequency is log(1 + its rows per day). The days are cut into blocks of
    consecutive days, and the rows of each block are encoded from those of the other blocks, so that
    neither a row's own label nor those of the same burst of fraud are used. Later rows are encoded
    from all rows. Both inputs are rounded, so that no member can identify the block of a row, and
    thereby the excluded labels, from their digits.

    Args:
        own: the declared columns.
        counts: counts as ``category_counts`` gives them.
        medians: medians of the numbers and of the ages in days, by column; 0 for a column without
            values.
        names: names of the features.
    """
    encodings = tuple(
        _encoding(name, column, counts[counts["column"] == name], medians.get(name, 0.0))
        for name, column in own.items()
    )
    of_later = [each.whole if isinstance(each, TrainingCategories) else each for each in encodings]
    return TrainingInputs(ModelInputs(features=names, encodings=tuple(of_later)), encodings)


def _encoding(
    name: str, column: OwnColumn, counts: pd.DataFrame, median: float
) -> TrainingEncoding:
    marked = column.nulls == "keep"
    match column.type:
        case "numeric" | "boolean":
            return NumberEncoding(type=column.type, column=name, fill=median, marked=marked)
        case "timestamp":
            return AgeEncoding(type=column.type, column=name, fill=median, marked=marked)
        case "categorical" | "ip" | "email":
            return fit_categories(name, column.type, counts)
        case _:
            raise ValueError(f"{name} is one coordinate of a position, and not an input of a model")


def _encoded(rows: pd.DataFrame, column: str, how: TrainingEncoding) -> Floats:
    values = table_values(rows[column])
    match how:
        case NumberEncoding():
            return how.encode(values)
        case AgeEncoding():
            return how.encode(values, table_values(rows[EVENT_TIME]))
        case TrainingCategories():
            return how.encode(values, rows["event_date"].to_numpy())


def _medians(rows: pd.DataFrame, own: OwnColumns) -> dict[str, float]:
    numbers = {
        name: pd.Series(rows[name].tolist(), dtype=float)
        for name, column in own.items()
        if column.type == "numeric"
    }
    numbers |= {
        name: pd.Series(ages_in_days(table_values(rows[name]), table_values(rows[EVENT_TIME])))
        for name, column in own.items()
        if column.type == "timestamp"
    }
    return {name: float(each.median()) for name, each in numbers.items() if each.notna().any()}
