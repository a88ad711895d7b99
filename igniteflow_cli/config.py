"""``igniteflow config``: the settings as they are merged."""

import typer

from igniteflow_core.config.load import load_settings

commands = typer.Typer(help="The settings, merged and validated.", no_args_is_help=True)


@commands.command()
def show() -> None:
    """Print all settings of the environment as JSON, or every mistake in them."""
    typer.echo(load_settings().model_dump_json(indent=2))


@commands.command()
def check() -> None:
    """Validate the settings of the environment."""
    typer.echo(f"The settings of {load_settings().environment} are valid.")
