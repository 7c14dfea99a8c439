"""What the page risk/stress says of volatilities, of options in replays, and of holdings valued by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib import stress_order, wording
from lib.book import BASE_WORDS
from lib.risk.repricing import VOLATILITY_CAP, RepricingInputs
from lib.risk.scenario_files import Scenario
from lib.risk.stress import DAYS_A_YEAR
from lib.risk.volatility_moves import market_volatility_factor

CRASH = -0.35


def volatility_sentence(book: RepricingInputs, scenarios: Sequence[Scenario], volatility_beta: float) -> str:
    """What implied volatilities do in scenarios; empty for a book without options that are revalued."""
    if not len(book.places):
        return ""
    own = [one.name for one in scenarios if one.volatility_factor is not None]
    stated = f" {wording.joined(own)} {'keeps its' if len(own) == 1 else 'keep their'} own." if own else ""
    if volatility_beta == 0:
        return f" Implied volatilities stay as they are, by choice (volatility_beta is 0).{stated}"
    factor = wording.number(float(market_volatility_factor(CRASH, beta=volatility_beta)), 1)
    return (
        f" Implied volatilities rise by {wording.percent(volatility_beta / 100)} of themselves for a fall of "
        f"the market of 1%, so they are multiplied by {factor} in a crash of {wording.percent(-CRASH, 0)}, "
        f"to {wording.percent(VOLATILITY_CAP, 0)} at most; a rise divides them alike.{stated}"
    )


def expired_sentence(book: RepricingInputs, scenarios: Sequence[Scenario]) -> str:
    """That replays revalue options at once over windows longer than their life; empty where none is."""
    if not len(book.places):
        return ""
    years = book.options["years_to_expiry"].to_numpy("float64")
    days = {one.name: _days(one.window) for one in scenarios if one.window}
    outlived = {name: length for name, length in days.items() if (years < length / DAYS_A_YEAR).any()}
    if not outlived:
        return ""
    short = int((years < max(outlived.values()) / DAYS_A_YEAR).sum())
    verb, pronoun = ("is", "it") if short == 1 else ("are", "they")
    return (
        f" Options are revalued at once at the last prices of a window: {wording.count(short)} of "
        f"{wording.plural(len(years), 'option')} would have expired before the end of "
        f"{wording.joined(outlived)}, so what {pronoun} {verb} said to gain or lose there is not what "
        "holding would have brought."
    )


def by_hand_sentence(holdings: pd.DataFrame, base: tuple[float, str, float]) -> str:
    """The share of holdings valued by hand, which lose nothing in a scenario; empty where none is held.

    ``base`` is (money, "nav" or "gross", net asset value) as of ``base_of``.
    """
    held = float(holdings.loc[holdings["kind"] == "manual", "exposure"].sum())
    if held == 0.0 or not base[0] > 0:
        return ""
    return (
        f" Holdings valued by hand, {wording.percent(held / base[0])} of {BASE_WORDS[base[1]]}, are taken to "
        "lose nothing."
    )


def long_sentence(pnl: pd.DataFrame, currency: str) -> str:
    """The replays of more than a year, which are ranked apart, with what they would have done."""
    rows = stress_order.long_windows(pnl)
    if rows.empty:
        return ""
    found = [
        f"{row.name_} ({wording.money(row.conditional_pnl, currency, signed=True)})"
        for row in rows.rename(columns={"name": "name_"}).itertuples(index=False)
    ]
    return (
        f"Ranked apart as longer than a year, in which no book stands still: {wording.joined(found)}, "
        "all at once."
    )


def _days(window: tuple[str, str]) -> int:
    return (pd.Timestamp(window[1]) - pd.Timestamp(window[0])).days
