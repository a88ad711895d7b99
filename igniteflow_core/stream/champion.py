"""The model that scores the stream: the champion that the fraud endpoint's rollout names."""

import logging

from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_core.errors import ModelArtifactError
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.scorer import load_scorer
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns
from igniteflow_core.stream.scores import Scorer
from igniteflow_core.telemetry.metrics import MODEL_LOAD_FAILURES_TOTAL

_log = logging.getLogger("igniteflow.stream")


class Champion:
    """Follows the rollout, as the API does, but changes over only when it is asked.

    A version that cannot be loaded leaves the one before in its place, and is counted.

    Args:
        endpoint: of the fraud model.
        own: columns that the stream's transactions have besides IgniteFlow's.
        names: of the features that are computed.

    Raises:
        ModelArtifactError: nothing was rolled out, or the champion cannot be loaded.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        own: OwnColumns = NO_OWN_COLUMNS,
        names: tuple[str, ...] = FEATURE_NAMES,
    ) -> None:
        self._endpoint = endpoint
        self._names = names
        self._own = own
        self._stamp = endpoint.rollout_stamp()
        self._scorer = self._load(endpoint.rollout().champion)

    def scorer(self) -> Scorer:
        """The champion of now."""
        stamp = self._endpoint.rollout_stamp()
        if stamp in {None, self._stamp}:
            return self._scorer
        self._stamp = stamp
        try:
            version = self._endpoint.rollout().champion
            if version != self._scorer.version:
                self._scorer = self._load(version)
                _log.info("a new champion takes over", extra={"model_version": version})
        except ModelArtifactError:
            MODEL_LOAD_FAILURES_TOTAL.labels("fraud").inc()
            _log.exception("the champion cannot be loaded; the one before scores on")
        return self._scorer

    def _load(self, version: str) -> Scorer:
        folder = self._endpoint.version_folder(version)
        model = load_scorer(folder)
        model.inputs.require_computed(self._names, str(folder))
        model.inputs.require_declared(self._own, str(folder))
        return Scorer(model, version)
