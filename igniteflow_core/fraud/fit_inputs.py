"""Fitting the encodings of a team's own columns on the rows that a model is trained on."""

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
"""How the rows are encoded that a model is trained on."""


@dataclass(frozen=True)
class TrainingInputs:
    """The inputs of a model, and how the rows are encoded that it is trained on.

    Attributes:
        inputs: with encodings of all the rows, for later rows.
        encodings: of the own columns, in the same order.
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
        inputs: with encodings of all the rows, for later rows.
        matrix: of the rows themselves, shape (rows, inputs).
    """

    inputs: ModelInputs
    matrix: Matrix


def fit_inputs(
    rows: pd.DataFrame, own: OwnColumns, names: tuple[str, ...] = FEATURE_NAMES
) -> FittedInputs:
    """Fit the encodings, and encode the rows without letting a label into its own row's inputs.

    Args:
        rows: as FRAUD_TRAINING_SET with the own columns; every label was known at the training.
        own: the declared columns.
        names: of the features.

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
    """The encodings, by what was counted of the rows that a model is trained on.

    The common categories have an input each, which no label takes part in. The risk of another is
    the log-odds of the rate of fraud among its rows, drawn towards the mean of all rows (Micci-
    Barreca, 2001, "A preprocessing scheme for high-cardinality categorical attributes"), and its
    frequency log(1 + its rows a day). The days are cut into blocks of consecutive days, and the
    rows of each are encoded by those of the others, as later rows will be by all of them: neither
    a row's own label nor those of the same burst of fraud are among them. Both inputs are rounded,
    so that no member can tell from their digits which block a row is of, and by it the labels that
    its encoding lacks.

    Args:
        own: the declared columns.
        counts: as ``category_counts``.
        medians: of the numbers and of the ages in days, by column; those without a value are 0.
        names: of the features.
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
            raise ValueError(f"{name} is half of a position, and no input of a model")


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
