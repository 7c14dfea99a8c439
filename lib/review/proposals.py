"""What trades tried and suggested would change, as rows of table ``portfolio_report``."""

from __future__ import annotations

from lib.review.rows import row
from lib.review.sources import Tables

CHOSEN = {
    ("exposures", "gross"): "Gross exposure",
    ("exposures", "net"): "Net exposure",
    ("exposures", "cash"): "Cash",
    ("greeks", "delta_dollars"): "Moves like shares worth (dollar delta)",
    ("greeks", "gamma_dollars"): "Dollar gamma",
    ("greeks", "theta"): "Theta a day",
    ("greeks", "vega"): "Vega a point",
    ("betas", "market_beta"): "Market beta",
    ("scenarios", "market_down_20"): "Market \u221220%",
    ("scenarios", "market_up_20"): "Market +20%",
    ("stress", "worst_case"): "Worst stress scenario",
    ("correlations", "signed_effective_positions"): "Independent positions",
    ("risk", "var_95_1y"): "Loss exceeded on one day in twenty",
    ("risk", "factor_var_95"): "The same by the factor model",
    ("risk", "annual_volatility_1y"): "Volatility a year",
}
SMALL = 1e-9


def what_if(tables: Tables) -> list[list]:
    """The measures that a client asks for and that the trades change: before, after and change.

    Money that moves by less than a billionth of itself is not changed.
    """
    if not (tables.what_if_trades["kind"] == "asked").any():
        return []
    table = tables.what_if.set_index(["section", "measure"])
    found = table.loc[[key for key in CHOSEN if key in table.index]].dropna(
        subset=["base", "modified", "change"]
    )
    moved = found[found["change"].abs() > SMALL * found["base"].abs().clip(lower=SMALL)]
    return [
        row("what_if", CHOSEN[key], name, one[name], one["unit"], key[0])
        for key, one in moved.iterrows()
        for name in ("base", "modified", "change")
    ]


def trades(tables: Tables) -> list[list]:
    """Trades that were asked for and trades that are suggested; the note names action, symbol and purpose."""
    table = tables.what_if_trades.reset_index(drop=True)
    found = []
    for number, one in enumerate(table.to_dict("records"), start=1):
        words = f"{one['action']} {one['symbol']}"
        words += f": {one['purpose']}" if isinstance(one["purpose"], str) and one["purpose"] else ""
        item = f"{one['kind']} {number}"
        found += [
            row("what_if_trade", item, "quantity", one["quantity"], "count", words),
            row("what_if_trade", item, "notional", one["notional"], "money", one["flags"]),
        ]
    return found
