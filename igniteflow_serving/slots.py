"""The model versions that serve; they can be replaced without interrupting requests."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from igniteflow_core.deployment.endpoint import Endpoint, EndpointName, Rollout
from igniteflow_core.telemetry.metrics import MODEL_LOAD_FAILURES_TOTAL, SERVING_MODEL_INFO
from igniteflow_serving.errors import ApiError

Model = TypeVar("Model")
_BUCKETS = 10_000

_log = logging.getLogger("igniteflow.serving")


@dataclass(frozen=True)
class Serving(Generic[Model]):
    """A loaded version and its role."""

    model: Model
    version: str
    role: str


@dataclass(frozen=True)
class _Loaded(Generic[Model]):
    """A rollout with its loaded models; it is immutable and replaced as a whole."""

    stamp: int
    rollout: Rollout
    models: dict[str, Model]


class ModelSlot(Generic[Model]):
    """Follows one endpoint's rollout.

    A new version is loaded and warmed up in a thread, and then used for new requests; requests in
    progress finish with the version that they started with. If a version cannot be loaded, the
    failure is counted and the previous rollout stays in use.

    Args:
        name: name of the endpoint.
        endpoint: the endpoint's folder.
        load: loads and warms up a version, with the decision policy of the rollout.
    """

    def __init__(
        self, name: EndpointName, endpoint: Endpoint, load: Callable[[str, Rollout], Model]
    ) -> None:
        self.name = name
        self._endpoint = endpoint
        self._load = load
        self._loaded: _Loaded[Model] | None = None
        self._refused: int | None = None

    @property
    def champion_version(self) -> str | None:
        """Return the version of the champion, or None if nothing is deployed."""
        return self._loaded.rollout.champion if self._loaded else None

    @property
    def models(self) -> Mapping[str, Model]:
        """Return the loaded models by version, including the shadow."""
        return self._loaded.models if self._loaded else {}

    def answering(self, routing_key: str) -> Serving[Model]:
        """Return the canary for its share of routing keys, and otherwise the champion.

        Raises:
            ApiError: 503 if nothing is deployed.
        """
        loaded = self._required()
        rollout = loaded.rollout
        if rollout.canary is not None and share_of(routing_key) < rollout.canary_percent / 100:
            return Serving(loaded.models[rollout.canary], rollout.canary, "canary")
        return Serving(loaded.models[rollout.champion], rollout.champion, "champion")

    def shadow(self) -> Serving[Model] | None:
        """Return the shadow, which scores without affecting responses, or None."""
        loaded = self._required()
        version = loaded.rollout.shadow
        return None if version is None else Serving(loaded.models[version], version, "shadow")

    def refresh(self) -> bool:
        """Load the models of the rollout if it has changed; return True if it took effect."""
        stamp = self._endpoint.rollout_stamp()
        before = self._loaded
        if stamp is None or stamp == self._refused or (before and stamp == before.stamp):
            return False
        try:
            rollout = self._endpoint.rollout()
            same_policy = before is not None and before.rollout.policy == rollout.policy
            known = before.models if before and same_policy else {}
            models = {
                version: known[version] if version in known else self._load(version, rollout)
                for version in rollout.versions
            }
        except Exception:  # noqa: BLE001 - on any error, the previous rollout stays in use
            MODEL_LOAD_FAILURES_TOTAL.labels(self.name).inc()
            _log.exception("a rollout cannot be loaded", extra={"endpoint": self.name})
            self._refused = stamp
            return False
        self._loaded = _Loaded(stamp, rollout, models)
        self._report(before, self._loaded)
        return True

    def _required(self) -> _Loaded[Model]:
        if self._loaded is None:
            raise ApiError(
                503,
                "not_deployed",
                f"No {self.name} model is deployed",
                headers={"Retry-After": "5"},
            )
        return self._loaded

    def _report(self, before: _Loaded[Model] | None, after: _Loaded[Model]) -> None:
        for loaded in (before, after):
            for role in ("champion", "canary", "shadow"):
                version = getattr(loaded.rollout, role) if loaded else None
                if version is not None:
                    gauge = SERVING_MODEL_INFO.labels(self.name, version, role)
                    gauge.set(loaded is after)
        _log.info(
            "a rollout took effect",
            extra={"endpoint": self.name, "rollout": after.rollout.model_dump()},
        )


def share_of(routing_key: str) -> float:
    """Map a routing key to a number in [0, 1), deterministically and uniformly over keys."""
    digest = hashlib.blake2b(routing_key.encode(), digest_size=8, person=b"canary").digest()
    return int.from_bytes(digest, "big") % _BUCKETS / _BUCKETS
