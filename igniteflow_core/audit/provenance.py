"""The provenance of a model version: its run, its tables, and its history since."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from igniteflow_core.audit.chain import AuditEntry, first_broken


@dataclass(frozen=True)
class TableProvenance:
    """A table that the model was trained on, at the version that was read.

    Attributes:
        name: name of the table.
        delta_version: Delta version that was read.
        written_by: run that wrote this version; None if the log does not hold it.
        checks: results of that run's checks of the table, by the name of the check.
    """

    name: str
    delta_version: int
    written_by: str | None
    checks: Mapping[str, bool]


@dataclass(frozen=True)
class ModelProvenance:
    """What the registry and the audit log say about one model version.

    Attributes:
        model: registered name.
        version: version in the registry.
        aliases: current aliases.
        tags: tags of the version: windows, metrics, decision, reason.
        run_id: Dagster run that trained it; None if the log does not hold it.
        mlflow_run_id: MLflow run that trained it.
        trained_by: who or what started that run.
        code_version: version of IgniteFlow in that run.
        tables: tables that it was trained on.
        history: entries of the audit log about this version, oldest first.
        drift: entries of the audit log about drift, oldest first.
        broken: where the audit log was altered, or None if it is whole.
    """

    model: str
    version: str
    aliases: Sequence[str]
    tags: Mapping[str, str]
    run_id: str | None
    mlflow_run_id: str
    trained_by: str | None
    code_version: str | None
    tables: Sequence[TableProvenance]
    history: Sequence[AuditEntry]
    drift: Sequence[AuditEntry]
    broken: str | None


@dataclass(frozen=True)
class RegistryFacts:
    """What the registry says about a version.

    ``assets`` are the assets that train, evaluate and serve the model.
    """

    model: str
    version: str
    aliases: Sequence[str]
    tags: Mapping[str, str]
    mlflow_run_id: str
    run_id: str | None
    assets: frozenset[str]


def provenance(facts: RegistryFacts, log: Sequence[AuditEntry]) -> ModelProvenance:
    """Combine the facts of the registry with the audit log."""
    history = [
        entry
        for entry in log
        if entry.model_version == facts.version and entry.subject in facts.assets
    ]
    training = next((entry for entry in history if entry.run_id == facts.run_id), None)
    tables = {
        tag.removeprefix("delta."): int(value)
        for tag, value in facts.tags.items()
        if tag.startswith("delta.")
    }
    return ModelProvenance(
        model=facts.model,
        version=facts.version,
        aliases=facts.aliases,
        tags=facts.tags,
        run_id=facts.run_id,
        mlflow_run_id=facts.mlflow_run_id,
        trained_by=training.actor if training else None,
        code_version=training.code_version if training else None,
        tables=[_table(name, version, log) for name, version in sorted(tables.items())],
        history=history,
        drift=[
            entry
            for entry in log
            if entry.subject.endswith("_drift") and entry.event == "materialized"
        ],
        broken=first_broken(log),
    )


def _table(name: str, version: int, log: Sequence[AuditEntry]) -> TableProvenance:
    written = [
        entry
        for entry in log
        if entry.subject == name and facts_of(entry).get("delta_version") == version
    ]
    run_id = written[-1].run_id if written else None
    prefix = f"{name}: "
    checks = {
        entry.subject.removeprefix(prefix): entry.event == "check passed"
        for entry in log
        if run_id is not None and entry.run_id == run_id and entry.subject.startswith(prefix)
    }
    return TableProvenance(name, version, run_id, checks)


def facts_of(entry: AuditEntry) -> dict[str, Any]:
    """The metadata of the entry."""
    facts: dict[str, Any] = json.loads(entry.facts)
    return facts
