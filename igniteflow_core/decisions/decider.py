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
    """The results for n events.

    Attributes:
        inputs: inputs of the model, shape (n, inputs).
        scores: scores of the model, shape (n,).
        decisions: decision on each event.
    """

    inputs: Floats
    scores: Floats
    decisions: Decisions


@dataclass(frozen=True)
class Decider:
    """Scores and decides; it is thread-safe.

    Attributes:
        model: scorer of the fraud model.
        policy: compiled decision policy.
        feature_names: names of the computed features, in their order.
    """

    model: FraudScorer
    policy: CompiledPolicy
    feature_names: tuple[str, ...]

    @property
    def alert_from(self) -> float:
        """The lowest score that the policy's bands review or decline."""
        return self.policy.alert_from(self.model.threshold)

    def decide(
        self, features: Floats, events: Sequence[Mapping[str, object]], times: Sequence[int]
    ) -> Decided:
        """Decide n events, independently of each other.

        Args:
            features: features in the order of ``feature_names``, shape (n, features).
            events: ids and own columns of each event.
            times: time of each event, UTC microseconds since 1970.
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
        """Positions of the model's features among all; it may be older than an entity."""
        places = [self.feature_names.index(name) for name in self.model.inputs.features]
        return np.array(places, dtype=np.int64)

    @cached_property
    def _read(self) -> dict[str, int | None]:
        """Positions among the features of what the policy reads; None for other columns."""
        places = {name: at for at, name in enumerate(self.feature_names)}
        return {name: places.get(name) for name in self.policy.reads}


def load_decider(
    endpoint: Endpoint, vocabulary: Vocabulary, version: str, rollout: Rollout
) -> Decider:
    """Load a version of the model and the policy of the rollout.

    Args:
        endpoint: endpoint of the fraud model.
        vocabulary: names of the columns and features of transactions.
        version: version of the model.
        rollout: rollout that names the policy; without a policy, the model's threshold decides.

    Raises:
        ModelArtifactError: one of them cannot be read, or the model takes other features.
        DecisionPolicyError: the policy uses names that are not declared.
    """
    folder = endpoint.version_folder(version)
    model = load_scorer(folder)
    model.inputs.require_computed(vocabulary.feature_names, str(folder))
    model.inputs.require_declared(vocabulary.own, str(folder))
    policy = DecisionPolicy() if rollout.policy is None else endpoint.policy(rollout.policy)
    compiled = CompiledPolicy(policy, vocabulary, rollout.policy or UNPROMOTED)
    return Decider(model, compiled, vocabulary.feature_names)
