"""The equity of an account over time: ratios, falls, months, and what it is compared with, by formula."""

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.tables.paper_account import EQUITY
from lib.trading import account_measures as measures

CLOSED = pd.DataFrame(
    {"exit_date": pd.to_datetime(["2020-01-31", "2020-03-02", "2020-03-02"]), "net": [5.0, 7.0, -1.0]}
)


def equity_of(values, *, capital=1000.0, start="2020-01-02", invested=0.0):
    """``account_equity`` of a path of equity on consecutive weekdays."""
    value = np.asarray(values, dtype=float)
    before = np.concatenate([[capital], value[:-1]])
    peak = np.maximum.accumulate(np.concatenate([[capital], value]))[1:]
    frame = pd.DataFrame({"date": pd.bdate_range(start, periods=len(value), unit="us"), "equity": value})
    frame = frame.assign(
        **dict.fromkeys((c.name for c in EQUITY.columns if c.type == "float" and c.name != "equity"), 0.0)
    )
    frame = frame.assign(
        invested=invested * value, cash=(1 - invested) * value, drawdown=value / peak - 1.0,
        day_pnl=value - before, breaker=False, positions=(np.arange(len(value)) % 2),
    )  # fmt: skip
    return conform(frame.assign(**{"return": value / before - 1.0}), EQUITY)


def quotes(days, **series):
    frame = pd.DataFrame(series, index=days).rename_axis("date").reset_index()
    return frame.melt("date", var_name="symbol", value_name="adj_close").dropna()


def walk(count=600, seed=5):
    return 1000 * np.cumprod(1 + np.random.default_rng(seed).normal(0.0005, 0.01, count))


def test_ratios_are_those_of_daily_equity_days_without_trades_included():
    equity = equity_of(walk(), invested=0.4)
    path = measures.curve(equity, quotes(equity["date"], A=np.ones(600)), symbols=["A"], benchmark=None)
    row = measures.performance_table(equity, path, risk_free=0.05).set_index("series").loc["account"]
    daily = np.diff(np.concatenate([[1000.0], equity["equity"]])) / np.concatenate(
        [[1000.0], equity["equity"][:-1]]
    )
    excess = daily - 0.05 / 252
    assert row["sharpe"] == pytest.approx(np.sqrt(252) * excess.mean() / excess.std(ddof=1), rel=1e-12)
    assert row["sortino"] == pytest.approx(
        np.sqrt(252) * excess.mean() / np.sqrt((np.minimum(excess, 0) ** 2).mean())
    )
    assert row["annual_return"] == pytest.approx((equity["equity"].iloc[-1] / 1000) ** (252 / 600) - 1)
    assert row["volatility"] == pytest.approx(np.sqrt(252) * daily.std(ddof=1))
    assert row["max_drawdown"] == pytest.approx(equity["drawdown"].min())
    assert (row["in_market"], row["mean_exposure"]) == (0.5, pytest.approx(0.4))
    assert row["sharpe_low"] < row["sharpe"] < row["sharpe_high"]


def test_the_interval_of_the_sharpe_ratio_covers_the_truth_as_often_as_it_says():
    truth, rng, hits = 1.0, np.random.default_rng(11), 0
    for _ in range(300):
        daily = rng.normal(truth * 0.01 / np.sqrt(252), 0.01, 500)
        found = measures._figures(daily, 1000 * np.cumprod(1 + daily), 0.0)
        hits += found["sharpe_low"] <= truth <= found["sharpe_high"]
    assert 0.91 <= hits / 300 <= 0.98


def test_under_a_year_nothing_is_annualised_and_the_reason_is_given():
    equity = equity_of(walk(100))
    path = measures.curve(equity, quotes(equity["date"], A=np.ones(100)), symbols=["A"], benchmark=None)
    table = measures.performance_table(equity, path, risk_free=0.0).set_index("series")
    assert np.isnan(table.loc["account", "annual_return"])
    assert table.loc["account", "reason"] == "UNDER_A_YEAR"
    assert table.loc["benchmark", ["sessions", "reason"]].tolist() == [0, "SERIES_NOT_KNOWN"]
    assert np.isnan(table.loc["hold", "sharpe"])


def test_holding_is_equal_money_in_every_symbol_and_cash_until_one_begins():
    equity = equity_of([1000, 1010, 1020, 1030])
    rows = quotes(equity["date"], A=[10.0, 11.0, 12.0, np.nan], B=[np.nan, 50.0, 25.0, 25.0])
    path = measures.curve(equity, rows, symbols=["A", "B", "NEVER"], benchmark="A")
    np.testing.assert_allclose(path["hold"], 1000 / 3 * np.array([3, 1.1 + 2, 1.2 + 0.5 + 1, 1.2 + 0.5 + 1]))
    np.testing.assert_allclose(path["benchmark"], [1000, 1100, 1200, 1200])


def test_a_fall_from_the_first_day_on_is_measured_from_the_capital():
    equity = equity_of([950, 900, 1001, 990, 1100, 1050])
    found = measures.falls(equity, capital=1000.0, top=5)
    assert found["depth"].tolist() == pytest.approx([-0.1, 1050 / 1100 - 1, 990 / 1001 - 1])
    assert found["loss"].tolist() == pytest.approx([-100.0, -50.0, -11.0])
    assert found["trough"].tolist() == equity["date"].iloc[[1, 5, 3]].tolist()
    assert found["recovery"].isna().tolist() == [False, True, False]
    assert found["days"].tolist() == [3, 1, 2]


def test_months_and_years_compound_to_the_whole_and_hold_the_trades_that_ended_in_them():
    equity = equity_of(walk(260))
    rows = quotes(equity["date"], A=walk(260, seed=6))
    path = measures.curve(equity, rows, symbols=["A"], benchmark="A")
    table = measures.periods(equity, path, CLOSED, all_sessions=pd.bdate_range("2020-01-01", "2020-12-31"))
    for kind in ("month", "year"):
        own = table.loc[table["kind"] == kind]
        assert (1 + own["return"]).prod() == pytest.approx(equity["equity"].iloc[-1] / 1000)
        assert own["profit"].sum() == pytest.approx(equity["equity"].iloc[-1] - 1000)
        assert (1 + own["hold_return"]).prod() == pytest.approx(path["hold"].iloc[-1] / path["hold"].iloc[0])
        assert (own["trades"].sum(), own["net"].sum()) == (3, 11.0)
    months = table.loc[table["kind"] == "month"].set_index("period")
    assert months.loc["2020-03-31", ["trades", "net", "complete"]].tolist() == [2, 6.0, True]
    assert not months.loc["2020-01-31", "complete"]
