"""Fitting the encodings of a team's own columns on the rows that a model is trained on."""

import itertools
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.windows import Bools
from igniteflow_core.fraud.inputs import (
    CategoryEncoding,
    ColumnEncoding,
    ModelInputs,
    NumberEncoding,
)
from igniteflow_core.fraud.matrix import Matrix, binary_labels, feature_matrix
from igniteflow_core.schemas.own_columns import OwnColumn, OwnColumns
from igniteflow_core.values.categories import CategoryType, categories_of

PRIOR_WEIGHT: Final = 20
"""A category's rate is smoothed as if the mean rate had been seen in so many rows of it more."""

MAX_CATEGORIES: Final = 10_000
"""Of a column: rarer ones are encoded as if they had never been seen."""

COMMON: Final = 20
COMMON_SHARE: Final = 0.01
"""At most so many categories, each of at least that share of the rows, have inputs of their own."""

_BLOCKS: Final = 5
_STEP: Final = 0.5


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

    The common categories have an input each, which no label takes part in. The risk of another is
    the log-odds of the rate of fraud among its rows, drawn towards the mean of all rows (Micci-
    Barreca, 2001, "A preprocessing scheme for high-cardinality categorical attributes"), and its
    frequency log(1 + its rows a day). The days are cut into blocks of consecutive days, and the
    rows of each are encoded by those of the others, as later rows will be by all of them: neither
    a row's own label nor those of the same burst of fraud are among them. Both inputs are rounded,
    so that no member can tell from their digits which block a row is of, and by it the labels that
    its encoding lacks.

    Args:
        rows: as FRAUD_TRAINING_SET with the own columns; every label was known at the training.
        own: the declared columns.
        names: of the features.

    Raises:
        InsufficientDataError: the rows hold only one class.
    """
    features = feature_matrix(rows, names)
    if not own:
        return FittedInputs(ModelInputs(features=names), features)
    binary_labels(rows["is_fraud"], rows=len(rows), where="rows that own columns are fitted on")
    parts: list[NDArray[np.floating]] = [features]
    encodings: list[ColumnEncoding] = []
    for name, column in own.items():
        encoding, encoded = _fit_column(name, column, rows)
        encodings.append(encoding)
        parts.append(encoded)
    inputs = ModelInputs(features=names, encodings=tuple(encodings))
    return FittedInputs(inputs, feature_matrix(np.column_stack(parts), inputs.names))


def _fit_column(
    name: str, column: OwnColumn, rows: pd.DataFrame
) -> tuple[ColumnEncoding, NDArray[np.float64]]:
    values = rows[name].tolist()
    match column.type:
        case "numeric" | "boolean":
            number = NumberEncoding(
                type=column.type,
                column=name,
                fill=_median(values) if column.type == "numeric" else 0.0,
                marked=column.nulls == "keep",
            )
            return number, number.encode(values)
        case "categorical" | "ip" | "email":
            return _fit_categories(name, column.type, values, rows)
        case _:
            raise ValueError(f"{name} is half of a position, and no input of a model")


def _median(values: list[object]) -> float:
    known = pd.Series(values, dtype=float).dropna()
    return float(known.median()) if len(known) else 0.0


def _fit_categories(
    name: str, type_: CategoryType, values: list[object], rows: pd.DataFrame
) -> tuple[CategoryEncoding, NDArray[np.float64]]:
    labels = rows["is_fraud"].to_numpy()
    frame = pd.DataFrame({"category": categories_of(type_, values), "fraud": labels})
    shares = frame["category"].value_counts(normalize=True)
    often = shares[shares >= COMMON_SHARE].reset_index()
    often = often.sort_values(["proportion", "category"], ascending=[False, True]).head(COMMON)
    common = tuple(often["category"])
    is_other = ~frame["category"].isin(common).to_numpy()
    prior = float(labels.mean())
    day = pd.factorize(rows["event_date"], sort=True)[0]
    days = int(day.max()) + 1

    def encoding(which: Bools, days: int) -> CategoryEncoding:
        return CategoryEncoding(
            type=type_,
            column=name,
            common=common,
            has_others=bool(is_other.any()),
            prior=_coarse(_log_odds(prior)),
            table=_table(frame[which & is_other], prior, days),
        )

    whole = encoding(np.ones(len(rows), dtype=np.bool_), days)
    encoded = np.empty((len(rows), len(whole.names)))
    block = day * _BLOCKS // days
    for number in np.unique(block):
        inside = block == number
        others = encoding(~inside, days - len(np.unique(day[inside])))
        encoded[inside] = others.encode(list(itertools.compress(values, inside)))
    return whole, encoded


def _table(frame: pd.DataFrame, prior: float, days: int) -> dict[str, tuple[float, float]]:
    found = frame.groupby("category")["fraud"].agg(["size", "sum"]).reset_index()
    found = found.sort_values(["size", "category"], ascending=[False, True]).head(MAX_CATEGORIES)
    rates = (found["sum"] + PRIOR_WEIGHT * prior) / (found["size"] + PRIOR_WEIGHT)
    return {
        category: (_coarse(_log_odds(rate)), _coarse(math.log1p(size / days)))
        for category, rate, size in zip(
            found["category"], rates.tolist(), found["size"].tolist(), strict=True
        )
    }


def _log_odds(rate: float) -> float:
    return math.log(rate / (1 - rate))


def _coarse(value: float) -> float:
    return round(value / _STEP) * _STEP
