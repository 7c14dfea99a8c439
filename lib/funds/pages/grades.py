"""Quartiles, recommendations and sub-scores in words; a shape ends each grade, so that none needs colour."""

from __future__ import annotations

import pandas as pd

from lib import wording

QUARTILES = {1: "1st ▲", 2: "2nd ●", 3: "3rd ◆", 4: "4th ▼"}
RECOMMENDATIONS = {
    "STRONG_BUY": "Strong buy ▲",
    "BUY": "Buy ▲",
    "HOLD": "Hold ●",
    "REVIEW": "Review ◆",
    "SELL": "Sell ▼",
    "STRONG_SELL": "Strong sell ▼",
}
LEAVES = {
    "return_3m": "return of 3 months",
    "return_6m": "return of 6 months",
    "return_1y": "return of 1 year",
    "return_3y": "return of 3 years",
    "return_5y": "return of 5 years",
    "std_dev_1y": "volatility of 1 year",
    "std_dev_3y": "volatility of 3 years",
    "updown_capture_1y": "capture of 1 year",
    "updown_capture_3y": "capture of 3 years",
    "max_drawdown": "drawdown of 3 years",
    "sectoral_similarity": "sectors against the model mix",
    "forward_score": "fit to the market's stance",
    "aum_size": "assets",
    "expense_ratio": "expense ratio",
}
BLOCKS = {
    "historical_returns": "returns",
    "risk_grade": "risk",
    "other_metrics": "other",
}


def quartile(value: float) -> str:
    """A quartile in words; no quarter where there is none."""
    return "no quarter" if wording.is_missing(value) else QUARTILES[int(value)]


def quartiles(column: pd.Series) -> pd.Series:
    """A column of quartiles in words."""
    return column.map(quartile).astype("str")


def recommendations(column: pd.Series) -> pd.Series:
    """A column of recommendations in words."""
    return column.map(RECOMMENDATIONS).astype("str")


def amount(leaf: str, value: float, currency: str = "") -> str:
    """The measure of a sub-score as it is written: assets in money, all else in percent."""
    if leaf == "aum_size":
        return wording.money(value, currency)
    return wording.percent(value, 2 if leaf == "expense_ratio" else 1)
