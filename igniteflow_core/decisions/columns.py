"""The columns that a decision policy reads: their types, and their values as arrays."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.features.own_entities import OwnEntities
from igniteflow_core.features.own_features import features_of
from igniteflow_core.schemas.own_columns import CATEGORIES, OwnColumns

Kind: TypeAlias = Literal["number", "text", "boolean"]
Values: TypeAlias = NDArray[Any]
"""Numbers and booleans as float64, NaN where missing; texts as objects, None where missing."""

SCORE: Final = "score"
THRESHOLD: Final = "threshold"
IDS: Final = ("customer_id", "terminal_id")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Vocabulary:
    """The names that rules and lists can use.

    Attributes:
        own: declared columns.
        entities: declared entities.
    """

    own: OwnColumns = field(default_factory=dict)
    entities: OwnEntities = ()

    @cached_property
    def feature_names(self) -> tuple[str, ...]:
        """The names of all computed features, in their order."""
        return (*FEATURE_NAMES, *(feature.name for feature in features_of(self.entities)))

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The type of each name that an expression can use."""
        known = SCORE, THRESHOLD, *self.feature_names
        numbers: dict[str, Kind] = dict.fromkeys(known, "number")
        texts: dict[str, Kind] = dict.fromkeys(IDS, "text")
        own = {
            name: _kind(column.type)
            for name, column in self.own.items()
            # Expressions do not support times, so own columns of times are left out.
            if column.type != "timestamp"
        }
        return numbers | texts | own


def _kind(type_: str) -> Kind:
    if type_ in CATEGORIES:
        return "text"
    return "boolean" if type_ == "boolean" else "number"


def values_of(kind: Kind, values: Iterable[object] | Values) -> Values:
    """The values of a column as a policy reads them, independent of their source."""
    if kind != "text":
        return np.asarray(values, dtype=np.float64)
    texts = np.empty(len(listed := list(values)), dtype=object)
    # Tables of pandas hold None or NaN where a text is missing.
    texts[:] = [each if isinstance(each, str) else None for each in listed]
    return texts


def microseconds(time: datetime) -> int:
    """UTC microseconds since 1970 of a time with a time zone."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def time_of(microseconds: int) -> datetime:
    """The UTC time of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)
