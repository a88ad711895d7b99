"""A fraud model with a decision policy: from features to a decision, in the API and the stream."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.decisions.columns import Vocabulary, time_of
from igniteflow_core.decisions.compiled import CompiledPolicy, Decisions
from igniteflow_core.decisions.policy import UNPROMOTED, DecisionPolicy
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.fraud.inputs import EVENT_TIME
from igniteflow_core.fraud.scorer import FraudScorer, load_scorer

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Decided:
    """What was computed of n events.

    Attributes:
        inputs: of the model, shape (n, inputs).
        scores: shape (n,).
        decisions: of each.
    """

    inputs: Floats
    scores: Floats
    decisions: Decisions


@dataclass(frozen=True)
class Decider:
    """Scores and decides; safe to share by threads.

    Attributes:
        model: that scores.
        policy: that decides.
        feature_names: of the features that are computed, in their order.
    """

    model: FraudScorer
    policy: CompiledPolicy
    feature_names: tuple[str, ...]

    @property
    def alert_from(self) -> float:
        """From which score on the policy's bands review or decline."""
        return self.policy.alert_from(self.model.threshold)

    def decide(
        self, features: Floats, events: Sequence[Mapping[str, object]], times: Sequence[int]
    ) -> Decided:
        """Decide n events, each as if it were alone.

        Args:
            features: in the order of ``feature_names``, shape (n, features).
            events: the ids and the own columns of each.
            times: of each, UTC microseconds since 1970.
        """
        model = self.model.inputs
        known: dict[str, list[Any]] = {
            name: [each[name] for each in events] for name in model.own_types
        }
        if EVENT_TIME in model.columns:
            known[EVENT_TIME] = [time_of(each) for each in times]
        inputs = model.rows(features[:, self._taken], known)
        scores = self.model.score(inputs)
        columns = {
            name: [each[name] for each in events] if at is None else features[:, at]
            for name, at in self._read.items()
        }
        decisions = self.policy.decide(
            scores, self.model.threshold, np.array(times, dtype=np.int64), columns
        )
        return Decided(inputs, scores, decisions)

    @cached_property
    def _taken(self) -> NDArray[np.int64]:
        """Where the features of the model, which may be older than an entity, are among all."""
        places = [self.feature_names.index(name) for name in self.model.inputs.features]
        return np.array(places, dtype=np.int64)

    @cached_property
    def _read(self) -> dict[str, int | None]:
        """Where what the policy reads is among the features; None of an id or an own column."""
        places = {name: at for at, name in enumerate(self.feature_names)}
        return {name: places.get(name) for name in self.policy.reads}


def load_decider(
    endpoint: Endpoint, vocabulary: Vocabulary, version: str, rollout: Rollout
) -> Decider:
    """Read a version of the model, and the policy of the rollout.

    Args:
        endpoint: of the fraud model.
        vocabulary: what transactions have.
        version: of the model.
        rollout: that names the policy; without one, the model's threshold decides.

    Raises:
        ModelArtifactError: one of them cannot be read, or the model takes other features.
        DecisionPolicyError: the policy names what is not declared.
    """
    folder = endpoint.version_folder(version)
    model = load_scorer(folder)
    model.inputs.require_computed(vocabulary.feature_names, str(folder))
    model.inputs.require_declared(vocabulary.own, str(folder))
    policy = DecisionPolicy() if rollout.policy is None else endpoint.policy(rollout.policy)
    compiled = CompiledPolicy(policy, vocabulary, rollout.policy or UNPROMOTED)
    return Decider(model, compiled, vocabulary.feature_names)
