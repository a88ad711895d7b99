"""A settings file and the environment variables that the specification shows."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from igniteflow_core.config import variables as other_programs
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.quality import (
    CompletenessRule,
    rules_of_table,
    rules_without_a_table,
)
from igniteflow_core.config.sections import MEMBERS, MOVED, settings_of
from igniteflow_core.config.settings import Settings
from igniteflow_core.errors import ConfigurationError
from igniteflow_core.fraud.members import MEMBER_NAMES
from igniteflow_resources.spark.java import java_executable
from tests.specification.snippets import snippet, variables, without_variables_of_the_platform


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    without_variables_of_the_platform(monkeypatch)


@pytest.fixture
def of_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The settings with a file of that content on top."""

    def load(content: Any, environment: str = "production") -> Settings:
        file = tmp_path / "mine.json"
        file.write_text(json.dumps(content))
        monkeypatch.setenv("IGNITEFLOW_ENV", environment)
        monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(file))
        load_settings.__globals__["_load"].cache_clear()
        return load_settings()

    return load


def config_of(name: str) -> dict[str, Any]:
    """The dictionary ``config`` of a Python snippet."""
    for node in ast.walk(ast.parse(snippet(name).read_text())):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "config":
            found: dict[str, Any] = ast.literal_eval(node.value)
            return found
    raise AssertionError(name)


def test_the_file_of_production_is_read_as_it_stands(of_file: Any) -> None:
    given = json.loads(snippet("production.json").read_text())
    settings = of_file(given)
    assert (settings.environment, settings.code_version) == ("prod", "1.0.0")
    assert settings.spark.master == "k8s://https://kubernetes.default.svc:443"
    assert settings.spark.driver_memory == "4g"
    assert dict(settings.spark.config) == {
        "spark.app.name": "IgniteFlow-Production",
        "spark.executor.memory": "8g",
        "spark.executor.instances": "10",
        **given["spark_config"]["configs"],
    }
    assert settings.mlflow.tracking_uri == "https://mlflow.company.com"
    assert settings.mlflow.experiment == "fraud-detection-prod"
    rule = CompletenessRule(type="completeness", column="customer_id", threshold=0.99)
    transactions = rules_of_table(settings.quality, "transactions", ["customer_id", "amount"])
    assert rule in transactions.rules
    assert transactions.rules[:-1] == settings.quality["transactions"].rules
    assert rule not in rules_of_table(settings.quality, "items", ["item_id"]).rules


def test_a_folder_of_layers_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = variables("environment.sh")
    shutil.copy(snippet("production.json"), tmp_path / "prod.json")
    monkeypatch.setenv("IGNITEFLOW_ENV", given["IGNITEFLOW_ENV"])
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(tmp_path))
    assert load_settings().mlflow.experiment == "fraud-detection-prod"
    (tmp_path / "prod.json").rename(tmp_path / "production.json")
    assert load_settings().mlflow.experiment == "fraud-detection-prod"


def test_the_pipelines_configurations_are_settings(of_file: Any) -> None:
    fraud = of_file(config_of("fraud_pipeline.py"))
    assert fraud.fraud.threshold.policy == "fixed"
    assert fraud.fraud.threshold.fixed == 0.85
    assert fraud.spark.config["spark.app.name"] == "FraudDetection"
    assert fraud.sources.transactions.path == "s3a://data-lake/transactions/"
    assert fraud.sources.customers is not None
    assert fraud.sources.customers.path == "s3a://data-lake/customers/"
    shop = of_file(config_of("recommendation_pipeline.py"))
    als = shop.recommendations.als
    assert (als.rank, als.max_iter, als.reg_param) == (50, 10, 0.1)
    assert shop.sources.ratings.path == "s3a://data-lake/ratings/"


def test_mlflow_that_is_not_enabled_keeps_models_in_a_file(of_file: Any) -> None:
    off = of_file({"mlflow": {"enabled": False, "experiment_name": "mine"}})
    assert off.mlflow.tracking_uri.startswith("sqlite:///")
    assert off.mlflow.artifact_root == "data/mlflow/artifacts"
    assert off.mlflow.experiment == "mine"


def test_quality_that_is_not_enabled_has_no_rules(of_file: Any) -> None:
    assert of_file({"data_quality": {"enabled": False}}).quality == {}
    warned = of_file({"data_quality": {"enabled": True, "fail_on_error": False}}).quality
    assert rules_of_table(warned, "transactions", ["amount"]).fail_on_error is False


