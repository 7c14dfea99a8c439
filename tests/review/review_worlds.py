"""Tables of one small portfolio as the stages before the client page write them."""

import numpy as np
import pandas as pd

from lib.contracts import empty
from lib.review.sources import Tables
from lib.tables import TABLES

STORIES = (50.0, -900.0, np.nan, 300.0, -20.0, 10.0, -70.0, 5.0, 1.0, 2.0, 3.0, 4.0)
EXPORTED_ONLY = (
    "factor_attribution",
    "rate_betas",
    "stress_factors",
    "profit_history",
    "profit_periods",
    "realised_metrics",
    "replay_positions",
    "shortfall_components",
    "liquidity",
    "what_if_alternatives",
)
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
        "multiplier": 1.0,
        "position_type": "LONG" if not exposure < 0 else "SHORT",
        "entry_price": 100.0,
        "entry_date": pd.Timestamp("2022-01-03"),
        "price": exposure / 10,
        "price_date": TODAY,
        "market_value": abs(exposure),
        "cost_basis": 1000.0,
        "realized_pnl": np.nan,
        "tags": "core,#strategy:long run",
    }
    return row | changes


def option(symbol, exposure, underlying="AAA", **changes):
    """A short put on ``underlying`` at 120, unless changed."""
    own = {"kind": "option", "right": "P", "strike": 120.0, "expiry": "2023-06-16", "multiplier": 100.0}
    return holding(symbol, exposure, **(own | {"underlying": underlying, "position_type": "SP"} | changes))


def rows(table, records):
    """Records as a frame of that table: what they leave out is missing, 0 or empty by its type."""
    blank = {"float": np.nan, "date": pd.NaT, "int": 1, "bool": False}
    columns = {column.name: blank.get(column.type, "") for column in TABLES[table].columns}
    frame = pd.DataFrame([columns | one for one in records], columns=list(columns))
    return frame if len(frame) else empty(TABLES[table])


def full():
    """Every table of the stages before, for one holding, one short holding and one option."""
    factors = {"market": (0.8, 0.6), "size": (0.1, 0.1)}
    return {
        "greeks": rows(
            "greeks",
            [
                {
                    "position_id": "PUT",
                    "symbol": "PUT",
                    "underlying": "AAA",
                    "implied_vol_source": "price",
                    "delta": -0.4,
                    "implied_vol": 0.3,
                    "position_delta": 40.0,
                    "position_theta": 2.5,
                    "delta_dollars": 400.0,
                    "gamma_dollars": -12.0,
                }
            ],
        ),
        "portfolio_greeks": rows(
            "portfolio_greeks",
            [
                {"greek": "delta_dollars", "value": 2400.0, "positions_included": 3, "positions_excluded": 0},
                {"greek": "theta", "value": 2.5, "positions_included": 1, "positions_excluded": 0},
                {"greek": "rho", "value": np.nan, "positions_included": 0, "positions_excluded": 1},
            ],
        ),
        "position_betas": rows(
            "position_betas",
            [
                {
                    "position_id": one,
                    "symbol": symbol,
                    "method": "orthogonal",
                    "factor": factor,
                    "beta": 1.0,
                    "std_error": 0.1,
                    "observations": 252,
                    "quality": "full_history",
                }
                for one, symbol in (("AAA", "AAA"), ("BBB", "BBB"), ("PUT", "AAA"))
                for factor in factors
            ],
        ),
        "portfolio_betas": rows(
            "portfolio_betas",
            [
                {"method": "orthogonal", "factor": name, "beta": beta, "variance_share": part, "base": "nav"}
                for name, (beta, part) in factors.items()
            ]
            + [
                {"method": "orthogonal", "factor": "specific", "variance_share": 0.3, "base": "nav"},
                {"method": "orthogonal", "factor": "total", "variance_share": 1.0, "base": "nav"},
                {"method": "univariate", "factor": "market", "beta": 99.0, "base": "nav"},
            ],
        ),
        "var_components": rows(
            "var_components",
            [
                {"position_id": one, "method": method, "value": value, "share": value / 50}
                for one, value in (("AAA", 60.0), ("BBB", -20.0), ("PUT", 10.0))
                for method in ("factor_var_95", "factor_var_99")
            ],
        ),
        "scenario_pnl": rows(
            "scenario_pnl",
            [
                {"scenario": f"m{shock}", "kind": "market", "tenor": None, "shock": shock}
                | {"linear_pnl": 3000 * shock, "pnl": 3000 * shock - 500 * shock**2, "pnl_fraction": shock}
                for shock in (-0.2, -0.1, 0.1, 0.2)
            ]
            + [
                {"scenario": "up", "kind": "rates", "tenor": tenor, "shock": 100.0, "pnl": money}
                for tenor, money in (("2Y", -7.0), ("10Y", -9.0))
            ],
        ),
        "stress_pnl": rows(
            "stress_pnl",
            [
                {
                    "scenario": f"s{n}",
                    "name": f"Story {n}",
                    "conditional_pnl": money,
                    "pnl_fraction": money / 2500,
                    "flags": "manual_left_out" if n == 1 else "",
                }
                for n, money in enumerate(
                    (50.0, -900.0, np.nan, 300.0, -20.0, 10.0, -70.0, 5.0, 1.0, 2.0, 3.0, 4.0)
                )
            ],
        ),
        "stress_positions": rows(
            "stress_positions",
            [
                {"scenario": "s1", "position_id": "AAA", "conditional_pnl": -1200.0},
                {"scenario": "s1", "position_id": "BBB", "conditional_pnl": 400.0},
                {"scenario": "s1", "position_id": "PUT", "conditional_pnl": -100.0},
                {"scenario": "s4", "position_id": "BBB", "conditional_pnl": -9000.0},
            ],
        ),
        "compared_underlyings": rows(
            "compared_underlyings", [{"symbol": "AAA", "reason": ""}, {"symbol": "BBB", "reason": ""}]
        ),
        "position_correlations": rows(
            "position_correlations",
            [
                {"symbol_1": one, "symbol_2": two, "correlation": 1.0 if one == two else 0.25}
                for one in ("AAA", "BBB")
                for two in ("AAA", "BBB")
            ],
        ),
        "clusters": rows(
            "clusters",
            [
                {"method": "average", "cluster": 1, "nickname": "pair", "symbol": one, "weight": weight}
                for one, weight in (("AAA", 0.3), ("BBB", 0.7))
            ],
        ),
        "concentration": rows(
            "concentration",
            [
                {"measure": "signed_effective_positions", "value": 1.7},
                {"measure": "average_correlation", "value": 0.25},
                {"measure": "signed_average_correlation", "value": -0.25},
            ],
        ),
        "what_if": rows(
            "what_if",
            [
                {"section": "risk", "measure": "var_95_1y", "base": 0.02, "modified": 0.03, "change": 0.01}
                | {"unit": "fraction"},
                {
                    "section": "exposures",
                    "measure": "gross",
                    "base": 4000.0,
                    "modified": 4000.0,
                    "change": 0.0,
                }
                | {"unit": "money"},
                {
                    "section": "exposures",
                    "measure": "net",
                    "base": 2000.0,
                    "modified": 2500.0,
                    "change": 500.0,
                }
                | {"unit": "money"},
            ],
        ),
        "what_if_trades": rows(
            "what_if_trades",
            [
                {"kind": "asked", "purpose": None, "action": "BUY", "symbol": "AAA", "quantity": 5.0},
                {"kind": "suggested", "purpose": "beta-neutral", "action": "SELL", "symbol": "BBB"}
                | {"quantity": -2.0, "notional": -200.0},
            ],
        ),
    }


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
    return {
        "metric": name,
        "window": window,
        "method": "",
        "value": value,
        "observations": 252,
        "flag": flag,
    }


