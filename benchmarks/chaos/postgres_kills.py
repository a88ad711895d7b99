"""SIGKILL to the PostgreSQL that keeps Dagster's and MLflow's records, while runs write them."""

import yaml

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.home import variables_of
from benchmarks.chaos.under_load import kill_under_load, killed_and_started
from tests.postgres_server import PASSWORD, USER, postgres_server

_FAULT = "kill PostgreSQL"
_ASSETS = ["customers", "users"]


def postgres_kills(campaign: Campaign) -> None:
    """Kill the server; it recovers, and the tables are those of the undisturbed run."""
    campaign.copy_of_reference(campaign.home)
    home = campaign.home
    with postgres_server() as postgres:
        postgres.create_database("dagster")
        tracking_uri = postgres.create_database("mlflow")
        (home / "dagster.yaml").write_text(_dagster_yaml(postgres.port))
        variables = {
            **variables_of(home, campaign.reference.source, MLFLOW__TRACKING_URI=tracking_uri),
            "PGPASSWORD": PASSWORD,
        }
        kill = killed_and_started(postgres.server, campaign.chance)
        kill_under_load(campaign, kill, _FAULT, _ASSETS, variables)
    campaign.ledger.compare(
        _FAULT, campaign.reference.home, home, variables_of(home, campaign.reference.source)
    )


def _dagster_yaml(port: int) -> str:
    database = {
        "scheme": "postgresql+psycopg2",
        "hostname": "127.0.0.1",
        "port": port,
        "db_name": "dagster",
        "username": USER,
        "password": {"env": "PGPASSWORD"},
    }
    return yaml.safe_dump(
        {"storage": {"postgres": {"postgres_db": database}}, "telemetry": {"enabled": False}}
    )
