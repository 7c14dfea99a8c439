"""What the client page is made from, and the small things that all its parts share."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lib import wording

COLUMNS = ["section", "item", "measure", "value", "unit", "note"]
NOT_POSITIVE = "net asset value is not positive"
KIND_WORDS = {
    "stock": "Stock",
    "etf": "ETF",
    "index": "Index",
    "fund": "Fund",
    "option": "Option",
    "manual": "Valued by hand",
}


@dataclass(frozen=True)
class Tables:
    """The tables that the page reads; columns as in ``lib/tables``."""

    positions: pd.DataFrame
    row_issues: pd.DataFrame
    exposures: pd.DataFrame
    exposure_groups: pd.DataFrame
    instruments: pd.DataFrame
    data_issues: pd.DataFrame
    snapshots: pd.DataFrame
    snapshot_positions: pd.DataFrame
    greeks: pd.DataFrame
    portfolio_greeks: pd.DataFrame
    portfolio_betas: pd.DataFrame
    position_betas: pd.DataFrame
    position_correlations: pd.DataFrame
    clusters: pd.DataFrame
    concentration: pd.DataFrame
    risk_metrics: pd.DataFrame
    portfolio_returns: pd.DataFrame
    drawdowns: pd.DataFrame
    var_components: pd.DataFrame
    scenario_pnl: pd.DataFrame
    stress_pnl: pd.DataFrame
    stress_positions: pd.DataFrame
    what_if: pd.DataFrame
    what_if_trades: pd.DataFrame

    @property
    def held(self) -> pd.DataFrame:
        """Positions of today's book."""
        return self.positions[self.positions["quantity"] != 0]

    @property
    def options(self) -> pd.DataFrame:
        """Option positions of today's book."""
        held = self.held
        return held[held["kind"] == "option"]

    @property
    def totals(self) -> pd.Series:
        """Totals of the book by measure."""
        return self.exposures.set_index("measure")["value"]

    @property
    def base(self) -> tuple[str, float]:
        """What shares are shares of, ``nav`` or ``gross``, and that money."""
        name = "nav" if self.totals["nav"] > 0 else "gross"
        return name, float(self.totals[name])


def row(section: str, item: str, measure: str, value: float, unit: str, note: str = "") -> list:
    """One row of table ``portfolio_report``."""
    return [section, item, measure, value, unit, "" if wording.is_missing(note) else note]


def share(money: float, base: float) -> float:
    """Part of a positive base; NaN where the base is not positive."""
    return money / base if base > 0 else float("nan")


def names(tables: Tables) -> dict[str, str]:
    """What each symbol is: its name or else its kind; for an option right, underlying, strike and expiry."""
    positions = tables.positions
    options = positions[positions["kind"] == "option"]
    right = options["right"].map({"C": "Call", "P": "Put"})
    words = [
        f"{kind} on {underlying} at {strike:g} to {wording.date(expiry)}"
        for kind, underlying, strike, expiry in zip(
            right, options["underlying"], options["strike"], options["expiry"], strict=True
        )
    ]
    known = tables.instruments.dropna(subset="name")
    named = dict(zip(known["symbol"], known["name"], strict=True))
    kinds = dict(zip(positions["symbol"], positions["kind"].map(KIND_WORDS), strict=True))
    return kinds | named | dict(zip(options["symbol"], words, strict=True))


def largest_first(values: pd.Series, most: int) -> pd.Series:
    """The ``most`` values largest in size, largest first; missing ones are left out."""
    known = values.dropna()
    return known.loc[known.abs().sort_values(ascending=False, kind="stable").index].head(most)


def delta_exposure(tables: Tables) -> pd.Series:
    """Signed money of each held position as its underlying moves it, by position id.

    Options count by their dollar delta, other positions by their exposure; holdings valued by hand move with
    nothing. NaN where it is not known.
    """
    held = tables.held.set_index("position_id")
    deltas = tables.greeks.set_index("position_id")["delta_dollars"].reindex(held.index)
    money = held["exposure"].where(held["kind"] != "option", deltas)
    return money.where(held["kind"] != "manual").astype("float64")
