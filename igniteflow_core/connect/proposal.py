"""The settings that a sample suggests, each with its reason, and what only a person can know."""

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
    """What cannot be seen in a source, so that a person has to confirm or correct it.

    Attributes:
        setting: that the answer is for: time_zone, labels, times.pattern, times.unit or
            times.origin.
        text: the question.
        assumed: the answer that counts until another one is given.
    """

    setting: str
    text: str
    assumed: str


@dataclass(frozen=True)
class Proposal:
    """What to write into a settings file.

    Attributes:
        table: of IgniteFlow, which the source is mapped to.
        source: its settings, as ``igniteflow_core.config.sources.SourceSettings`` takes them.
        mapped: the source's column for each of IgniteFlow's that was found.
        reasons: by setting or column, why.
        questions: whose assumed answers are in ``source`` and ``time_zone``.
        time_zone: of times that state none.
        left_out: columns of the source that nothing is mapped to, and why where that is known.
        own_types: of the columns that are declared as the team's own.
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

        Without half of a position the other half goes too.
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
    """Propose settings for the source that the sample is of.

    Args:
        sample: its first rows.
        table: of IgniteFlow; by default the likeliest.

    Raises:
        SourceSchemaError: no table fits, or the table's needed columns are not found.
    """
    looks = {name: look_of(sample.rows[name]) for name in sample.rows.columns}
    chosen = table or likeliest_table(looks)
    if chosen is None:
        raise SourceSchemaError(
            "the columns fit none of IgniteFlow's tables",
            where=f"columns {', '.join(looks)}",
            fix=f"say with --as which table they are: {', '.join(TABLES)}",
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
        reasons["derive_ids"] = "no column holds a different value in each row"
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
    """The settings file: the source, its days, and a lake and records of its own.

    Args:
        proposal: of the source.
        root: folder for the lake, the models and their records.
        first_day: of the events; None for a table without days.
        last_day: of the events.
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
            reasons["decimal"] = f"{mapping.columns[column]} has a comma before its fraction"
        if look.thousands:
            source["thousands"] = look.thousands
            reasons["thousands"] = f"{mapping.columns[column]} has it between three digits each"


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
        reasons["times"] = f"values of {name} are written so"
        if len(look.patterns) > 1:
            also = f"{look.patterns[1]} fits as well"
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
    return Question("time_zone", f"In which zone are times of {name} that state none?", "UTC")


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
        reasons["category_separator"] = f"it stands in {100 * shares[best]:.3g} % of {name}"


def _with_nearest(mapping: ColumnMapping, looks: dict[str, Look]) -> str:
    hints = []
    for column in mapping.missing:
        near = difflib.get_close_matches(column, list(looks), n=1, cutoff=0.5)
        hints.append(f"{column} (nearest: {near[0]})" if near else column)
    return ", ".join(hints)
