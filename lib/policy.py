"""How a source on the network is asked: how often, how fast, how long, and when to stop.

One policy for every source. Waiting times are exponential with full jitter: before the n-th repetition a
uniform draw between 0 and ``base_wait * 2**(n-1)``, at most ``max_wait`` (Brooker, "Exponential Backoff And
Jitter", AWS Architecture Blog, 2015). A source that names a time in ``Retry-After`` is not asked before it.
Requests keep a distance of ``1 / calls_per_second`` seconds. The loop itself is tenacity's.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import tenacity

from lib.errors import InputError


class AskAgain(Exception):
    """What is left of a task may go well the next time, not before ``not_before`` seconds from now."""

    def __init__(self, not_before: float = 0.0):
        self.not_before = not_before
        super().__init__(f"ask again, not before {not_before:g} s from now")


class Refused(Exception):
    """A question that ended without an answer: ``status`` and ``detail`` as the source's log has them."""

    def __init__(self, status: str, detail: str):
        self.status, self.detail = status, detail
        super().__init__(f"{status}: {detail}")


@dataclass(frozen=True)
class Policy:
    """Limits for one task, such as one sync; times in seconds.

    ``attempts`` counts the first one; ``deadline`` is for the whole task, waiting included; ``batch`` is
    symbols a process; ``breaker`` is the number of refusals (status 429) after which nothing more is asked;
    ``timeout`` is for one request. ``repair`` asks for what the library would repair, next to the bars as
    they came.
    """

    attempts: int = 4
    base_wait: float = 2.0
    max_wait: float = 60.0
    deadline: float = 600.0
    calls_per_second: float = 2.0
    batch: int = 50
    breaker: int = 3
    timeout: float = 30.0
    repair: bool = False
    section: str = "data"
    """The section of the params that gave it, for messages."""

    def __post_init__(self):
        least = {"attempts": 1, "batch": 1, "breaker": 1, "base_wait": 0.0, "max_wait": 0.0}
        wrong = [name for name, low in least.items() if not getattr(self, name) >= low]
        wrong += [name for name in ("deadline", "calls_per_second", "timeout") if not getattr(self, name) > 0]
        if wrong:
            name = wrong[0]
            mend = f"take at least {least[name]:g}" if name in least else "take a number above 0"
            found = f"{getattr(self, name)!r} is too small"
            raise InputError(found, mend=mend, field=f"{self.section}.{name}")

    def retrying(
        self,
        *,
        before_wait: Callable[[int, float], None] = lambda attempt, wait: None,
        sleep: Callable[[float], None] = time.sleep,
        generator: random.Random | None = None,
    ) -> tenacity.Retrying:
        """Calls a function again while it raises AskAgain; None once attempts or deadline are used up.

        No wait is begun that would end after the deadline. ``before_wait`` is told the number of the attempt
        that has just ended and the seconds of the wait.
        """

        def told(state: tenacity.RetryCallState) -> None:
            before_wait(state.attempt_number, state.upcoming_sleep)

        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(AskAgain),
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(self.attempts), tenacity.stop_before_delay(self.deadline)
            ),
            wait=_FullJitter(self, generator or random.Random()),
            before_sleep=told,
            sleep=sleep,
            retry_error_callback=lambda state: None,
        )


class _FullJitter(tenacity.wait_exponential):
    """tenacity's ``wait_random_exponential`` with a generator of one's own and a time named by the source."""

    def __init__(self, policy: Policy, generator: random.Random):
        super().__init__(multiplier=policy.base_wait, max=policy.max_wait)
        self.generator = generator

    def __call__(self, retry_state: tenacity.RetryCallState) -> float:
        fault = retry_state.outcome.exception() if retry_state.outcome else None
        named = fault.not_before if isinstance(fault, AskAgain) else 0.0
        return max(named, self.generator.uniform(0, super().__call__(retry_state)))


@dataclass
class Pace:
    """Keeps requests at least ``1 / calls_per_second`` seconds apart, from start to start."""

    calls_per_second: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = field(default=float("-inf"), init=False)

    def wait(self) -> None:
        """Returns when the next request may go out."""
        now = self.clock()
        if self._next > now:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.calls_per_second


def retry_after(header: str | None, now: datetime | None = None) -> float:
    """Seconds that a ``Retry-After`` header asks to wait: a number of seconds or an HTTP date.

    0 without a header, for a time that has passed and for text that is neither (RFC 9110, 10.2.3).
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
