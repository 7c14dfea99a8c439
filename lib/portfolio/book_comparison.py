"""What trades change: every measure of a book as one column, and two books side by side.

A measure is taken from the tables that the stages of the same names write, so that a figure here and on their
pages is one figure. Missing stays missing: a change is null where either side is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from lib import stress_order
from lib.portfolio.what_if import ChangedBook

SECTIONS = ("exposures", "greeks", "betas", "scenarios", "stress", "correlations", "risk")
UNITS = {
    **dict.fromkeys(("long_count", "short_count", "priced_count", "unpriced_count"), "count"),
    **dict.fromkeys(("underlyings", "compared", "excluded_positions", "days"), "count"),
    **dict.fromkeys(("manual_share", "excluded_weight"), "fraction"),
    **dict.fromkeys(("concentration_score", "concentration_score_average"), "fraction"),
    "gross_to_nav": "ratio",
}
METHOD = "orthogonal"
RISK_TABLES = ("portfolio_betas", "scenario_pnl", "stress_pnl", "concentration", "risk_metrics")
# Measure of table risk_metrics, and the window it is read in; 99 % needs more days than 95 %.
RISK = {
    "annual_volatility": "1y",
    "var_95": "1y",
    "cvar_95": "1y",
    "var_99": "3y",
    "cvar_99": "3y",
    "parametric_var_95": "1y",
    "max_drawdown": "5y",
}
FACTOR_RISK = ("factor_var_95", "factor_var_99")


def book_measures(
    *,
    exposures: pd.DataFrame,
    portfolio_greeks: pd.DataFrame,
    portfolio_betas: pd.DataFrame,
    scenario_pnl: pd.DataFrame,
    stress_pnl: pd.DataFrame,
    concentration: pd.DataFrame,
    risk_metrics: pd.DataFrame,
) -> pd.DataFrame:
    """One row a measure of a book, from the tables of these names: section, measure, value, unit."""
    parts = {
        "exposures": _exposures(exposures),
        "greeks": _frame(portfolio_greeks["greek"], portfolio_greeks["value"], "money"),
        "betas": _betas(portfolio_betas),
        "scenarios": _scenarios(scenario_pnl),
        "stress": _stress(stress_pnl),
        "correlations": _concentration(concentration),
        "risk": _risk(risk_metrics),
    }
    return pd.concat([part.assign(section=name) for name, part in parts.items()], ignore_index=True)[
        ["section", "measure", "value", "unit"]
    ]


def risk_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Those of ``tables`` that ``book_measures`` takes, by name."""
    return {name: tables[name] for name in RISK_TABLES}


def compare(base: pd.DataFrame, modified: pd.DataFrame, changed: ChangedBook | None = None) -> pd.DataFrame:
    """The table ``what_if`` of two frames of ``book_measures``; with ``changed`` also what the trades take.

    A measure that only one book has is null on the other side.
    """
    key = ["section", "measure"]
    rows = pd.concat([base, modified]).drop_duplicates(key)
    index = pd.MultiIndex.from_frame(rows[key])
    sides = {
        name: frame.set_index(key)["value"].reindex(index).to_numpy()
        for name, frame in (("base", base), ("modified", modified))
    }
    table = rows[[*key, "unit"]].assign(**sides)
    if changed is not None:
        table = pd.concat([table, _ledger(changed)])
    place = table["section"].map({name: place for place, name in enumerate(SECTIONS)})
    table = table.assign(change=table["modified"] - table["base"]).iloc[place.argsort(kind="stable")]
    return table[["section", "measure", "base", "modified", "change", "unit"]].reset_index(drop=True)


def look_up(table: pd.DataFrame, section: str, measure: str) -> pd.Series:
    """The row of table ``what_if`` with this measure: base, modified, change; all null when it has none."""
    rows = table[(table["section"] == section) & (table["measure"] == measure)]
    columns = ["base", "modified", "change"]
    return rows.iloc[0][columns] if len(rows) else pd.Series(float("nan"), index=columns)


def _frame(measure: pd.Series, value: pd.Series, unit: str | list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {"measure": measure.to_numpy(dtype=object), "value": value.to_numpy(dtype="float64"), "unit": unit}
    ).astype({"measure": "str", "unit": "str"})


def _units(names: Iterable[str], usual: str) -> list[str]:
    return [UNITS.get(name, usual) for name in names]


def _exposures(table: pd.DataFrame) -> pd.DataFrame:
    value = table.set_index("measure")["value"].astype("float64")
    value["gross_to_nav"] = value["gross"] / value["nav"] if value["nav"] > 0 else float("nan")
    return _frame(value.index.to_series(), value, _units(value.index, "money"))


def _betas(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[(table["method"] == METHOD) & ~table["factor"].isin(["specific", "total"])]
    return _frame(rows["factor"] + "_beta", rows["beta"], "ratio")


def _scenarios(table: pd.DataFrame) -> pd.DataFrame:
    """Profit of each scenario, options revalued; a scenario of rates is named with its tenor."""
    named = table["scenario"].where(
        table["tenor"].isna(), table["scenario"] + " " + table["tenor"].fillna("")
    )
    return _frame(named.astype("str"), table["pnl"], "money")


def _stress(table: pd.DataFrame) -> pd.DataFrame:
    """The worst scenario, then each: profit with the other factors at their conditional mean."""
    found = stress_order.worst(table)
    profit = np.nan if found is None else found["conditional_pnl"]
    worst = pd.DataFrame({"scenario": ["worst_case"], "conditional_pnl": [profit]})
    rows = pd.concat([worst, table[["scenario", "conditional_pnl"]]], ignore_index=True)
    return _frame(rows["scenario"], rows["conditional_pnl"], "money")


def _concentration(table: pd.DataFrame) -> pd.DataFrame:
    return _frame(table["measure"], table["value"], _units(table["measure"], "ratio"))


def _risk(table: pd.DataFrame) -> pd.DataFrame:
    """The measures of ``RISK`` in their windows and the factor value at risk, by the first method of each."""
    names = [*RISK, *FACTOR_RISK]
    rows = table[table["metric"].map(RISK).eq(table["window"]) | table["metric"].isin(FACTOR_RISK)]
    rows = rows.drop_duplicates("metric").set_index("metric").reindex(names)
    measures = pd.Series([f"{name}_{RISK[name]}" if name in RISK else name for name in names])
    return _frame(measures, rows["value"], "fraction")


def _ledger(changed: ChangedBook) -> pd.DataFrame:
    """What the trades take from cash, what they cost, and how much is traded; the base has none of it."""
    rows = pd.DataFrame(
        {
            "measure": ["cash_used", "estimated_cost", "traded"],
            "modified": [changed.cash_used, changed.cost, changed.traded],
        }
    )
    return rows.assign(section="exposures", base=0.0, unit="money")
