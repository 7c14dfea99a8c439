"""What it costs to trade a sort: spread, commission, market impact, borrowing; and how much money it carries.

One way, in decimals of the money traded: the spread times 1/4, 1/2 or 0.85 (low, normal, high slippage), the
commission, and the impact 0.1 sqrt(trade / traded value a day) times the volatility of one DAY (Almgren and
others 2005, "Direct estimation of equity market impact", for the root). The spread in basis points is
5 (1 + annual volatility) / sqrt(market value in billions), 1 to 50. A firm sold and a firm bought both pay,
so that a turnover of a half on one side pays for 1 of money traded. All figures are those known at formation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.errors import InputError
from lib.signals.sort_ground import Ground
from lib.signals.sorting import Sorted

BP = 1e-4
SLIPPAGE = {"low": 0.25, "normal": 0.5, "high": 0.85}
VOLATILITY_DAYS, VOLUME_DAYS = 63, 21
LEAST_DAILY_VOLATILITY = 0.01
LARGEST_IMPACT = 100.0
SESSIONS_A_YEAR = 252


@dataclass(frozen=True)
class CostRules:
    """Money on each side, costs in basis points, and what stands in where a firm's figures are unknown."""

    money: float = 10_000_000.0
    slippage: str = "normal"
    commission: float = 1.0
    borrow: float = 50.0
    unknown_spread: float = 10.0
    unknown_impact: float = 2.0

    def __post_init__(self) -> None:
        if min(self.money, self.commission, self.borrow, self.unknown_spread, self.unknown_impact) < 0.0:
            raise InputError("costs of trading and the money traded cannot be negative")


@dataclass(frozen=True)
class Terms:
    """One-way terms of each firm at each formation (D, N), decimals, and where they stand in.

    ``impact_scale`` times the root of the money of a trade is its impact; NaN where ``unknown_impact``
    counts.
    """

    spread: np.ndarray
    impact_scale: np.ndarray
    unknown_impact: float
    without_cap: np.ndarray
    without_volume: np.ndarray


@dataclass(frozen=True)
class Costs:
    """Costs of the two sides by period (D), decimals of the money on one side."""

    spread: np.ndarray
    commission: np.ndarray
    impact: np.ndarray
    borrow: np.ndarray
    traded: np.ndarray

    @property
    def trading(self) -> np.ndarray:
        """All that is paid when the groups are formed."""
        return self.spread + self.commission + self.impact

    @property
    def total(self) -> np.ndarray:
        """With borrowing."""
        return self.trading + self.borrow


