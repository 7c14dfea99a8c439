"""The rate that Sharpe ratio and alpha take off: the run's shortest Treasury yield, unless one is stated."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib.conventions import TENORS


@dataclass(frozen=True)
class RiskFree:
    """An annual rate, decimal; ``tenor`` of the yield that it is, empty for none; whether it is generated."""

    rate: float
    tenor: str = ""
    generated: bool = False


def risk_free_rate(yields: pd.DataFrame, stated: float | None = None) -> RiskFree:
    """The ``stated`` rate, or the last yield of the shortest tenor of table ``yields``; 0 without any."""
    if stated is not None:
        return RiskFree(stated)
    known = yields.dropna(subset="rate")
    tenor = next((name for name in TENORS if known["tenor"].eq(name).any()), "")
    if not tenor:
        return RiskFree(0.0)
    last = known[known["tenor"] == tenor].sort_values("date").iloc[-1]
    return RiskFree(float(last["rate"]), tenor, last.get("origin") == "generated")
