"""The settings that a sample suggests, each with its reason, and questions for the user."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from igniteflow_core.connect.looks import Look, look_of
from igniteflow_core.connect.mapping import ColumnMapping, likeliest_table, mapped
from igniteflow_core.connect.names import TABLES
from igniteflow_core.connect.own_columns import own_columns
from igniteflow_core.connect.sample import Sample
from igniteflow_core.errors import SourceSchemaError
from igniteflow_core.schemas.own_columns import COORDINATES, Coordinate, OwnType

ASSUMED_ORIGIN = datetime(2025, 1, 1)  # noqa: DTZ001 - a local time of the source
_UNITS = {"step": "hours", "hour": "hours", "hours": "hours", "month": "months", "day": "days"}
_CATEGORY_SEPARATORS = ("|", ";", ",", "/")


@dataclass(frozen=True)
class Question:
    """A fact that the source does not contain, so that a person has to confirm or correct it.

    Attributes:
        setting: setting that the answer sets: time_zone, labels, times.pattern, times.unit or
            times.origin.
        text: the question.
        assumed: default answer.
    """

    setting: str
    text: str
    assumed: str


@dataclass(frozen=True)
class Proposal:
    """The proposed settings of a source.

    Attributes:
        table: IgniteFlow's table that the source is mapped to.
        source: settings of the source, as ``igniteflow_core.config.sources.SourceSettings``.
        mapped: the matching column of the source for each of IgniteFlow's.
        reasons: reasons by setting or column.
        questions: open questions, whose assumed answers are in ``source`` and ``time_zone``.
        time_zone: zone of times without one.
        left_out: unmapped columns of the source, and the reason if it is known.
        own_types: types of the columns that are declared as the team's own.
    """

    table: str
    source: dict[str, Any]
    mapped: dict[str, str]
    reasons: dict[str, str]
    questions: list[Question] = field(default_factory=list)
    time_zone: str = "UTC"
    left_out: dict[str, str] = field(default_factory=dict)
    own_types: dict[str, OwnType] = field(default_factory=dict)

    def answered(self, question: Question, answer: str) -> "Proposal":
        """The proposal with this answer instead of the assumed one."""
        if question.setting == "time_zone":
            return replace(self, time_zone=answer)
        if question.setting == "labels":
            return replace(self, source=self.source | {"labels": _labels(self.source, answer)})
        times = self.source["times"] | {question.setting.removeprefix("times."): answer}
        return replace(self, source=self.source | {"times": times})

    def without_own(self, reasons: Mapping[str, str]) -> "Proposal":
        """The proposal without some of the own columns, for the given reasons.

        If half of a position is removed, so is the other half.
        """
        broken = {place.entity for name in reasons if (place := self._coordinate(name))}
        halves = {
            name: "the other half of the position is left out"
            for name in self.own_types
            if name not in reasons and (place := self._coordinate(name)) and place.entity in broken
        }
        reasons = {**reasons, **halves}
        left_out = {self.mapped[name]: reason for name, reason in reasons.items()}
        return replace(
            self,
            source=self.source | {"columns": _without(self.source["columns"], reasons)},
            mapped=_without(self.mapped, reasons),
            reasons=_without(self.reasons, reasons),
            left_out=self.left_out | left_out,
            own_types=_without(self.own_types, reasons),
        )

    def _coordinate(self, name: str) -> Coordinate | None:
        return COORDINATES.get(self.own_types[name])


def _without(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def proposal_for(sample: Sample, table: str | None = None) -> Proposal:
    """Propose settings for the source of the sample.

    Args:
        sample: first rows of the source.
        table: IgniteFlow's table; by default the most likely one.

    Raises:
        SourceSchemaError: no table matches, or the source lacks columns that the table needs.
    """
    looks = {name: look_of(sample.rows[name]) for name in sample.rows.columns}
    chosen = table or likeliest_table(looks)
    if chosen is None:
        raise SourceSchemaError(
            "the columns do not match any of IgniteFlow's tables",
            where=f"columns {', '.join(looks)}",
            fix=f"select the table with --as: {', '.join(TABLES)}",
        )
    mapping = mapped(looks, chosen)
    if mapping.missing:
        raise SourceSchemaError(
            f"no column looks like {_with_nearest(mapping, looks)}",
            where=f"columns {', '.join(looks)}",
            fix="write the mapping by hand, as config/examples show, or deliver the column",
        )
    source = dict(sample.settings)
    reasons = dict(sample.reasons) | mapping.reasons
    questions: list[Question] = []
    source["columns"] = {column: name for column, name in mapping.columns.items() if column != name}
    _add_numbers(source, reasons, mapping, looks)
    _add_times(source, reasons, questions, mapping, looks, sample)
    _add_labels(source, reasons, questions, mapping, looks)
    if chosen == "transactions" and "transaction_id" not in mapping.columns:
        source["derive_ids"] = True
        reasons["derive_ids"] = "no column has a distinct value in each row"
    if chosen == "items":
        _add_category_separator(source, reasons, sample, mapping.columns["categories"])
    others = [name for name in looks if name not in mapping.columns.values()]
    if chosen != "transactions":
        left_out = dict.fromkeys(others, "")
        return Proposal(chosen, source, mapping.columns, reasons, questions, left_out=left_out)
    own = own_columns(sample.rows, looks, others)
    source["columns"] |= {column: name for column, name in own.columns.items() if column != name}
    return Proposal(
        chosen,
        source,
        mapping.columns | own.columns,
        reasons | own.reasons,
        questions,
        left_out=own.left_out,
        own_types=own.types,
    )


def settings_file(
    proposal: Proposal, root: Path, first_day: date | None, last_day: date | None
) -> dict[str, Any]:
    """The settings file: the source, its days, and a separate lake and MLflow store.

    Args:
        proposal: proposal for the source.
        root: folder for the lake and the MLflow store.
        first_day: first day of the events; None for a table without days.
        last_day: last day of the events.
    """
    sources: dict[str, Any] = {proposal.table: proposal.source}
    if proposal.table == "transactions":
        sources |= {"customers": None, "terminals": None}
    if proposal.table in {"ratings", "events"}:
        sources |= {"users": None, "items": None}
    if proposal.own_types:
        declared = {name: {"type": type_} for name, type_ in proposal.own_types.items()}
        sources |= {"own_columns": declared}
    settings: dict[str, Any] = {"sources": sources | {"time_zone": proposal.time_zone}}
    if proposal.table == "transactions" and first_day and last_day:
        settings["partitions"] = {
            "start_date": first_day.isoformat(),
            "end_date": last_day.isoformat(),
        }
    return settings | {
        "lake": {"root": f"{root}/lake"},
        "mlflow": {
            "tracking_uri": f"sqlite:///{root}/mlflow.db",
            "artifact_root": f"{root}/mlflow",
        },
    }


def _add_numbers(
    source: dict[str, Any], reasons: dict[str, str], mapping: ColumnMapping, looks: dict[str, Look]
) -> None:
    if source["format"] != "csv":
        return
    for column in ("amount", "rating", "x", "y", "latitude", "longitude"):
        look = looks.get(mapping.columns.get(column, ""))
        if look is None:
            continue
        if look.decimal_comma:
            source["decimal"] = ","
            reasons["decimal"] = f"{mapping.columns[column]} has a decimal comma"
        if look.thousands:
            source["thousands"] = look.thousands
            reasons["thousands"] = f"{mapping.columns[column]} has it between groups of digits"


def _add_times(
    source: dict[str, Any],
    reasons: dict[str, str],
    questions: list[Question],
    mapping: ColumnMapping,
    looks: dict[str, Look],
    sample: Sample,
) -> None:
    name = mapping.columns.get("event_time")
    if name is None:
        return
    look = looks[name]
    if look.is_time:
        if not look.is_count and "UTC" not in sample.types.get(name, ""):
            questions.append(_zone_of(name))
        return
    if look.patterns:
        source["times"] = {"pattern": look.patterns[0]}
        reasons["times"] = f"values of {name} have this format"
        if len(look.patterns) > 1:
            also = f"{look.patterns[1]} matches as well"
            questions.append(
                Question("times.pattern", f"How is {name} written? {also}", look.patterns[0])
            )
        questions.append(_zone_of(name))
        return
    unit = _UNITS.get(name.lower(), "seconds")
    source["times"] = {"unit": unit, "origin": ASSUMED_ORIGIN.isoformat()}
    reasons["times"] = f"{name} counts from a start that the source does not state"
    questions += [
        Question("times.unit", f"What does {name} count: seconds, hours, days …?", unit),
        Question("times.origin", f"Since when does {name} count?", ASSUMED_ORIGIN.isoformat()),
        _zone_of(name),
    ]


def _add_labels(
    source: dict[str, Any],
    reasons: dict[str, str],
    questions: list[Question],
    mapping: ColumnMapping,
    looks: dict[str, Look],
) -> None:
    name = mapping.columns.get("is_fraud")
    if name is None or looks[name].is_label or looks[name].two_values is None:
        return
    rare, common = looks[name].two_values or ("", "")
    source["labels"] = {rare: 1, common: 0}
    reasons["labels"] = f"the two values of {name}; fraud is the rarer one"
    questions.append(Question("labels", f"Which value of {name} means fraud?", rare))


def _labels(source: dict[str, Any], fraud: str) -> dict[str, int]:
    return {value: int(value == fraud) for value in source["labels"]}


def _zone_of(name: str) -> Question:
    return Question("time_zone", f"In which time zone are times of {name} without one?", "UTC")


def _add_category_separator(
    source: dict[str, Any], reasons: dict[str, str], sample: Sample, name: str
) -> None:
    values = [value for value in sample.rows[name] if value]
    shares = {
        mark: sum(mark in value for value in values) / max(len(values), 1)
        for mark in _CATEGORY_SEPARATORS
    }
    best = max(shares, key=lambda mark: shares[mark])
    if shares[best] > 0 and best != "|":
        source["category_separator"] = best
        reasons["category_separator"] = f"it occurs in {100 * shares[best]:.3g} % of {name}"


def _with_nearest(mapping: ColumnMapping, looks: dict[str, Look]) -> str:
    hints = []
    for column in mapping.missing:
        near = difflib.get_close_matches(column, list(looks), n=1, cutoff=0.5)
        hints.append(f"{column} (nearest: {near[0]})" if near else column)
    return ", ".join(hints)
