"""Sentences of a what-if, written from the numbers they stand beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from lib import wording
from lib.portfolio.trade_sizes import LEFT_OUT
from lib.portfolio.what_if import Changed
from lib.portfolio.what_if_display import number_words, of, stress_changes, worst_scenario

NOTHING = "No trades are asked for: the book after them is today's book."
IMPACT_WORDS: dict[str, tuple[str, Callable[[float], str]]] = {
    "market_beta": ("the market beta", wording.ratio),
    "var_95_1y": ("the one-day value at risk (95%, one year)", lambda one: wording.percent(one, 2)),
    "annual_volatility_1y": ("volatility", wording.percent),
}


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
    price = (
        f"at an estimated cost of {wording.money(changed.cost)} ({wording.number(cost_bp, 1)} basis points)"
        if cost_bp
        else "no cost assumed"
    )
    return (
        f"{wording.plural(len(trades), 'trade')}{out}: {wording.money(changed.traded, currency)} traded, "
        f"which {way} {wording.money(abs(changed.cash_used))} {where} cash, {price}.{whole}"
    )


def impact_sentence(table: pd.DataFrame, changed: Changed) -> str:
    """Beta, value at risk and volatility before and after."""
    if not len(changed.trades):
        return NOTHING
    known, lacking = [], []
    for name, (words, written) in IMPACT_WORDS.items():
        before, after = of(table, name)
        if wording.is_missing(before) or wording.is_missing(after):
            lacking.append(words)
        else:
            known.append(f"{words} from {written(before)} to {written(after)}")
    text = wording.joined(known).replace(" from", " goes from", 1)
    without = f"{wording.joined(lacking)} cannot be computed for both books" if lacking else ""
    text = "; ".join(filter(None, [text, without]))
    return f"{text[:1].upper()}{text[1:]}."


def stress_sentence(table: pd.DataFrame, changed: Changed, currency: str, names: Mapping[str, str]) -> str:
    """The worst stress scenario before and after, and how many get better."""
    before, after = of(table, "worst_case")
    changes = stress_changes(table, names)
    if not len(changes):
        return "No stress scenario can be computed for both books."
    if not len(changed.trades):
        return NOTHING
    better = int((changes["change"] > 0).sum())
    return (
        f"{better} of {wording.plural(len(changes), 'scenario')} get better; the worst is "
        f"{worst_scenario(table, 'base', names)} at {wording.money(before, currency)} today and "
        f"{worst_scenario(table, 'modified', names)} at {wording.money(after)} after the trades."
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
    if wording.is_missing(before) or wording.is_missing(after):
        return impact_sentence(table, changed)
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
