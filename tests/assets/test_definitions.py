import ast
import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from igniteflow_assets.definitions import defs

ROOT = Path(__file__).parents[2]
MAIN_LINE = {
    "raw_transactions", "transactions", "quarantined_transactions", "customers", "terminals",
    "quarantined_customers", "quarantined_terminals", "quarantined_users", "quarantined_items",
    "labels", "quarantined_labels",
    "fraud_features", "fraud_training_set", "fraud_model", "fraud_evaluation", "fraud_champion",
    "fraud_member_settings", "fraud_prequential_evaluation",
    "fraud_scores", "ratings", "quarantined_ratings", "users", "items", "interactions",
    "als_model", "content_model", "hybrid_recommender", "recommendation_evaluation",
    "recommendation_champion", "recommendations", "similar_items", "because_you_liked",
    "recommendation_member_settings",
    "events", "quarantined_events", "feature_drift", "prediction_drift", "fraud_performance",
    "business_report", "interaction_drift", "recommendation_drift", "recommendation_performance",
    "exposures", "quarantined_exposures", "outcomes", "quarantined_outcomes", "experiment_report",
    "stream_state", "stream_parity",
    "online_features", "online_users", "online_catalogue",
    "fraud_endpoint", "recommendation_endpoint",
    "decision_policy", "decision_backtest", "decision_policy_champion",
    "table_maintenance", "table_profiles",
    "decision_log", "recommendation_log", "feedback_log", "audit_log",
}  # fmt: skip
ALLOWED_IMPORTS = {
    "igniteflow_core": set(),
    "igniteflow_resources": {"igniteflow_core"},
    "igniteflow_assets": {"igniteflow_core", "igniteflow_resources"},
    "igniteflow_serving": {"igniteflow_core"},
    "igniteflow_cli": {
        "igniteflow_core",
        "igniteflow_resources",
        "igniteflow_assets",
        "igniteflow_serving",
    },
}

LOAD_WITHOUT_NETWORK_OR_JAVA = """
import socket, sys

def refuse(*arguments, **options):
    raise AssertionError("the network was used while definitions load")

socket.socket.connect = refuse
socket.getaddrinfo = refuse
from igniteflow_assets.definitions import defs
keys = defs.resolve_asset_graph().get_all_asset_keys()
assert "py4j.java_gateway" not in sys.modules or not sys.modules["pyspark"].SparkContext._gateway
print(len(keys))
"""


def specs() -> list[dg.AssetSpec]:
    # In one order, for the processes that share the tests.
    return sorted(defs.resolve_all_asset_specs(), key=lambda spec: spec.key)


def test_main_line_of_the_graph_is_there():
    assert {spec.key.path[-1] for spec in specs()} == MAIN_LINE


@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.key.path[-1])
def test_every_asset_says_what_it_is_and_whose(spec):
    assert spec.description
    assert spec.owners == ["team:data-platform"]
    assert spec.kinds
    assert spec.group_name in {
        "transactions", "features", "fraud", "recommendations", "experiments", "monitoring",
        "stream", "serving", "audit", "lake", "decisions",
    }  # fmt: skip


@pytest.mark.parametrize("spec", specs(), ids=lambda spec: spec.key.path[-1])
def test_daily_tables_have_schema_and_freshness(spec):
    if spec.partitions_def is not None:
        assert spec.metadata["dagster/column_schema"].columns
        assert spec.metadata["partition_expr"] in {"event_date", "delivery_date"}
        assert spec.freshness_policy is not None


def test_what_serves_lies_behind_blocking_checks():
    graph = defs.resolve_asset_graph()
    blocking = {key.asset_key.path[-1] for key in graph.asset_check_keys if graph.get(key).blocking}
    assert blocking >= {"transactions", "customers", "terminals", "fraud_features", "ratings"}


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["local", "dev", "staging", "prod"])
def test_code_location_loads_in_a_fresh_interpreter_without_network_and_java(environment, tmp_path):
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith("IGNITEFLOW_")
    }
    variables |= {
        "IGNITEFLOW_ENV": environment,
        "JAVA_HOME": str(tmp_path),
        "PATH": str(tmp_path),
        "HOME": str(tmp_path),
    }
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD_WITHOUT_NETWORK_OR_JAVA],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert int(result.stdout.splitlines()[-1]) == len(MAIN_LINE)


def imported_packages(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("package", ALLOWED_IMPORTS)
def test_imports_point_one_way(package):
    ours = set(ALLOWED_IMPORTS)
    for file in (ROOT / package).rglob("*.py"):
        foreign = (imported_packages(file) & ours) - {package}
        assert foreign <= ALLOWED_IMPORTS[package], file


def test_core_knows_neither_dagster_nor_mlflow():
    """But for the tracker of a team's own pipelines, which is MLflow's and used by nothing else."""
    for file in (ROOT / "igniteflow_core").rglob("*.py"):
        outside = {"dagster"} if file.parent.name == "mlops" else {"dagster", "mlflow"}
        assert not imported_packages(file) & outside, file
    for package in ("core", "resources", "assets", "serving", "cli"):
        for file in (ROOT / f"igniteflow_{package}").rglob("*.py"):
            assert file.parent.name == "mlops" or "igniteflow_core.mlops" not in file.read_text()


LOAD_WITH_OWNERS = """
from igniteflow_assets.definitions import defs
for name in ("fraud_model", "customers"):
    print(name, defs.resolve_assets_def(name).owners_by_key.popitem()[1])
for name in ("fraud_training_job", "main_job"):
    job = defs.resolve_job_def(name)
    print(name, job.owners, job.run_tags["igniteflow/owners"])
"""


def loaded_with_owners(owners: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD_WITH_OWNERS],
        cwd=ROOT, env=os.environ | {"IGNITEFLOW_OWNERS__GROUPS": owners},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_a_group_of_assets_and_its_jobs_can_have_owners_of_their_own():
    loaded = loaded_with_owners('{"fraud": ["team:risk", "eve@example.org"]}')
    assert loaded.stdout.splitlines() == [
        "fraud_model ['team:risk', 'eve@example.org']",
        "customers ['team:data-platform']",
        "fraud_training_job ['team:risk', 'eve@example.org'] team:risk, eve@example.org",
        "main_job ['team:data-platform'] team:data-platform",
    ], loaded.stderr


@pytest.mark.slow
def test_owners_of_a_group_that_does_not_exist_are_refused():
    loaded = loaded_with_owners('{"frauds": ["team:risk"]}')
    assert "groups of assets that do not exist: frauds" in loaded.stderr