def test_every_mistake_in_the_sections_is_named_at_once(of_file: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        of_file(
            {
                "app_config": {"environment": "staging"},
                "spark_config": {"executor_memmory": "8g"},
                "data_quality": {"enabled": "no", "rules": [{"type": "completness"}]},
                "model_config": {"algorithms": ["xgboost"], "ensemble_method": "stacking"},
                "data_sources": 7,
            }
        )
    text = str(caught.value)
    assert "7 mistake(s)" in text
    for name in (
        "app_config.environment", "spark_config.executor_memmory", "data_quality.enabled",
        "quality.*.rules.0", "model_config.algorithms", "model_config.ensemble_method",
        "data_sources",
    ):  # fmt: skip
        assert f"- {name}: " in text
    assert text.count("mine.json") >= 7


def test_a_setting_by_its_own_name_in_a_later_layer_wins(
    of_file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGNITEFLOW_SPARK__MASTER", "local[2]")
    assert of_file({"spark_config": {"master": "yarn"}}).spark.master == "local[2]"


def test_a_layer_of_settings_alone_is_left_as_it_is() -> None:
    layer = {"spark": {"master": "yarn"}, "quality": {"users": {"rules": []}}}
    assert settings_of(layer, "local") == (layer, [])


def test_what_stands_for_a_setting_leads_to_one() -> None:
    assert MEMBERS == MEMBER_NAMES
    for path in MOVED.values():
        assert path[0] in Settings.model_fields


def test_variables_of_other_programs_win_over_files_and_lose_to_the_platforms_own(
    of_file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = variables("environment.sh")
    of_process = {name: given[name] for name in other_programs.SETTING_OF}
    monkeypatch.setattr("igniteflow_core.config.load.OF_THE_PROCESS", of_process)
    settings = of_file({"mlflow": {"tracking_uri": "http://elsewhere", "registry_uri": "x"}})
    assert settings.mlflow.tracking_uri == given["MLFLOW_TRACKING_URI"]
    assert settings.mlflow.models_uri == given["MLFLOW_REGISTRY_URI"]
    assert settings.telemetry.push_gateway_url == given["PROMETHEUS_GATEWAY_URL"]
    assert settings.telemetry.grafana_url == given["GRAFANA_URL"]
    monkeypatch.setenv("IGNITEFLOW_MLFLOW__REGISTRY_URI", "http://registry")
    settings = of_file({})
    assert settings.mlflow.models_uri == "http://registry"
    assert settings.mlflow.tracking_uri == given["MLFLOW_TRACKING_URI"]


def test_the_region_of_aws_is_that_of_settings_without_one(
    of_file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", variables("environment.sh")["AWS_REGION"])
    there = {"bucket": "b", "image": "i", "role_arn": "r"}
    settings = of_file({"serving": {"sagemaker": there}})
    assert settings.serving.sagemaker.region == settings.stream.kinesis_region == "us-east-1"
    named = of_file({"serving": {"sagemaker": there | {"region": "eu-west-1"}}})
    assert named.serving.sagemaker.region == "eu-west-1"


def test_the_example_of_variables_holds_each_of_them() -> None:
    example = Path(".env.example").read_text()
    for name in variables("environment.sh"):
        assert f"{name}=" in example, name


def test_the_process_reads_the_variables_of_its_start() -> None:
    """MLflow sets its variables itself once it is used."""
    code = (
        "import os\n"
        "from igniteflow_core.config.load import load_settings\n"
        "os.environ['MLFLOW_TRACKING_URI'] = 'http://set-later'\n"
        "print(load_settings().mlflow.tracking_uri)"
    )
    environment = os.environ | {"MLFLOW_TRACKING_URI": "http://at-start"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "http://at-start"


def test_spark_takes_its_home_and_its_folder_of_settings_from_its_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `spark-submit` says itself what it would start; nothing is started."""
    from pyspark.find_spark_home import _find_spark_home

    home = _find_spark_home()
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    assert _find_spark_home() == str(tmp_path)
    command = [str(Path(home, "bin", "spark-submit")), "pyspark-shell"]
    environment = os.environ | {
        "SPARK_HOME": home,
        "SPARK_CONF_DIR": str(tmp_path / "conf"),
        "JAVA_HOME": str(java_executable().parents[1]),
    }
    Path(tmp_path, "conf").mkdir()
    Path(tmp_path, "conf", "spark-env.sh").write_text("exec echo found\n")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "found", done.stderr


def test_a_rule_for_a_table_or_a_column_that_does_not_exist_is_named(of_file: Any) -> None:
    missing = {"type": "completeness", "column": "custmer_id"}
    quality = of_file(
        {
            "data_quality": {"rules": [missing]},
            "quality": {"itmes": {}, "items": {"rules": [missing]}},
        }
    ).quality
    tables = {"items": ["item_id"], "transactions": ["customer_id", "amount", "transaction_id"]}
    mistakes = rules_without_a_table(
        {name: quality[name] for name in ("*", "itmes", "items", "transactions")}, tables
    )
    assert mistakes == [
        "quality.*.rules.0: no table has custmer_id",
        "quality.itmes: there are no rules for a table of this name",
        "quality.items.rules.0: the table lacks custmer_id",
    ]
