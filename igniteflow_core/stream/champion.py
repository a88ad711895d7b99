"""The model that scores the stream: the champion of the fraud endpoint's rollout."""

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
    """Follows the rollout, as the API does, but switches only when ``scorer`` is called.

    If a version cannot be loaded, the previous one is kept, and the failure is counted.

    Args:
        endpoint: endpoint of the fraud model.
        own: own columns of the stream's transactions.
        names: names of the computed features.

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
        """The current champion."""
        stamp = self._endpoint.rollout_stamp()
        if stamp in {None, self._stamp}:
            return self._scorer
        self._stamp = stamp
        try:
            version = self._endpoint.rollout().champion
            if version != self._scorer.version:
                self._scorer = self._load(version)
                _log.info("a new champion is active", extra={"model_version": version})
        except ModelArtifactError:
            MODEL_LOAD_FAILURES_TOTAL.labels("fraud").inc()
            _log.exception("the champion cannot be loaded; the previous one is kept")
        return self._scorer

    def _load(self, version: str) -> Scorer:
        folder = self._endpoint.version_folder(version)
        model = load_scorer(folder)
        model.inputs.require_computed(self._names, str(folder))
        model.inputs.require_declared(self._own, str(folder))
        return Scorer(model, version)
