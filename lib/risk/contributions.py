"""What each position adds to the factor value at risk, and what repricing options changes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.risk.historical_simulation import HistoricalSimulation
from lib.risk.metrics import look_up
from lib.stats.tails import cvar, var_hist

METRIC = "factor_var_95"
YEAR = 252


def by_part(components: pd.DataFrame, positions: pd.DataFrame, *, metric: str = METRIC) -> pd.DataFrame:
    """Positions by what they add to the value at risk, most first and hedges last, with symbol and exposure.

    Positions that the factor model leaves out are not listed.
    """
    rows = components[(components["method"] == metric) & components["value"].notna()]
    known = positions[["position_id", "symbol", "exposure"]]
    order = ["value", "position_id"]
    table = rows.merge(known, on="position_id").sort_values(order, ascending=[False, True])
    return table[["position_id", "symbol", "exposure", "value", "share"]].reset_index(drop=True)


def component_sentence(parts: pd.DataFrame, currency: str) -> str:
    """Which positions make up the value at risk, and which take from it."""
    if parts.empty:
        return "No position has betas, so there is no factor value at risk to divide."
    largest, hedges = parts.head(3), parts[parts["value"] < 0]
    names = sorted(set(largest["symbol"]), key=list(largest["symbol"]).index)
    text = (
        f"{wording.joined(names)} {'adds' if len(names) == 1 else 'add'} "
        f"{wording.percent(largest['share'].sum())} of the factor value at risk of "
        f"{wording.money(parts['value'].sum(), currency)}"
    )
    if hedges.empty:
        return f"{text}; no position takes from it."
    money = wording.money(-hedges["value"].sum(), currency)
    return f"{text}; {wording.plural(len(hedges), 'position')} together take {money} from it."


def methods_sentence(metrics: pd.DataFrame) -> str:
    """The value at risk by history, by a normal distribution and by the factor model, side by side."""
    found = {
        "by history": look_up(metrics, "var_95", "1y"),
        "by a normal distribution": look_up(metrics, "parametric_var_95", "1y", "normal"),
        "by the factor model": look_up(metrics, METRIC, "1y"),
    }
    known = {name: value for name, value in found.items() if np.isfinite(value)}
    if not known:
        return "No method gives a value at risk."
    words = wording.joined(f"{wording.percent(value, 2)} {name}" for name, value in known.items())
    return (
        f"At 95% the value at risk of a day is {words}. The factor model weighs the last weeks most, so it "
        "is the first to move when markets change."
    )


def options_sentence(book: HistoricalSimulation) -> str:
    """What repricing the options changes in the tail of the last year, against their deltas alone."""
    held = int((book.coverage["kind"] == "option").sum())
    if not held:
        return "The book holds no options."
    if not book.options:
        reasons = set(book.coverage.loc[book.coverage["kind"] == "option", "reason"])
        short = "has a history long enough" if "short_history" in reasons else "can be priced"
        return f"None of the options {short}, so none takes part."
    if len(book.returns) < YEAR:
        return f"{wording.plural(book.options, 'option')} repriced; a year of returns is needed to compare."
    full, linear = (cvar(series.tail(YEAR)) for series in (book.returns, book.by_delta))
    worst, flat = book.returns.tail(YEAR).min(), book.by_delta.tail(YEAR).min()
    return (
        f"With {wording.plural(book.options, 'option')} repriced on every day, the worst twentieth of last "
        f"year's days costs {wording.percent(full, 2)} on average, {wording.percent(linear, 2)} if options "
        f"moved by delta alone; the worst day is {wording.percent(worst, 2, signed=True)} against "
        f"{wording.percent(flat, 2, signed=True)}."
    )


def repricing_table(book: HistoricalSimulation) -> pd.DataFrame:
    """Value at risk, shortfall and worst day of the last year with options repriced and by delta alone."""
    full, linear = book.returns.tail(YEAR), book.by_delta.tail(YEAR)
    measures = {
        "Value at risk 95%": var_hist,
        "Expected shortfall 95%": cvar,
        "Worst day": lambda series: -series.min() if len(series) else float("nan"),
    }
    return pd.DataFrame(
        {
            "measure": list(measures),
            "repriced": [measure(full) for measure in measures.values()],
            "by_delta": [measure(linear) for measure in measures.values()],
        }
    )
