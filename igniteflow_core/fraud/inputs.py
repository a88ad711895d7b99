"""The inputs of a fraud model: the built-in features, and the encodings of own columns.

The encodings are part of the model artifact. Batch, stream and API encode with the same functions,
from the values of the transaction alone.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from igniteflow_core.errors import ModelArtifactError, PermanentError
from igniteflow_core.schemas.own_columns import AGE, CATEGORIES, OwnColumns, OwnType
from igniteflow_core.values.categories import CategoryType, categories_of

Floats = NDArray[np.float64]

EVENT_TIME: Final = "event_time"
"""The transaction's own time, from which ages are counted."""

_DAY: Final = timedelta(days=1)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NumberEncoding(_Part):
    """A number, or a boolean as 1 and 0; a missing value is replaced by ``fill``.

    Attributes:
        type: type of the column.
        column: name of the column.
        fill: replacement of a missing value.
        marked: whether a second input is 1 where the value is missing.
    """

    type: Literal["numeric", "boolean"]
    column: str
    fill: float
    marked: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return (self.column, f"{self.column}_missing") if self.marked else (self.column,)

    def encode(self, values: Sequence[object]) -> Floats:
        """The inputs of each value, shape (values, names)."""
        numbers = np.array([math.nan if each is None else each for each in values], dtype=float)
        return _filled(numbers, self.fill, marked=self.marked)


class AgeEncoding(_Part):
    """A time, as the days from it to the transaction; negative for a future time.

    Attributes:
        type: type of the column.
        column: name of the column.
        fill: age that replaces a missing one.
        marked: whether a second input is 1 where the time is missing.
    """

    type: Literal["timestamp"]
    column: str
    fill: float
    marked: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        age = f"{self.column}{AGE}"
        return (age, f"{self.column}_missing") if self.marked else (age,)

    def encode(self, values: Sequence[object], event_times: Sequence[object]) -> Floats:
        """The inputs of each value, shape (values, names)."""
        return _filled(ages_in_days(values, event_times), self.fill, marked=self.marked)


def ages_in_days(values: Sequence[object], event_times: Sequence[object]) -> Floats:
    """The days from each time to the time of the transaction; NaN where it is missing.

    Args:
        values: times with a time zone, of pandas or Python, or missing values, shape (n,).
        event_times: times of the transactions, likewise, shape (n,).
    """
    # NaT is an instance of datetime, and not equal to itself.
    return np.array(
        [
            (event_time - value) / _DAY
            if isinstance(value, datetime) and isinstance(event_time, datetime) and value == value  # noqa: PLR0124
            else math.nan
            for value, event_time in zip(values, event_times, strict=True)
        ],
        dtype=float,
    )


def _filled(numbers: Floats, fill: float, *, marked: bool) -> Floats:
    missing = np.isnan(numbers)
    filled = np.where(missing, fill, numbers)
    return np.column_stack([filled, missing] if marked else [filled]).astype(float)


class CategoryEncoding(_Part):
    """A category: one-hot inputs for common categories, risk and frequency for all others.

    Attributes:
        type: type of the column.
        column: name of the column.
        common: categories that have an input of their own.
        has_others: whether there are two more inputs, for all other categories.
        prior: value of the first of these inputs for a category that is not in ``table``; the
            second is 0.
        table: both of these inputs, see ``fit_inputs``, for each other category that was seen.
    """

    type: CategoryType
    column: str
    common: tuple[str, ...]
    has_others: bool
    prior: float
    table: dict[str, tuple[float, float]]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        stem = f"{self.column}{CATEGORIES[self.type]}"
        common = tuple(f"{stem}={each or '(missing)'}" for each in self.common)
        others = (f"{stem}_risk", f"{stem}_frequency")
        return (*common, *others) if self.has_others else common

    def encode(self, values: Sequence[object]) -> Floats:
        """The inputs of each value, shape (values, names)."""
        keys = categories_of(self.type, values)
        place = {each: at for at, each in enumerate(self.common)}
        at = np.array([place.get(key, -1) for key in keys])
        common: Floats = (at[:, np.newaxis] == np.arange(len(place))).astype(np.float64)
        if not self.has_others:
            return common
        unseen = (self.prior, 0.0)
        others = np.array([self.table.get(key, unseen) for key in keys]).reshape(-1, 2)
        return np.column_stack([common, others])


ColumnEncoding: TypeAlias = Annotated[
    NumberEncoding | AgeEncoding | CategoryEncoding, Field(discriminator="type")
]


class ModelInputs(_Part):
    """The inputs of a model, in order.

    Attributes:
        features: names of the built-in features.
        encodings: encodings of own columns.
    """

    features: tuple[str, ...]
    encodings: tuple[ColumnEncoding, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each input."""
        return (*self.features, *(name for each in self.encodings for name in each.names))

    @property
    def own_types(self) -> dict[str, OwnType]:
        """The type that each of the own columns had when the model was trained."""
        return {each.column: each.type for each in self.encodings}

    def require_computed(self, names: Collection[str], where: str) -> None:
        """Check that ``names`` contains the features that the model was trained with.

        Raises:
            ModelArtifactError: some are missing; the message names them.
        """
        unknown = [name for name in self.features if name not in set(names)]
        if unknown:
            raise ModelArtifactError(
                f"the model takes features that this version does not compute: "
                f"{', '.join(unknown)}",
                where=where,
                fix="declare in fraud.entities the entities that the model was trained with, use "
                "the version of IgniteFlow that trained it, or train and promote a model again",
            )

    def require_declared(self, own: OwnColumns, where: str) -> None:
        """Check that transactions have the own columns that the model was trained with.

        Raises:
            ModelArtifactError: columns are not declared, or with another type; the message names
                them.
        """
        undeclared = [
            name
            for name, type_ in self.own_types.items()
            if name not in own or own[name].type != type_
        ]
        if undeclared:
            raise ModelArtifactError(
                f"the model takes own columns that are not declared with the expected type: "
                f"{', '.join(undeclared)}",
                where=where,
                fix="declare them in sources.own_columns with the type that they had, or train "
                "and promote a model without them first",
            )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table of features that the inputs are made from."""
        of_event = [EVENT_TIME] if "timestamp" in self.own_types.values() else []
        return (*self.features, *self.own_types, *of_event)

    def rows(self, features: NDArray[np.floating], own: Mapping[str, Sequence[object]]) -> Floats:
        """The inputs of n transactions, shape (n, inputs).

        Args:
            features: built-in features, in the order of ``features``, shape (n, features).
            own: n values of each own column, None for a missing one; if one of the columns holds
                times, event_time is needed, too.

        Raises:
            PermanentError: a column of the model is missing.
        """
        absent = [name for name in self.columns[len(self.features) :] if name not in own]
        if absent:
            raise PermanentError(
                f"own columns are missing: {', '.join(absent)}",
                where="inputs of the fraud model",
                fix="declare them in sources.own_columns as they were when the model was trained, "
                "or train a model without them",
            )
        return np.column_stack(
            [
                features,
                *(
                    each.encode(own[each.column], own[EVENT_TIME])
                    if isinstance(each, AgeEncoding)
                    else each.encode(own[each.column])
                    for each in self.encodings
                ),
            ]
        )
