"""How an API is asked that is slow, strict, or wants to know who asks."""

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import IPv4Address
from itertools import count

import httpx
import pytest
from cryptography import x509

from igniteflow_core.config.rest import RestSettings
from igniteflow_core.errors import (
    ConfigurationError,
    SourceUnreachableError,
    UnreadableSourceError,
)
from igniteflow_core.rest.client import RestClient
from igniteflow_core.rest.retries import wait_seconds
from tests.certificates import self_signed
from tests.local_server import free_port
from tests.rest_server import Request, Response, rest_server, tls

pytestmark = pytest.mark.integration

SECRET = "s3cr3t-of-the-test"  # pragma: allowlist secret
BEARER = {"scheme": "bearer", "variable": "PAYMENTS_TOKEN"}


@pytest.fixture(autouse=True)
def secret(monkeypatch):
    monkeypatch.setenv("PAYMENTS_TOKEN", SECRET)


class Waits:
    """A clock that goes on only while somebody waits."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


def get(url: str, waits: Waits | None = None, **settings):
    waits = waits or Waits()
    rest = RestSettings.model_validate(settings)
    with RestClient(url, rest, sleep=waits.sleep, clock=waits.clock) as client:
        return client.get(httpx.URL(url), "page 3")


def one_after_the_other(*responses: Response):
    left = list(responses)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    ("authentication", "header", "value"),
    [
        (BEARER, "authorization", f"Bearer {SECRET}"),
        (BEARER | {"scheme": "header", "header": "X-Key"}, "x-key", SECRET),
        (
            BEARER | {"scheme": "basic", "user": "me"},
            "authorization",
            "Basic bWU6czNjcjN0LW9mLXRoZS10ZXN0",
        ),
    ],
)
def test_the_secret_goes_the_way_that_the_settings_say(authentication, header, value):
    with rest_server(lambda _: Response([])) as server:
        get(server.url, authentication=authentication)
    assert server.asked[0].headers[header] == value


def test_the_secret_may_lie_in_a_mounted_file(tmp_path):
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    with rest_server(lambda _: Response([])) as server:
        get(server.url, authentication={"scheme": "bearer", "file": str(file)})
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"


def test_a_secret_that_is_missing_or_unfit_is_said_without_it(tmp_path, monkeypatch):
    away = {"scheme": "bearer", "file": str(tmp_path / "away")}
    with pytest.raises(ConfigurationError, match="No such file"):
        get("http://127.0.0.1", authentication=away)
    monkeypatch.setenv("PAYMENTS_TOKEN", " ")
    with pytest.raises(ConfigurationError, match=r"not set.*\n.*PAYMENTS_TOKEN"):
        get("http://127.0.0.1", authentication=BEARER)
    monkeypatch.setenv("PAYMENTS_TOKEN", f"{SECRET}\nX-Other: 1")
    with pytest.raises(ConfigurationError, match="a header must not have") as caught:
        get("http://127.0.0.1", authentication=BEARER)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "fix"),
    [
        (400, "rest.parameters"),
        (401, "the variable PAYMENTS_TOKEN"),
        (403, "grant this secret"),
        (404, "path"),
    ],
)
def test_a_refusal_says_which_page_and_why_and_never_the_secret(status, fix, caplog):
    def refuse(request: Request) -> Response:
        return Response(f"no: {request.headers['authorization']}, {SECRET}", status)

    with (
        rest_server(refuse) as server,
        caplog.at_level("DEBUG", logger="httpx"),
        pytest.raises(UnreadableSourceError) as caught,
    ):
        get(f"{server.url}/payments?day=1&signature_key=a&access_token=abc", authentication=BEARER)
    text = str(caught.value)
    assert f"the API rejects the request: {status}" in text
    assert f"page 3 of {server.url}/payments?day=1" in text
    assert fix in text
    assert len(server.asked) == 1
    assert "access_token=**********" in text
    for shown in (text, caplog.text):
        assert SECRET not in shown
        assert "abc" not in shown


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(status):
    waits = Waits()
    answer = one_after_the_other(
        Response(status=status, headers={"Retry-After": "7"}),
        Response(status=status, headers={"Retry-After": "30"}),
        Response([]),
    )
    with rest_server(answer) as server:
        assert get(server.url, waits).body == b"[]"
    assert waits.slept == [7, 30]


def test_a_server_that_wants_to_be_left_alone_for_hours_is_asked_by_a_later_run():
    waits = Waits()
    busy = Response(status=429, headers={"Retry-After": "7200"})
    with (
        rest_server(lambda _: busy) as server,
        pytest.raises(SourceUnreachableError, match="wait for 7200 seconds"),
    ):
        get(server.url, waits)
    assert (waits.slept, len(server.asked)) == ([], 1)


def test_the_wait_is_given_in_seconds_or_as_a_date():
    now = datetime(2025, 1, 6, 10, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=90), usegmt=True)
    earlier = format_datetime(now - timedelta(seconds=90), usegmt=True)
    asked = [wait_seconds(text, now) for text in ("120", later, earlier, "soon", "", "-1")]
    assert asked == [120, 90, 0, None, None, None]


@pytest.mark.parametrize(
    "failure",
    [
        Response(status=500),
        Response(status=502),
        Response(status=408),
        Response("[]", missing=10),
        Response(b"no gzip", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["500", "502", "408", "cut", "not gzip"],
)
def test_what_may_pass_is_tried_again_with_longer_and_longer_pauses(failure):
    waits = Waits()
    with rest_server(one_after_the_other(failure, failure, failure, Response([]))) as server:
        assert get(server.url, waits).body == b"[]"
    assert len(server.asked) == 4
    assert all(pause <= longest for pause, longest in zip(waits.slept, (1, 2, 4), strict=True))


def test_what_does_not_pass_is_given_up_and_may_be_tried_by_another_run():
    with (
        rest_server(lambda _: Response("down for maintenance", 503)) as server,
        pytest.raises(SourceUnreachableError, match=r"503 .*\(down for maintenance\)"),
    ):
        get(server.url)
    assert len(server.asked) == 6
    with pytest.raises(SourceUnreachableError, match="refused"):
        get(f"http://127.0.0.1:{free_port()}")


def test_a_server_that_never_answers_is_given_up():
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(SourceUnreachableError, match=r"no data was received for 0\.05 seconds"),
    ):
        get(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=0.05)


def test_an_answer_that_comes_byte_by_byte_for_ever_is_given_up():
    seconds = count(step=1_000)
    with (
        rest_server(lambda _: Response([])) as server,
        RestClient(
            server.url, RestSettings(), sleep=lambda _: None, clock=lambda: next(seconds)
        ) as client,
        pytest.raises(SourceUnreachableError, match="is too slow"),
    ):
        client.get(httpx.URL(server.url), "page 1")


def test_an_answer_that_no_memory_could_hold_is_refused(monkeypatch):
    monkeypatch.setattr("igniteflow_core.rest.client._LARGEST_ANSWER", 2**20)
    with (
        rest_server(lambda _: Response(b" " * (2**20 + 1))) as server,
        pytest.raises(
            UnreadableSourceError, match=r"larger than 1 MiB.*\n.*\n.*fewer rows per page"
        ),
    ):
        get(server.url)


def test_requests_keep_their_rate():
    waits = Waits()
    rest = RestSettings(requests_per_second=4)
    with (
        rest_server(lambda _: Response([])) as server,
        RestClient(server.url, rest, sleep=waits.sleep, clock=waits.clock) as client,
    ):
        for _ in range(5):
            client.get(httpx.URL(server.url), "a page")
    assert waits.slept == [0.25] * 4


def test_a_redirect_is_followed_on_the_same_server_alone():
    with rest_server(lambda _: Response([])) as other:

        def redirect(request: Request) -> Response:
            target = {"/moved": "/here", "/away": f"{other.url}/?token=abc"}.get(request.path)
            return Response(status=302, headers={"Location": target}) if target else Response([])

        with rest_server(redirect) as server:
            assert get(f"{server.url}/moved", authentication=BEARER).body == b"[]"
            with pytest.raises(UnreadableSourceError, match="no secret is sent") as caught:
                get(f"{server.url}/away", authentication=BEARER)
    assert other.url in str(caught.value)
    assert "abc" not in str(caught.value)
    assert other.asked == []


def test_a_server_that_redirects_for_ever_is_given_up():
    with (
        rest_server(lambda _: Response(status=307, headers={"Location": "/"})) as server,
        pytest.raises(UnreadableSourceError, match="5 times in a row"),
    ):
        get(server.url)


def test_a_certificate_of_an_authority_of_ones_own_is_trusted_by_its_file(tmp_path):
    certificate, key = self_signed(x509.IPAddress(IPv4Address("127.0.0.1")))
    (tmp_path / "ca.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    context = tls(tmp_path / "ca.pem", tmp_path / "key.pem")
    with rest_server(lambda _: Response([]), context) as server:
        with pytest.raises(UnreadableSourceError, match=r"not trusted.*\n.*\n.*rest\.certificates"):
            get(server.url)
        assert get(server.url, certificates=str(tmp_path / "ca.pem")).body == b"[]"
    with pytest.raises(ConfigurationError, match="certificates cannot be read"):
        get("https://127.0.0.1", certificates=str(tmp_path / "key.pem"))
