"""The HTTP session that yfinance gets: it counts, keeps to the rate, records, and ends hopeless repetitions.

yfinance repeats every answer of 400 and above at once, with up to five requests for new cookies on the way.
That is of use for 401 and 403 only, so any other such answer to a question for data is raised here before
yfinance sees it. Cookie and crumb are asked for at most once each in the life of the session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import RequestException

from lib.market.yahoo.answer_status import REFUSED, Call
from lib.policy import Pace, retry_after

COOKIE_HOSTS = ("fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com")
CRUMB = "/v1/test/getcrumb"
NOT_NEEDED = "/ws/fundamentals-timeseries/"


class Stopped(Exception):
    """The refusals that the policy allows are used up; nothing more may be sent."""


class Answered(Exception):
    """The answer is an error that asking again at once will not mend; ``CountingSession.last`` holds it."""


class NotSent(OSError):
    """A request that is not worth sending; yfinance takes it for a network fault and goes on without."""


class CountingSession(Session):
    """A session of curl_cffi that looks like Chrome, as yfinance's own does.

    ``refusals_left`` answers with status 429 may come before ``Stopped`` is raised; ``told`` hears of every
    request before it is sent (None) and of its end (the Call). ``last`` is the last question for data since
    ``begin``, its answer included; ``refused`` whether any answer so far had status 429,
    ``stopped`` whether a request of this question was not sent for that.
    """

    def __init__(
        self,
        *,
        pace: Pace,
        refusals_left: int,
        timeout: float,
        told: Callable[[str, Call | None], None],
    ):
        super().__init__(impersonate="chrome")
        self.pace, self.refusals_left, self.seconds, self.told = pace, refusals_left, timeout, told
        self.last: Call | None = None
        self.replaying = self.refused = self.stopped = False
        self._asked: set[tuple[str | None, str]] = set()
        self._kept: dict[str, Response] = {}

    def begin(self) -> None:
        """A new question: forget the last one."""
        self.last, self.replaying, self.stopped, self._kept = None, False, False, {}

    def request(self, method: Any, url: str, *args: Any, **options: Any) -> Response:
        """One request, as ``curl_cffi.requests.Session.request``; the time limit is the session's own."""
        address = urlsplit(url)
        if address.path.startswith(NOT_NEEDED):
            raise NotSent("only a ratio that nobody reads")
        errand = address.hostname in COOKIE_HOSTS or address.path == CRUMB
        question = _question(url, options.get("params"))
        if self.replaying and question in self._kept:
            return self._kept[question]
        if self.refusals_left <= 0:
            self.stopped = True
            raise Stopped
        if errand and (address.hostname, address.path) in self._asked:
            raise NotSent("asked once already")
        self._asked.add((address.hostname, address.path))
        response = self._send(method, url, address.path, errand, *args, **options)
        self._kept[question] = response
        return response

    def _send(self, method: Any, url: str, path: str, errand: bool, *args: Any, **options: Any) -> Response:
        self.pace.wait()
        self.told(path, None)
        try:
            response = super().request(method, url, *args, **{**options, "timeout": self.seconds})
        except RequestException as fault:
            self._record(Call(path, fault=type(fault).__name__), errand)
            raise
        named = retry_after(response.headers.get("Retry-After"))
        self._record(Call(path, response.status_code, "", named, response.content), errand)
        if not errand and response.status_code >= 400 and response.status_code not in REFUSED:
            raise Answered
        return response

    def _record(self, call: Call, errand: bool) -> None:
        self.told(call.path, call)
        self.refusals_left -= call.status == 429
        self.refused |= call.status == 429
        if not errand:
            self.last = call


def _question(url: str, params: dict[str, Any] | None) -> str:
    """What is asked, without the crumb, which is no part of the question."""
    asked = sorted((name, str(value)) for name, value in (params or {}).items() if name != "crumb")
    return f"{url} {asked}"
