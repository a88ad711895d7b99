"""The model and the policy that decide on the stream: those of the fraud endpoint's rollout."""

import logging

from igniteflow_core.decisions.columns import Vocabulary
from igniteflow_core.decisions.decider import load_decider
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.errors import DecisionPolicyError, ModelArtifactError
from igniteflow_core.stream.scores import Scorer
from igniteflow_core.telemetry.metrics import MODEL_LOAD_FAILURES_TOTAL

_log = logging.getLogger("igniteflow.stream")


class Champion:
    """Follows the rollout, as the API does, but switches only when ``scorer`` is called.

    If a version or a policy cannot be loaded, the previous ones are kept, and the failure is
    counted.

    Args:
        endpoint: endpoint of the fraud model.
        vocabulary: names that the stream's transactions have.

    Raises:
        ModelArtifactError: nothing was rolled out, or the champion cannot be loaded.
        DecisionPolicyError: the policy names what is not declared.
    """

    def __init__(self, endpoint: Endpoint, vocabulary: Vocabulary | None = None) -> None:
        self._endpoint = endpoint
        self._vocabulary = vocabulary or Vocabulary()
        self._stamp = endpoint.rollout_stamp()
        self._rollout = endpoint.rollout()
        self._scorer = self._load(self._rollout)

    def scorer(self) -> Scorer:
        """The current champion."""
        stamp = self._endpoint.rollout_stamp()
        if stamp in {None, self._stamp}:
            return self._scorer
        self._stamp = stamp
        try:
            rollout = self._endpoint.rollout()
            if _deciding(rollout) != _deciding(self._rollout):
                self._scorer = self._load(rollout)
                _log.info(
                    "a new champion or decision policy is active",
                    extra={"model_version": rollout.champion, "policy_version": rollout.policy},
                )
            self._rollout = rollout
        except (ModelArtifactError, DecisionPolicyError):
            MODEL_LOAD_FAILURES_TOTAL.labels("fraud").inc()
            _log.exception("the rollout cannot be loaded; the previous one is kept")
        return self._scorer

    def _load(self, rollout: Rollout) -> Scorer:
        decider = load_decider(self._endpoint, self._vocabulary, rollout.champion, rollout)
        return Scorer(decider, rollout.champion)


def _deciding(rollout: Rollout) -> tuple[str, str | None]:
    return rollout.champion, rollout.policy
