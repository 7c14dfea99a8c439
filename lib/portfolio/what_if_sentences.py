"""Sentences of a what-if, written from the numbers they stand beside."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.portfolio.trade_sizes import LEFT_OUT
from lib.portfolio.what_if import Changed
from lib.portfolio.what_if_display import number_words, of, stress_changes, worst_scenario

NOTHING = "No trades are asked for: the book after them is today's book."


def trades_sentence(changed: Changed, currency: str, cost_bp: float) -> str:
    """What is asked for, what of it cannot be carried out, and what it takes from cash."""
    trades = changed.trades
    if not len(trades):
        return NOTHING
    left = trades[trades["flags"].isin(LEFT_OUT)]
    rounded = int((trades["flags"] == "ROUNDED").sum())
    out = f", of which {wording.count(len(left))} cannot be carried out" if len(left) else ""
    whole = f" {wording.plural(rounded, 'size')} rounded toward zero to whole units." if rounded else ""
    way, where = ("takes", "from") if changed.cash_used > 0 else ("brings", "into")
    return (
        f"{wording.plural(len(trades), 'trade')}{out}: {wording.money(changed.traded, currency)} traded, "
        f"which {way} {wording.money(abs(changed.cash_used))} {where} cash, at an estimated cost of "
        f"{wording.money(changed.cost)} ({wording.number(cost_bp, 1)} basis points).{whole}"
    )


def impact_sentence(table: pd.DataFrame, changed: Changed) -> str:
    """Beta, value at risk and volatility before and after."""
    if not len(changed.trades):
        return NOTHING
    beta, var, vol = (of(table, name) for name in ("market_beta", "var_95_1y", "annual_volatility_1y"))
    risk = [number_words(value, "fraction") for value in var]
    return (
        f"The market beta goes from {wording.ratio(beta[0])} to {wording.ratio(beta[1])}, the one-day value "
        f"at risk (95%, one year) from {risk[0]} to {risk[1]}, and volatility from "
        f"{wording.percent(vol[0])} to {wording.percent(vol[1])}."
    )


def stress_sentence(table: pd.DataFrame, changed: Changed, currency: str) -> str:
    """The worst stress scenario before and after, and how many get better."""
    before, after = of(table, "worst_case")
    changes = stress_changes(table)
    if not len(changes):
        return "No stress scenario can be computed for both books."
    if not len(changed.trades):
        return NOTHING
    better = int((changes["change"] > 0).sum())
    return (
        f"{better} of {wording.plural(len(changes), 'scenario')} get better; the worst is "
        f"{worst_scenario(table, 'base')} at {wording.money(before, currency)} today and "
        f"{worst_scenario(table, 'modified')} at {wording.money(after)} after the trades."
    )


def suggestions_sentence(trades: pd.DataFrame) -> str:
    """What table ``what_if_trades`` proposes, and that it is no more than that."""
    suggested = _suggested(trades)
    if not len(suggested):
        return (
            "Nothing is suggested: there is no market beta, option delta or risk contribution to bring down."
        )
    return (
        f"{wording.plural(len(suggested), 'trade')} proposed for the book after the trades; each purpose "
        "stands for itself: they are alternatives, not a list to be carried out together."
    )


def effects_sentence(effects: pd.DataFrame) -> str:
    """Whether the proposals reach their goals."""
    if not len(effects):
        return "Nothing is suggested."
    reached = int(effects["reached"].sum())
    return (
        f"Recomputed on the changed book: {reached} of {wording.plural(len(effects), 'goal')} reached, up to "
        "the rest of whole shares."
    )


def verdict(table: pd.DataFrame, changed: Changed, trades: pd.DataFrame, currency: str) -> str:
    """The what-if in one sentence."""
    if not len(changed.trades):
        return f"No trades are asked for; {wording.plural(len(_suggested(trades)), 'trade')} suggested."
    before, after = of(table, "worst_case")
    return (
        f"{impact_sentence(table, changed)[:-1]}; the worst stress scenario goes from "
        f"{wording.money(before, currency)} to {wording.money(after)}."
    )


def what_if_figures(table: pd.DataFrame, changed: Changed, trades: pd.DataFrame, currency: str) -> list[dict]:
    """Key figures: trades, market beta, value at risk and worst scenario after them, cash."""
    asked, suggested = len(changed.trades), len(_suggested(trades))
    beta, var, worst = (of(table, name) for name in ("market_beta", "var_95_1y", "worst_case"))
    after = "after the trades asked for" if asked else "with no trades asked for"
    rows = (
        (
            "trades_asked",
            asked,
            "count",
            "neither",
            f"{wording.plural(asked, 'trade')} asked for, {suggested} suggested.",
        ),
        ("market_beta_after", beta[1], "ratio", "neither", f"Market beta {wording.ratio(beta[1])} {after}."),
        (
            "var_95_after",
            var[1],
            "fraction",
            "lower",
            f"One-day value at risk {number_words(var[1], 'fraction')} {after}.",
        ),
        (
            "worst_stress_after",
            worst[1],
            "money",
            "higher",
            f"Worst stress scenario {wording.money(worst[1], currency)} {after}.",
        ),
        (
            "cash_after",
            changed.cash,
            "money",
            "neither",
            f"Cash {wording.money(changed.cash, currency)} {after}.",
        ),
    )
    return [dict(zip(("name", "value", "unit", "better", "sentence"), row, strict=True)) for row in rows]


def _suggested(trades: pd.DataFrame) -> pd.DataFrame:
    return trades[trades["kind"] == "suggested"]
