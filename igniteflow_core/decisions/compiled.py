"""The compiled decision policy, which is shared by the API, the stream and the batch."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from igniteflow_core.decisions.columns import SCORE, THRESHOLD, Values, Vocabulary, values_of
from igniteflow_core.decisions.expression import Columns, ExpressionError, parse_expression
from igniteflow_core.decisions.lists import ListError, compile_list
from igniteflow_core.decisions.policy import OUTCOMES, DecisionPolicy, DecisionRule
from igniteflow_core.errors import DecisionPolicyError

_BY_SCORE: Final = "score"

Floats = NDArray[np.float64]
Applies = Callable[[Columns, NDArray[np.int64]], NDArray[np.bool_]]
"""The events, shape (n,), to which a list or rule applies, from their columns and times."""


@dataclass(frozen=True)
class Decisions:
    """The decisions on n events.

    Attributes:
        outcomes: outcome of each event: approve, review or decline, shape (n,).
        decided_by: origin of each decision: ``score``, or ``deny:``, ``allow:`` or ``rule:`` with a
            name, shape (n,).
    """

    outcomes: NDArray[np.object_]
    decided_by: NDArray[np.object_]

    @property
    def is_alert(self) -> NDArray[np.bool_]:
        """Whether an event is reviewed or declined."""
        return np.not_equal(self.outcomes, "approve").astype(np.bool_)


@dataclass(frozen=True)
class _Step:
    label: str
    outcome: int
    reads: tuple[str, ...]
    applies: Applies


class CompiledPolicy:
    """Decides by a version of a policy; it is thread-safe.

    Args:
        policy: policy to compile.
        vocabulary: names that its lists and rules can use.
        version: version in the registry.

    Raises:
        DecisionPolicyError: lists or rules are invalid; the message names all faults.
    """

    def __init__(self, policy: DecisionPolicy, vocabulary: Vocabulary, version: str) -> None:
        steps, faults = _compiled(policy, vocabulary)
        if faults:
            raise DecisionPolicyError(
                "; ".join(faults),
                where=f"decision policy, version {version}",
                fix="declare the names that it uses again, and promote a policy without them "
                "before they are removed",
            )
        self.policy = policy
        self.version = version
        self.sha256 = policy.sha256
        self._steps = steps
        self._vocabulary = vocabulary
        read = {name for step in steps for name in step.reads}
        self.reads = tuple(sorted(read - {SCORE, THRESHOLD}))
        self._labels = np.array([_BY_SCORE, *(step.label for step in steps)], dtype=object)
        self._outcomes = np.array(OUTCOMES, dtype=object)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the source of the policy; an executor compiles it again."""
        return CompiledPolicy, (self.policy, self._vocabulary, self.version)

    def alert_from(self, threshold: float) -> float:
        """The lowest score that the bands review or decline, for a model with this threshold."""
        return min(self.policy.bands.bounds(threshold))

    def decide(
        self,
        scores: Floats,
        threshold: float,
        times: NDArray[np.int64],
        columns: Mapping[str, Iterable[object] | Values],
    ) -> Decisions:
        """Decide n events, independently of each other.

        Args:
            scores: scores of the model, shape (n,).
            threshold: alert threshold of the model.
            times: times of the events, UTC microseconds since 1970, shape (n,).
            columns: n values of each column; all columns of ``reads`` are required.
        """
        review, decline = self.policy.bands.bounds(threshold)
        outcomes = np.where(scores >= decline, 2, np.where(scores >= review, 1, 0))
        by = np.zeros(len(scores), dtype=np.int64)
        if self._steps:
            read: dict[str, Values] = {
                name: values_of(self._vocabulary.kinds[name], columns[name]) for name in self.reads
            }
            read |= {SCORE: scores, THRESHOLD: np.full(len(scores), threshold)}
            # The first step that applies decides, so the steps are written in reverse order.
            for number in range(len(self._steps), 0, -1):
                step = self._steps[number - 1]
                applies = step.applies(read, times)
                outcomes[applies], by[applies] = step.outcome, number
        return Decisions(self._outcomes[outcomes], self._labels[by])

    def columns_of_decisions(self, decisions: Decisions) -> dict[str, Any]:
        """The columns of a table that record each decision."""
        rows = len(decisions.outcomes)
        return {
            "decision": decisions.outcomes,
            "decided_by": decisions.decided_by,
            "is_alert": decisions.is_alert,
            "policy_version": np.full(rows, self.version, dtype=object),
            "policy_hash": np.full(rows, self.sha256, dtype=object),
        }


def policy_faults(policy: DecisionPolicy, vocabulary: Vocabulary) -> list[str]:
    """The faults of the lists and rules of a policy; empty for a valid policy."""
    return _compiled(policy, vocabulary)[1]


def _compiled(policy: DecisionPolicy, vocabulary: Vocabulary) -> tuple[list[_Step], list[str]]:
    steps: list[_Step] = []
    faults: list[str] = []
    # In their order of precedence: deny before allow.
    for listed in sorted(policy.lists, key=lambda each: each.action != "deny"):
        try:
            found = compile_list(listed, vocabulary)
        except ListError as error:
            faults.append(f"lists.{listed.name}: {error}")
            continue
        outcome = OUTCOMES.index("decline" if listed.action == "deny" else "approve")
        steps.append(_Step(f"{listed.action}:{listed.name}", outcome, found.reads, found.applies))
    for rule in policy.rules:
        try:
            steps.append(_rule_step(rule, vocabulary))
        except ExpressionError as error:
            faults.append(f"rules.{rule.name}.when: {error}")
    return steps, faults


def _rule_step(rule: DecisionRule, vocabulary: Vocabulary) -> _Step:
    parsed = parse_expression(rule.when, vocabulary.kinds)
    return _Step(
        f"rule:{rule.name}",
        OUTCOMES.index(rule.then),
        parsed.reads,
        lambda columns, times: parsed.holds(columns, len(times)),
    )
