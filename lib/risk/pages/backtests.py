"""Whether the value at risk held: the tests by level and window, the worst first."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.risk.backtest import worst_first
from lib.risk.pages.measures import OVER, WINDOWS
from lib.tables.columns import count, fraction, number, ratio, text

SIGNIFICANT = 0.05
"""A p-value below this speaks against the value at risk."""

BACKTEST = (
    fraction("level"),
    text("window"),
    count("forecasts"),
    number("exceedances", absent="reason"),
    number("expected", absent="reason"),
    ratio("kupiec_p", label="Kupiec p", absent="reason"),
    ratio("christoffersen_p", label="Christoffersen p", absent="reason"),
    text("zone"),
)


def backtest(tested: pd.DataFrame) -> pd.DataFrame:
    """The backtests with their windows, and the reasons of what is missing, in words."""
    return tested.assign(
        window=tested["window"].map(WINDOWS), reason=tested["flag"].map(codes.all_words).astype("str")
    )


def backtest_sentence(tested: pd.DataFrame) -> str:
    """The worst of levels and windows first, with its Basel zone; then how many tests hold, and clusters."""
    known = worst_first(tested)
    if known.empty:
        forecasts = int(tested["forecasts"].max())
        return f"{wording.plural(forecasts, 'forecast')}: at least 250 are needed for a test."
    worst, failed = known.iloc[0], int((known["zone"] != "green").sum())
    days = wording.plural(int(worst["forecasts"]), "forecast")
    told = (
        f"The worst of {wording.plural(len(known), 'test')} is that at {wording.percent(worst['level'], 0)} "
        f"over {OVER[worst['window']]}, in the {worst['zone']} zone: "
        f"{wording.count(worst['exceedances'])} of {days} were exceeded, "
        f"{wording.number(worst['expected'], 0)} expected (Kupiec, {_p(worst['kupiec_p'])})."
    )
    told += f" {wording.count(failed)} of the tests are not green." if failed > 1 else ""
    clustered = known[known["christoffersen_p"] < SIGNIFICANT]
    if clustered.empty:
        return f"{told} Exceedances do not cluster in any window."
    first = clustered.loc[clustered["christoffersen_p"].idxmin()]
    return (
        f"{told} They come in clusters: most at {wording.percent(first['level'], 0)} over "
        f"{OVER[first['window']]} (Christoffersen, {_p(first['christoffersen_p'])})."
    )


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {wording.number(value, 3)}"
