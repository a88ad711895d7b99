"""Page after page of an API, whichever way it leads from one to the next."""

from datetime import date
from ipaddress import IPv4Address

import pytest
from cryptography import x509

from igniteflow_core.config.rest import RestSettings
from igniteflow_core.errors import UnreadableSourceError
from igniteflow_core.rest.client import RestClient
from igniteflow_core.rest.pages import Position, first_position, pages
from tests.certificates import self_signed
from tests.rest_server import Request, Response, rest_server, tls

pytestmark = pytest.mark.integration

ROWS = [{"id": number} for number in range(7)]
TEXTS = [b'{"id": %d}' % number for number in range(7)]


def fetched(answer, day=None, path="/payments", begin: Position | None = None, **settings):
    rest = RestSettings.model_validate(settings)
    with rest_server(answer) as server:
        address = server.url + path
        with RestClient(address, rest, sleep=lambda _: None) as client:
            found = list(pages(client, rest, begin or first_position(address, rest, day)))
        return found, server


def rows(found) -> list[bytes]:
    return [row for page in found for row in page.rows]


def by_page(request: Request) -> Response:
    begin = 3 * (int(request.parameters["page"]) - 1)
    return Response({"data": {"items": ROWS[begin : begin + 3]}})


def by_offset(request: Request) -> Response:
    begin = int(request.parameters["offset"])
    # Fewer than are asked for, as servers with a limit of their own give.
    size = min(int(request.parameters["limit"]), 2)
    return Response(ROWS[begin : begin + size])


def by_cursor(request: Request) -> Response:
    begin = int(request.parameters.get("after", "0"))
    following = begin + 3 if begin + 3 < len(ROWS) else None
    return Response({"items": ROWS[begin : begin + 3], "meta": {"next": following}})


def by_address(request: Request) -> Response:
    begin = int(request.parameters.get("skip", "0"))
    following = {"@odata.nextLink": f"?skip={begin + 3}"} if begin + 3 < len(ROWS) else {}
    return Response({"value": ROWS[begin : begin + 3]} | following)


def by_link(request: Request) -> Response:
    begin = int(request.parameters.get("skip", "0"))
    following = {"Link": f'</payments?skip={begin + 3}>; rel="next", </payments>; rel="first"'}
    return Response(ROWS[begin : begin + 3], headers=following if begin + 3 < len(ROWS) else {})


@pytest.mark.parametrize(
    ("answer", "settings", "requests"),
    [
        (by_page, {"rows": "data.items", "paging": {"by": "page", "parameter": "page"}}, 4),
        (
            by_offset,
            {"parameters": {"limit": "5"}, "paging": {"by": "offset", "parameter": "offset"}},
            5,
        ),
        (
            by_cursor,
            {
                "rows": "items",
                "paging": {"by": "cursor", "parameter": "after", "cursor": "meta.next"},
            },
            3,
        ),
        (by_address, {"rows": "value", "paging": {"by": "cursor", "cursor": "@odata.nextLink"}}, 3),
        (by_link, {"paging": {"by": "link"}}, 3),
        (lambda _: Response(ROWS), {}, 1),
    ],
    ids=["page", "offset", "cursor", "address", "link", "one"],
)
def test_every_row_is_fetched_once_in_order_and_from_wherever_one_stopped(
    answer, settings, requests
):
    found, server = fetched(answer, **settings)
    assert rows(found) == TEXTS
    assert len(server.asked) == requests
    assert [page.number for page in found] == list(range(1, requests + 1))
    assert found[-1].after == Position(None, requests + 1, len(ROWS))
    for stopped in found[:-1]:
        # The same server is on another port now.
        path = str(stopped.after.url).removeprefix(server.url)
        begin = Position(path, stopped.after.page, stopped.after.rows)
        assert rows(_from(answer, begin, settings)) == TEXTS[stopped.after.rows :]


