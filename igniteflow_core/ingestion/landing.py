"""The pages of an API as files beside the lake, which are then read as JSON lines are."""

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
    """What is known after a page: of which request it is, since when, and what comes next."""

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
    """The source with a path of files: what an API has is fetched, others are left as they are.

    Each page is a file, so that a run that was killed goes on at the next page. The pages of all
    days together are a delivery; once that has landed, the next call fetches all of it anew.

    Args:
        spark: the session.
        source: its settings.
        root: folder for the pages of this source alone.
        days: of which rows are needed, in order.

    Raises:
        ConfigurationError: the secret or the certificates are not there.
        SourceUnreachableError: the API does not answer, or asks to come back later.
        UnreadableSourceError: it refuses, or its answer is none that the settings speak of.
    """
    if source.rest is None:
        return source
    now = datetime.now(UTC)
    if source.is_daily:
        folders = {day.isoformat(): first_position(source.path, source.rest, day) for day in days}
        path = f"{root}/{DATE}"
    else:
        # Runs of other days may be reading their own at the same time.
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
    """Fetch the pages that the folder has not got."""
    how = settings.model_dump_json(include={"rows", "paging"})
    request = hashlib.blake2b(f"{begin.url} {how}".encode(), digest_size=16).hexdigest()
    fresh = _State(request, now, begin)
    found = None if _DELIVERED in folder.names() else _state(folder)
    goes_on = found is not None and found.request == request and now - found.begun < _RESUMED_WITHIN
    state = found if found is not None and goes_on else fresh
    if not goes_on:
        folder.clear()
    try:
        fetched = _fetched(client, settings, state, folder)
    except RefusedError as error:
        has_got_on = _state(folder) != state
        if not goes_on or has_got_on or error.status not in _OF_A_CURSOR_THAT_IS_GONE:
            raise
        _log.info("the API no longer knows where an earlier run stopped; all pages are fetched")
        folder.clear()
        state, fetched = fresh, _fetched(client, settings, fresh, folder)
    _log.info(
        "%s: fetched %d pages, %d rows in all; %d pages were there",
        client.shown(httpx.URL(begin.url or "")),
        fetched.page - state.position.page,
        fetched.rows,
        state.position.page - 1,
    )


def _fetched(client: RestClient, settings: RestSettings, state: _State, folder: Folder) -> Position:
    """Fetch from where the state is to the end; the position there."""
    position = state.position
    for page in pages(client, settings, position):
        position = page.after
        after = replace(state, position=position)
        # A page that is there has been fetched, so what follows it has to be there before it.
        folder.write(f"_after-{page.number:06}", after.as_json())
        folder.write(f"page-{page.number:06}.json", b"".join(row + b"\n" for row in page.rows))
    return position


def _state(folder: Folder) -> _State | None:
    """What is known after the last page of the folder; None if it has no page."""
    numbers = [int(found[1]) for name in folder.names() if (found := _PAGE.fullmatch(name))]
    return _State.of_json(folder.read(f"_after-{max(numbers):06}")) if numbers else None


def _forget_old(spark: SparkSession, root: str, kept: Collection[str], now: datetime) -> None:
    """Delete what was fetched so long ago that no run still reads it."""
    for name in Folder(spark, root).names():
        folder = Folder(spark, f"{root}/{name}")
        state = _state(folder) if name not in kept else None
        if state is not None and now - state.begun > _KEPT_FOR:
            folder.clear()
