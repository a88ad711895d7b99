"""``igniteflow audit``: the provenance and approval of models, and the integrity of the log."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import dagster as dg
import typer
from rich.console import Console
from rich.table import Table

from igniteflow_cli.page_file import write_page
from igniteflow_core.audit.chain import AuditEntry, first_broken
from igniteflow_core.audit.provenance import RegistryFacts, facts_of, provenance
from igniteflow_core.audit.report import compliance_report, moment
from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import ConfigurationError

if TYPE_CHECKING:
    from mlflow import MlflowClient

commands = typer.Typer(help="Trace models, and verify the audit log.", no_args_is_help=True)
Version = Annotated[str, typer.Argument(metavar="MODEL@VERSION", help="Such as fraud_ensemble@3")]


@commands.command("show")
def show(version: Version) -> None:
    """Show the provenance of a version: its data, checks, promotion decision and history."""
    facts, log = _facts_and_log(version)
    model = provenance(facts, log)
    console = Console()
    console.print(f"[bold]{model.model} version {model.version}[/] {' '.join(model.aliases)}")
    for name, value in {
        "promotion": model.tags.get("promotion", "not decided"),
        "reason": model.tags.get("promotion_reason", "none recorded"),
        "rolled back": model.tags.get("rolled_back", "no"),
        "trained on": f"{model.tags.get('trained_from')} to {model.tags.get('trained_to')}",
        "started by": model.trained_by or "not in the audit log",
        "Dagster run": model.run_id,
        "MLflow run": model.mlflow_run_id,
        "code": model.code_version or "not in the audit log",
    }.items():
        console.print(f"  {name}: {value}", highlight=False)
    tables = Table("table", "Delta version", "written by run", "checks", title="Made from")
    for table in model.tables:
        checks = ", ".join(f"{n} {'✓' if ok else '✗'}" for n, ok in table.checks.items())
        tables.add_row(table.name, str(table.delta_version), table.written_by, checks)
    console.print(tables)
    history = Table("entry", "when", "what", "by", "facts", title="History")
    for entry in model.history:
        reason = facts_of(entry).get("reason", "")
        history.add_row(
            str(entry.sequence), f"{moment(entry):%Y-%m-%d %H:%M:%S}", entry.subject, entry.actor,
            str(reason),
        )  # fmt: skip
    console.print(history)
    console.print(f"The audit log is {'intact' if model.broken is None else model.broken}.")


@commands.command("report")
def report(
    version: Version,
    to: Annotated[Path, typer.Option(help="The file to write: .html, or .pdf")] = Path(
        "model_report.html"
    ),
) -> None:
    """Write the compliance report: data, metrics, segments, decisions and drift of a version."""
    from igniteflow_resources.audit.model_facts import evaluation_artifacts  # noqa: PLC0415

    facts, log = _facts_and_log(version)
    with tempfile.TemporaryDirectory() as folder:
        plots, tables = evaluation_artifacts(_client(), facts, Path(folder))
    write_page(compliance_report(provenance(facts, log), plots, tables), to)
    Console().print(f"Wrote {to}", highlight=False)


@commands.command("verify")
def verify() -> None:
    """Verify the chain of the audit log from its first entry; exit with 1 if it was altered."""
    log = _log()
    broken = first_broken(log)
    if broken is not None:
        Console(stderr=True).print(f"[bold red]The audit log was altered:[/] {broken}")
        raise typer.Exit(1)
    last = log[-1].hash if log else "none"
    Console().print(f"{len(log)} entries, intact; last hash {last}", highlight=False)


def _facts_and_log(version: str) -> tuple[RegistryFacts, list[AuditEntry]]:
    from igniteflow_resources.audit.model_facts import registry_facts  # noqa: PLC0415

    name, _, number = version.partition("@")
    if not number.isdigit():
        raise ConfigurationError(
            f"{version} is not a model version",
            where="MODEL@VERSION",
            fix="give it as in fraud_ensemble@3",
        )
    return registry_facts(_client(), name, number), _log()


def _client() -> "MlflowClient":
    # Importing MLflow takes seconds, so other commands do not import it.
    from mlflow import MlflowClient  # noqa: PLC0415

    mlflow = load_settings().mlflow
    return MlflowClient(mlflow.tracking_uri, mlflow.models_uri)


def _log() -> list[AuditEntry]:
    from igniteflow_resources.audit.log import read_audit_log  # noqa: PLC0415
    from igniteflow_resources.platform import platform_resources  # noqa: PLC0415

    with dg.build_resources({"lake": platform_resources(load_settings())["lake"]}) as built:
        return read_audit_log(built.lake)
