"""The command ``igniteflow``."""

import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from igniteflow_cli import (
    alerts,
    audit,
    automation,
    business,
    config,
    connect,
    exporter,
    generate,
    migrate,
    prune,
    rollback,
    run,
    serve,
    setup,
    stream,
    summary,
    table,
    ui,
)
from igniteflow_cli.instance import dagster_instance
from igniteflow_cli.next_steps import next_steps
from igniteflow_core.config.load import load_settings
from igniteflow_core.errors import IgniteFlowError, full_disk

commands = typer.Typer(
    name="igniteflow",
    help="A Dagster-orchestrated data and ML platform: fraud detection and recommendations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
commands.command("setup")(setup.setup)
commands.command("generate")(generate.generate)
commands.command("connect")(connect.connect)
commands.command("run")(run.run)
commands.command("rollback")(rollback.rollback)
commands.command("stream")(stream.stream)
commands.command("summary")(summary.summary)
commands.command("business")(business.business)
commands.command("serve")(serve.serve)
commands.command("ui")(ui.ui)
commands.command("exporter")(exporter.exporter)
commands.command("migrate")(migrate.migrate)
commands.command("prune")(prune.prune)
commands.add_typer(config.commands, name="config")
commands.add_typer(alerts.commands, name="alerts")
commands.add_typer(audit.commands, name="audit")
commands.add_typer(automation.commands, name="automation")
commands.add_typer(table.commands, name="table")


@commands.command()
def demo(
    scale: Annotated[float, typer.Option(help="Size of the simulated sample", min=0.1)] = 1.0,
) -> None:
    """Set up, simulate data if there is none, run the whole graph, and show the results."""
    setup.setup()
    generate.generate_if_missing(scale)
    run.run_days()
    with dagster_instance() as instance:
        for line in next_steps(instance, load_settings().serving):
            Console().print(line, soft_wrap=True, markup=False, highlight=False)


def app() -> None:
    """Run the command line; an error of the platform is shown without a stack trace."""
    try:
        commands()
    except IgniteFlowError as error:
        _end_with(error)
    except Exception as error:
        # Imported only here, because it imports Spark and database libraries.
        from igniteflow_resources.causes import is_of_full_disk  # noqa: PLC0415

        if not is_of_full_disk(error):
            raise
        _end_with(full_disk(str(error).splitlines()[0]))


def _end_with(error: IgniteFlowError) -> NoReturn:
    message = escape(str(error))
    Console(stderr=True).print(f"[bold red]Error:[/] {message}", highlight=False, soft_wrap=True)
    sys.exit(1)
