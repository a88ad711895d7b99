"""Builds the model archive for SageMaker; the same model always gives the same bytes."""

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any, Final

from igniteflow_core.config.settings import Settings

SETTINGS_FILE: Final = "settings.json"

_DECIDING: Final[dict[str, Any]] = {
    "experiments": True,
    "fraud": {"label_delay_days"},
    "online": {"max_age_seconds", "namespace"},
    "recommendations": {"rules"},
    "serving": {
        "absent_features",
        "max_batch",
        "max_body_bytes",
        "max_concurrent_requests",
        "reasons",
        "stale_features",
        "timeout_seconds",
        "unavailable_features",
    },
}
"""Settings that the container needs to give the same responses as the platform's own API."""


def model_archive(endpoint_folder: Path, settings: Settings) -> bytes:
    """Build ``model.tar.gz``, which contains the endpoint's folder under the folder's name.

    The archive also contains the settings that affect responses, as a layer for
    ``IGNITEFLOW_CONFIG_PATH``. Times, owners and order are fixed, so that the archive's hash
    identifies the model.

    Args:
        endpoint_folder: rollout and versions, in the layout of ``deployment.endpoint.Endpoint``.
        settings: settings of the platform.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(endpoint_folder.rglob("*")):
            if path.is_file():
                name = f"{endpoint_folder.name}/{path.relative_to(endpoint_folder)}"
                _add(archive, name, path.read_bytes())
        deciding = settings.model_dump(mode="json", include=_DECIDING)
        _add(archive, SETTINGS_FILE, json.dumps(deciding, indent=2, sort_keys=True).encode())
    return gzip.compress(plain.getvalue(), mtime=0)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    archive.addfile(entry, io.BytesIO(content))
