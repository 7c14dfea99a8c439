"""Asks AMFI under the one policy: attempts, waits, the pace, the deadline, and the breaker of refusals.

An answer is ok, limited (429 and the like), transport (nothing, an error of the server, a broken connection)
or invalid (what came is not what was asked for). The last is asked again too, since a page of HTML is how a
server under repair answers; an answer whose rows cannot be read is not.
"""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lib.funds.amfi.nav_text import BadAnswer
from lib.policy import AskAgain, Pace, Policy, retry_after

MOST_BYTES = 300_000_000
PIECE = 1 << 20
AGENT = "Mozilla/5.0 (compatible; research workbench)"
REFUSED = (429, 503)
BROKEN = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Answer:
    """How an ask ended, what was read from it, and why there is nothing where there is nothing."""

    status: str
    value: Any = None
    detail: str = ""


@dataclass
class Client:
    """One conversation: every ask keeps the pace, the deadline is for all of them together."""

    policy: Policy
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    requests: int = 0
    refusals: int = 0
    events: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pace = Pace(self.policy.calls_per_second, self.clock, self.sleep)
        self.started = self.clock()

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline."""
        return self.policy.deadline - (self.clock() - self.started)

    @property
    def tripped(self) -> bool:
        """Whether the source has refused so often that nothing more is asked."""
        return self.refusals >= self.policy.breaker

    def ask(self, item: str, url: str, read: Callable[[bytes], Any]) -> Answer:
        """What ``read`` makes of the answer to ``url``; messages call it ``item``."""
        if self.tripped:
            return Answer("limited", detail="not asked: AMFI refuses more requests for now")
        if self.seconds_left <= 0:
            return Answer("transport", detail="not asked: the deadline has passed")
        ended: list[Answer] = []

        def once() -> None:
            answer, wait = self._once(url, read)
            ended.append(answer)
            if wait is not None and not self.tripped:
                raise AskAgain(wait)

        def told(attempt: int, wait: float) -> None:
            self.tell(f"{item}: {ended[-1].detail}; attempt {attempt + 1} in {wait:.1f} s", state="waiting")

        policy = replace(self.policy, deadline=max(self.seconds_left, 1e-3))
        policy.retrying(before_wait=told, sleep=self.sleep)(once)
        if ended[-1].status != "ok":
            self.tell(f"{item}: {ended[-1].detail}", state="failed", reason=ended[-1].status)
        return ended[-1]

    def tell(self, message: str, *, state: str, **more: str) -> None:
        """Put a message among the events."""
        self.events.append({"event": "sync", "source": "amfi", "state": state, **more, "detail": message})

    def _once(self, url: str, read: Callable[[bytes], Any]) -> tuple[Answer, float | None]:
        """One request: its answer, and the least wait before another one, None where none would help."""
        self.pace.wait()
        self.requests += 1
        try:
            return Answer("ok", read(self._content(url))), None
        except urllib.error.HTTPError as fault:
            if fault.code in REFUSED:
                self.refusals += fault.code == 429
                status = "limited" if fault.code == 429 else "transport"
                return Answer(status, detail=f"status {fault.code}"), retry_after(
                    fault.headers.get("Retry-After")
                )
            wait = 0.0 if fault.code >= 500 else None
            return Answer("transport", detail=f"status {fault.code}"), wait
        except BadAnswer as fault:
            again = None if "skipped" in str(fault) else 0.0
            return Answer("invalid", detail=str(fault)), again
        except http.client.IncompleteRead as fault:
            return Answer("transport", detail=f"the answer broke off after {len(fault.partial):,} bytes"), 0.0
        except BROKEN as fault:
            said = getattr(fault, "reason", None) or fault
            return Answer("transport", detail=f"no answer ({type(fault).__name__}: {said})"[:200]), 0.0

    def _content(self, url: str) -> bytes:
        request = urllib.request.Request(url, headers={"User-Agent": AGENT, "Accept": "*/*"})
        with urllib.request.urlopen(request, timeout=self.policy.timeout) as stream:
            expected = stream.headers.get("Content-Length")
            parts: list[bytes] = []
            size = 0
            while piece := stream.read(PIECE):
                size += len(piece)
                parts.append(piece)
                if size > MOST_BYTES:
                    raise BadAnswer(f"an answer of more than {MOST_BYTES:,} bytes")
                if self.seconds_left <= 0:
                    raise TimeoutError("the deadline passed while the answer came")
            if expected and expected.isdigit() and size < int(expected):
                raise http.client.IncompleteRead(b"".join(parts), int(expected) - size)
            return b"".join(parts)
