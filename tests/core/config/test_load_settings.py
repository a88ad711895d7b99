import json
import os
import re
from pathlib import Path

import pytest

from igniteflow_core.config.load import load_settings
from igniteflow_core.config.renamed import RENAMED
from igniteflow_core.errors import ConfigurationError

EXAMPLES = Path(__file__).parents[3] / "config" / "examples"
BASE = {
    "partitions": {"start_date": "2025-01-01"},
    "sources": {
        "transactions": {"path": "transactions/{date}.parquet"},
        **{
            name: {"path": f"{name}.parquet"}
            for name in ("customers", "terminals", "ratings", "users", "items")
        },
    },
    "fraud": {"train_days": 10, "test_days": 5},
}


@pytest.fixture
def config_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("IGNITEFLOW_"):
            monkeypatch.delenv(name)
    for environment in ("local", "dev", "staging", "prod"):
        (tmp_path / f"{environment}.json").write_text("{}")
    (tmp_path / "base.json").write_text(json.dumps(BASE))
    return tmp_path


def test_later_layers_win_name_by_name(config_dir, monkeypatch):
    (config_dir / "local.json").write_text('{"fraud": {"test_days": 6}}')
    overlay = config_dir / "mine.json"
    overlay.write_text('{"fraud": {"validation_days": 8}}')
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(overlay))
    monkeypatch.setenv("IGNITEFLOW_FRAUD__SEED", "11")
    fraud = load_settings(config_dir).fraud
    assert (fraud.train_days, fraud.test_days, fraud.validation_days, fraud.seed) == (10, 6, 8, 11)


def test_environment_selects_its_file(config_dir, monkeypatch):
    (config_dir / "prod.json").write_text('{"lake": {"root": "s3a://bucket/lake"}}')
    monkeypatch.setenv("IGNITEFLOW_ENV", "prod")
    settings = load_settings(config_dir)
    assert (settings.environment, settings.lake.root) == ("prod", "s3a://bucket/lake")


def test_every_mistake_is_named_at_once_with_the_layer_that_made_it(config_dir, monkeypatch):
    (config_dir / "local.json").write_text('{"fraud": {"train_days": 0}, "lake": {"rot": "x"}}')
    monkeypatch.setenv("IGNITEFLOW_DRIFT__ALPHA", "2")
    monkeypatch.setenv("IGNITEFLOW_FRUAD__SEED", "1")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config_dir)
    text = str(caught.value)
    assert "4 mistake(s)" in text
    for path, origin in (
        ("fraud.train_days", "local.json"),
        ("lake.rot", "local.json"),
        ("drift.alpha", "IGNITEFLOW_DRIFT__ALPHA"),
        ("fruad", "IGNITEFLOW_FRUAD__SEED"),
    ):
        line = next(line for line in text.splitlines() if f"- {path}:" in line)
        assert origin in line


def test_a_setting_of_an_earlier_version_is_told_its_new_name(config_dir, monkeypatch):
    (config_dir / "local.json").write_text('{"recommendations": {"popularity_smoothing": 2}}')
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config_dir)
    assert (
        "recommendations.popularity_smoothing: it is now called "
        "recommendations.popularity.smoothing" in str(caught.value)
    )
    assert "set by" in str(caught.value)


@pytest.mark.parametrize("name", sorted(RENAMED.values()))
def test_the_new_name_of_a_renamed_setting_is_one(config_dir, name):
    value = load_settings(config_dir)
    for part in name.split("."):
        value = getattr(value, part)


def test_a_changed_file_is_read_again_in_the_same_process(config_dir):
    assert load_settings(config_dir).fraud.train_days == 10
    changed = BASE | {"fraud": {"train_days": 12}}
    base = config_dir / "base.json"
    base.write_text(json.dumps(changed))
    os.utime(base, ns=(1, base.stat().st_mtime_ns + 1_000_000))
    assert load_settings(config_dir).fraud.train_days == 12


def test_an_unchanged_file_is_not_read_again(config_dir):
    assert load_settings(config_dir) is load_settings(config_dir)


