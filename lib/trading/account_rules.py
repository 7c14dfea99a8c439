"""How an account follows decisions: how much it buys, how many positions it holds, how it enters."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.trading.sizing import MOST_RISK, Caps

METHODS = ("risk", "share", "shares")
SIZED_AT = ("close", "open")
ENTRIES = ("open", "touch", "through")


@dataclass(frozen=True)
class AccountRules:
    """Choices of one account.

    ``capital`` is money. ``method`` sizes a position by the ``risk`` that its stop may lose (share of
    equity), as a ``share`` of equity, or as a number of ``shares``; ``sized_at`` the close of the decision,
    which a person can do, or the open of the fill. ``entry`` is a market order for the open, or a day's limit
    order ``limit_below`` (share) under the close that fills when a price touches it or only goes through.
    ``gate`` is the least confidence of an entry; it never stops an exit. A symbol without a bar for
    ``patience`` sessions is sold at its last close. ``most_in_group`` is the most positions of one group of
    columns, such as those of one rule. ``short``: leaving a long also opens a short.
    """

    capital: float = 100_000.0
    method: str = "risk"
    risk: float = 0.01
    share: float = 0.10
    shares: int = 0
    caps: Caps = field(default_factory=Caps)
    volume_period: int = 20
    most_positions: int = 10
    most_in_group: int = 1_000_000
    gate: float = 0.5
    sized_at: str = "close"
    entry: str = "open"
    limit_below: float = 0.0
    patience: int = 20
    short: bool = False

    def __post_init__(self) -> None:
        for name, choices in (("method", METHODS), ("sized_at", SIZED_AT), ("entry", ENTRIES)):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is {getattr(self, name)!r}; take one of {', '.join(choices)}")
        for name, sound in (
            ("capital", self.capital > 0),
            ("risk", 0 < self.risk <= MOST_RISK),
            ("share", 0 < self.share <= 1),
            ("shares", self.shares > 0 or self.method != "shares"),
            ("most_positions", self.most_positions >= 1),
            ("most_in_group", self.most_in_group >= 1),
            ("gate", 0 <= self.gate <= 1),
            ("limit_below", 0 <= self.limit_below < 1),
            ("patience", self.patience >= 1),
            ("volume_period", self.volume_period >= 1),
        ):
            if not sound:
                raise ValueError(f"{name} is {getattr(self, name)}, which is out of its range")
