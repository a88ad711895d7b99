"""Alternative sections of a settings file, whose names are aliases of settings.

``spark_config``, ``data_quality``, ``model_config``, ``data_sources``, ``app_config``, and
``enabled`` and ``experiment_name`` of ``mlflow`` let a file give a few settings in the terms of the
tools. They are replaced by the settings they stand for when the file is read, so that layers,
validation and all readers of settings handle only one form.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from igniteflow_core.config.environments import Environment, environment_named
from igniteflow_core.config.platform import MlflowSettings
from igniteflow_core.config.quality import EVERY_TABLE

Layer = dict[str, Any]
Path = tuple[str, ...]

MOVED: Final[Mapping[str, Path]] = {
    "app_config.name": ("spark", "config", "spark.app.name"),
    "app_config.version": ("code_version",),
    "spark_config.app_name": ("spark", "config", "spark.app.name"),
    "spark_config.master": ("spark", "master"),
    "spark_config.driver_memory": ("spark", "driver_memory"),
    "spark_config.executor_memory": ("spark", "config", "spark.executor.memory"),
    "spark_config.executor_instances": ("spark", "config", "spark.executor.instances"),
    "spark_config.configs": ("spark", "config"),
    "data_quality.fail_on_error": ("quality", EVERY_TABLE, "fail_on_error"),
    "data_quality.rules": ("quality", EVERY_TABLE, "rules"),
    "mlflow.experiment_name": ("mlflow", "experiment"),
    "model_config.rank": ("recommendations", "als", "rank"),
    "model_config.max_iter": ("recommendations", "als", "max_iter"),
    "model_config.reg_param": ("recommendations", "als", "reg_param"),
}
"""Aliases of one setting; of two aliases of the same setting, the later one here counts."""

MEMBERS: Final = ("isolation_forest", "random_forest", "xgboost")


def settings_of(layer: Layer, environment: Environment) -> tuple[Layer, list[str]]:
    """The layer with its aliases replaced by settings, and the mistakes in them.

    Args:
        layer: content of a file or a variable; it is not modified.
        environment: environment of the process, which ``app_config.environment`` must match.
    """
    settings = {name: dict(it) if isinstance(it, dict) else it for name, it in layer.items()}
    mistakes: list[str] = []
    for name, path in MOVED.items():
        section, key = name.split(".")
        if isinstance(settings.get(section), dict) and key in settings[section]:
            value = settings[section].pop(key)
            # The values of Spark's properties are strings.
            as_text = "config" in path and isinstance(value, int)
            _put(settings, path, str(value) if as_text else value)
    for name, read in _READ.items():
        section, key = name.split(".")
        if isinstance(settings.get(section), dict) and key in settings[section]:
            mistake = read(settings, settings[section].pop(key), environment)
            if mistake is not None:
                mistakes.append(f"{name}: {mistake}")
    sources = settings.pop("data_sources", {})
    if isinstance(sources, dict):
        for table, path in sources.items():
            _put(settings, ("sources", table, "path"), _as_hadoop_reads(path))
    else:
        mistakes.append("data_sources: give each table the path of its data")
    for section in ("app_config", "spark_config", "data_quality", "model_config"):
        left = settings.pop(section, {})
        if not isinstance(left, dict):
            mistakes.append(f"{section}: this is a section of several names, not one value")
        else:
            mistakes += [f"{section}.{key}: there is no such setting" for key in left]
    return settings, mistakes


def _put(settings: Layer, path: Path, value: object) -> None:
    """Set the value; two objects are merged."""
    for part in path[:-1]:
        beneath = settings.get(part)
        settings[part] = dict(beneath) if isinstance(beneath, dict) else {}
        settings = settings[part]
    beneath = settings.get(path[-1])
    if isinstance(beneath, dict) and isinstance(value, dict):
        value = beneath | value
    settings[path[-1]] = value


def _as_hadoop_reads(path: object) -> object:
    """The path with the scheme of Hadoop's S3 client, s3a."""
    if isinstance(path, str) and path.startswith("s3://"):
        return f"s3a://{path.removeprefix('s3://')}"
    return path


def _environment(_: Layer, value: object, environment: Environment) -> str | None:
    if environment_named(value) == environment:
        return None
    return f"the file is for {value!r:.40}, and IGNITEFLOW_ENV is {environment}"


def _quality_enabled(settings: Layer, value: object, _: Environment) -> str | None:
    if value is False:
        settings["quality"] = None
        return None
    return None if value is True else "must be true or false"


def _mlflow_enabled(settings: Layer, value: object, _: Environment) -> str | None:
    if value is False:
        # Models are registered in any case: without a server, in a file.
        without = MlflowSettings()
        _put(settings, ("mlflow", "tracking_uri"), without.tracking_uri)
        _put(settings, ("mlflow", "artifact_root"), without.artifact_root)
        return None
    return None if value is True else "must be true or false"


def _algorithms(_: Layer, value: object, __: Environment) -> str | None:
    if isinstance(value, list) and sorted(map(str, value)) == sorted(MEMBERS):
        return None
    return (
        f"the ensemble has the members {', '.join(MEMBERS)}; one that does not help on the "
        "validation days gets the weight 0 automatically"
    )


def _ensemble_method(_: Layer, value: object, __: Environment) -> str | None:
    return None if value == "voting" else "the only ensemble method is voting"


def _threshold(settings: Layer, value: object, _: Environment) -> str | None:
    _put(settings, ("fraud", "threshold"), {"policy": "fixed", "fixed": value})
    return None


def _algorithm(_: Layer, value: object, __: Environment) -> str | None:
    return None if value == "als" else "the only factorization is als"


_READ: Final[Mapping[str, Callable[[Layer, object, Environment], str | None]]] = {
    "app_config.environment": _environment,
    "data_quality.enabled": _quality_enabled,
    "mlflow.enabled": _mlflow_enabled,
    "model_config.algorithms": _algorithms,
    "model_config.ensemble_method": _ensemble_method,
    "model_config.threshold": _threshold,
    "model_config.algorithm": _algorithm,
}
"""Aliases of more than one setting, and names that accept only one value."""
