"""``igniteflow config``: the settings as they are merged."""

import typer

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.sources import SourceSettings, SourcesSettings
from igniteflow_core.errors import ConfigurationError

commands = typer.Typer(help="The settings, merged and validated.", no_args_is_help=True)


@commands.command()
def show() -> None:
    """Print all settings of the environment as JSON, or every mistake in them."""
    typer.echo(load_settings().model_dump_json(indent=2))


@commands.command()
def check() -> None:
    """Validate the settings of the environment, and look for what they name on this machine."""
    settings = load_settings()
    _check_apis(settings.sources)
    typer.echo(f"The settings of {settings.environment} are valid.")


def _check_apis(sources: SourcesSettings) -> None:
    """Make sure that the secrets and certificates for APIs are there; nothing is asked for."""
    apis = [(name, each) for name, each in sources if isinstance(each, SourceSettings)]
    mistakes = []
    for name, source in apis:
        if source.rest is None:
            continue
        # Most settings name no API.
        from igniteflow_core.rest.client import RestClient  # noqa: PLC0415

        try:
            RestClient(source.path, source.rest).close()
        except ConfigurationError as error:
            mistakes.append(f"sources.{name}: {error.what} ({error.where})")
    if mistakes:
        listed = "".join(f"\n    - {mistake}" for mistake in mistakes)
        raise ConfigurationError(
            f"the settings are valid, but what they name is not here:{listed}\n  It was looked for",
            where="the environment and the files of this machine",
            fix="set it where the runs are, or mend rest.authentication and rest.certificates",
        )
