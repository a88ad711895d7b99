"""An endpoint's folder: ``rollout.json``, ``versions/<version>/`` with the files of a model, and
``policies/<version>.json``.

Deployments write the folder and servers poll it; neither needs a connection to the other.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from igniteflow_core.decisions.policy import DecisionPolicy
from igniteflow_core.errors import ModelArtifactError

EndpointName = Literal["fraud", "recommender"]
ROLLOUT: Final = "rollout.json"
VERSIONS: Final = "versions"
POLICIES: Final = "policies"
VersionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A name that cannot lead out of the folder."""


class Rollout(BaseModel):
    """Which versions serve.

    Attributes:
        champion: version that serves the requests.
        canary: version that serves ``canary_percent`` of the requests instead, selected by a hash
            of the requester.
        shadow: version that scores the same requests for the log only.
        policy: version of the policy that decides by the scores of all of them; None for an
            endpoint without decisions, or before a policy was promoted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    champion: VersionName
    canary: VersionName | None = None
    canary_percent: float = Field(default=0, ge=0, le=100)
    shadow: VersionName | None = None
    policy: VersionName | None = None

    @model_validator(mode="after")
    def _canary_has_a_share(self) -> "Rollout":
        if (self.canary is None) != (self.canary_percent == 0):
            raise ValueError("canary and canary_percent go together")
        return self

    @property
    def versions(self) -> set[str]:
        """Every version that has to be loaded."""
        return {name for name in (self.champion, self.canary, self.shadow) if name is not None}


@dataclass(frozen=True)
class Endpoint:
    """The folder of one endpoint."""

    folder: Path

    def version_folder(self, version: str) -> Path:
        """Where the files of a version are."""
        return self.folder / VERSIONS / version

    def add_version(self, version: str, write: Callable[[Path], None]) -> None:
        """Add a version's files atomically; an existing version is kept.

        Args:
            version: version in the registry.
            write: function that writes the files into the folder passed to it.
        """
        final = self.version_folder(version)
        if final.exists():
            return
        partial = _hidden(final, "partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        write(partial)
        partial.rename(final)

    def policy_file(self, version: str) -> Path:
        """Where a version of the decision policy is."""
        return self.folder / POLICIES / f"{version}.json"

    def add_policy(self, version: str, policy: DecisionPolicy) -> None:
        """Put a version of the decision policy in place, whole or not at all.

        Args:
            version: of the registry.
            policy: what it holds.
        """
        final = self.policy_file(version)
        final.parent.mkdir(parents=True, exist_ok=True)
        partial = final.with_suffix(".partial")
        partial.write_text(policy.model_dump_json(indent=2), encoding="utf-8")
        os.replace(partial, final)

    def policy(self, version: str) -> DecisionPolicy:
        """A version of the decision policy.

        Raises:
            ModelArtifactError: it is not there, or not what ``add_policy`` writes.
        """
        path = self.policy_file(version)
        try:
            return DecisionPolicy.model_validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError) as error:
            raise ModelArtifactError(
                f"version {version} of the decision policy cannot be read: {error}",
                where=str(path),
                fix="deploy again",
            ) from error

    def roll_out(self, rollout: Rollout) -> None:
        """Serve these versions; servers that poll the folder switch to them within a second.

        Raises:
            ModelArtifactError: the files of a version or of the policy are missing.
        """
        for version in rollout.versions:
            if not self.version_folder(version).is_dir():
                raise ModelArtifactError(
                    f"the files of version {version} are missing",
                    where=str(self.version_folder(version)),
                    fix="add the version before it is rolled out",
                )
        if rollout.policy is not None:
            self.policy(rollout.policy)
        partial = self.folder / f"{ROLLOUT}.partial"
        partial.write_text(rollout.model_dump_json(indent=2), encoding="utf-8")
        os.replace(partial, self.folder / ROLLOUT)

    def remove_unused(self, rollout: Rollout) -> None:
        """Delete the files of all versions and policies but those of the rollout.

        A version is renamed first, so that one whose deletion is interrupted is not mistaken for
        complete when it is rolled out again.
        """
        versions = self.folder / VERSIONS
        # Folders that an interrupted deletion left hidden are deleted first, to free their names.
        for folder in sorted(versions.iterdir()) if versions.is_dir() else ():
            if folder.name not in rollout.versions:
                hidden = folder if folder.name.startswith(".") else _hidden(folder, "removed")
                folder.rename(hidden)
                shutil.rmtree(hidden)
        for file in (self.folder / POLICIES).glob("*"):
            if rollout.policy is None or file != self.policy_file(rollout.policy):
                file.unlink()

    def rollout_stamp(self) -> int | None:
        """A value that changes whenever the rollout does; None before the first rollout."""
        try:
            return (self.folder / ROLLOUT).stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def rollout(self) -> Rollout:
        """The current rollout.

        Raises:
            ModelArtifactError: nothing was rolled out, or the file is not what ``roll_out`` writes.
        """
        path = self.folder / ROLLOUT
        try:
            return Rollout.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise ModelArtifactError(
                "nothing was rolled out to this endpoint",
                where=str(path),
                fix="materialize the asset that deploys it",
            ) from error
        except ValidationError as error:
            raise ModelArtifactError(
                f"the rollout does not validate: {error}", where=str(path), fix="deploy again"
            ) from error


def _hidden(folder: Path, state: str) -> Path:
    """A folder name that no version can have."""
    return folder.with_name(f".{folder.name}.{state}")
