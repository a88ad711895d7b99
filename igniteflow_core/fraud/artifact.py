"""The ensemble as files, without pickle: loading one runs no code that the files contain."""

import hashlib
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from igniteflow_core.artifact_files import ArtifactFiles
from igniteflow_core.fraud.calibration import SigmoidCalibration
from igniteflow_core.fraud.combination import Method
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.inputs import ColumnEncoding, ModelInputs
from igniteflow_core.fraud.members import MEMBER_NAMES, MEMBER_TYPES, MemberName
from igniteflow_core.intervals import Interval

FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
PARAMETERS: Final = "ensemble.json"
MEMBER_FILES: Final[dict[MemberName, str]] = {
    "isolation_forest": "isolation_forest.treelite",
    "random_forest": "random_forest.treelite",
    "xgboost": "xgboost.ubj",
}

_FILES: Final = ArtifactFiles(fix="fetch the model version again, or train and save it again")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Manifest(_Part):
    format_version: Literal[1]
    sha256: dict[str, str]


class _Parameters(_Part):
    feature_names: tuple[str, ...]
    own_columns: tuple[ColumnEncoding, ...] = ()
    member_calibrations: dict[MemberName, SigmoidCalibration]
    weights: dict[MemberName, float]
    calibration: SigmoidCalibration
    threshold: float
    combination: Method = "voting"
    gains: dict[Method, Interval] = {}


def save_ensemble(ensemble: FraudEnsemble, folder: Path) -> None:
    """Write the ensemble to ``folder``.

    XGBoost goes into its UBJSON, the forests into treelite's binary form, everything else into
    JSON. A manifest with the SHA-256 of each file is written last, so that an incomplete write
    cannot be loaded.

    Args:
        ensemble: fitted ensemble.
        folder: target folder, created if it does not exist; files of the same names are replaced.
    """
    parameters = _Parameters(
        feature_names=ensemble.inputs.features,
        own_columns=ensemble.inputs.encodings,
        member_calibrations=dict(ensemble.member_calibrations),
        weights=dict(ensemble.weights),
        calibration=ensemble.calibration,
        threshold=ensemble.threshold,
        combination=ensemble.combination,
        gains=dict(ensemble.gains),
    )
    files = {MEMBER_FILES[name]: ensemble.members[name].to_bytes() for name in MEMBER_NAMES}
    files[PARAMETERS] = parameters.model_dump_json(indent=2, exclude_defaults=True).encode()
    manifest = _Manifest(
        format_version=FORMAT_VERSION,
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2))


def load_ensemble(folder: Path) -> FraudEnsemble:
    """Read an ensemble that ``save_ensemble`` wrote; it predicts exactly as before.

    Every file is compared with the manifest before it is parsed. This detects damaged and mixed-up
    files. Only access control protects against an attacker who also rewrites the manifest.

    Args:
        folder: folder of the artifact.

    Raises:
        ModelArtifactError: a file is missing or altered, or the format is another version.
    """
    manifest = _read_manifest(folder)
    files = {
        name: _FILES.verified(folder / name, manifest.sha256.get(name))
        for name in (*MEMBER_FILES.values(), PARAMETERS)
    }
    try:
        parameters = _Parameters.model_validate_json(files[PARAMETERS])
    except ValidationError as error:
        raise _FILES.broken(
            folder / PARAMETERS, f"the parameters do not validate: {error}"
        ) from error
    members = {
        name: MEMBER_TYPES[name].from_bytes(files[file]) for name, file in MEMBER_FILES.items()
    }
    return FraudEnsemble(
        inputs=ModelInputs(features=parameters.feature_names, encodings=parameters.own_columns),
        members=members,
        member_calibrations=parameters.member_calibrations,
        weights=parameters.weights,
        calibration=parameters.calibration,
        threshold=parameters.threshold,
        combination=parameters.combination,
        gains=parameters.gains,
    )


def _read_manifest(folder: Path) -> _Manifest:
    path = folder / MANIFEST
    content = _FILES.manifest(path, FORMAT_VERSION)
    try:
        return _Manifest.model_validate_json(content)
    except ValidationError as error:
        raise _FILES.broken(path, f"the manifest does not validate: {error}") from error
