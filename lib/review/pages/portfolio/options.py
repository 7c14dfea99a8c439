"""What the options do to the book: its shape by move of the market, sums of the Greeks, each option."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.pages.portfolio.review import NOT_NAMED, Review, gain_or_lose, said, starting
from lib.review.section import Section
from lib.tables.columns import fraction, money, number, text

GREEK_WORDS = {
    "delta_dollars": "Moves like shares worth (dollar delta)",
    "gamma_dollars": "Change of that for 1% in the market (dollar gamma)",
    "theta": "For a day of waiting (theta)",
    "vega": "For one point of volatility (vega)",
    "rho": "For one point of interest rate (rho)",
}


def payoff(review: Review) -> pd.DataFrame:
    """Profit by move of the market, today (no move, no profit) included; a straight line beside it where
    options bend it.
    """
    table = review.figures("scenario", ["shock", "pnl", "linear_pnl"]).dropna(subset="shock")
    table = table.set_index("shock")
    if table.empty:
        return pd.DataFrame(columns=["The book"], dtype="float64")
    table.loc[0.0] = 0.0
    lines = {"The book": table["pnl"], "Straight line": table["linear_pnl"]}
    if review.figures("option").empty:
        del lines["Straight line"]
    return pd.DataFrame(lines).sort_index()


def payoff_sentence(review: Review) -> str:
    """The fall and the rise of the same size that are furthest out, side by side."""
    table = review.figures("scenario", ["item", "shock", "pnl"]).dropna(subset=["shock", "pnl"])
    if table.empty:
        return f"{NOT_NAMED}no move of the market could be computed."
    words = [
        f"with {wording.percent(one['shock'], 0, signed=True)} in the market it would "
        f"{gain_or_lose(one['pnl'], review.currency)}"
        for one in (table.loc[table["shock"].idxmin()], table.loc[table["shock"].idxmax()])
    ]
    return f"{starting(words[0])}, {words[1]}."


def greeks(review: Review) -> pd.DataFrame:
    """Sums of the Greeks in words."""
    table = review.figures("greek", ["item", "value", "included", "excluded", "note"])
    return table.assign(item=table["item"].map(GREEK_WORDS))


def greeks_sentence(review: Review) -> str:
    """What the options do to the book."""
    if review.figures("option").empty:
        return "No options are held, so the book moves in a straight line with its prices."
    delta, theta = (review.value("greek", name, "value") for name in ("delta_dollars", "theta"))
    if wording.is_missing(delta):
        return f"{NOT_NAMED}{review.reason('greek', 'delta_dollars', 'value')}."
    text = f"The book moves like {review.money(delta)} of shares"
    if wording.is_missing(theta):
        return f"{text}."
    verb = "brings" if theta >= 0 else "costs"
    return f"{text}; a day of waiting {verb} {review.money(abs(theta))}."


def options_sentence(review: Review) -> str:
    """Which option moves the book most."""
    every = review.figures("option", ["item", "note", "delta_dollars"])
    if every.empty:
        return "No options are held."
    table = every.dropna(subset="delta_dollars")
    if table.empty:
        return f"{NOT_NAMED}no option has a delta."
    top = table.iloc[0]
    moved = review.money(top["delta_dollars"])
    return f"{starting(said(top['item'], top['note']))} moves most, like {moved} of shares."


OPTIONS = (
    Section("payoff", "Profit or loss of the whole book by move of the market", payoff_sentence,
        "scenario_pnl", rows=payoff, chart=True),
    Section("greek", "What the book gains or loses when one thing moves", greeks_sentence,
        "portfolio_greeks",
        (text("item", label="Sensitivity"), money("value", label="Amount, {currency}", absent="note"),
         number("included", unit="count", label="Positions counted"),
         number("excluded", unit="count", label="Not counted")), greeks),
    Section("option", "The options one by one", options_sentence, "greeks",
        (text("note", label="Option"),
         money("delta_dollars", label="Dollar delta, {currency}", absent="not computed"),
         money("gamma_dollars", label="Dollar gamma", absent="not computed"),
         money("position_theta", label="Theta a day", absent="not computed"),
         money("position_vega", label="Vega a point", absent="not computed"),
         fraction("implied_vol", label="Volatility", absent="not computed"))),
)  # fmt: skip
