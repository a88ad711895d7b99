"""Pipelines of one's own, as the specification shows them."""

import re
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import igniteflow_assets
from igniteflow_core import BasePipeline
from igniteflow_core.metrics import MetricError, MetricsCollector
from igniteflow_core.mlops import MLflowTracker
from igniteflow_core.pipeline import UnfinishedPipelineError
from igniteflow_core.telemetry.metrics import REGISTRY
from tests.specification.snippets import snippet

ROOT = Path(__file__).parents[2]


class Doubled(BasePipeline):
    """Twice each number."""

    def extract(self) -> list[int]:
        return list(self.config["numbers"])

    def transform(self, data: list[int]) -> list[int]:
        return [2 * number for number in data]

    def load(self, data: list[int]) -> None:
        self.loaded = data


def test_three_methods_are_a_pipeline() -> None:
    pipeline = Doubled(None, {"numbers": [1, 2]})
    facts = pipeline.execute()
    assert pipeline.loaded == [2, 4]
    assert facts["duration_seconds"] >= 0


def test_a_pipeline_that_is_unfinished_says_what_it_lacks() -> None:
    class Half(BasePipeline):
        def extract(self) -> int:
            return 1

    with pytest.raises(UnfinishedPipelineError, match="no load"):
        Half(None).execute()


def test_names_are_in_snake_case() -> None:
    custom = runpy.run_path(str(snippet("custom_pipeline.py")))["CustomETLPipeline"]
    assert custom.name() == "custom_etl_pipeline"


def test_metrics_of_a_model_and_of_drift_are_the_platforms_own() -> None:
    namespace: dict[str, Any] = {"calculate_drift_score": lambda reference, current: 0.25}
    warned: list[str] = []
    namespace["logger"] = type("Logger", (), {"warning": staticmethod(warned.append)})
    exec(compile(snippet("drift_monitoring.py").read_text(), "drift", "exec"), namespace)
    model = {"model_name": "fraud_detector", "version": "v2.0"}
    for name, value in {
        "accuracy": 0.94,
        "precision": 0.91,
        "recall": 0.89,
        "f1_score": 0.9,
    }.items():
        assert REGISTRY.get_sample_value(f"igniteflow_model_{name}", model) == value
    namespace["monitor_data_drift"]([], [])
    features = {"model_name": "fraud_detector", "feature_set": "v1"}
    assert REGISTRY.get_sample_value("igniteflow_model_data_drift_score", features) == 0.25
    assert warned


def test_a_metric_has_one_kind_and_one_set_of_labels() -> None:
    metrics = MetricsCollector()
    with metrics.timer("shelf_count"):
        pass
    assert REGISTRY.get_sample_value("igniteflow_shelf_count_seconds_count") == 1
    metrics.count("shelves_seen", 2, {"aisle": "a"})
    assert REGISTRY.get_sample_value("igniteflow_shelves_seen_total", {"aisle": "a"}) == 2
    with pytest.raises(MetricError, match="not a gauge"):
        metrics.gauge("shelves_seen", 1, {"aisle": "a"})
    with pytest.raises(MetricError, match="other labels"):
        metrics.count("shelves_seen", 1, {"row": "a"})


@pytest.fixture
def tracked(tmp_path: Path) -> Iterator[tuple[Any, str]]:
    """The class of the snippet's tracker, and a registry in place of the company's server."""
    import mlflow

    uri = f"sqlite:///{tmp_path}/mlflow.db"
    yield mlflow, uri
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


