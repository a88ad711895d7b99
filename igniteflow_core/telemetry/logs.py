"""Logs as one JSON object per line."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

from opentelemetry import trace

from igniteflow_core.config.settings import Settings
from igniteflow_core.telemetry.correlation import correlation_id

_LEFT_OUT = frozenset(vars(logging.makeLogRecord({}))) | {
    "message", "asctime", "taskName", "color_message",
}  # fmt: skip
"""Attributes that every record has, or that repeat others."""


class JsonFormatter(logging.Formatter):
    """Time, level, logger and message; correlation and trace id; the fields of ``extra``.

    Args:
        service: name of the process's part of the platform, such as ``serving``.
        environment: environment of the settings.
    """

    def __init__(self, service: str, environment: str) -> None:
        super().__init__()
        self._service = service
        self._environment = environment

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON; values without a JSON form are written as text."""
        at = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        line: dict[str, object] = {
            "timestamp": f"{at.isoformat(timespec='milliseconds')}Z",
            "level": record.levelname,
            "service": self._service,
            "environment": self._environment,
            "logger": record.name,
            "message": record.getMessage(),
        }
        identifier = correlation_id()
        if identifier is not None:
            line["correlation_id"] = identifier
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            line["trace_id"] = trace.format_trace_id(span.trace_id)
            line["span_id"] = trace.format_span_id(span.span_id)
        line |= {name: value for name, value in vars(record).items() if name not in _LEFT_OUT}
        if record.exc_info:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(line, default=str)


def configure_logging(service: str, settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Write the logs of the whole process as JSON; replaces earlier configuration.

    The level DEBUG applies to IgniteFlow's loggers only, because libraries log whole requests at
    it, credentials included.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(service, settings.environment))
    level = settings.telemetry.log_level
    libraries = "INFO" if level == "DEBUG" else level
    logging.basicConfig(level=libraries, handlers=[handler], force=True)
    logging.getLogger("igniteflow").setLevel(level)
