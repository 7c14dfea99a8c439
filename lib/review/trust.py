"""How far the page can be trusted, as report rows: origins, faults, coverage, assumptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from lib import codes
from lib.conventions import ORIGINS
from lib.review.drivers import METHOD
from lib.review.rows import NOT_POSITIVE, row, rows, share
from lib.review.sources import Tables

MOST_REASONS = 3
LOSS_DAYS = "Days behind the losses on a bad day"
BETA_DAYS = "Days behind the betas, at most"
OLD_PRICES = ("STALE", "MANUAL_STALE")
VOLATILITY_SOURCES = {
    "price": "Volatility from the option's own price",
    "implied_vols": "Volatility from the table of implied volatilities",
    "implied_vols_by_strike": "Volatility from other strikes of that table",
    "prices_by_strike": "Volatility from prices of options at other strikes",
    "realised_60d": "Volatility realised over 60 days",
}


def origins(tables: Tables) -> list[list]:
    """Signed exposure by where its price comes from, with cash: adds up to net asset value.

    ``gross_share`` is each part's size over gross exposure plus that of cash, which a hedged book has too.
    """
    nav = float(tables.totals["nav"])
    sums = tables.held.groupby("origin")["exposure"].sum(min_count=1)
    money = {origin: float(sums[origin]) for origin in ORIGINS if origin in sums.dropna()}
    table = pd.Series(money | {"cash": float(tables.totals["cash"])}, dtype="float64").to_frame("exposure")
    table["share"] = [share(value, nav) for value in table["exposure"]]
    table["reason"] = "" if nav > 0 else NOT_POSITIVE
    sizes = tables.held["exposure"].abs().groupby(tables.held["origin"]).sum()
    sizes["cash"] = abs(float(tables.totals["cash"]))
    table["gross_share"] = sizes.reindex(table.index) / (sizes.sum() if sizes.sum() > 0 else np.nan)
    units = {"exposure": "money", "share": "fraction", "gross_share": "fraction"}
    return rows("origin", table, units, notes={"share": "reason"})


def quality(tables: Tables) -> list[list]:
    """Counts of what is unusual about the rows and prices of this book."""
    held = tables.held
    symbols = {*held["symbol"], *held["underlying"]}
    data = tables.data_issues[tables.data_issues["symbol"].isin(symbols)]
    severity = tables.row_issues.groupby("severity")["line"].nunique()
    counts = {
        "rejected_rows": severity.get("rejected", 0),
        "warned_rows": severity.get("warning", 0),
        "unpriced_positions": int(held["exposure"].isna().sum()),
        "stale_positions": int(codes.has_any(held["flags"], OLD_PRICES).sum()),
        "data_errors": int((data["severity"] == "error").sum()),
        "data_warnings": int((data["severity"] == "warning").sum()),
    }
    return [row("quality", "data", name, value, "count") for name, value in counts.items()]


def coverage(tables: Tables) -> list[list]:
    """Each analysis: for how many of what it should cover there is a result, and why not for the rest."""
    held = tables.held
    parts = {
        "Prices": _part(held["exposure"].notna(), held["flags"]),
        "Option sensitivities": _greeks(tables),
        "Factor betas": _betas(tables),
        "Stress scenarios": _part(tables.stress_pnl["conditional_pnl"].notna(), tables.stress_pnl["flags"]),
        "Moves of market and rates": _part(tables.scenario_pnl["pnl"].notna(), tables.scenario_pnl["flags"]),
        "Correlations": _correlations(tables),
    }
    table = pd.DataFrame.from_dict(parts, orient="index", columns=["done", "asked", "note"])
    return rows("coverage", table, {"done": "count", "asked": "count"})


def _part(known: pd.Series, flags: pd.Series) -> tuple[int, int, str]:
    return int(known.sum()), len(known), reasons(flags[~known])


def reasons(flags: Iterable[object]) -> str:
    """The most frequent codes of what is missing, with their counts."""
    found = Counter(code for text in flags if isinstance(text, str) for code in text.split(",") if code)
    return ", ".join(f"{code} ({count})" for code, count in found.most_common(MOST_REASONS))


def _greeks(tables: Tables) -> tuple[int, int, str]:
    known = tables.greeks.set_index("position_id").reindex(tables.options["position_id"])
    return _part(known["delta"].notna(), known["flags"].fillna("not computed"))


def _betas(tables: Tables) -> tuple[int, int, str]:
    fitted = tables.position_betas[tables.position_betas["method"] == METHOD]
    first = fitted.drop_duplicates("position_id").set_index("position_id")
    market = tables.held[tables.held["kind"] != "manual"]["position_id"]
    first = first.reindex(market)
    return _part(first["beta"].notna(), first["quality"].fillna("not computed"))


def _correlations(tables: Tables) -> tuple[int, int, str]:
    held = tables.held
    wanted = set(held.loc[held["kind"] != "manual", "underlying"])
    pairs = tables.position_correlations.dropna(subset="correlation")
    found = wanted & set(pairs.loc[pairs["symbol_1"] != pairs["symbol_2"], "symbol_1"])
    table = tables.compared_underlyings
    table = table[table["symbol"].isin(wanted - found)]
    reasons = table["reason"].mask(table["reason"] == "", "no_pair")
    named = table.groupby(reasons, sort=False)["symbol"]
    return len(found), len(wanted), "; ".join(f"{reason}: {_some(names)}" for reason, names in named)


def _some(names: pd.Series) -> str:
    """The first few by name, and that there are others."""
    return f"{', '.join(names.head(MOST_REASONS))}{' and others' if len(names) > MOST_REASONS else ''}"


def assumptions(tables: Tables) -> list[list]:
    """What the figures rest on, counted: windows, sources of volatility, dividend yields."""
    fitted = tables.position_betas["observations"]
    risk = tables.risk_metrics
    past = risk.loc[(risk["metric"] == "var_95") & (risk["window"] == "1y")]
    days = past["observations"].max() if "observations" in past and len(past) else np.nan
    most, why = (fitted.max(), "") if len(fitted) else (np.nan, "no betas")
    sources = tables.greeks["implied_vol_source"].value_counts()
    return [
        row("assumption", LOSS_DAYS, "count", days, "count"),
        row("assumption", BETA_DAYS, "count", most, "count", why),
        *(
            row("assumption", words, "count", int(sources[name]), "count", "options")
            for name, words in VOLATILITY_SOURCES.items()
            if name in sources
        ),
    ]
