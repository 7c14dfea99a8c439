"""The sample of bars against facts that anyone can look up: splits, dividends, closes of known days."""

import numpy as np
import pandas as pd
import pytest

from lib.errors import InputError
from lib.market import calendar
from lib.market.adjust import adjust
from lib.market.providers import prepare
from lib.market.sample_bars import convert, universe

STOCKS = [company.symbol for company in universe.COMPANIES]


def ask(*symbols, as_of="2013-03-01"):
    return prepare(
        {
            "as_of": as_of,
            "settings": {"provider": "sample_bars"},
            "symbols": list(symbols),
            "params_file": "p.yaml",
        }
    )


@pytest.fixture(scope="module")
def prices():
    return ask(*STOCKS, "SP500")["raw_prices"].set_index(["symbol", "date"])


def test_it_holds_five_stocks_with_whole_bars_and_closes_of_the_index(prices):
    log = ask(*STOCKS, "SP500", "TSLA")["raw_sync_log"].set_index("symbol")
    assert log.loc[STOCKS, "rows"].to_dict() == {
        "AAPL": 3270,
        "FB": 196,
        "GOOG": 2148,
        "IBM": 3270,
        "MSFT": 3270,
    }
    assert (log.loc[STOCKS, "last_date"] == pd.Timestamp("2013-03-01")).all()
    assert (
        log.loc["TSLA", "status"] == "missing" and "AAPL, FB, GOOG, IBM and MSFT" in log.loc["TSLA", "detail"]
    )
    own = prices.loc[STOCKS]
    assert own[["open", "high", "low", "close", "volume"]].notna().all(axis=None)
    assert (own["high"] >= own[["open", "low", "close"]].max(axis=1)).all()
    assert (own["low"] <= own[["open", "high", "close"]].min(axis=1)).all()
    assert set(own["price_basis"]) == {"raw"} and set(own["origin"]) == {"real"}
    assert prices.loc["SP500", "open"].isna().all() and prices.loc["SP500"].index[0] == pd.Timestamp(
        "1990-01-02"
    )


def test_sessions_are_those_of_the_exchange(prices):
    assert prices.loc["IBM"].index.equals(calendar.sessions("2000-03-01", "2013-03-01"))


def test_closes_are_those_that_were_printed(prices):
    """Facebook's first close 38.23, Google's 100.34, Apple's record of 702.10, Microsoft's day of 2003."""
    close = prices["close"]
    assert close.loc[("FB", "2012-05-18")] == pytest.approx(38.23, abs=0.01)
    assert close.loc[("GOOG", "2004-08-19")] == pytest.approx(100.34, abs=0.01)
    assert close.loc[("AAPL", "2012-09-19")] == pytest.approx(702.10, abs=0.01)
    assert close.loc[("MSFT", "2003-02-14")] == pytest.approx(48.30, abs=0.01)
    assert close.loc[("SP500", "2013-03-01")] == pytest.approx(1518.20, abs=0.01)


def test_splits_are_those_that_the_companies_list(prices):
    split = prices["split"].dropna()
    assert split[split != 1.0].to_dict() == {
        ("AAPL", pd.Timestamp("2000-06-21")): 2.0,
        ("AAPL", pd.Timestamp("2005-02-28")): 2.0,
        ("MSFT", pd.Timestamp("2003-02-18")): 2.0,
    }


def test_dividends_are_those_that_were_paid(prices):
    paid = prices["dividend"].fillna(0.0)
    assert paid.loc[("MSFT", "2004-11-15")] == pytest.approx(3.08)
    assert paid.loc["AAPL"].loc["2012":].loc[lambda one: one > 0].tolist() == [2.65] * 3
    by_year = paid.loc["IBM"].groupby(lambda day: day.year).sum().round(2)
    assert by_year.loc[[2005, 2008, 2010, 2012]].to_dict() == {2005: 0.78, 2008: 1.90, 2010: 2.50, 2012: 3.30}
    assert paid.loc["GOOG"].sum() == 0.0 and paid.loc["FB"].sum() == 0.0


def test_adjusted_closes_know_only_what_had_happened_by_the_as_of_date():
    before = ask("MSFT", as_of="2003-02-14")["raw_prices"].set_index("date")
    after = ask("MSFT", as_of="2003-02-18")["raw_prices"].set_index("date")
    assert (before["adj_close"] == before["close"]).all() and len(before) == len(after) - 1
    assert after["adj_close"].iloc[0] == pytest.approx(before["adj_close"].iloc[0] / 2)
    assert before["split"].eq(1.0).all()


def test_a_fall_of_a_price_is_no_split(prices):
    """Apple lost half on 29 September 2000; the ratio of its adjusted closes says so too."""
    apple = prices.loc["AAPL"]
    assert apple["adj_close"].pct_change().loc["2000-09-29"] == pytest.approx(-0.5187, abs=5e-4)


def test_steps_of_adjusted_closes_give_back_the_actions_that_made_them():
    rng = np.random.default_rng(7)
    days = pd.bdate_range("2020-01-01", periods=60, unit="us")
    bars = pd.DataFrame(
        {"date": days, "symbol": "X", "close": np.round(50 * np.exp(rng.normal(0, 0.02, 60).cumsum()), 2)}
    )
    done = pd.DataFrame(
        {
            "date": days[[10, 20, 30]],
            "symbol": "X",
            "dividend": [0.25, 0.0, 1.5],
            "split": [1.0, 3.0, 1.0],
        }
    )
    made = adjust(bars, done)
    given = pd.DataFrame(
        {"Date": days, "Ticker": "X", "Close": made["close"], "Adj Close": made["adj_close"] * 0.37}
    )
    found = convert.actions(given)
    pd.testing.assert_frame_equal(found, done, check_dtype=False)


def test_another_content_is_refused(tmp_path):
    (tmp_path / universe.FILE).write_bytes(b"other")
    with pytest.raises(InputError, match=r"stocks\.csv\.gz: another content than bokeh-sampledata 2026\.1"):
        convert.main(str(tmp_path))


def test_a_date_before_the_data_is_refused():
    with pytest.raises(InputError, match="first date possible is 2000-03-01"):
        ask("IBM", as_of="2000-02-28")
