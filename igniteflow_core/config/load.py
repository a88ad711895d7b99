"""Where settings come from: files in layers, then environment variables.

1. base: ``config/base.json``
2. environment: ``config/<IGNITEFLOW_ENV>.json``; ``local`` where the variable is not set
3. overlay: the JSON file that ``IGNITEFLOW_CONFIG_PATH`` names, if any; of a folder, its
   ``base.json`` and ``<IGNITEFLOW_ENV>.json``, either of which may be absent; ``production.json``
   and ``development.json`` are ``prod.json`` and ``dev.json``
4. variables of other programs: ``MLFLOW_TRACKING_URI`` and those beside it in ``variables``
5. variables: ``IGNITEFLOW_<GROUP>__<NAME>``, such as ``IGNITEFLOW_LAKE__ROOT=s3a://bucket/lake``

Groups are merged name by name; a later layer wins.
"""

import difflib
import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from igniteflow_core.config.decisions import decision_faults
from igniteflow_core.config.environments import (
    ENVIRONMENTS,
    WRITTEN_OUT,
    Environment,
    environment_named,
)
from igniteflow_core.config.renamed import RENAMED
from igniteflow_core.config.secrets import is_secret
from igniteflow_core.config.sections import settings_of
from igniteflow_core.config.settings import Settings
from igniteflow_core.config.variables import OF_THE_PROCESS, layers_of
from igniteflow_core.errors import ConfigurationError

ENVIRONMENT_VARIABLE = "IGNITEFLOW_ENV"
OVERLAY_VARIABLE = "IGNITEFLOW_CONFIG_PATH"

_NO_SETTINGS = frozenset({ENVIRONMENT_VARIABLE, OVERLAY_VARIABLE})
_PREFIX = "IGNITEFLOW_"
_SECTION = "__"
_OF_NAMES_AND_GROUPS = frozenset(
    {"missing", "extra_forbidden", "model_type", "dict_type", "tuple_type", "union_tag_not_found"}
)


def load_settings(config_dir: Path = Path("config")) -> Settings:
    """The settings of the environment that IGNITEFLOW_ENV names.

    Files are read again only after they have changed, so a long-lived process may call this often
    and always has the current settings.

    Raises:
        ConfigurationError: names every mistake of every layer at once.
    """
    named = os.environ.get(ENVIRONMENT_VARIABLE, "local")
    environment = environment_named(named)
    if environment is None:
        raise ConfigurationError(
            f"there is no environment {named!r}",
            where=ENVIRONMENT_VARIABLE,
            fix=f"use one of {', '.join((*ENVIRONMENTS, *WRITTEN_OUT))}",
        )
    layers = ("base.json", f"{environment}.json")
    files = [config_dir / name for name in layers]
    overlay = os.environ.get(OVERLAY_VARIABLE)
    if overlay is not None:
        written_out = [
            f"{name}.json" for name, meant in WRITTEN_OUT.items() if meant == environment
        ]
        files += _overlay(overlay, (*layers, *written_out))
    variables = tuple(
        sorted(
            (name, value)
            for name, value in os.environ.items()
            if name.startswith(_PREFIX) and name not in _NO_SETTINGS
        )
    )
    stamps = tuple((file, _modified(file)) for file in files)
    return _load(environment, stamps, variables)


@lru_cache(maxsize=4)
def _load(
    environment: Environment,
    stamps: tuple[tuple[Path, int], ...],
    variables: tuple[tuple[str, str], ...],
) -> Settings:
    given = [(str(file), _read(file)) for file, _ in stamps]
    given += layers_of(OF_THE_PROCESS)
    given += [(name, _variable_layer(name, value)) for name, value in variables]
    layers, mistakes = [], []
    merged: dict[str, Any] = {}
    for name, content in given:
        layer, layer_mistakes = settings_of(content, environment)
        mistakes += [f"{mistake}, set by {name}" for mistake in layer_mistakes]
        layers.append((name, layer))
        merged = _merge(merged, layer)
    try:
        settings = Settings.model_validate(merged | {"environment": environment})
        mistakes += decision_faults(
            settings.decisions, settings.fraud.entities, settings.sources.own_columns
        )
        if not mistakes:
            return settings
    except ValidationError as error:
        mistakes += [_mistake(detail, layers) for detail in error.errors()]
    listed = "".join(f"\n    - {mistake}" for mistake in mistakes)
    raise ConfigurationError(
        f"the settings have {len(mistakes)} mistake(s):{listed}\n  They are merged in this order",
        where=", ".join(name for name, _ in layers),
        fix="correct each of them, then show the result with: igniteflow config show",
    )


