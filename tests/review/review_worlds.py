"""Tables of one small portfolio as the stages before the client page write them."""

import numpy as np
import pandas as pd

from lib.review.client import Tables

TODAY, BEFORE = pd.Timestamp("2022-12-28"), pd.Timestamp("2022-12-27")


def holding(symbol, exposure, **changes):
    """One position; 1,000 of cost unless changed."""
    row = {
        "position_id": symbol,
        "symbol": symbol,
        "underlying": symbol,
        "kind": "stock",
        "quantity": 10.0 if not exposure < 0 else -10.0,
        "exposure": exposure,
        "unrealized_pnl": exposure - 1000.0,
        "daily_pnl": exposure * 0.01,
        "sector": "Energy",
        "origin": "real" if exposure == exposure else None,
        "flags": "" if exposure == exposure else "UNPRICED",
        "right": None,
        "strike": np.nan,
        "expiry": pd.NaT,
    }
    return row | changes


def snapshot(day, nav, profit, total):
    return {
        "snapshot_date": day,
        "nav": nav,
        "daily_pnl": profit,
        "daily_return": profit / 1000,
        "cumulative_pnl": total,
    }


def move(day, symbol, quantity, pnl, change):
    return {
        "snapshot_date": day,
        "position_id": symbol,
        "symbol": symbol,
        "quantity": quantity,
        "pnl": pnl,
        "change": change,
    }


def metric(name, window, value, flag=""):
    return {"metric": name, "window": window, "method": "", "value": value, "flag": flag}


def tables(holdings, *, cash=0.0, snapshots=None, moves=None, value=0.02, flag="", issues=(), data=()):
    """The page's inputs for these holdings; ``value`` and ``flag`` are those of every risk measure."""
    positions = pd.DataFrame(holdings, columns=list(holding("", 0.0)))
    positions["expiry"] = pd.to_datetime(positions["expiry"])
    money = positions.loc[positions["quantity"] != 0, "exposure"].astype("float64").fillna(0.0)
    totals = {
        "nav": money.sum() + cash,
        "cash": cash,
        "gross": money.abs().sum(),
        "net": money.sum(),
        "long": money.clip(lower=0).sum(),
        "short": money.clip(upper=0).sum(),
    }
    sectors = positions.assign(net=money).dropna(subset="sector").groupby("sector")["net"].sum().reset_index()
    groups = pd.DataFrame(
        {
            "dimension": "sector",
            "group": sectors["sector"],
            "net": sectors["net"],
            "gross": sectors["net"].abs(),
        }
    )
    names = [
        ("var_95", "1y"),
        ("cvar_95", "1y"),
        ("annual_volatility", "1y"),
        ("beta", "1y"),
        ("max_drawdown", "all"),
    ]
    days = pd.bdate_range(end=TODAY, periods=3)
    returns = [0.1, -0.2, 0.1] if value == value else []
    return Tables(
        positions=positions,
        row_issues=pd.DataFrame(list(issues), columns=["line", "severity", "code", "message"]),
        exposures=pd.DataFrame({"measure": list(totals), "value": list(totals.values())}),
        exposure_groups=groups,
        risk_metrics=pd.DataFrame([metric(name, window, value, flag) for name, window in names]),
        portfolio_returns=pd.DataFrame({"date": days[: len(returns)], "return": returns}),
        drawdowns=pd.DataFrame(
            [(days[0], days[1], -0.2, 2)] if returns else [], columns=["start", "trough", "depth", "days"]
        ),
        snapshots=pd.DataFrame(snapshots or [snapshot(TODAY, totals["nav"], np.nan, 0.0)]),
        snapshot_positions=pd.DataFrame(moves or [], columns=list(move(TODAY, "", 0.0, 0.0, ""))),
        data_issues=pd.DataFrame(list(data), columns=["symbol", "severity"]),
    )
