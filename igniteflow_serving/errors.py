"""Errors of the API: responses with a code and a message that expose no internals."""

from collections.abc import Sequence

from igniteflow_serving.contract import ErrorBody, ErrorDetail, ErrorPart


class ApiError(Exception):
    """An error response.

    Args:
        status: HTTP status code.
        code: machine-readable code, which is stable across versions.
        message: human-readable message.
        details: the invalid parts of the request.
        headers: headers of the response, such as Retry-After.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Sequence[ErrorPart] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = tuple(details)
        self.headers = headers or {}

    def body(self, correlation_id: str) -> bytes:
        """Return the body of the response as JSON."""
        detail = ErrorDetail(
            code=self.code,
            message=self.message,
            correlation_id=correlation_id,
            details=self.details,
        )
        return ErrorBody(error=detail).model_dump_json().encode()
