"""``igniteflow migrate``: bring the database of Dagster's records to the schema of this release."""

from rich.console import Console

from igniteflow_cli.instance import dagster_instance


def migrate() -> None:
    """Change the tables of Dagster's records where this release needs it; twice changes nothing."""
    # Dagster's own command shows the run launcher first, which on Kubernetes needs a token that a
    # pod for this alone has not.
    with dagster_instance() as instance:
        instance.upgrade(Console().print)
