"""REST APIs as sources: from pages that misbehave to the clean table, once each."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.errors import SourceUnreachableError, UnreadableSourceError
from igniteflow_core.ingestion.landing import landed
from tests.clock import BERLIN
from tests.core.ingestion.delivered import DAY, judged
from tests.rest_server import Request, Response, rest_server

pytestmark = pytest.mark.spark

DAYS = [DAY, date(2025, 1, 7)]
EXAMPLE = Path(__file__).parents[3] / "config" / "examples" / "paged_api.json"
ROW = '{{"id": "{0}", "at": "2025-01-06T10:00:00", "card": 42, "shop": "M\\u00fcller", {1}}}'
ROWS = [
    ROW.format("a", '"amount": 12345678.10, "fraud": true'),
    ROW.format("b", '"amount": 0.10, "fraud": null, "note": "x"'),
    ROW.format("c", '"amount": {"value": 1}, "fraud": false'),
    ROW.format("a", '"amount": 12345678.10, "fraud": true'),
    '"no object"',
]

LAND = """
import sys
from pyspark.sql import SparkSession
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.landing import landed
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", False).getOrCreate()
landed(spark, SourceSettings.model_validate_json(sys.argv[1]), sys.argv[2])
"""


def page_of(rows: list[str], begin: int, size: int) -> str:
    more = json.dumps(str(begin + size)) if begin + size < len(rows) else "null"
    return f'{{"data": {{"payments": [{", ".join(rows[begin : begin + size])}], "next": {more}}}}}'


def test_pages_of_an_api_that_misbehaves_become_the_clean_table(spark, tmp_path, monkeypatch):
    monkeypatch.setenv("PAYMENTS_TOKEN", "of-the-test")
    example = json.loads(EXAMPLE.read_text())["sources"]["transactions"]
    payments = list(ROWS)
    trouble = [
        Response(status=429, headers={"Retry-After": "0"}),
        Response(status=503, headers={"Retry-After": "0"}),
        Response(status=307, headers={"Location": "/v2/payments?day=2025-01-06&limit=500"}),
    ]

    def answer(request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer of-the-test"
        if trouble:
            return trouble.pop(0)
        begin = int(request.parameters.get("after", "0"))
        rows = payments if request.parameters["day"] == "2025-01-06" else []
        return Response(page_of(rows, begin, 2))

    with rest_server(answer) as server:
        api = SourceSettings.model_validate(example | {"path": f"{server.url}/payments"})
        assert api.is_daily
        source = landed(spark, api, str(tmp_path), DAYS)
        asked = len(server.asked)
        kept, refused, delivered = judged(spark, source, "", DAYS, BERLIN)
        # Three answers that were none, three pages, and the one of a day without rows.
        assert asked == 3 + 3 + 1
        rows = {row.transaction_id: row for row in kept}
        assert set(rows) == {"a", "b"}
        assert rows["a"].event_time == datetime(2025, 1, 6, 9)
        assert (rows["a"].amount, rows["a"].customer_id, rows["a"].terminal_id) == (
            12345678.10,
            "42",
            "Müller",
        )
        assert (rows["a"].is_fraud, rows["b"].is_fraud) == (1, None)
        assert sorted(row.reasons[0] for row in refused) == [
            "duplicate_id",
            "invalid_json",
            "nested_value",
        ]
        assert delivered.left_out == {"note": DAY}
        files = {row.reasons[0]: row.source_file for row in refused}
        assert files["invalid_json"] == f"file:{tmp_path}/2025-01-06/page-000003.json"
        # What is asked for again is fetched anew, as a file that is delivered again is read anew.
        payments[:] = [ROW.format("z", '"amount": 1, "fraud": false')]
        landed(spark, api, str(tmp_path), DAYS)
        assert len(server.asked) == asked + 2
        (page,) = tmp_path.glob("2025-01-06/page-*.json")
        assert json.loads(page.read_text())["id"] == "z"


class Items:
    """An API of ten pages, of ten items each, that can be made to fail at one."""

    def __init__(self):
        self.pages: list[int] = []
        self.failure: Response | None = None
        self.fails_at = 0

    def answer(self, request: Request) -> Response:
        page = int(request.parameters["page"])
        self.pages.append(page)
        if page == self.fails_at and self.failure is not None:
            return self.failure
        return Response([{"item": 10 * page + each} for each in range(10)] if page <= 10 else [])


ALL_PAGES = list(range(1, 12))
ALL_ITEMS = list(range(10, 110))


@pytest.fixture
def items():
    return Items()


def of_items(url: str, **rest) -> SourceSettings:
    asked = {"paging": {"by": "page", "parameter": "page"}} | rest
    return SourceSettings.model_validate({"format": "rest", "path": url, "rest": asked})


def landed_items(spark, source, folder) -> list[int]:
    path = Path(landed(spark, source, str(folder)).path)
    lines = [line for file in path.glob("page-*.json") for line in file.read_text().splitlines()]
    return sorted(json.loads(line)["item"] for line in lines)


def test_a_run_that_is_killed_goes_on_at_the_page_that_it_came_to(spark, items, tmp_path):
    came, gone = threading.Event(), threading.Event()

    def answer(request: Request) -> Response:
        response = items.answer(request)
        if items.pages[-1] == 5 and not came.is_set():
            came.set()
            gone.wait(60)
        return response

    with rest_server(answer) as server:
        source = of_items(server.url)
        run = subprocess.Popen(
            [sys.executable, "-c", LAND, source.model_dump_json(), tmp_path],
            cwd=Path(__file__).parents[3],
            start_new_session=True,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert came.wait(120)
        finally:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            gone.set()
        assert items.pages == [1, 2, 3, 4, 5]
        assert landed_items(spark, source, tmp_path) == ALL_ITEMS
        assert items.pages == [1, 2, 3, 4, 5, *range(5, 12)]


def test_what_was_fetched_counts_for_a_day_and_for_the_same_request_alone(spark, items, tmp_path):
    with rest_server(items.answer) as server:
        source = of_items(server.url)

        def stopped_at(page: int) -> None:
            items.failure, items.fails_at = Response(status=403), page
            with pytest.raises(UnreadableSourceError, match=f"page {page} of"):
                landed(spark, source, str(tmp_path))
            items.fails_at = 0
            items.pages.clear()

        stopped_at(6)
        assert landed_items(spark, of_items(server.url, parameters={"a": "1"}), tmp_path)
        assert items.pages == ALL_PAGES

        stopped_at(6)
        grow_older(tmp_path / "all", timedelta(hours=25))
        assert landed_items(spark, source, tmp_path) == ALL_ITEMS
        assert items.pages == ALL_PAGES


def test_an_api_that_has_forgotten_where_a_run_stopped_is_asked_from_the_beginning(
    spark, items, tmp_path
):
    def answer(request: Request) -> Response:
        if forgets.is_set() and request.parameters["page"] == "6":
            forgets.clear()
            return Response("no such cursor", 410)
        return items.answer(request)

    forgets = threading.Event()
    with rest_server(answer) as server:
        source = of_items(server.url)
        items.failure, items.fails_at = Response(status=429, headers={"Retry-After": "9999"}), 6
        with pytest.raises(SourceUnreachableError, match="wait for 9999 seconds"):
            landed(spark, source, str(tmp_path))
        items.failure = None
        items.pages.clear()
        forgets.set()
        assert landed_items(spark, source, tmp_path) == ALL_ITEMS
        assert items.pages == ALL_PAGES
        # At the beginning there is nothing to forget.
        items.failure, items.fails_at = Response(status=410), 1
        with pytest.raises(UnreadableSourceError, match="410"):
            landed(spark, source, str(tmp_path))


def test_a_run_of_several_days_goes_on_at_the_day_that_it_came_to(spark, tmp_path):
    refused = {"/2025-01-07"}

    def answer(request: Request) -> Response:
        return Response(status=403) if request.path in refused else Response([{"item": 1}])

    with rest_server(answer) as server:
        source = of_items(f"{server.url}/{{date}}", paging=None)
        with pytest.raises(UnreadableSourceError, match="403"):
            landed(spark, source, str(tmp_path), DAYS)
        refused.clear()
        for _ in range(2):
            landed(spark, source, str(tmp_path), DAYS)
        paths = [request.path for request in server.asked]
    assert paths == ["/2025-01-06", "/2025-01-07", "/2025-01-07", "/2025-01-06", "/2025-01-07"]


def test_what_no_run_reads_any_longer_is_deleted(spark, tmp_path):
    with rest_server(lambda _: Response([])) as server:
        source = of_items(f"{server.url}/{{date}}", paging=None)
        for day in DAYS:
            landed(spark, source, str(tmp_path), [day])
        grow_older(tmp_path / str(DAYS[0]), timedelta(days=8))
        landed(spark, source, str(tmp_path), [date(2025, 1, 8)])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["2025-01-07", "2025-01-08"]


def grow_older(folder: Path, age: timedelta) -> None:
    for file in folder.glob("_after-*"):
        state = json.loads(file.read_text())
        begun = datetime.fromisoformat(state["begun"]) - age
        file.write_text(json.dumps(state | {"begun": begun.isoformat()}))
        file.with_name(f".{file.name}.crc").unlink()
