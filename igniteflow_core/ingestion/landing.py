"""The pages of an API as files beside the lake, which are then read as JSON lines."""

import hashlib
import json
import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta

import httpx
from pyspark.sql import SparkSession

from igniteflow_core.config.rest import DATE, RestSettings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.folder import Folder
from igniteflow_core.rest.client import RefusedError, RestClient
from igniteflow_core.rest.pages import Position, first_position, pages

_log = logging.getLogger("igniteflow.landing")
_PAGE = re.compile(r"page-(\d+)\.json")
_DELIVERED = "_delivered"
_RESUMED_WITHIN = timedelta(days=1)
_KEPT_FOR = timedelta(days=7)
_OF_A_CURSOR_THAT_IS_GONE = {400, 404, 410, 422}


@dataclass(frozen=True)
class _State:
    """The state after a page: its request, the start of the request, and the next position."""

    request: str
    begun: datetime
    position: Position

    def as_json(self) -> bytes:
        return json.dumps(
            {
                "request": self.request,
                "begun": self.begun.isoformat(),
                "position": asdict(self.position),
            }
        ).encode()

    @classmethod
    def of_json(cls, text: bytes) -> "_State":
        fields = json.loads(text)
        return cls(
            fields["request"],
            datetime.fromisoformat(fields["begun"]),
            Position(**fields["position"]),
        )


def landed(
    spark: SparkSession, source: SourceSettings, root: str, days: Sequence[date] = ()
) -> SourceSettings:
    """The source with a path of files: the pages of an API are fetched, other sources unchanged.

    Each page is a file, so that an interrupted run resumes at the next page. The pages of all
    days together are a delivery; once that has landed, the next call fetches all of it again.

    Args:
        spark: Spark session.
        source: settings of the source.
        root: folder for the pages of this source only.
        days: days whose rows are needed, in order.

    Raises:
        ConfigurationError: the secret or the certificates are missing.
        SourceUnreachableError: the API does not respond, or asks to retry later.
        UnreadableSourceError: the API rejects the request, or its response does not match the
            settings.
    """
    if source.rest is None:
        return source
    now = datetime.now(UTC)
    if source.is_daily:
        folders = {day.isoformat(): first_position(source.path, source.rest, day) for day in days}
        path = f"{root}/{DATE}"
    else:
        # Runs of other days may be reading their own folders at the same time.
        name = f"{days[0]}_{days[-1]}" if days else "all"
        folders = {name: first_position(source.path, source.rest)}
        path = f"{root}/{name}"
    _forget_old(spark, root, folders, now)
    with RestClient(source.path, source.rest) as client:
        for name, begin in folders.items():
            _land(client, source.rest, begin, Folder(spark, f"{root}/{name}"), now)
    for name in folders:
        Folder(spark, f"{root}/{name}").write(_DELIVERED, b"")
    return source.model_copy(update={"path": path})


def _land(
    client: RestClient, settings: RestSettings, begin: Position, folder: Folder, now: datetime
) -> None:
    """Fetch the pages that the folder lacks."""
    how = settings.model_dump_json(include={"rows", "paging"})
    request = hashlib.blake2b(f"{begin.url} {how}".encode(), digest_size=16).hexdigest()
    fresh = _State(request, now, begin)
    last = None if _DELIVERED in folder.names() else _state(folder)
    resumes = last is not None and last.request == request and now - last.begun < _RESUMED_WITHIN
    state = last if last is not None and resumes else fresh
    if not resumes:
        folder.clear()
    try:
        fetched = _fetched(client, settings, state, folder)
    except RefusedError as error:
        has_progressed = _state(folder) != state
        if not resumes or has_progressed or error.status not in _OF_A_CURSOR_THAT_IS_GONE:
            raise
        _log.info("the API rejects the cursor of an interrupted run; all pages are fetched again")
        folder.clear()
        state, fetched = fresh, _fetched(client, settings, fresh, folder)
    _log.info(
        "%s: fetched %d pages, %d rows in all; %d pages had already landed",
        client.shown(httpx.URL(begin.url or "")),
        fetched.page - state.position.page,
        fetched.rows,
        state.position.page - 1,
    )


def _fetched(client: RestClient, settings: RestSettings, state: _State, folder: Folder) -> Position:
    """Fetch all pages from the state on, and return the final position."""
    position = state.position
    for page in pages(client, settings, position):
        position = page.after
        after = replace(state, position=position)
        # An existing page counts as fetched, so the position after it must be written first.
        folder.write(f"_after-{page.number:06}", after.as_json())
        folder.write(f"page-{page.number:06}.json", b"".join(row + b"\n" for row in page.rows))
    return position


def _state(folder: Folder) -> _State | None:
    """The state after the last page of the folder; None if it has no page."""
    numbers = [int(match[1]) for name in folder.names() if (match := _PAGE.fullmatch(name))]
    return _State.of_json(folder.read(f"_after-{max(numbers):06}")) if numbers else None


def _forget_old(spark: SparkSession, root: str, kept: Collection[str], now: datetime) -> None:
    """Delete pages that are too old for any run to be still reading them."""
    for name in Folder(spark, root).names():
        folder = Folder(spark, f"{root}/{name}")
        state = _state(folder) if name not in kept else None
        if state is not None and now - state.begun > _KEPT_FOR:
            folder.clear()