def _overlay(path: str, layers: tuple[str, ...]) -> list[Path]:
    """The file, or the layers that the folder contains."""
    if not path.strip():
        raise _empty(OVERLAY_VARIABLE)
    if not Path(path).is_dir():
        return [Path(path)]
    files = [Path(path, name) for name in layers if Path(path, name).exists()]
    if not files:
        raise ConfigurationError(
            f"the folder contains neither {' nor '.join(layers)}",
            where=f"{OVERLAY_VARIABLE}={path}",
            fix="put one of them there, or name a file",
        )
    return files


def _empty(variable: str) -> ConfigurationError:
    return ConfigurationError(
        "the variable is empty", where=variable, fix="unset it, or give it a value"
    )


def _modified(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise ConfigurationError(
            "a settings file is missing",
            where=str(file),
            fix=f"create it, or run where the config folder is, or correct {OVERLAY_VARIABLE}",
        ) from error
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"the settings file cannot be read: {error.strerror}",
        where=str(file),
        fix="let this user read it, or name another file",
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unreadable(file, error) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"the settings file is not JSON: {error}", where=str(file), fix="correct its syntax"
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationError(
            "the settings file is not a JSON object", where=str(file), fix="wrap it in { }"
        )
    return content


def _variable_layer(name: str, text: str) -> dict[str, Any]:
    if not text.strip():
        raise _empty(name)
    value: Any = text
    if text.startswith(("[", "{")) or text == "null":
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(
                f"the variable looks like JSON and is not: {error}",
                where=name,
                fix="correct its syntax",
            ) from error
    for part in reversed(name.removeprefix(_PREFIX).lower().split(_SECTION)):
        value = {part: value}
    layer: dict[str, Any] = value
    return layer


def _merge(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        beneath = merged.get(name)
        if isinstance(beneath, dict) and isinstance(value, dict):
            merged[name] = _merge(beneath, value)
        else:
            merged[name] = value
    return merged


def _mistake(detail: ErrorDetails, layers: list[tuple[str, dict[str, Any]]]) -> str:
    path = [str(part) for part in detail["loc"]]
    given = f" (given: {detail['input']!r:.80})" if _may_be_shown(detail, path) else ""
    origin = next((name for name, layer in reversed(layers) if _holds(layer, path)), None)
    source = f", set by {origin}" if origin else ""
    name = ".".join(path)
    if name in RENAMED:
        message = f"it is now called {RENAMED[name]}"
    elif detail["type"] == "extra_forbidden":
        message = f"there is no such setting{_nearest(path)}"
    else:
        message = detail["msg"]
    # The given value can be long, and messages repeat it.
    return f"{name:.200}: {message:.400}{given}{source}"


def _nearest(path: list[str]) -> str:
    """The name in the same group that is most similar to the last part of the path."""
    group: Any = Settings
    for part in path[:-1]:
        field = getattr(group, "model_fields", {}).get(part)
        group = None if field is None else field.annotation
    close = difflib.get_close_matches(path[-1], getattr(group, "model_fields", ()), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _may_be_shown(detail: ErrorDetails, path: list[str]) -> bool:
    """Whether the value is a single one of a setting that is not secret.

    The value of an unknown name, or one given instead of a whole group, may contain a secret.
    """
    value = detail["input"]
    return (
        detail["type"] not in _OF_NAMES_AND_GROUPS
        and (value is None or isinstance(value, str | int | float))
        and "://" not in str(value)
        and not any(is_secret(part) for part in path)
    )


def _holds(layer: dict[str, Any], path: list[str]) -> bool:
    value: Any = layer
    for part in path:
        if isinstance(value, list | str):
            return True
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True
