"""``igniteflow exporter``: serves Dagster's state as Prometheus metrics."""

from typing import Annotated

import typer

from igniteflow_cli.free_port import require_free_port
from igniteflow_cli.instance import dagster_instance
from igniteflow_core.config.load import load_settings
from igniteflow_core.telemetry.logs import configure_logging


def exporter(
    port: Annotated[int, typer.Option(help="Port of /metrics", min=0, max=65_535)] = 9464,
) -> None:
    """Serve runs, daemons, assets, checks and models as Prometheus metrics; stop with Ctrl-C."""
    require_free_port("0.0.0.0", port)  # noqa: S104 # nosec B104 - where Prometheus' client listens
    # Loading the definitions takes seconds, so other commands do not load them.
    from igniteflow_assets.definitions import defs  # noqa: PLC0415
    from igniteflow_resources.exporter.serve import refresher, serve_metrics  # noqa: PLC0415

    configure_logging("exporter", load_settings())
    repository = defs.get_repository_def()
    checks = sorted(repository.asset_graph.asset_check_keys)
    with dagster_instance() as instance:
        serve_metrics(refresher(instance, repository.job_names, checks), port)
