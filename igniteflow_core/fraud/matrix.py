"""The feature matrix: named columns in a fixed order, float32, without missing values."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.api.types import is_datetime64_any_dtype

from igniteflow_core.errors import InsufficientDataError, PermanentError
from igniteflow_core.fraud.inputs import ModelInputs

Floats: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int8]
Matrix: TypeAlias = NDArray[np.float32]


def feature_matrix(X: pd.DataFrame | NDArray[np.floating], names: Sequence[str]) -> Matrix:
    """The columns ``names`` of ``X``, in that order, as float32.

    Args:
        X: a table with at least these columns, or an array of shape (rows, len(names)) that holds
            them in this order.
        names: the feature names.

    Raises:
        PermanentError: a column is missing, the shape is wrong, or a value is not finite.
    """
    if isinstance(X, pd.DataFrame):
        missing = [name for name in names if name not in X.columns]
        if missing:
            raise PermanentError(
                f"features are missing: {', '.join(missing)}",
                where="feature matrix of the fraud ensemble",
                fix="compute the features with the version of the code that trained the model",
            )
        matrix = X[list(names)].to_numpy(dtype=np.float32)
    else:
        matrix = np.ascontiguousarray(X, dtype=np.float32)
        if matrix.ndim != 2 or matrix.shape[1] != len(names):
            raise PermanentError(
                f"expected shape (rows, {len(names)}), got {matrix.shape}",
                where="feature matrix of the fraud ensemble",
                fix="pass one column per feature, in the order of the model's feature names",
            )
    # A sum is finite only if all terms are; it spares the common case a mask of the whole matrix.
    if not np.isfinite(matrix.sum(dtype=np.float64)):
        holes = [
            name for name, bad in zip(names, ~np.isfinite(matrix).all(axis=0), strict=True) if bad
        ]
        raise PermanentError(
            f"features hold missing or infinite values: {', '.join(holes)}",
            where="feature matrix of the fraud ensemble",
            fix="give each feature its default value where there is no history; if it is new, "
            "materialize fraud_features again for all days that are trained on or scored",
        )
    return matrix


def input_matrix(X: pd.DataFrame | NDArray[np.floating], inputs: ModelInputs) -> Matrix:
    """The inputs of a model as float32.

    Args:
        X: a table with at least the columns of the inputs, or an array of shape (rows, inputs) that
            holds their encodings.
        inputs: inputs of the model.

    Raises:
        PermanentError: see ``feature_matrix`` and ``ModelInputs.rows``.
    """
    if not inputs.encodings or not isinstance(X, pd.DataFrame):
        return feature_matrix(X, inputs.names)
    features = feature_matrix(X, inputs.features)
    taken = inputs.columns[len(inputs.features) :]
    own = {name: table_values(X[name]) for name in taken if name in X.columns}
    return feature_matrix(inputs.rows(features, own), inputs.names)


def table_values(column: "pd.Series[Any]") -> list[object]:
    """The values; times get a time zone, which is UTC if the table has none."""
    if is_datetime64_any_dtype(column):
        column = pd.to_datetime(column, utc=True)
    values: list[object] = column.tolist()
    return values


def binary_labels(y: ArrayLike, *, rows: int, where: str) -> Labels:
    """Labels as int8, 1 for fraud.

    Args:
        y: 0 or 1 for each row, shape (rows,).
        rows: expected number of labels.
        where: window of the labels, for the message.

    Raises:
        PermanentError: their number is not ``rows``, or a label is neither 0 nor 1.
        InsufficientDataError: only one class is present.
    """
    values = np.asarray(y)
    if values.shape != (rows,):
        raise PermanentError(
            f"expected {rows} labels, got an array of shape {values.shape}",
            where=where,
            fix="pass one label per row",
        )
    if not np.isin(values, (0, 1)).all():
        raise PermanentError(
            "labels other than 0 and 1",
            where=where,
            fix="leave out rows whose label is not yet known",
        )
    frauds = int(values.sum())
    if frauds in {0, rows}:
        raise InsufficientDataError(
            f"{frauds} frauds among {rows} rows; both classes are needed",
            where=where,
            fix="widen the window, or check that labels are delivered",
        )
    return values.astype(np.int8)
