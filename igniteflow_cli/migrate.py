"""``igniteflow migrate``: migrates the database of Dagster's instance to this release."""

from rich.console import Console

from igniteflow_cli.instance import dagster_instance


def migrate() -> None:
    """Migrate the tables of Dagster's instance to this release; repeating it changes nothing."""
    # Dagster's own command first loads the run launcher, which on Kubernetes requires a token that
    # a migration pod does not have.
    with dagster_instance() as instance:
        instance.upgrade(Console().print)
