"""The parts of a JSON response as bytes, so that numbers keep all of their digits."""

from typing import TypeVar

import msgspec

_T = TypeVar("_T")


class AnswerError(ValueError):
    """A response is not JSON, or does not have the structure of the settings."""


def rows_at(body: bytes, path: str) -> list[bytes]:
    """The rows of a response, each on one line.

    Null counts as an empty list, because some servers write it so.

    Raises:
        AnswerError: the body is not JSON, or has no list at the path.
    """
    value = value_at(body, path)
    if value is None:
        raise AnswerError(f"it has nothing at rest.rows {path!r}{_names(body)}")
    if value == b"null":
        return []
    if not value.startswith(b"["):
        what = "an object" if value.startswith(b"{") else "a single value"
        raise AnswerError(f"it has {what} instead of a list at rest.rows {path!r}{_names(value)}")
    # A line break can only occur between the parts of JSON, because it is escaped in text.
    return [
        bytes(row).replace(b"\r", b" ").replace(b"\n", b" ")
        for row in msgspec.json.decode(value, type=list[msgspec.Raw])
    ]


def value_at(body: bytes, path: str) -> bytes | None:
    """The part of a document at a path such as ``data.items``; None if there is none.

    A name may itself contain dots, as ``@odata.nextLink`` does. Raises as ``rows_at``.
    """
    if not path:
        return _stripped(body)
    fields = _fields(body)
    names = path.split(".")
    for count in range(len(names), 0, -1):
        name = ".".join(names[:count])
        if name in fields:
            return value_at(bytes(fields[name]), ".".join(names[count:]))
    return None


def text_at(body: bytes, path: str) -> str | None:
    """The text or number at the path; None if there is none, or null, false or empty text.

    Raises:
        AnswerError: the body is not JSON, or has a list or an object at the path.
    """
    value = value_at(body, path)
    if value is None or value in {b"null", b"false", b'""'}:
        return None
    if value[:1] in {b"{", b"["}:
        raise AnswerError(f"it has no single value at {path!r}")
    return msgspec.json.decode(value, type=str) if value.startswith(b'"') else value.decode()


def _stripped(body: bytes) -> bytes:
    """The document without surrounding white space."""
    return bytes(_decoded(body, msgspec.Raw)).strip()


def _fields(body: bytes) -> dict[str, msgspec.Raw]:
    """The parts of an object; empty for any other value."""
    try:
        return _decoded(body, dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return {}


def _decoded(body: bytes, kind: type[_T]) -> _T:
    content = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if content.lstrip()[:1] == b"<":
            page = "it is HTML or XML, not JSON: a login page, or an error page"
            raise AnswerError(page) from error
        if "truncated" in str(error):
            raise AnswerError(f"its JSON is truncated after {len(body):,} bytes") from error
        raise AnswerError(f"it is not JSON: {error}") from error


def _names(body: bytes) -> str:
    names = ", ".join(_fields(body))
    return f" (names found: {names[:200]})" if names else ""
