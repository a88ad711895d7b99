"""What a caller is told when a request is not answered: a code and a sentence, no internals."""

from collections.abc import Sequence

from igniteflow_serving.contract import ErrorBody, ErrorDetail, ErrorPart


class ApiError(Exception):
    """An answer other than success.

    Args:
        status: of HTTP.
        code: for programs; it does not change between versions.
        message: for people.
        details: which parts of the request are wrong.
        headers: of the answer, such as Retry-After.
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
        """The answer's JSON."""
        told = ErrorDetail(
            code=self.code,
            message=self.message,
            correlation_id=correlation_id,
            details=self.details,
        )
        return ErrorBody(error=told).model_dump_json().encode()