def spread_bp(annual_volatility: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """Quoted spread in basis points from volatility (decimal a year) and market value."""
    billions = np.maximum(cap / 1e9, 0.1)
    return np.clip(5.0 * (1.0 + annual_volatility) / np.sqrt(billions), 1.0, 50.0)


def impact_bp(trade: np.ndarray, traded_value: np.ndarray, daily_volatility: np.ndarray) -> np.ndarray:
    """Impact in basis points, 0 to 100, from the volatility of a DAY; 100 where nothing is traded."""
    volatility = np.maximum(daily_volatility, LEAST_DAILY_VOLATILITY)
    share = np.divide(trade, traded_value, out=np.full(np.shape(trade), np.inf), where=traded_value > 0.0)
    return np.minimum(0.1 * np.sqrt(share) * volatility / BP, LARGEST_IMPACT)


def period_cost(traded: float, *, spread: float, commission: float, impact: float) -> float:
    """Cost in basis points of trading ``traded``, share of the money: half the spread, commission, impact.

    Raises InputError for negative ones.
    """
    if min(traded, spread, commission, impact) < 0.0:
        raise InputError("turnover and costs cannot be negative")
    return traded * (spread / 2.0 + commission + impact)


def terms_of(ground: Ground, rules: CostRules) -> Terms:
    """Spread and scale of the impact of every firm, from what was known at each formation."""
    volatility = _trailing_deviation(ground.cube.returns, ground.formed)
    volume = _trailing_mean(ground.cube.traded_value, ground.formed)
    spread = spread_bp(volatility * np.sqrt(SESSIONS_A_YEAR), ground.cap)
    safe = np.where(volume > 0.0, volume, 1.0)
    daily = np.maximum(volatility, LEAST_DAILY_VOLATILITY)
    scale = np.where(volume > 0.0, 0.1 * daily / np.sqrt(safe), np.where(volume <= 0.0, np.inf, np.nan))
    return Terms(
        np.where(np.isnan(spread), rules.unknown_spread, spread) * BP,
        scale,
        rules.unknown_impact * BP,
        np.isnan(spread),
        np.isnan(scale),
    )


def costs_of(own: Sorted, terms: Terms, rules: CostRules) -> Costs:
    """What the two sides of a sort pay at each start and for borrowing the short one."""
    spread, commission, impact, traded = (np.zeros(len(own.used)) for _ in range(4))
    for side in (own.long, own.short):
        change = np.abs(_trades(own, side))
        traded += change.sum(axis=1)
        spread += SLIPPAGE[rules.slippage] * (change * terms.spread).sum(axis=1)
        commission += rules.commission * BP * change.sum(axis=1)
        impact += (change * _impact(terms, change * rules.money)).sum(axis=1)
    return Costs(spread, commission, impact, _borrow(own, rules), traded)


def capacity(gross: np.ndarray, own: Sorted, terms: Terms, rules: CostRules) -> float:
    """Money on each side at which costs eat the mean return; 0 where fixed costs do, NaN where unknown.

    The impact grows with the root of the money and is not cut here: mean(gross - fixed) = K sqrt(money), so
    that money = (mean / K)^2. Firms whose traded value is unknown pay their stand-in whatever the money.
    """
    used = own.counted
    if not used.any():
        return float("nan")
    scale, fixed = np.zeros(len(used)), _borrow(own, rules)
    for side in (own.long, own.short):
        change = np.abs(_trades(own, side))
        finite = np.isfinite(terms.impact_scale)
        one_way = SLIPPAGE[rules.slippage] * terms.spread + rules.commission * BP
        one_way = one_way + np.where(np.isnan(terms.impact_scale), terms.unknown_impact, 0.0)
        one_way = one_way + np.where(np.isinf(terms.impact_scale), LARGEST_IMPACT * BP, 0.0)
        fixed = fixed + (change * one_way).sum(axis=1)
        scale += (change**1.5 * np.where(finite, terms.impact_scale, 0.0)).sum(axis=1)
    left, slope = float((gross - fixed)[used].mean()), float(scale[used].mean())
    if left <= 0.0:
        return 0.0
    return (left / slope) ** 2 if slope > 0.0 else float("nan")


def break_even(gross: np.ndarray, own: Sorted, costs: Costs) -> float:
    """One-way cost, decimal, at which trading and borrowing leave nothing; NaN where nothing is traded."""
    used = own.counted
    traded = float(costs.traded[used].mean()) if used.any() else 0.0
    return float((gross - costs.borrow)[used].mean()) / traded if traded > 0.0 else float("nan")


def _trades(own: Sorted, side: np.ndarray) -> np.ndarray:
    """Changes of weight that are trades: money of a firm that has left is cash already."""
    change = own.changes(side)
    left = np.zeros(change.shape, dtype=bool)
    left[1:] = own.ground.left[:-1]
    return np.where(left & (side <= 0.0), 0.0, change)


def _impact(terms: Terms, trade: np.ndarray) -> np.ndarray:
    """Impact of trades of that much money, decimal."""
    known = ~np.isnan(terms.impact_scale)
    scale = np.where(known, terms.impact_scale, 0.0)
    with np.errstate(invalid="ignore"):
        own = np.where(trade > 0.0, scale * np.sqrt(trade), 0.0)
    return np.where(known, np.minimum(own, LARGEST_IMPACT * BP), terms.unknown_impact)


def _borrow(own: Sorted, rules: CostRules) -> np.ndarray:
    """Fee for the borrowed side over each period that is over (D)."""
    sessions = own.ground.cube.sessions
    last = np.minimum(own.ground.end, len(sessions) - 1)
    days = (sessions[last] - sessions[own.ground.start]).days.to_numpy()
    return np.where(own.used, rules.borrow * BP * days / 365.0, 0.0)


def _trailing_mean(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    total, count, _ = _trailing(values, at, VOLUME_DAYS)
    return total / np.where(count > 0, count, np.nan)


def _trailing_deviation(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    total, count, squares = _trailing(values, at, VOLATILITY_DAYS)
    enough = np.where(count > 1, count, np.nan)
    return np.sqrt(np.maximum(squares - total**2 / enough, 0.0) / (enough - 1.0))


def _trailing(values: np.ndarray, at: np.ndarray, days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum, number and sum of squares of the last ``days`` known up to each position (D, N)."""
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    first = np.maximum(at + 1 - days, 0)

    def between(steps: np.ndarray) -> np.ndarray:
        path = np.vstack([np.zeros(steps.shape[1]), np.cumsum(steps, axis=0)])
        return path[at + 1] - path[first]

    return between(filled), between(known.astype("float64")), between(filled**2)
