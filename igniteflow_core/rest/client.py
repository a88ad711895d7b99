"""The requests to an API: with its secret, no faster than allowed, and again if one fails."""

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
"""Timeouts within which an answer has to be there as a whole."""
_REDIRECTS = 5
_SHOWN = 200
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Answer:
    """What the server said.

    Attributes:
        body: decompressed; None if there is no content.
        following: the address that the header ``Link`` names ``next``, as it stands there.
    """

    body: bytes | None
    following: str | None


class RefusedError(UnreadableSourceError):
    """The server refuses a request, and will again.

    Args:
        what: as of every error.
        where: as of every error.
        fix: as of every error.
        status: of the answer.
    """

    def __init__(self, what: str, *, where: str, fix: str, status: int) -> None:
        super().__init__(what, where=where, fix=fix)
        self.status = status


class RestClient:
    """What asks an API, and its host alone.

    Args:
        address: of the API.
        settings: of the API.
        sleep: waits for so many seconds.
        clock: seconds that only grow.

    Raises:
        ConfigurationError: the secret or the certificates are not there.
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
        # It logs the address of each request, and one that a server made may hold a secret.
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
        """End its connections."""
        self._http.close()

    def get(self, url: httpx.URL, page: str) -> Answer:
        """The answer of the server, asked as often as it takes within reason.

        Args:
            url: of the API's host.
            page: which one it is, as an error says it.

        Raises:
            SourceUnreachableError: it does not answer, or asks to come back later.
            UnreadableSourceError: it refuses, or sends elsewhere.
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
        """The address without what may be a secret."""
        pairs = [
            f"{name}={MASK if is_secret(name) else value}"
            for name, value in url.params.multi_items()
        ]
        address = str(url.copy_with(query=None, fragment=None, userinfo=b""))
        return self._masked(f"{address}?{'&'.join(pairs)}" if pairs else address)

    def of_same_host(self, url: httpx.URL, page: str) -> httpx.URL:
        """The address, if the secret may be sent to it.

        Raises:
            UnreadableSourceError: it is of another host, port or scheme.
        """
        if _host(url) == _host(self._origin):
            return url
        raise UnreadableSourceError(
            f"{page} leads to {url.scheme}://{self._masked(url.netloc.decode().rpartition('@')[2])}"
            ", and no secret is sent to another server than the source's",
            where=self.shown(self._origin),
            fix="if the API has moved there, make that address the source's path, or ask its owner",
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
            fix="make the address at which the API answers the source's path",
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
        said = " ".join(self._masked(body.decode(errors="replace")).split())[:_SHOWN]
        status = response.status_code
        stated = f"{status} {response.reason_phrase}" + (f" ({said})" if said else "")
        if status in TRANSIENT:
            asked = wait_seconds(response.headers.get("Retry-After", ""), datetime.now(UTC))
            raise AwayError(stated, where=where, wait_seconds=asked)
        raise RefusedError(
            f"the API refuses: {stated}",
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
                    f"the answer is greater than {_LARGEST_ANSWER >> 20} MiB",
                    where=where,
                    fix="ask for fewer rows a page, by rest.parameters and rest.paging",
                )
            if self._clock() > deadline:
                raise AwayError("the answer comes too slowly", where=where)
        return b"".join(parts)

    def _failed(self, error: httpx.RequestError | httpx.InvalidURL, where: str) -> IgniteFlowError:
        distrust = distrust_in(error)
        if distrust is not None:
            return UnreadableSourceError(
                f"the server's certificate is not trusted: {distrust}",
                where=where,
                fix="name the file of your authority's certificates by rest.certificates",
            )
        if isinstance(error, httpx.InvalidURL):
            return UnreadableSourceError(
                f"the server redirects to what is no address: {self._masked(str(error))}",
                where=where,
                fix="ask the API's owner, or make another address the source's path",
            )
        if isinstance(error, httpx.TimeoutException):
            timeout = f"nothing came for {self._settings.timeout_seconds:g} seconds"
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
        return "give rest.authentication: a scheme, and the variable or file of the secret"
    if status == 401 and authentication is not None:
        return (
            f"see that {authentication.place} holds a secret that counts, and that "
            "rest.authentication has the scheme that the API wants"
        )
    if status == 403:
        return "have the API's owner allow this secret to read"
    if status in {404, 410}:
        return "mend the source's path, or have the API's owner say where the rows are"
    return "mend the source's path, rest.parameters or rest.paging as the API's owner says"
