"""SIGKILL to the PostgreSQL that keeps Dagster's and MLflow's records, while runs write them."""

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.under_load import kill_under_load, killed_and_started
from tests.postgres_server import PASSWORD, postgres_server

_FAULT = "kill PostgreSQL"
_ASSETS = ["customers", "quarantined_customers", "terminals", "quarantined_terminals"]


def postgres_kills(campaign: Campaign) -> None:
    """Kill the server; it recovers, and the tables are those of the undisturbed run."""
    campaign.copy_of_reference()
    with postgres_server() as postgres:
        postgres.create_database("dagster")
        tracking_uri = postgres.create_database("mlflow")
        (campaign.home / "dagster.yaml").write_text(postgres.dagster_yaml("dagster"))
        variables = {
            **campaign.variables(MLFLOW__TRACKING_URI=tracking_uri),
            "PGPASSWORD": PASSWORD,
        }
        kill = killed_and_started(postgres.server, campaign.chance)
        kill_under_load(campaign, kill, _FAULT, _ASSETS, campaign.runs_of(_ASSETS, variables))
    campaign.compare(_FAULT)