def test_unknown_environment_is_refused(config_dir, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_ENV", "produktion")
    with pytest.raises(ConfigurationError, match="local, dev, staging, prod"):
        load_settings(config_dir)


@pytest.mark.parametrize(("name", "meant"), [("production", "prod"), ("development", "dev")])
def test_environments_may_be_written_out(config_dir, monkeypatch, name, meant):
    monkeypatch.setenv("IGNITEFLOW_ENV", name)
    assert load_settings(config_dir).environment == meant


def test_an_overlay_may_be_a_folder_of_layers(config_dir, monkeypatch):
    folder = config_dir / "mine"
    folder.mkdir()
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(folder))
    with pytest.raises(ConfigurationError, match=r"neither base\.json nor local\.json"):
        load_settings(config_dir)
    (folder / "base.json").write_text('{"fraud": {"validation_days": 8, "test_days": 9}}')
    assert load_settings(config_dir).fraud.test_days == 9
    (folder / "local.json").write_text('{"fraud": {"test_days": 7}}')
    fraud = load_settings(config_dir).fraud
    assert (fraud.train_days, fraud.validation_days, fraud.test_days) == (10, 8, 7)


@pytest.mark.parametrize("variable", ["IGNITEFLOW_LAKE__ROOT", "IGNITEFLOW_CONFIG_PATH"])
def test_an_empty_variable_is_named(config_dir, monkeypatch, variable):
    monkeypatch.setenv(variable, " ")
    with pytest.raises(ConfigurationError, match="is empty") as caught:
        load_settings(config_dir)
    assert caught.value.where == variable


def test_a_file_that_cannot_be_read_is_named(config_dir, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(config_dir / "base.json" / "mine.json"))
    with pytest.raises(ConfigurationError, match=r"mine\.json"):
        load_settings(config_dir)


