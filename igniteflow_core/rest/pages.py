"""The pages of an API in order, resumable at any page."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import httpx

from igniteflow_core.config.rest import DATE, NEXT_DATE, PagingSettings, RestSettings
from igniteflow_core.errors import UnreadableSourceError
from igniteflow_core.rest.answer import AnswerError, rows_at, text_at
from igniteflow_core.rest.client import Answer, RestClient


@dataclass(frozen=True)
class Position:
    """The progress of fetching the pages.

    Attributes:
        url: address of the next page; None after the last one.
        page: number of the next page, from 1.
        rows: number of the rows before it.
    """

    url: str | None
    page: int = 1
    rows: int = 0


@dataclass(frozen=True)
class Page:
    """One page: its number from 1, its rows as JSON, and the position after it."""

    number: int
    rows: list[bytes]
    after: Position


def first_position(address: str, settings: RestSettings, day: date | None = None) -> Position:
    """The position of the first page, of the given day if each day has its own pages."""
    parameters = {name: _of_day(value, day) for name, value in settings.parameters.items()}
    url = httpx.URL(_of_day(address, day)).copy_merge_params(parameters)
    paging = settings.paging
    if paging and paging.parameter and paging.by in {"page", "offset"}:
        url = url.copy_set_param(paging.parameter, str(_first(paging)))
    return Position(str(url))


def pages(client: RestClient, settings: RestSettings, position: Position) -> Iterator[Page]:
    """Fetch the pages in order, up to the last one.

    Raises:
        SourceUnreachableError: the API does not respond, or asks to retry later.
        UnreadableSourceError: the API rejects a request, its response does not match the settings,
            or its pages repeat.
    """
    page_of_digest: dict[bytes, int] = {}
    while position.url is not None:
        url, name = httpx.URL(position.url), f"page {position.page}"
        where = f"{name} of {client.shown(url)}"
        answer = client.get(url, name)
        try:
            rows = rows_at(answer.body, settings.rows) if answer.body is not None else []
            after = Position(None, position.page + 1, position.rows + len(rows))
            following = _following(settings.paging, answer, url, after, has_rows=bool(rows))
        except (AnswerError, httpx.InvalidURL) as error:
            raise UnreadableSourceError(
                f"the response does not match the settings: {error}",
                where=where,
                fix="correct the source's path, rest.rows or rest.paging, or ask the API's owner",
            ) from error
        if following is not None:
            secure = _as_secure(following, url)
            following = client.of_same_host(secure, f"the link to the page after {name}")
        for content in (position.url.encode(), b"\n".join(rows)):
            if content:
                _check_no_repeat(page_of_digest, content, position.page, where)
        after = Position(str(following) if following else None, after.page, after.rows)
        yield Page(position.page, rows, after)
        position = after


def _following(
    paging: PagingSettings | None,
    answer: Answer,
    url: httpx.URL,
    after: Position,
    *,
    has_rows: bool,
) -> httpx.URL | None:
    """The address of the next page, if there is one."""
    if paging is None:
        return None
    parameter = paging.parameter or ""
    match paging.by:
        case "page":
            number = _first(paging) + after.page - 1
            return url.copy_set_param(parameter, str(number)) if has_rows else None
        case "offset":
            offset = _first(paging) + after.rows
            return url.copy_set_param(parameter, str(offset)) if has_rows else None
        case "cursor":
            cursor = text_at(answer.body or b"{}", paging.cursor or "")
            if cursor is None:
                return None
            return url.copy_set_param(parameter, cursor) if parameter else url.join(cursor)
        case "link":
            return url.join(answer.following) if answer.following else None


def _first(paging: PagingSettings) -> int:
    return paging.first if paging.first is not None else int(paging.by == "page")


def _of_day(text: str, day: date | None) -> str:
    if day is None:
        return text
    next_day = (day + timedelta(days=1)).isoformat()
    return text.replace(DATE, day.isoformat()).replace(NEXT_DATE, next_day)


def _as_secure(following: httpx.URL, url: httpx.URL) -> httpx.URL:
    """The address with https: a server behind a proxy that terminates TLS often writes http."""
    is_itself = following.netloc == url.netloc and following.scheme == "http"
    return following.copy_with(scheme=url.scheme) if is_itself else following


def _check_no_repeat(
    page_of_digest: dict[bytes, int], content: bytes, page: int, where: str
) -> None:
    digest = hashlib.blake2b(content, digest_size=16).digest()
    if digest in page_of_digest:
        raise UnreadableSourceError(
            f"the pages repeat: page {page} is page {page_of_digest[digest]} again",
            where=where,
            fix="correct rest.paging: the API ignores unknown parameters",
        )
    page_of_digest[digest] = page
