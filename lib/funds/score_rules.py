"""The choices of the fund score, and how each of its 14 sub-scores wins points.

``PEER``: by rank among peers. ``BANDS``: by a ladder, by rank instead where eight or more peers have the
measure (``BANDS_OR_PEERS``). ``SHARE``: the measure is itself the share of the points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lib.errors import InputError
from lib.funds.points import SCORINGS
from lib.tables.fund_scores import HISTORICAL, LEAVES, OTHER, RISK_GRADE

SCHEMES = ("four_level", "five_level")
DRAWDOWNS = ("ladder", "peers")
BLOCKS = {"historical_returns": HISTORICAL, "risk_grade": RISK_GRADE, "other_metrics": OTHER}
LOW_IS_BEST = ("std_dev_1y", "std_dev_3y", "expense_ratio")
BY_PEERS = (*HISTORICAL, "std_dev_1y", "std_dev_3y")
SHARES = ("sectoral_similarity", "forward_score")
FEWEST_POINTS = 60
"""With fewer points that could be won a fund is to be reviewed at best."""


@dataclass(frozen=True)
class Rules:
    """What a list of funds asks for; ``assets_unit`` is the money that stands for a crore of rupees."""

    plan: str = "direct"
    option: str = "growth"
    categories: tuple[str, ...] = ()
    benchmark: str | None = None
    exchange: str = "XNSE"
    scoring: str = "quartile"
    scheme: str = "four_level"
    drawdown: str = "ladder"
    assets_unit: float = 1e7

    def __post_init__(self) -> None:
        for name, given, known in (
            ("scoring", self.scoring, SCORINGS),
            ("scheme", self.scheme, SCHEMES),
            ("drawdown", self.drawdown, DRAWDOWNS),
            ("plan", self.plan, ("direct", "regular", "none", "any")),
            ("option", self.option, ("growth", "idcw", "none", "any")),
        ):
            if given not in known:
                raise InputError(f"found {given!r}", mend=f"take one of {', '.join(known)}", field=name)
        if not self.assets_unit > 0:
            raise InputError(f"found {self.assets_unit!r}", mend="give money above 0", field="assets_unit")


def rules_of(
    settings: Mapping[str, Any],
    *,
    plan: str,
    option: str,
    categories: Iterable[str] | None,
    benchmark: str | None,
    exchange: str,
) -> Rules:
    """The rules by which a list was scored: the settings of that stage, and what is said of the list."""
    own = {name: settings[name] for name in ("scoring", "scheme", "drawdown", "assets_unit")}
    return Rules(plan, option, tuple(categories or ()), benchmark, exchange, **own)


def block_of(leaf: str) -> str:
    """The block of a sub-score."""
    return next(block for block, leaves in BLOCKS.items() if leaf in leaves)


__all__ = ["BLOCKS", "LEAVES", "Rules", "block_of", "rules_of"]