def test_the_build_of_an_image_sets_the_version_of_the_code(config_dir, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_CODE_VERSION", "abc")
    assert load_settings(config_dir).code_version == "abc"


def test_a_name_that_is_no_setting_gets_the_nearest_one(config_dir, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_LAKE__ROT", "x")
    monkeypatch.setenv("IGNITEFLOW_FRUAD__SEED", "1")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config_dir)
    assert "lake.rot: there is no such setting (did you mean root?)" in str(caught.value)
    assert "fruad: there is no such setting (did you mean fraud?)" in str(caught.value)


@pytest.mark.parametrize("content", ["{", "[1]"])
def test_a_file_that_is_no_json_object_is_named(config_dir, content):
    (config_dir / "local.json").write_text(content)
    with pytest.raises(ConfigurationError, match=r"local\.json"):
        load_settings(config_dir)


def test_a_missing_overlay_is_named(config_dir, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(config_dir / "none.json"))
    with pytest.raises(ConfigurationError, match=r"none\.json"):
        load_settings(config_dir)


def test_a_variable_that_looks_like_json_and_is_not_is_named(config_dir, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_SPARK__CONFIG", "{spark.x: 1}")
    with pytest.raises(ConfigurationError, match="IGNITEFLOW_SPARK__CONFIG"):
        load_settings(config_dir)


def test_a_variable_may_hold_json(config_dir, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_SPARK__CONFIG", '{"spark.executor.memory": "4g"}')
    assert load_settings(config_dir).spark.config == {"spark.executor.memory": "4g"}


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("IGNITEFLOW_SOURCES__TRANSACTIONS__PATH", "a/{date}/{date}", "{date} more than once"),
        ("IGNITEFLOW_SOURCES__ITEMS__PATH", "items/{date}.parquet", "read as a whole"),
        ("IGNITEFLOW_SOURCES__LABELS", '{"path": "labels/{date}.parquet"}', "read as a whole"),
        ("IGNITEFLOW_FRAUD__MATURITY_DAYS", "45", "set sources.labels"),
        ("IGNITEFLOW_SOURCES__TIME_ZONE", "Mars/Olympus", "not a time zone"),
        ("IGNITEFLOW_PARTITIONS__END_DATE", "2024-01-01", "is before start_date"),
        ("IGNITEFLOW_EXECUTION__EXECUTOR", "k8s", "needs k8s_image"),
        (
            "IGNITEFLOW_SOURCES__ITEMS__COLUMNS",
            '{"item_id": "id", "title": "id"}',
            "mapped more than once",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    config_dir, monkeypatch, variable, value, message
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=message):
        load_settings(config_dir)


@pytest.mark.parametrize("environment", ["local", "dev", "staging", "prod"])
def test_the_settings_that_are_shipped_are_valid(config_dir, monkeypatch, environment):
    monkeypatch.setenv("IGNITEFLOW_ENV", environment)
    assert load_settings().environment == environment


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.json")), ids=lambda file: file.stem)
def test_every_example_is_valid(example, monkeypatch):
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(example))
    load_settings(EXAMPLES.parent)


def test_a_mapping_of_a_column_that_no_table_has_is_named(config_dir):
    mapped = {
        "transactions": {"path": "t.csv", "format": "csv", "columns": {"is_fruad": "label"}},
        "ratings": {"path": "r.parquet", "joined_columns": {"timestamp": ["day", "time"]}},
    }
    (config_dir / "local.json").write_text(json.dumps({"sources": mapped}))
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config_dir)
    text = str(caught.value)
    assert "'is_fruad' (did you mean 'is_fraud'?) is not a column of transactions" in text
    assert "'timestamp' is not a column of ratings" in text


def test_experiments_need_names_of_their_own(config_dir):
    experiment = {"name": "a", "primary": {"name": "orders"}, "start": "2025-01-01T00:00:00Z"}
    (config_dir / "local.json").write_text(json.dumps({"experiments": [experiment, experiment]}))
    with pytest.raises(ConfigurationError, match="share a name"):
        load_settings(config_dir)


def test_settings_as_they_are_shown_can_be_read_again(config_dir, tmp_path, monkeypatch):
    settings = load_settings(config_dir)
    (tmp_path / "shown.json").write_text(settings.model_dump_json())
    monkeypatch.setenv("IGNITEFLOW_CONFIG_PATH", str(tmp_path / "shown.json"))
    assert load_settings(config_dir) == settings


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"format": "csv", "path": "t.csv", "watermark": "id"}, "watermark needs columns with"),
        ({"path": "t/{date}", "watermark": "id"}, "watermark is for a path that contains all days"),
        ({"format": "kafka", "path": "t/{date}"}, "is the name of a topic"),
        ({"format": "kafka", "path": "t", "watermark": "id"}, "a topic always uses"),
    ],
)
def test_a_watermark_without_effect_is_named(config_dir, source, said):
    (config_dir / "local.json").write_text(json.dumps({"sources": {"transactions": source}}))
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        load_settings(config_dir)


def test_only_transactions_and_labels_come_by_a_topic(config_dir):
    labels = {"format": "kafka", "path": "labels"}
    (config_dir / "local.json").write_text(json.dumps({"sources": {"labels": labels}}))
    assert load_settings(config_dir).sources.labels.path == "labels"
    ratings = {"format": "kafka", "path": "ratings"}
    (config_dir / "local.json").write_text(json.dumps({"sources": {"ratings": ratings}}))
    with pytest.raises(ConfigurationError, match="ratings: read as a whole"):
        load_settings(config_dir)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({"ratings": {"path": "r", "category_flags": {"a": "b"}}}, "ratings: category_flags is"),
        (
            {"items": {"path": "i", "columns": {"categories": "c"}, "category_flags": {"a": "b"}}},
            "both in category_flags and in columns",
        ),
    ],
)
def test_flags_of_categories_are_for_items_and_stand_alone(config_dir, sources, said):
    (config_dir / "local.json").write_text(json.dumps({"sources": sources}))
    with pytest.raises(ConfigurationError, match=said):
        load_settings(config_dir)