def test_a_pipeline_of_machine_learning_tracks_its_run(
    tracked: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow, uri = tracked
    monkeypatch.setenv("IGNITEFLOW_MLFLOW__TRACKING_URI", uri)
    monkeypatch.setenv("IGNITEFLOW_MLFLOW__EXPERIMENT", "own")
    shown = runpy.run_path(str(snippet("examples.py")))["MLPipeline"]

    class Mine(shown):  # type: ignore[misc, valid-type]
        def extract_features(self) -> list[int]:
            return [1]

        def train_model(self, features: list[int]) -> int:
            return sum(features)

        def evaluate_model(self, model: int) -> None:
            MLflowTracker().log_metrics({"sum": model})

        def deploy_model(self, model: int) -> None:
            self.deployed = model

    pipeline = Mine(None)
    pipeline.execute()
    (run,) = mlflow.search_runs(experiment_names=["own"], output_format="list")
    assert (run.info.run_name, run.data.metrics) == ("my_experiment", {"sum": 1})
    assert pipeline.deployed == 1


def test_an_experiment_is_tracked_as_it_is_shown(
    tracked: tuple[Any, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow, uri = tracked
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    Path("models/fraud_detector.pkl").write_bytes(b"a model")
    shutil.copytree(ROOT / "config", tmp_path / "config")
    text = snippet("mlflow_tracking.py").read_text().replace("https://mlflow.company.com", uri)
    namespace: dict[str, Any] = dict.fromkeys(("X_train", "y_train", "X_test", "y_test"))
    namespace |= {
        "train_model": lambda X, y: "model",
        "evaluate_model": lambda model, X, y: {"recall": 0.8},
    }
    exec(compile(text, "tracking", "exec"), namespace)
    (run,) = mlflow.search_runs(
        experiment_names=["fraud-detection-experiments"], output_format="list"
    )
    assert run.info.run_name == "fraud-detection-v2"
    assert run.data.params["algorithm"] == "random_forest"
    assert run.data.metrics == {"recall": 0.8}
    version = namespace["model_version"]
    assert (version.name, str(version.version)) == ("fraud_detector", "1")
    assert version.source.endswith("fraud_detector.pkl")
    assert MLflowTracker is namespace["MLflowTracker"]


@pytest.mark.slow
def test_the_classes_that_are_shown_run(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one with three methods as an asset of a domain, the one with ``run`` alone by hand."""
    own = tmp_path / "own_pipelines"
    own.mkdir()
    (own / "__init__.py").write_text('"""Pipelines of the team."""\n')
    shutil.copy(snippet("custom_pipeline.py"), own)
    code = (
        "import sys, igniteflow_assets\n"
        "igniteflow_assets.__path__.append(sys.argv[1])\n"
        "from igniteflow_assets.definitions import defs\n"
        "asset = defs.resolve_assets_def('custom_etl_pipeline')\n"
        "print(asset.group_names_by_key, asset.owners_by_key)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "'own_pipelines'" in found.stdout.splitlines()[-1]
    assert "team:" in found.stdout

    monkeypatch.setattr(igniteflow_assets, "__path__", [*igniteflow_assets.__path__, str(tmp_path)])
    from igniteflow_assets import own_pipelines
    from igniteflow_assets.pipelines import pipeline_assets

    (asset,) = pipeline_assets(own_pipelines)
    people = [("a", "active"), ("b", "gone"), ("c", "active")]
    rows = spark.createDataFrame(people, "name string, status string")
    rows.write.format("delta").save(str(tmp_path / "in"))
    paths = {"input_path": str(tmp_path / "in"), "output_path": str(tmp_path / "out")}
    result = dg.materialize([asset], resources=resources(spark, {"custom_etl_pipeline": paths}))
    (made,) = result.asset_materializations_for_node("custom_etl_pipeline")
    assert made.metadata["records_processed"].value == 2
    assert spark.read.format("delta").load(paths["output_path"]).count() == 2

    # Spark's relative paths begin where its JVM was started.
    (tmp_path / "input").mkdir()
    rows.toPandas().to_csv(tmp_path / "input" / "data.csv", index=False)
    text = re.sub(r'"((?:in|out)put/)', rf'"{tmp_path}/\1', snippet("examples.py").read_text())
    namespace: dict[str, Any] = {"__name__": "examples"}
    exec(compile(text, "examples", "exec"), namespace)
    namespace["SimpleETL"](spark).execute()
    assert spark.read.parquet(str(tmp_path / "output" / "clean_data.parquet")).count() == 2


def resources(spark: Any, pipelines: dict[str, Any]) -> dict[str, Any]:
    class Session(dg.ConfigurableResource):  # type: ignore[type-arg]
        @property
        def session(self) -> Any:
            return spark

    class Current(dg.ConfigurableResource):  # type: ignore[type-arg]
        @property
        def current(self) -> Any:
            return type("Settings", (), {"pipelines": pipelines})

    return {"spark": Session(), "settings": Current()}
