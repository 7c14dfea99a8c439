"""Measures of a what-if in words, each number in its own unit: for the page of ``portfolio/what_if``."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from lib import wording
from lib.portfolio.book_comparison import look_up

HEADLINE = (
    ("exposures", "cash"),
    ("exposures", "gross_to_nav"),
    ("greeks", "delta_dollars"),
    ("greeks", "gamma_dollars"),
    ("greeks", "theta"),
    ("greeks", "vega"),
    ("betas", "market_beta"),
    ("scenarios", "market_down_10"),
    ("stress", "worst_case"),
    ("correlations", "effective_positions"),
    ("risk", "annual_volatility_1y"),
    ("risk", "var_95_1y"),
    ("risk", "cvar_95_1y"),
    ("risk", "factor_var_95"),
)
MEASURE_WORDS = {
    "hhi": "Herfindahl index",
    "worst_case": "Worst scenario",
    "gross_to_nav": "Gross over net asset value",
    "cash_used": "Cash used",
    "estimated_cost": "Estimated cost",
    "traded": "Traded money",
    "theta": "Theta, a day",
    "vega": "Vega, a volatility point",
    "rho": "Rho, a percentage point",
    "delta_dollars": "Delta dollars",
    "gamma_dollars": "Gamma dollars, for 1%",
}
MARKET = re.compile(r"market_(up|down)_([\d.]+)")
RATES = re.compile(r"ir_(up|down)_([\d.]+)bp (\w+)")


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """The measures to be seen first, as ``in_words`` shows them."""
    place = {one: place for place, one in enumerate(HEADLINE)}
    keys = pd.Series(list(zip(table["section"], table["measure"], strict=True)), index=table.index)
    return in_words(table.loc[keys.map(place).dropna().sort_values().index])


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of table ``what_if`` with section and measure in words; each number is in its row's ``unit``."""
    rows = zip(table["section"], table["measure"], strict=True)
    words = [measure_words(section, measure) for section, measure in rows]
    return table.assign(
        section=table["section"].map(wording.sentence_case).astype("str"),
        measure=pd.array(words, dtype="str"),
    )


def stress_changes(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Change of each stress scenario that both books have, the best first, with its words from ``names``."""
    rows = _scenarios(table).dropna(subset="change")
    words = [names.get(name) or measure_words("stress", name) for name in rows["measure"]]
    return rows.assign(words=pd.array(words, dtype="str")).sort_values("change", ascending=False)


def worst_scenario(table: pd.DataFrame, side: str, names: Mapping[str, str]) -> str:
    """Name of the scenario that is the worst case of one ``side`` (base or modified); empty when unknown."""
    rows = _scenarios(table).dropna(subset=side)
    if not len(rows):
        return ""
    every = table[table["section"] == "stress"].set_index("measure")[side]
    same = rows.loc[rows[side] == every.get("worst_case"), "measure"]
    worst = same.iloc[0] if len(same) else rows.loc[rows[side].idxmin(), "measure"]
    return names.get(worst) or measure_words("stress", worst)


def measure_words(section: str, measure: str) -> str:
    """A measure for people: ``market_down_10`` of the scenarios reads "Market −10%"."""
    if section == "scenarios" and (found := MARKET.fullmatch(measure)):
        return f"Market {_sign(found[1])}{found[2]}%"
    if section == "scenarios" and (found := RATES.fullmatch(measure)):
        return f"{found[3]} yield {_sign(found[1])}{found[2]}\u00a0bp"
    if section == "stress" and measure not in MEASURE_WORDS:
        return wording.sentence_case(measure)
    return MEASURE_WORDS.get(measure) or wording.measure(measure)


def before_and_after(table: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Base and modified value of a headline measure; missing when the table has none."""
    section = next(section for section, name in HEADLINE if name == measure)
    row = look_up(table, section, measure)
    return float(row["base"]), float(row["modified"])


def _scenarios(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["section"] == "stress") & (table["measure"] != "worst_case")]


def _sign(way: str) -> str:
    return "+" if way == "up" else wording.MINUS
