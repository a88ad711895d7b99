"""Arithmetic of measures, bitwise the same on many events and on one.

A value is a NumPy array with one element per event or, for a single event, a plain Python number,
whose operations cost a tenth of those on an array of one element. Both are IEEE 754
doubles or exact integers. ``+ - * // %`` and comparisons need no function here.
"""

import math
from typing import Any, TypeAlias

import numpy as np

Value: TypeAlias = Any
"""An array of float64, int64 or bool, shape (m,), or one Python float, int or bool."""


def real(value: Value) -> Value:
    """As floating point."""
    return value.astype(np.float64) if isinstance(value, np.ndarray) else float(value)


def ratio(numerator: Value, denominator: Value) -> Value:
    """The quotient; NaN unless the denominator is above 0."""
    if isinstance(numerator, np.ndarray):
        result = np.full(len(numerator), np.nan)
        np.divide(numerator, denominator, out=result, where=denominator > 0)
        return result
    # Python would round the quotient of two large integers once; NumPy rounds each of them first.
    return float(numerator) / float(denominator) if denominator > 0 else math.nan


def where(condition: Value, then: Value, otherwise: Value) -> Value:
    """``then`` where the condition holds, else ``otherwise``."""
    if isinstance(condition, np.ndarray):
        return np.where(condition, then, otherwise)
    return then if condition else otherwise


def minimum(value: Value, other: Value) -> Value:
    """The smaller one; NaN if the value is NaN."""
    return np.minimum(value, other) if isinstance(value, np.ndarray) else min(value, other)


def maximum(value: Value, other: Value) -> Value:
    """The larger one; NaN if the value is NaN."""
    if isinstance(value, np.ndarray):
        return np.maximum(value, other)
    return other if other > value else value


def is_nan(value: Value) -> Value:
    """Whether the value is NaN."""
    return np.isnan(value) if isinstance(value, np.ndarray) else math.isnan(value)


def floor(value: Value) -> Value:
    """The largest whole number up to the value, as floating point; NaN of NaN."""
    return np.floor(value) if isinstance(value, np.ndarray) else float(np.floor(value))


def arc_sine(value: Value) -> Value:
    """The angle in radians; NaN of NaN. Scalars use NumPy too: math differs in last bits."""
    return np.arcsin(value) if isinstance(value, np.ndarray) else float(np.arcsin(value))


def square_root(value: Value) -> Value:
    """The square root; NaN of NaN."""
    return np.sqrt(value) if isinstance(value, np.ndarray) else math.sqrt(value)
