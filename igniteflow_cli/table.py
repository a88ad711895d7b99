"""``igniteflow table``: lists and restores versions of a lake table."""

import getpass
from datetime import UTC, datetime
from typing import Annotated

import dagster as dg
import typer
from rich.console import Console
from rich.table import Table

from igniteflow_cli.library_log import library_log, under_way
from igniteflow_cli.run import execute
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.quality import rules_of_table
from igniteflow_core.errors import ConfigurationError

commands = typer.Typer(help="The versions of the lake's tables.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="TABLE", help="Such as transactions")]


@commands.command("history")
def history(
    table: Name,
    limit: Annotated[int, typer.Option(help="Number of versions, newest first", min=1)] = 20,
) -> None:
    """Show the versions of a table with time, operation, rows and run of each commit."""
    from igniteflow_resources.lake.history import table_history  # noqa: PLC0415
    from igniteflow_resources.platform import platform_resources  # noqa: PLC0415

    with dg.build_resources({"lake": platform_resources(load_settings())["lake"]}) as built:
        versions = table_history(built.lake, table, limit)
    shown = Table("version", "committed (UTC)", "operation", "rows", "run", title=table)
    for each in versions:
        rows = "" if each.rows_written is None else f"{each.rows_written:,}"
        time = f"{each.committed_at:%Y-%m-%d %H:%M:%S}"
        shown.add_row(str(each.version), time, each.operation, rows, each.run_id or "")
    Console().print(shown)


@commands.command("restore")
def restore(
    table: Name,
    reason: Annotated[str, typer.Option(help="Reason; recorded in the audit log")],
    version: Annotated[int | None, typer.Option(help="Version to restore", min=0)] = None,
    timestamp: Annotated[
        datetime | None,
        typer.Option(
            help="Restore the newest version at this time, in UTC",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        ),
    ] = None,
) -> None:
    """Restore the rows and columns of an earlier version; later versions stay in the history."""
    from igniteflow_assets.lake.table_restore import RestoreConfig  # noqa: PLC0415

    restore_config = RestoreConfig(
        table=table,
        reason=reason,
        version=version,
        timestamp=timestamp.replace(tzinfo=UTC).isoformat() if timestamp else None,
    )
    # Validated here, before a run is started.
    restore_config.target()
    execute(
        "table_restore_job",
        {"user": getpass.getuser()},
        {"restore_table": restore_config.model_dump(exclude_none=True)},
    )


@commands.command("failed-rows")
def failed_rows(
    table: Name,
    rule: Annotated[
        str | None, typer.Option(help="Only this rule, by its name in the check")
    ] = None,
) -> None:
    """Write the rows that violate configured quality rules, as one line of JSON per row."""
    from pyspark.sql import functions as F  # noqa: PLC0415

    from igniteflow_assets.quality.rule_checks import CHECKED_TABLES  # noqa: PLC0415
    from igniteflow_core.quality.describe import rule_names  # noqa: PLC0415
    from igniteflow_core.quality.failed_rows import failed_rows as rows_of  # noqa: PLC0415
    from igniteflow_resources.platform import platform_resources  # noqa: PLC0415

    settings = load_settings()
    columns = {contract.name: contract.column_names for contract in CHECKED_TABLES}
    rules = rules_of_table(settings.quality, table, columns.get(table, ())).rules
    named = dict(zip(rule_names(rules), rules, strict=True))
    if not named or rule not in {None, *named}:
        raise ConfigurationError(
            f"{table} has no rule {rule}" if named else f"the table {table} has no rules",
            where=f"quality.{table}.rules",
            fix=f"choose one of {', '.join(named or settings.quality)}",
        )
    with (
        library_log("failed-rows") as (console, _),
        under_way(console, f"Reading {table}"),
        dg.build_resources({"lake": platform_resources(settings)["lake"]}) as built,
    ):
        rows = built.lake.read(table)
        for name in [rule] if rule else named:
            broken = rows_of(rows, named[name])
            if broken is None:
                continue
            for row in broken.select(F.to_json(F.struct("*"))).toLocalIterator():
                console.out(f'{{"broken_rule": "{name}", "row": {row[0]}}}', highlight=False)
