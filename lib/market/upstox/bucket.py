"""A token bucket: a few requests may go out at once, and after them one for each that has come back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """Holds at most ``capacity`` leaves to ask, which come back at ``per_minute``; it begins full.

    Seconds by ``clock``; ``sleep`` waits. (Turner, "New directions in communications", IEEE Communications
    Magazine 24(10), 1986, describes the leaky bucket that this is the mirror of.)
    """

    capacity: float
    per_minute: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _held: float = field(init=False)
    _since: float = field(init=False)

    def __post_init__(self) -> None:
        self._held, self._since = float(self.capacity), self.clock()

    def wait(self) -> None:
        """Returns when a request may go out, and takes its leave."""
        self._fill()
        if self._held < 1.0:
            self.sleep((1.0 - self._held) * 60.0 / self.per_minute)
            self._fill()
        self._held -= 1.0

    def _fill(self) -> None:
        now = self.clock()
        self._held = min(self.capacity, self._held + (now - self._since) * self.per_minute / 60.0)
        self._since = now
