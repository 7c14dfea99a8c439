"""The circuit breaker: a day's loss stops entries, never exits, until a session or a person lets go."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.trading.rule_files import Limits


@dataclass(slots=True)
class Trip:
    """One time that it tripped: at the close of ``row``; ``reset`` is the row that let go, -1 while on."""

    row: int
    loss: float
    limit: float
    blocked: int = 0
    reset: int = -1
    by: str = ""


@dataclass
class Breaker:
    """Its state and all its trips. It holds over restarts, since it follows from the account's history."""

    limits: Limits
    by_hand: bool
    trips: list[Trip] = field(default_factory=list)

    @property
    def on(self) -> bool:
        """Whether entries are blocked."""
        return bool(self.trips) and self.trips[-1].reset < 0

    def opened(self, row: int) -> None:
        """A new session lets go, unless a person has to."""
        if self.on and not self.by_hand:
            self.trips[-1].reset, self.trips[-1].by = row, "session"

    def let_go(self, row: int, note: str) -> None:
        """A person lets go from this session on."""
        if self.on:
            self.trips[-1].reset, self.trips[-1].by = row, note

    def closed(self, row: int, before: float, worth: float) -> None:
        """Trip where the equity fell by the limit or more since the close before."""
        loss, limit = before - worth, self.limits.day_limit(before)
        if not self.on and loss > 0 and loss >= limit:
            self.trips.append(Trip(row, loss, limit))

    def block(self, entries: int) -> None:
        """Count entries that it did not let through."""
        if self.on:
            self.trips[-1].blocked += entries