def backtest_rows(*tests):
    """Rows of ``risk_metrics`` from (level, window, forecasts, exceedances, chance)."""
    return [
        metric(name, window, value) | {"method": f"rolling_252_var_{level}", "observations": forecasts}
        for level, window, forecasts, hits, chance in tests
        for name, value in (("exceedances", hits), ("exceedances_p", chance), ("kupiec_p", 0.5))
    ]


def tables(
    holdings,
    *,
    cash=0.0,
    snapshots=None,
    moves=None,
    value=0.02,
    flag="",
    issues=(),
    data=(),
    instruments=(),
    **others,
):
    """The page's inputs for these holdings; ``value`` and ``flag`` are those of every risk measure.

    Tables of the stages on risk are empty unless given, as ``full`` makes them.
    """
    positions = pd.DataFrame(holdings, columns=list(holding("", 0.0)))
    positions["expiry"] = pd.to_datetime(positions["expiry"])
    positions["entry_date"] = pd.to_datetime(positions["entry_date"])
    positions["price_date"] = pd.to_datetime(positions["price_date"])
    money = positions.loc[positions["quantity"] != 0, "exposure"].astype("float64").fillna(0.0)
    totals = {
        "nav": money.sum() + cash,
        "cash": cash,
        "free_cash": cash + money.clip(upper=0).sum(),
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
        ("var_99", "3y"),
        ("cvar_99", "3y"),
        ("var_95_10d", "5y"),
        ("cvar_95_10d", "5y"),
        ("annual_volatility", "1y"),
        ("beta", "1y"),
        ("max_drawdown", "5y"),
        ("max_drawdown", "all"),
    ]
    tests = backtest_rows((95, "1y", 252, 12, 0.5)) if value == value else []
    days = pd.bdate_range(end=TODAY, periods=3)
    returns = [0.1, -0.2, 0.1] if value == value else []
    return Tables(
        positions=positions,
        row_issues=pd.DataFrame(list(issues), columns=["line", "severity", "code", "message"]),
        exposures=pd.DataFrame({"measure": list(totals), "value": list(totals.values())}),
        exposure_groups=groups,
        risk_metrics=pd.DataFrame([metric(name, window, value, flag) for name, window in names] + tests),
        portfolio_returns=pd.DataFrame(
            {"date": days[: len(returns)], "return": returns, "compounding_return": returns}
        ),
        drawdowns=pd.DataFrame(
            [(days[0], days[1], -0.2, 2)] if returns else [], columns=["start", "trough", "depth", "days"]
        ),
        snapshots=pd.DataFrame(snapshots or [snapshot(TODAY, totals["nav"], np.nan, 0.0)]),
        snapshot_positions=pd.DataFrame(moves or [], columns=list(move(TODAY, "", 0.0, 0.0, ""))),
        data_issues=pd.DataFrame(list(data), columns=["symbol", "severity"]),
        instruments=rows("instruments", list(instruments)),
        **{name: others.get(name, empty(TABLES[name])) for name in (*full(), *EXPORTED_ONLY)},
    )
