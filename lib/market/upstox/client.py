"""One way to ask Upstox: paced, repeated, given up, and never telling the token.

A question is repeated when no answer comes, when one breaks off, on 429 (after what ``Retry-After`` names, a
minute where it names nothing) and on 500 and above; never on another status. Questions only read, so to
repeat one does no harm. 401 means that the person must grant anew, and ends everything. No message holds an
address, a header or a part of an answer but its code in capitals.
"""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from lib.broker_tokens.access import reauth
from lib.broker_tokens.broker import code_in
from lib.broker_tokens.opening import send
from lib.market.upstox.bucket import Bucket
from lib.policy import AskAgain, Policy, Refused, retry_after

MOST_BYTES = 50_000_000
LIMITED, UNAUTHORISED = 429, 401
UNNAMED_WAIT = 60.0
"""Seconds to wait after a 429 that names no time."""
NO_INSTRUMENT = ("UDAPI100011", "UDAPI1087")


@dataclass
class Client:
    """Asks one address with one person's token; ``tell`` is given each event of a repetition."""

    address: str
    token: str = field(repr=False)
    user: str
    policy: Policy
    bucket: Bucket
    tell: Callable[[dict[str, Any]], None] = lambda event: None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    generator: random.Random = field(default_factory=random.Random, repr=False)
    requests: int = 0
    refusals: int = 0

    def __post_init__(self) -> None:
        self._ends = self.clock() + self.policy.deadline

    def ask(self, path: str, about: str) -> dict[str, Any]:
        """The object that answers a question. Raises Refused, and ReauthRequired for a token not taken.

        ``about`` is the symbol that it is asked for, for the log.
        """
        last: list[Refused] = []

        def told(number: int, wait: float) -> None:
            if self.clock() + wait > self._ends:
                raise last[-1]
            event = {"event": "sync", "symbol": about, "state": "again", "reason": last[-1].status}
            self.tell({**event, "attempt": number, "wait": round(wait, 3), "detail": last[-1].detail})

        if self.refusals >= self.policy.breaker:
            raise Refused("limited", "not asked: Upstox refuses more requests for now")
        if self.clock() >= self._ends:
            raise Refused("transport", f"not asked before the deadline of {self.policy.deadline:g} s")
        again = self.policy.retrying(before_wait=told, sleep=self.sleep, generator=self.generator)
        found = again(lambda: self._once(path, last))
        if found is None:
            raise last[-1]
        return found

    def _once(self, path: str, last: list[Refused]) -> dict[str, Any]:
        self.bucket.wait()
        self.requests += 1
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        request = urllib.request.Request(f"{self.address}{path}", headers=headers)
        try:
            with send(request, self.policy.timeout) as answer:
                content = answer.read(MOST_BYTES + 1)
        except urllib.error.HTTPError as fault:
            raise self._http(fault, last) from None
        except (OSError, HTTPException, ValueError) as fault:
            last.append(Refused("transport", f"no whole answer ({type(fault).__name__})"))
            raise AskAgain from None
        if len(content) > MOST_BYTES:
            raise Refused("invalid", "an answer of more than 50 MB")
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            last.append(Refused("transport", "the answer is no JSON or breaks off"))
            raise AskAgain from None
        if not isinstance(found, dict):
            raise Refused("invalid", "the answer is no object")
        return found

    def _http(self, fault: urllib.error.HTTPError, last: list[Refused]) -> Exception:
        code = code_in(fault)
        said = ", ".join(one for one in (f"status {fault.code}", code) if one)
        if fault.code == UNAUTHORISED:
            return reauth(self.user, f"Upstox does not take its token ({said})")
        if fault.code == LIMITED:
            self.refusals += 1
            last.append(Refused("limited", "Upstox refuses more requests for now (429)"))
            named = fault.headers.get("Retry-After")
            wait = retry_after(named) if named else UNNAMED_WAIT
            return last[-1] if self.refusals >= self.policy.breaker else AskAgain(wait)
        if fault.code >= 500:
            last.append(Refused("transport", said))
            return AskAgain(retry_after(fault.headers.get("Retry-After")))
        unknown = fault.code == 404 or code in NO_INSTRUMENT
        return Refused("unknown" if unknown else "invalid", f"Upstox refuses the question ({said})")
