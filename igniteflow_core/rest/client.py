"""The requests to an API, with authentication, rate limit and retries."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import httpx
from tenacity import Retrying, retry_if_exception, stop_after_attempt

from igniteflow_core.config.rest import AuthenticationSettings, RestSettings
from igniteflow_core.config.secrets import MASK, is_secret
from igniteflow_core.errors import IgniteFlowError, UnreadableSourceError
from igniteflow_core.rest.retries import (
    TRANSIENT,
    TRIES,
    AwayError,
    may_pass_soon,
    pause,
    wait_seconds,
)
from igniteflow_core.rest.secret import header_of, secret_of
from igniteflow_core.rest.trust import distrust_in, trusted

_LARGEST_ANSWER = 2**28
_SLOWEST_ANSWER = 10
"""Deadline of a complete response, as a multiple of the timeout."""
_REDIRECTS = 5
_SHOWN = 200
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Answer:
    """A response of the server.

    Attributes:
        body: decompressed body; None if there is no content.
        following: the address that the header ``Link`` names ``next``, unchanged.
    """

    body: bytes | None
    following: str | None


class RefusedError(UnreadableSourceError):
    """The server rejects a request permanently.

    Args:
        what: see ``IgniteFlowError``.
        where: see ``IgniteFlowError``.
        fix: see ``IgniteFlowError``.
        status: status of the response.
    """

    def __init__(self, what: str, *, where: str, fix: str, status: int) -> None:
        super().__init__(what, where=where, fix=fix)
        self.status = status


class RestClient:
    """A client of an API, which sends requests only to the API's host.

    Args:
        address: address of the API.
        settings: settings of the API.
        sleep: function that waits for a number of seconds.
        clock: monotonic clock in seconds.

    Raises:
        ConfigurationError: the secret or the certificates are missing.
    """

    def __init__(
        self,
        address: str,
        settings: RestSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origin = httpx.URL(address)
        self._settings = settings
        self._sleep, self._clock = sleep, clock
        self._free_at = clock()
        self._secrets: tuple[str, ...] = ()
        headers = {"Accept": "application/json"}
        if settings.authentication:
            secret = secret_of(settings.authentication)
            name, value = header_of(settings.authentication, secret)
            headers[name] = value
            self._secrets = (value, value.rpartition(" ")[2], secret)
        # httpx logs the address of each request, and a server's link may contain a secret.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._http = httpx.Client(
            headers=headers,
            timeout=settings.timeout_seconds,
            verify=trusted(settings.certificates),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, url: httpx.URL, page: str) -> Answer:
        """The response of the server, with a limited number of retries.

        Args:
            url: address on the API's host.
            page: name of the page in error messages.

        Raises:
            SourceUnreachableError: the server does not respond, or asks to retry later.
            UnreadableSourceError: the server rejects the request, or redirects to another host.
        """
        again = Retrying(
            sleep=self._sleep,
            stop=stop_after_attempt(TRIES),
            wait=pause,
            retry=retry_if_exception(may_pass_soon),
            reraise=True,
        )
        return again(self._asked, url, page)

    def shown(self, url: httpx.URL) -> str:
        """The address with possible secrets masked."""
        pairs = [
            f"{name}={MASK if is_secret(name) else value}"
            for name, value in url.params.multi_items()
        ]
        address = str(url.copy_with(query=None, fragment=None, userinfo=b""))
        return self._masked(f"{address}?{'&'.join(pairs)}" if pairs else address)

    def of_same_host(self, url: httpx.URL, page: str) -> httpx.URL:
        """The address, if the secret may be sent to it.

        Raises:
            UnreadableSourceError: the address has another host, port or scheme.
        """
        if _host(url) == _host(self._origin):
            return url
        raise UnreadableSourceError(
            f"{page} leads to {url.scheme}://{self._masked(url.netloc.decode().rpartition('@')[2])}"
            ", and no secret is sent to another server than the source's",
            where=self.shown(self._origin),
            fix="if the API has moved there, set the source's path to it; otherwise ask its owner",
        )

    def _asked(self, url: httpx.URL, page: str) -> Answer:
        where = f"{page} of {self.shown(url)}"
        for _ in range(_REDIRECTS):
            self._wait_for_turn()
            try:
                with self._http.stream("GET", url) as response:
                    if not response.has_redirect_location:
                        return self._answer(response, where)
                    target = url.join(response.headers["Location"])
            except (httpx.RequestError, httpx.InvalidURL) as error:
                raise self._failed(error, where) from error
            url = self.of_same_host(target, f"the redirect of {page}")
        raise UnreadableSourceError(
            f"the server redirects {_REDIRECTS} times in a row",
            where=where,
            fix="set the source's path to the address at which the API responds",
        )

    def _wait_for_turn(self) -> None:
        rate = self._settings.requests_per_second
        if rate is not None:
            now = self._clock()
            if now < self._free_at:
                self._sleep(self._free_at - now)
            self._free_at = max(now, self._free_at) + 1 / rate

    def _answer(self, response: httpx.Response, where: str) -> Answer:
        body = self._body(response, where)
        if response.is_success:
            content = None if response.status_code == httpx.codes.NO_CONTENT else body
            return Answer(content, response.links.get("next", {}).get("url"))
        message = " ".join(self._masked(body.decode(errors="replace")).split())[:_SHOWN]
        status = response.status_code
        stated = f"{status} {response.reason_phrase}" + (f" ({message})" if message else "")
        if status in TRANSIENT:
            asked = wait_seconds(response.headers.get("Retry-After", ""), datetime.now(UTC))
            raise AwayError(stated, where=where, wait_seconds=asked)
        raise RefusedError(
            f"the API rejects the request: {stated}",
            where=where,
            fix=_remedy(status, self._settings.authentication),
            status=status,
        )

    def _body(self, response: httpx.Response, where: str) -> bytes:
        deadline = self._clock() + _SLOWEST_ANSWER * self._settings.timeout_seconds
        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > _LARGEST_ANSWER:
                raise UnreadableSourceError(
                    f"the response is larger than {_LARGEST_ANSWER >> 20} MiB",
                    where=where,
                    fix="request fewer rows per page with rest.parameters and rest.paging",
                )
            if self._clock() > deadline:
                raise AwayError("the response is too slow", where=where)
        return b"".join(parts)

    def _failed(self, error: httpx.RequestError | httpx.InvalidURL, where: str) -> IgniteFlowError:
        distrust = distrust_in(error)
        if distrust is not None:
            return UnreadableSourceError(
                f"the server's certificate is not trusted: {distrust}",
                where=where,
                fix="set rest.certificates to the file of your authority's certificates",
            )
        if isinstance(error, httpx.InvalidURL):
            return UnreadableSourceError(
                f"the server redirects to an invalid address: {self._masked(str(error))}",
                where=where,
                fix="ask the API's owner, or set the source's path to another address",
            )
        if isinstance(error, httpx.TimeoutException):
            timeout = f"no data was received for {self._settings.timeout_seconds:g} seconds"
            return AwayError(timeout, where=where)
        return AwayError(self._masked(str(error)) or type(error).__name__, where=where)

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text


def _host(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


def _remedy(status: int, authentication: AuthenticationSettings | None) -> str:
    if status in {401, 403} and authentication is None:
        return "set rest.authentication: a scheme, and the variable or file of the secret"
    if status == 401 and authentication is not None:
        return (
            f"check that {authentication.place} contains a valid secret, and that "
            "rest.authentication has the scheme that the API expects"
        )
    if status == 403:
        return "ask the API's owner to grant this secret read access"
    if status in {404, 410}:
        return "correct the source's path, or ask the API's owner where the rows are"
    return "correct the source's path, rest.parameters or rest.paging, or ask the API's owner"
