"""SIGKILL to the MLflow server while models are trained, registered, judged and rolled out."""

import sys
from pathlib import Path

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.under_load import kill_under_load, killed_and_started
from tests.local_server import Server, free_port, running

_FAULT = "kill the MLflow server"
_ASSETS = ["fraud_model", "fraud_evaluation", "fraud_champion", "fraud_endpoint"]


def mlflow_kills(campaign: Campaign) -> None:
    """Kill the server; afterwards one champion serves, and the rollback is possible."""
    campaign.copy_of_reference()
    home, port = campaign.home, free_port()
    command = [
        Path(sys.executable).with_name("mlflow"), "server", "--host", "127.0.0.1", "--port",
        str(port), "--backend-store-uri", f"sqlite:///{home}/mlflow.db", "--workers", "1",
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    variables = campaign.variables(MLFLOW__TRACKING_URI=address)
    with running(Server(command, port, home / "mlflow.log")) as server:
        kill = killed_and_started(server, campaign.chance)
        kill_under_load(campaign, kill, _FAULT, _ASSETS, campaign.runs_of(_ASSETS, variables))
        campaign.compare(_FAULT, MLFLOW__TRACKING_URI=address)