def _from(answer, begin: Position, settings):
    rest = RestSettings.model_validate(settings)
    with (
        rest_server(answer) as server,
        RestClient(server.url, rest, sleep=lambda _: None) as client,
    ):
        return list(
            pages(client, rest, Position(server.url + str(begin.url), begin.page, begin.rows))
        )


def test_the_day_stands_in_the_address_and_in_the_parameters():
    _, server = fetched(
        lambda _: Response([]),
        day=date(2024, 12, 31),
        path="/days/{date}",
        parameters={"from": "{date}T00:00:00+01:00", "until": "{next_date}"},
        paging={"by": "page", "parameter": "p", "first": 0},
    )
    (asked,) = server.asked
    assert asked.path == "/days/2024-12-31"
    assert asked.parameters == {
        "from": "2024-12-31T00:00:00+01:00",
        "until": "2025-01-01",
        "p": "0",
    }


def test_no_content_is_a_page_without_rows():
    found, _ = fetched(lambda _: Response(status=204), rows="items", paging={"by": "link"})
    assert rows(found) == []


@pytest.mark.parametrize(
    ("answer", "paging"),
    [
        # The parameter is one that the server does not know.
        (lambda _: Response(ROWS), {"by": "page", "parameter": "pgae"}),
        (lambda _: Response({"next": "x", "rows": []}), {"by": "cursor", "cursor": "next"}),
        (
            lambda request: Response(
                {"next": {"b": "a"}.get(request.parameters.get("c", ""), "b"), "rows": []}
            ),
            {"by": "cursor", "cursor": "next", "parameter": "c"},
        ),
    ],
    ids=["same page", "same address", "two cursors in turn"],
)
def test_pages_that_go_in_a_circle_end_the_run(answer, paging):
    where = "rows" if paging["by"] == "cursor" else ""
    with pytest.raises(UnreadableSourceError, match=r"repeat: page \d is page \d again"):
        fetched(answer, rows=where, paging=paging)


def test_a_page_of_another_shape_is_named_with_its_number_and_address():
    def answer(request: Request) -> Response:
        return by_page(request) if request.parameters["page"] == "1" else Response({"error": 7})

    with pytest.raises(UnreadableSourceError) as caught:
        fetched(answer, rows="data.items", paging={"by": "page", "parameter": "page"})
    assert "nothing at rest.rows 'data.items' (names found: error)" in str(caught.value)
    assert "page 2 of http://127.0.0.1" in str(caught.value)
    assert "/payments?page=2" in str(caught.value)


@pytest.mark.parametrize("following", ["http://other.example/payments", "//other.example", "ftp:"])
def test_a_page_of_another_server_is_not_asked_for(following):
    link = Response(ROWS, headers={"Link": f'<{following}>; rel="next"'})
    with pytest.raises(UnreadableSourceError, match="page after page 1 leads to"):
        fetched(lambda _: link, paging={"by": "link"})


def test_a_server_behind_a_proxy_that_ends_tls_may_know_itself_as_http(tmp_path):
    certificate, key = self_signed(x509.IPAddress(IPv4Address("127.0.0.1")))
    (tmp_path / "ca.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)

    def answer(request: Request) -> Response:
        following = f"http://{request.headers['host']}/second" if request.path == "/" else None
        return Response({"rows": [request.path], "next": following})

    rest = RestSettings.model_validate(
        {
            "rows": "rows",
            "paging": {"by": "cursor", "cursor": "next"},
            "certificates": str(tmp_path / "ca.pem"),
        }
    )
    with (
        rest_server(answer, tls(tmp_path / "ca.pem", tmp_path / "key.pem")) as server,
        RestClient(server.url, rest) as client,
    ):
        found = list(pages(client, rest, first_position(f"{server.url}/", rest)))
    assert rows(found) == [b'"/"', b'"/second"']


def test_a_next_address_that_is_none_is_said():
    with pytest.raises(UnreadableSourceError, match=r"does not match the settings.*port"):
        fetched(
            lambda _: Response({"rows": [], "next": "http://a:b:c/"}),
            rows="rows",
            paging={"by": "cursor", "cursor": "next"},
        )
