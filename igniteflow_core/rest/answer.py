"""What an answer in JSON holds, as its bytes are: numbers keep every digit they were sent with."""

from typing import TypeVar

import msgspec

_T = TypeVar("_T")


class AnswerError(ValueError):
    """An answer is not JSON, or has another shape than the settings say."""


def rows_at(body: bytes, path: str) -> list[bytes]:
    """The rows of an answer, each on one line.

    Null is an empty list, as some servers write it.

    Raises:
        AnswerError: the body is not JSON, or has no list at the path.
    """
    found = value_at(body, path)
    if found is None:
        raise AnswerError(f"it has nothing at rest.rows {path!r}{_names(body)}")
    if found == b"null":
        return []
    if not found.startswith(b"["):
        what = "an object" if found.startswith(b"{") else "a single value"
        raise AnswerError(f"it has {what} instead of a list at rest.rows {path!r}{_names(found)}")
    # A line break within JSON can only stand between its parts: in text it is escaped.
    return [
        bytes(row).replace(b"\r", b" ").replace(b"\n", b" ")
        for row in msgspec.json.decode(found, type=list[msgspec.Raw])
    ]


def value_at(body: bytes, path: str) -> bytes | None:
    """The part of a document at a path such as ``data.items``; None where there is none.

    A name may itself hold dots, as ``@odata.nextLink`` does. Raises as ``rows_at``.
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
    """The text or number at the path; None where there is none, or null, false or empty text.

    Raises:
        AnswerError: the body is not JSON, or has a list or an object at the path.
    """
    found = value_at(body, path)
    if found is None or found in {b"null", b"false", b'""'}:
        return None
    if found[:1] in {b"{", b"["}:
        raise AnswerError(f"it has no single value at {path!r}")
    return msgspec.json.decode(found, type=str) if found.startswith(b'"') else found.decode()


def _stripped(body: bytes) -> bytes:
    """The document itself, if it is one."""
    return bytes(_decoded(body, msgspec.Raw)).strip()


def _fields(body: bytes) -> dict[str, msgspec.Raw]:
    """Of an object, its parts; none of anything else."""
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
            page = "it is HTML or XML, not JSON: a page to log in, or of an error"
            raise AnswerError(page) from error
        if "truncated" in str(error):
            raise AnswerError(f"its JSON is cut after {len(body):,} bytes") from error
        raise AnswerError(f"it is not JSON: {error}") from error


def _names(body: bytes) -> str:
    names = ", ".join(_fields(body))
    return f" (names found: {names[:200]})" if names else ""
