"""Sizes of what an account may buy next, under every limit that it has, and which of them binds.

The smallest of: the shares whose stop loses the budget; the largest position, what is held of the symbol
counted; what is left of the sector; cash that no order reserves; a share of the usual volume; a free place
among all positions and among those of the rule; the breaker. Whole lots. What is reported as risked is the
quantity's own risk, not the budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lib.trading.costs import Costs
from lib.trading.rule_files import RuleBook
from lib.trading.sizing import SLACK

KEY = ["strategy", "symbol"]


@dataclass(frozen=True)
class Standing:
    """What an account has at a close: money, what it holds (``symbol strategy value``) and its sectors."""

    equity: float
    free_cash: float
    holdings: pd.DataFrame
    sectors: dict[str, str]
    breaker: bool = False


def order_sizes(
    wanted: pd.DataFrame, standing: Standing, book: RuleBook, costs: Costs
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables ``order_sizes`` (without ``ordered``) and ``order_caps`` for entries that are wanted.

    ``wanted`` has ``strategy symbol when entry stop usual_volume``, prices in the account's currency and
    shares a day; a volume that is not known does not limit. Each is sized as if it were the only one.
    """
    entry, stop = (wanted[name].to_numpy(dtype=float) for name in ("entry", "stop"))
    caps = _caps(wanted, entry, stop, standing, book, costs)
    lot = int(book.sizing["lot"])
    lots = np.stack([np.floor(np.maximum(one, 0.0) / lot * (1.0 + SLACK)) * lot for one in caps.values()])
    fault = _faults(entry, stop, book.sizing["method"])
    quantity = np.where(fault == "", lots.min(axis=0, initial=np.inf), 0.0)
    binding = np.asarray(tuple(caps))[np.argmin(np.stack(list(caps.values())), axis=0)]
    risk = quantity * (entry - stop)
    sizes = wanted[[*KEY, "when", "entry", "stop"]].assign(
        quantity=quantity.astype(np.int64),
        value=quantity * entry,
        budget=standing.equity * book.sizing["risk"] if book.sizing["method"] == "risk" else np.nan,
        risk=risk,
        risk_share=risk / standing.equity,
        limited_by=np.where(fault == "", binding, ""),
        rejected=np.where(fault != "", fault, np.where(quantity < 1, "SIZE_ZERO", "")),
    )
    return sizes, _long(wanted, caps, binding, fault)


def _caps(
    wanted: pd.DataFrame,
    entry: np.ndarray,
    stop: np.ndarray,
    standing: Standing,
    book: RuleBook,
    costs: Costs,
) -> dict[str, np.ndarray]:
    """Shares that each cap lets through, infinite for none; by its code."""
    of, limits, held = book.sizing, book.limits, standing.holdings
    equity, symbols, rules = standing.equity, wanted["symbol"], wanted["strategy"]
    by_symbol = symbols.map(held.groupby("symbol")["value"].sum()).fillna(0.0).to_numpy()
    sector_of = symbols.map(standing.sectors)
    in_sector = held.groupby(held["symbol"].map(standing.sectors))["value"].sum()
    by_sector = sector_of.map(in_sector).fillna(0.0).to_numpy()
    of_rule = rules.map(held.groupby("strategy").size()).fillna(0).to_numpy()
    usual = wanted["usual_volume"].fillna(np.inf).to_numpy(dtype=float)
    price = np.asarray(costs.price(entry, side=1)) * (1.0 + costs.commission)
    way = np.abs(entry - stop)
    with np.errstate(divide="ignore", invalid="ignore"):
        main = (
            {"SIZE_BY_RISK": np.nan_to_num(equity * of["risk"] / way, nan=0.0, posinf=np.inf)}
            if of["method"] == "risk"
            else {"SIZE_BY_SHARE": equity * of["share"] / entry}
        )
    return {
        **main,
        "SIZE_BY_POSITION": (min(of["most_value"], limits.position * equity) - by_symbol) / entry,
        "SIZE_BY_SECTOR": (limits.sector * equity - by_sector) / entry,
        "SIZE_BY_CASH": (standing.free_cash - costs.per_order) / price,
        "SIZE_BY_VOLUME": usual * of["volume_share"],
        "SIZE_BY_PLACES": _open(np.full(len(wanted), len(held) < limits.positions)),
        "SIZE_BY_RULE_PLACES": _open(of_rule < limits.strategy_positions),
        "SIZE_BY_BREAKER": _open(np.full(len(wanted), not standing.breaker)),
    }


def _open(there: np.ndarray) -> np.ndarray:
    """No limit where a place is there, nothing where it is not."""
    return np.where(there, np.inf, 0.0)


def _faults(entry: np.ndarray, stop: np.ndarray, method: str) -> np.ndarray:
    """What makes a size meaningless, by code; empty where it is sound."""
    by_risk = method == "risk"
    tests: list[tuple[str, Any]] = [
        ("ENTRY_NOT_POSITIVE", ~(entry > 0.0)),
        ("STOP_NOT_POSITIVE", by_risk & ~(stop > 0.0)),
        ("STOP_AT_ENTRY", by_risk & (stop == entry)),
        ("STOP_WRONG_SIDE", by_risk & (stop > entry)),
    ]
    return np.select([wrong for _, wrong in tests], [code for code, _ in tests], "")


def _long(
    wanted: pd.DataFrame, caps: dict[str, np.ndarray], binding: np.ndarray, fault: np.ndarray
) -> pd.DataFrame:
    parts = [
        wanted[KEY].assign(
            cap=code,
            shares=np.where(np.isfinite(shares), np.floor(np.maximum(shares, 0.0)), np.nan),
            binds=(binding == code) & (fault == ""),
        )
        for code, shares in caps.items()
    ]
    return pd.concat(parts, ignore_index=True)
