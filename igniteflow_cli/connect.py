"""``igniteflow connect``: proposes settings for an undescribed file or folder."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import dagster as dg
import typer
from rich.console import Console
from rich.prompt import Confirm, Prompt
from rich.table import Table

from igniteflow_cli.library_log import library_log, under_way
from igniteflow_cli.page_file import write_page
from igniteflow_core.config.load import OVERLAY_VARIABLE, load_settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.connect.names import TABLES
from igniteflow_core.connect.profile import profile_page
from igniteflow_core.connect.proposal import Proposal, proposal_for, settings_file
from igniteflow_core.connect.sample import read_sample
from igniteflow_core.errors import ConfigurationError
from igniteflow_core.schemas.own_columns import OwnColumn

if TYPE_CHECKING:
    from igniteflow_core.connect.trial import Trial

_FOLDER = Path("data", "connected")
_JOBS = {"transactions": "fraud_job", "customers": "fraud_job", "terminals": "fraud_job"}


def connect(
    path: Annotated[Path, typer.Argument(help="A file, or a folder of files")],
    table: Annotated[
        str | None, typer.Option("--as", help=f"Table of the data: {', '.join(TABLES)}")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help=f"Settings file to write; by default in {_FOLDER}, named after the data"),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask: use assumptions, and replace the file")
    ] = False,
) -> None:
    """Analyze data, propose settings for reading it, and show the rows that result.

    A page with a plot of each column is written beside the settings file.
    """
    if table is not None and table not in TABLES:
        raise ConfigurationError(
            f"there is no table {table!r}", where="--as", fix=f"use one of {', '.join(TABLES)}"
        )
    name = path.resolve().name.split(".")[0]
    file = out or _FOLDER / f"{name}.json"
    with library_log("connect") as (console, _):
        sample = read_sample(path)
        proposal = proposal_for(sample, table)
        _print_proposal(console, proposal)
        if not yes:
            proposal = _asked(console, proposal)
            if file.exists() and not Confirm.ask(f"Replace {file}?", console=console):
                return
        proposal, trial = _tried(console, proposal)
        _print_unused(console, proposal)
        facts = _shown(console, trial)
        settings = settings_file(proposal, _FOLDER / name, trial.first_day, trial.last_day)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        page = file.with_suffix(".html")
        write_page(profile_page(sample, proposal, facts), page)
        _check(file)
        job = _JOBS.get(proposal.table, "recommendation_job")
        console.print(f"[green]✓[/] Settings: {file}", soft_wrap=True)
        console.print(f"[green]✓[/] Page with a plot of each column: {page}", soft_wrap=True)
        console.print(
            f"Use them: {OVERLAY_VARIABLE}={file} igniteflow run --job {job}", soft_wrap=True
        )


def _print_proposal(console: Console, proposal: Proposal) -> None:
    shown = Table(
        "setting", "value", "reason", title=f"{proposal.source['path']}: {proposal.table}"
    )
    for name, reason in proposal.reasons.items():
        value = proposal.mapped.get(name, proposal.source.get(name))
        if name in proposal.own_types:
            value = f"{value}, {proposal.own_types[name]}, of your own"
        shown.add_row(name, value if isinstance(value, str) else json.dumps(value), reason)
    console.print(shown)
    for question in proposal.questions:
        console.print(f"{question.text} Assumed: {question.assumed}", markup=False)


def _print_unused(console: Console, proposal: Proposal) -> None:
    """Print the columns that are not used, grouped by reason."""
    names: dict[str, list[str]] = {}
    for name, reason in proposal.left_out.items():
        names.setdefault(reason, []).append(name)
    for reason, columns in names.items():
        suffix = f" ({reason})" if reason else ""
        console.print(f"Columns that are not used: {', '.join(columns)}{suffix}", markup=False)


def _asked(console: Console, proposal: Proposal) -> Proposal:
    for question in proposal.questions:
        answer = Prompt.ask(question.text, default=question.assumed, console=console)
        proposal = proposal.answered(question, answer)
    return proposal


def _tried(console: Console, proposal: Proposal) -> tuple[Proposal, "Trial"]:
    """Read all rows with the proposal, and drop own columns that would quarantine rows."""
    # Importing Spark and the code that uses it takes seconds.
    from igniteflow_core.connect.trial import try_source  # noqa: PLC0415
    from igniteflow_resources.platform import platform_resources  # noqa: PLC0415

    settings = load_settings()
    clock = settings.sources.model_copy(update={"time_zone": proposal.time_zone}).clock(
        datetime.now(UTC)
    )
    with (
        under_way(console, f"Reading {proposal.source['path']}"),
        dg.build_resources({"spark": platform_resources(settings)["spark"]}) as built,
    ):
        while True:
            source = SourceSettings.model_validate(proposal.source)
            own = {name: OwnColumn(type=type_) for name, type_ in proposal.own_types.items()}
            trial = try_source(built.spark.session, proposal.table, source, settings, clock, own)
            faults = {
                name: f"{count:,} of its values are not {own[name].type}"
                for name in own
                if (count := trial.reasons.get(f"invalid_{name}"))
            }
            if not faults:
                return proposal, trial
            proposal = proposal.without_own(faults)


def _shown(console: Console, trial: "Trial") -> dict[str, str]:
    """Show how many rows are kept and quarantined, and return these facts for the page."""
    if trial.examples:
        # One line per column, because a row of twenty columns does not fit into a terminal.
        numbers = [f"row {number}" for number in range(1, len(trial.examples) + 1)]
        shown = Table("column", *numbers, title="The first rows as IgniteFlow reads them")
        for name in trial.examples[0]:
            shown.add_row(name, *(str(row[name]) for row in trial.examples))
        console.print(shown)
    facts = {"rows": f"{trial.rows:,}", "kept": f"{trial.kept:,}"}
    facts |= {f"quarantined: {reason}": f"{count:,}" for reason, count in trial.reasons.items()}
    if trial.first_day and trial.last_day:
        facts["days"] = f"{trial.first_day} to {trial.last_day}"
    console.print(", ".join(f"{name}: {value}" for name, value in facts.items()), markup=False)
    return facts


def _check(file: Path) -> None:
    """Load the settings with the file, as all commands do if the variable is set."""
    before = os.environ.get(OVERLAY_VARIABLE)
    os.environ[OVERLAY_VARIABLE] = str(file)
    try:
        load_settings()
    finally:
        if before is None:
            del os.environ[OVERLAY_VARIABLE]
        else:
            os.environ[OVERLAY_VARIABLE] = before
