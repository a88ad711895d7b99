"""Writes labels and outcomes to the feedback log, and outcomes to the users' histories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from igniteflow_core.config.recommendations import RATING
from igniteflow_core.decisions.log import DecisionLog
from igniteflow_serving.contract import ErrorPart, LabelIn, OutcomeIn
from igniteflow_serving.errors import ApiError
from igniteflow_serving.histories import Histories


@dataclass(frozen=True)
class Feedback:
    """One label or outcome.

    Attributes:
        feedback_id: key in the log; feedback that is accepted twice with one id counts once.
        content: the label or outcome.
        received_at: time of arrival.
        caller: name of the API key; None without API keys and for a topic.
        correlation_id: correlation id of the request, or position of the message.
    """

    feedback_id: str
    content: LabelIn | OutcomeIn
    received_at: datetime
    caller: str | None
    correlation_id: str


class FeedbackService:
    """Accepts feedback.

    Args:
        log: the feedback log.
        histories: histories of the users.
        event_types: allowed actions of an outcome in addition to a rating.
    """

    def __init__(self, log: DecisionLog, histories: Histories, event_types: Sequence[str]) -> None:
        self._log = log
        self._histories = histories
        self._actions = {RATING, *event_types}

    def mistake(self, content: LabelIn | OutcomeIn) -> str | None:
        """Return the error of a content whose action is not configured, or None if it is valid."""
        if isinstance(content, LabelIn) or content.action in self._actions:
            return None
        return f"{content.action!r} is not one of {', '.join(sorted(self._actions))}"

    def require_known_actions(self, contents: Sequence[LabelIn | OutcomeIn]) -> None:
        """Check that the actions of all outcomes are configured.

        Raises:
            ApiError: an action is not configured.
        """
        details = [
            ErrorPart(at=f"feedback.{place}.action", message=mistake)
            for place, content in enumerate(contents)
            if (mistake := self.mistake(content)) is not None
        ]
        if details:
            message = "An action is not one of recommendations.events in the settings"
            raise ApiError(422, "invalid_request", message, details=details)

    async def take(self, feedback: Sequence[Feedback]) -> None:
        """Write feedback to the log, and add outcomes to the users' histories.

        Raises:
            OSError: the log cannot be written.
        """
        for each in feedback:
            self._log.append(
                {
                    "feedback_id": each.feedback_id,
                    "received_at": each.received_at,
                    "caller": each.caller,
                    "correlation_id": each.correlation_id,
                    **each.content.model_dump(),
                }
            )
        await self._histories.add(
            (each.feedback_id, each.content)
            for each in feedback
            if isinstance(each.content, OutcomeIn)
        )
