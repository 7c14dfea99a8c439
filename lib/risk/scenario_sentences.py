"""Sentences and key figures of the scenarios, written from their numbers."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.risk.repricing import RepricingInputs
from lib.risk.scenario_display import scenarios_of, why_no_result

WEAK = 2.0
"""A t statistic below this says that a beta cannot be told from zero."""


def coverage_sentence(book: RepricingInputs) -> str:
    """How many positions take part, and what is left out."""
    held = len(book.holdings)
    if not held:
        return "The book holds no positions, so there is nothing to move."
    counts = book.holdings["reason"].value_counts()
    words = {
        "manual": ("holding valued by hand", "holdings valued by hand"),
        "unpriced": ("position without a price", "positions without a price"),
        "no_greeks": ("option without Greeks", "options without Greeks"),
    }
    left = [wording.plural(int(counts[one]), *words[one]) for one in words if one in counts]
    text = f"{int(counts.get('', 0))} of {wording.plural(held, 'position')} take part"
    return f"{text}; left out: {wording.joined(left)}." if left else f"{text}."


def market_sentence(table: pd.DataFrame, currency: str) -> str:
    """What the largest fall and the largest rise would do."""
    rows = scenarios_of(table, "market")
    if rows["pnl"].isna().all():
        return f"No result: {rows['reason'].iloc[0]}."
    rise, fall = rows.iloc[0], rows.iloc[-1]
    return f"{_result(fall, currency)}; {_result(rise, currency)[0].lower()}{_result(rise, currency)[1:]}."


def _result(row: pd.Series, currency: str) -> str:
    word = wording.direction(row["pnl"], "gain", "lose", "move by")
    base = "gross exposure" if "base_gross" in row["flags"] else "net asset value"
    share = (
        f" ({wording.percent(abs(row['pnl_fraction']))} of {base})"
        if row["pnl_fraction"] == row["pnl_fraction"]
        else ""
    )
    way = "rise" if row["shock"] > 0 else "fall"
    size = wording.percent(abs(row["shock"]), 0)
    return f"A {way} of the market by {size} would {word} {wording.money(abs(row['pnl']), currency)}{share}"


def curvature_sentence(table: pd.DataFrame, currency: str) -> str:
    """How far the straight line is from full revaluation at the largest fall."""
    row = scenarios_of(table, "market").iloc[-1]
    gap = row["pnl"] - row["linear_pnl"]
    if wording.is_missing(gap):
        return f"No result: {row['reason']}."
    if abs(gap) < 0.005:
        return "No option takes part, so the three answers are the same."
    better = "less bad" if gap > 0 else "worse"
    return (
        f"At {wording.percent(row['shock'], 0, signed=True)} the revalued result is "
        f"{wording.money(abs(gap), currency)} {better} than betas and deltas say; gamma alone accounts for "
        f"{wording.money(row['gamma_pnl'] - row['linear_pnl'], signed=True)} of the difference."
    )


def rates_sentence(table: pd.DataFrame, tenor: str, currency: str) -> str:
    """What 100 basis points more would do by the chosen tenor, and how the tenors differ."""
    rows = table[(table["kind"] == "rates") & (table["shock"] > 0)]
    if not len(rows):
        return "No rise of yields is among the scenarios."
    rows = rows[rows["shock"] == rows["shock"].min()]
    row = rows[rows["tenor"] == tenor].iloc[0]
    known = rows[rows["pnl"].notna()]
    if wording.is_missing(row["pnl"]):
        text = f"No result by the {tenor} yield: {why_no_result(rows)[tenor]}."
        return f"{text} By {_answers(known)}." if len(known) else text
    text = (
        f"{wording.number(row['shock'], 0)}\u00a0bp more on the {tenor} yield, the market held fixed, would "
        f"{wording.direction(row['pnl'], 'gain', 'lose', 'move by')} "
        f"{wording.money(abs(row['pnl']), currency)}"
    )
    if len(known) == 1:
        return f"{text}."
    return f"{text}; by {_answers(known)}. They are alternatives and must not be added."


def _answers(known: pd.DataFrame) -> str:
    """Over which tenors the results run, and from where to where."""
    low, high = wording.money(known["pnl"].min()), wording.money(known["pnl"].max())
    return f"the yields of {wording.joined(known['tenor'])} the answers run from {low} to {high}"


def betas_sentence(shown: pd.DataFrame, tenor: str) -> str:
    """How many of the rate betas can be told from zero."""
    known = shown[shown["beta_per_bp"].notna()]
    if not len(known):
        return f"No underlying has a beta to the {tenor} yield."
    sure = int((known["t_stat"].abs() >= WEAK).sum())
    capped = int(known["quality"].str.contains("capped", regex=False).sum())
    bound = f" {wording.plural(capped, 'beta')} reached the cap." if capped else ""
    return (
        f"{sure} of {wording.plural(len(known), 'beta')} are more than two standard errors from zero.{bound}"
    )


def verdict(table: pd.DataFrame, book: RepricingInputs, currency: str) -> str:
    """One sentence for the top of the page, and what it covers."""
    text = market_sentence(table, currency)
    none = len(book.holdings) > 0 and scenarios_of(table, "market")["pnl"].isna().all()
    return text if none else f"{text} {coverage_sentence(book)}"


def scenario_figures(table: pd.DataFrame, tenor: str, currency: str) -> list[dict]:
    """Key figures of the stage risk/scenarios."""
    rows = scenarios_of(table, "market")
    fall, rise = rows.iloc[-1], rows.iloc[0]
    rates = scenarios_of(table, "rates", tenor)
    up = rates[rates["shock"] > 0].tail(1)
    bend = "What options change in the largest fall, beside betas and deltas."
    bend = _money_of(fall, currency) if wording.is_missing(fall["pnl"]) else bend
    found = [
        _figure(fall["scenario"], fall["pnl_fraction"], "fraction", _money_of(fall, currency)),
        _figure(rise["scenario"], rise["pnl_fraction"], "fraction", _money_of(rise, currency)),
        _figure("curvature", fall["pnl"] - fall["linear_pnl"], "money", bend),
    ]
    if len(up):
        row = up.iloc[0]
        name = f"yield_{tenor.lower()}_up_{row['shock']:g}_bp"
        found.append(_figure(name, row["pnl_fraction"], "fraction", _money_of(row, currency)))
    return found


def _money_of(row: pd.Series, currency: str) -> str:
    """The profit of one move in money, or why there is none."""
    if wording.is_missing(row["pnl"]):
        return f"No result: {row['reason']}."
    word = wording.direction(row["pnl"], "A gain of", "A loss of", "A change of")
    return f"{word} {wording.money(abs(row['pnl']), currency)}."


def _figure(name: str, value: float, unit: str, sentence: str) -> dict:
    return {"name": name, "value": value, "unit": unit, "better": "higher", "sentence": sentence}
