"""Frames of a what-if as its page shows them: measures in words, each number in its own unit."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from lib import wording
from lib.portfolio.impact import look_up

FLAG_WORDS = {
    "": "carried out",
    "ROUNDED": "rounded to whole units",
    "UNPRICED": "left out: no price",
    "NOT_TRADABLE": "left out: an index cannot be traded",
    "MORE_THAN_HELD": "left out: more than is held",
    "NO_BASE": "left out: no net asset value to weigh on",
}
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
WORDS = {
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
    chosen = keys.map(place).dropna().sort_values().index
    return in_words(table.loc[chosen])


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of table ``what_if`` as text: section, measure, base, modified, change."""
    rows = list(table.itertuples(index=False))
    return pd.DataFrame(
        {
            "section": [wording.sentence_case(row.section) for row in rows],
            "measure": [measure_words(row.section, row.measure) for row in rows],
            "base": [number_words(row.base, row.unit) for row in rows],
            "modified": [number_words(row.modified, row.unit) for row in rows],
            "change": [change_words(row.change, row.unit) for row in rows],
        }
    ).astype("str")


def measure_words(section: str, measure: str) -> str:
    """A measure for people: ``market_down_10`` of the scenarios reads "Market −10%"."""
    if section == "scenarios" and (found := MARKET.fullmatch(measure)):
        return f"Market {_sign(found[1])}{found[2]}%"
    if section == "scenarios" and (found := RATES.fullmatch(measure)):
        return f"{found[3]} yield {_sign(found[1])}{found[2]}\u00a0bp"
    if section == "stress" and measure not in WORDS:
        return wording.sentence_case(measure)
    return WORDS.get(measure) or wording.measure(measure)


def number_words(value: float, unit: str) -> str:
    """A figure by its unit; fractions with two decimals, since days of risk are small."""
    return wording.percent(value, 2) if unit == "fraction" else wording.figure(value, unit)


def change_words(value: float, unit: str) -> str:
    """A change by its unit, with its sign: fractions in percentage points."""
    if wording.is_missing(value):
        return wording.not_available()
    if unit == "fraction":
        return f"{wording.number(100 * value, 2, signed=True)} points"
    if unit == "money":
        return wording.money(round(value, 6), signed=True)
    return wording.number(value, 0 if unit == "count" else 2, signed=True)


def trades_table(trades: pd.DataFrame) -> pd.DataFrame:
    """Rows of table ``what_if_trades`` with ``remark``, the flags in words."""
    return trades.assign(remark=trades["flags"].map(FLAG_WORDS).fillna(trades["flags"]).astype("str"))


def scenario_names(stress_pnl: pd.DataFrame) -> dict[str, str]:
    """Names of the scenarios for people by id, of table ``stress_pnl``."""
    return dict(zip(stress_pnl["scenario"], stress_pnl["name"], strict=True))


def stress_changes(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Change of each stress scenario that both books have, the best first, with its words from ``names``."""
    rows = table[(table["section"] == "stress") & (table["measure"] != "worst_case")].dropna(subset="change")
    words = [names.get(name) or measure_words("stress", name) for name in rows["measure"]]
    return rows.assign(words=pd.array(words, dtype="str")).sort_values("change", ascending=False)


def effects_table(effects: pd.DataFrame) -> pd.DataFrame:
    """What each suggestion does, numbers as text in their own unit."""
    rows = list(effects.itertuples(index=False))
    numbers = {
        name: [number_words(getattr(row, name), row.unit) for row in rows]
        for name in ("before", "after", "goal")
    }
    return effects[["suggestion", "measure"]].assign(**numbers).astype("str")


def worst_scenario(table: pd.DataFrame, side: str, names: Mapping[str, str]) -> str:
    """Name of the scenario that is the worst case of one ``side`` (base or modified); empty when unknown."""
    rows = table[(table["section"] == "stress") & (table["measure"] != "worst_case")].dropna(subset=side)
    if not len(rows):
        return ""
    worst = rows.loc[rows[side].idxmin(), "measure"]
    return names.get(worst) or measure_words("stress", worst)


def of(table: pd.DataFrame, measure: str) -> tuple[float, float]:
    """Base and modified value of a headline measure; missing when the table has none."""
    section = next(section for section, name in HEADLINE if name == measure)
    row = look_up(table, section, measure)
    return float(row["base"]), float(row["modified"])


def _sign(way: str) -> str:
    return "+" if way == "up" else wording.MINUS
