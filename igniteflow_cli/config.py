"""``igniteflow config``: the merged and validated settings."""

import typer

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.sources import SourceSettings, SourcesSettings
from igniteflow_core.errors import ConfigurationError

commands = typer.Typer(help="The settings, merged and validated.", no_args_is_help=True)


@commands.command()
def show() -> None:
    """Print all settings of the environment as JSON, or all errors in them."""
    typer.echo(load_settings().model_dump_json(indent=2))


@commands.command()
def check() -> None:
    """Validate the settings of the environment, and check that referenced secrets exist."""
    settings = load_settings()
    _check_apis(settings.sources)
    typer.echo(f"The settings of {settings.environment} are valid.")


def _check_apis(sources: SourcesSettings) -> None:
    """Check that the secrets and certificates for APIs exist; no request is sent."""
    apis = [(name, each) for name, each in sources if isinstance(each, SourceSettings)]
    failures = []
    for name, source in apis:
        if source.rest is None:
            continue
        # Most settings name no API.
        from igniteflow_core.rest.client import RestClient  # noqa: PLC0415

        try:
            RestClient(source.path, source.rest).close()
        except ConfigurationError as error:
            failures.append(f"sources.{name}: {error.what} ({error.where})")
    if failures:
        listed = "".join(f"\n    - {failure}" for failure in failures)
        raise ConfigurationError(
            f"the settings are valid, but secrets or files are missing:{listed}\n  Not found",
            where="the environment and the files of this machine",
            fix="provide them where the runs are executed, or correct rest.authentication and "
            "rest.certificates",
        )
