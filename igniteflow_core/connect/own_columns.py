"""Chooses which of a source's unmapped columns a team can declare as own columns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from igniteflow_core.connect.looks import Look
from igniteflow_core.schemas.own_columns import COORDINATES, OwnType, name_fault
from igniteflow_core.values.own import own_value
from igniteflow_core.values.python import text

_ENOUGH = 0.95
"""Share of the present values that must have the type."""

_REPEATED = 0.5
"""Largest share of distinct values in a categorical column."""

_CODES = {"code", "zip", "postcode", "mcc", "type", "category", "id", "kind", "channel"}
_OF_A_PERSON = {
    "firstname", "lastname", "surname", "street", "dob", "birth", "birthday", "birthdate",
    "gender", "sex", "race", "religion", "nationality", "phone", "ssn",
}  # fmt: skip
_OF_A_PERSON_ALONE = {"first", "last", "middle", "full", "name", "age"}
"""Words that identify a person only if the name has no other words."""

_LATITUDE, _LONGITUDE = {"lat", "latitude"}, {"long", "lon", "lng", "longitude"}
_OF_A_TERMINAL = {
    "merch", "merchant", "terminal", "shop", "store", "pos", "seller", "payee", "receiver", "dest",
}  # fmt: skip

_OF_THE_LABEL = {"fraud", "label", "chargeback", "dispute", "target", "scam"}


@dataclass(frozen=True)
class OwnChoice:
    """The proposal for the columns that IgniteFlow has no name for.

    Attributes:
        types: types of the proposed columns, by their names in IgniteFlow.
        columns: their names in the source.
        reasons: reasons for the types, by the names in IgniteFlow.
        left_out: why the others are not proposed, by their names in the source.
    """

    types: dict[str, OwnType]
    columns: dict[str, str]
    reasons: dict[str, str]
    left_out: dict[str, str]


def own_columns(rows: pd.DataFrame, looks: Mapping[str, Look], names: list[str]) -> OwnChoice:
    """Choose a type for each of the columns, or a reason to leave it out.

    A column is left out if nearly all its values are distinct, or all are the same; if it is a
    time; or if its name suggests that it leaks the label or identifies a person. Two columns of
    degrees are a position.

    Args:
        rows: rows of the sample, all text.
        looks: the look of each of its columns.
        names: the unmapped columns.
    """
    choice = OwnChoice({}, {}, {}, {})
    texts = {
        name: [value for value in map(text, rows[name]) if value is not None] for name in names
    }
    coordinates = _coordinates(texts)
    for name, there in texts.items():
        reason = None if name in coordinates else _refusal(name, there, looks[name])
        type_ = None if reason else coordinates.get(name) or _type_of(name, there, looks[name])
        if type_ is None:
            choice.left_out[name] = reason or "nearly every row has a different value"
            continue
        own = _own_name(name, choice.types)
        choice.types[own] = type_
        choice.columns[own] = name
        choice.reasons[own] = _REASONS[type_]
    return choice


def _coordinates(texts: Mapping[str, list[str]]) -> dict[str, OwnType]:
    """The type of each column that is half of a position.

    A position whose name has no further word is the customer's, unless it is the only one: then it
    is the transaction's place, which is the terminal's.
    """
    halves: dict[frozenset[str], dict[str, str]] = {}
    for name in texts:
        words = _words(name)
        for axis, known in (("latitude", _LATITUDE), ("longitude", _LONGITUDE)):
            if words & known:
                halves.setdefault(frozenset(words - known), {})[axis] = name
    whole = {rest: half for rest, half in halves.items() if len(half) == len(("lat", "long"))}
    terminals = [rest for rest in whole if rest & _OF_A_TERMINAL]
    others = [rest for rest in whole if rest not in terminals]
    if not terminals and others == [frozenset()]:
        terminals, others = others, []
    types: dict[str, OwnType] = {}
    for entity, positions in (("customer", others), ("terminal", terminals)):
        # The names do not distinguish several positions of one entity.
        if len(positions) == 1:
            types |= {
                whole[positions[0]][place.axis]: type_
                for type_, place in COORDINATES.items()
                if place.entity == entity and place.axis in whole[positions[0]]
            }
    in_degrees = all(_share(type_, texts[name]) >= _ENOUGH for name, type_ in types.items())
    return types if in_degrees else {}


_REASONS: Mapping[OwnType, str] = {
    "numeric": "its values are numbers",
    "boolean": "its values are yes and no",
    "categorical": "its values are repeated",
    "ip": "its values are IP addresses",
    "email": "its values are e-mail addresses",
    **{
        type_: f"degrees of the {place.entity}'s position, by its name"
        for type_, place in COORDINATES.items()
    },
}


def _refusal(name: str, there: list[str], look: Look) -> str | None:
    words = _words(name)
    if words & _OF_THE_LABEL:
        return "it may leak the label, which is not known when a payment is scored"
    if words & _OF_A_PERSON or (words and words <= _OF_A_PERSON_ALONE):
        return "it may identify a person; declare it if you may use it in decisions about people"
    if not there:
        return "it has no value"
    if len(set(there)) == 1 and look.missing == 0:
        return "it has one value only"
    if look.is_time or look.patterns:
        return "it is a time; declare it as a timestamp if payments are scored with it"
    return None


def _type_of(name: str, there: list[str], look: Look) -> OwnType | None:
    addresses: tuple[OwnType, ...] = ("ip", "email")
    for type_ in addresses:
        if _share(type_, there) >= _ENOUGH:
            return type_
    if look.is_label:
        return "boolean"
    if look.is_number and not _words(name) & _CODES:
        return "numeric"
    return "categorical" if look.distinct <= _REPEATED else None


def _share(type_: OwnType, values: list[str]) -> float:
    def is_one(value: str) -> bool:
        try:
            own_value(type_, value)
        except ValueError:
            return False
        return True

    return sum(map(is_one, values)) / max(len(values), 1)


def _words(name: str) -> set[str]:
    """The words of a name, whether it is written with underscores or capitals."""
    return set(re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()))


def _own_name(name: str, taken: Mapping[str, OwnType]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()).strip("_")
    candidates = [plain, f"own_{plain}", *(f"own_{plain}_{number}" for number in range(2, 1_000))]
    return next(each for each in candidates if each not in taken and not name_fault(each))
