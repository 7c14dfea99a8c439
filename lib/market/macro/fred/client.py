"""One way to ask FRED: paced, repeated, given up, and never telling the key.

The key is a parameter of each request, as the service wants it; no message holds an address, and what the
service says is cut of it. Statuses are those of a sync: a series that does not exist is ``missing``, an
answer that breaks its form is ``invalid``, a refusal is ``limited``, silence is ``transport``.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lib.errors import InputError, printable
from lib.policy import AskAgain, Pace, Policy, Refused, retry_after

KEY = "FRED_API_KEY"
MOST_BYTES = 50_000_000
LIMITED = 429
AGAIN = range(500, 600)
NO_SERIES = "does not exist"
WRONG_KEY = ("api_key",)


@dataclass
class Client:
    """Asks one address with one key; ``tell`` is given each event of a repetition."""

    address: str
    key: str = field(repr=False)
    policy: Policy = field(default_factory=Policy)
    tell: Callable[[dict[str, Any]], None] = lambda event: None
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    refusals: int = 0

    def __post_init__(self) -> None:
        self._pace = Pace(self.policy.calls_per_second, sleep=self.sleep)
        self._ends = time.monotonic() + self.policy.deadline

    def ask(self, path: str, **parameters: str) -> dict[str, Any]:
        """The answer to one request as JSON. Raises Refused, and InputError for a key that is not taken."""
        if self.refusals >= self.policy.breaker:
            raise Refused("limited", "not asked: FRED refuses more requests for now")
        if time.monotonic() > self._ends:
            raise Refused("transport", f"not asked before the deadline of {self.policy.deadline:g} s")
        last: list[Refused] = []

        def attempt() -> dict[str, Any]:
            self._pace.wait()
            return self._once(path, parameters, last)

        def told(number: int, wait: float) -> None:
            reason = last[-1]
            self.tell(
                {
                    "event": "sync",
                    "symbol": parameters.get("series_id"),
                    "state": "again",
                    "reason": reason.status,
                    "attempt": number,
                    "wait": round(wait, 3),
                    "detail": reason.detail,
                }
            )

        found = self.policy.retrying(before_wait=told, sleep=self.sleep)(attempt)
        if found is None:
            raise last[-1]
        return found

    def _once(self, path: str, parameters: dict[str, str], last: list[Refused]) -> dict[str, Any]:
        query = urllib.parse.urlencode({**parameters, "api_key": self.key, "file_type": "json"})
        request = urllib.request.Request(f"{self.address}/{path}?{query}")
        self.requests += 1
        try:
            with urllib.request.urlopen(request, timeout=self.policy.timeout) as answer:
                content = answer.read(MOST_BYTES + 1)
        except urllib.error.HTTPError as fault:
            raise self._http(fault, last) from None
        except (OSError, ValueError, urllib.error.URLError) as fault:
            last.append(Refused("transport", f"no answer ({type(fault).__name__})"))
            raise AskAgain from None
        if len(content) > MOST_BYTES:
            raise Refused("invalid", "an answer of more than 50 MB")
        try:
            found = json.loads(content)
        except ValueError:
            last.append(Refused("invalid", "the answer is no JSON"))
            raise AskAgain from None
        if not isinstance(found, dict):
            raise Refused("invalid", "the answer is no object")
        return found

    def _http(self, fault: urllib.error.HTTPError, last: list[Refused]) -> Exception:
        said = self._said(fault)
        if fault.code == LIMITED:
            self.refusals += 1
            last.append(Refused("limited", "FRED refuses more requests for now"))
            if self.refusals >= self.policy.breaker:
                return last[-1]
            return AskAgain(retry_after(fault.headers.get("Retry-After")))
        if fault.code in AGAIN:
            last.append(Refused("transport", f"status {fault.code}"))
            return AskAgain(retry_after(fault.headers.get("Retry-After")))
        if any(word in said for word in WRONG_KEY):
            found = f"FRED does not take the key in {KEY}"
            return InputError(found, mend="set the key of your account there", field="macro.provider")
        return Refused("missing" if NO_SERIES in said else "invalid", said or f"status {fault.code}")

    def _said(self, fault: urllib.error.HTTPError) -> str:
        """What the service says of its refusal, without the key."""
        try:
            text = str(json.loads(fault.read(10_000))["error_message"])
        except (ValueError, KeyError, TypeError, OSError):
            return ""
        return printable(text.replace(self.key, "…"), 200)
