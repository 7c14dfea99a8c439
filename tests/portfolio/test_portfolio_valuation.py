"""What a position is worth and earned, checked by hand on tiny worlds."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import HEADER, codes, instruments, prices, read, value

from lib.codes import has
from lib.portfolio.market_flags import market_issues
from lib.portfolio.quotes import actions_between
from lib.portfolio.valuation import value_positions

WEEK = [("AAPL", "2022-12-23", 100.0), ("AAPL", "2022-12-27", 110.0), ("AAPL", "2022-12-28", 121.0)]
OPTION = "AAPL221216C00100000"


def test_signed_quantity_gives_exposure_cost_and_profit(tmp_path):
    book, _ = value(tmp_path, ["AAPL,10,100,2022-01-03", "AAPL,-4,130,2022-01-04"], WEEK)
    long, short = book.iloc[0], book.iloc[1]
    assert (long["exposure"], long["market_value"], long["cost_basis"]) == (1210, 1210, 1000)
    assert (short["exposure"], short["market_value"], short["cost_basis"]) == (-484, 484, -520)
    assert (long["unrealized_pnl"], short["unrealized_pnl"]) == (210, 36)
    assert (long["position_type"], short["position_type"]) == ("LONG", "SHORT")


def test_the_day_before_monday_is_friday_and_holidays_are_stepped_over(tmp_path):
    bars = [("AAPL", "2022-12-16", 100.0), ("AAPL", "2022-12-19", 105.0), *WEEK]
    monday, _ = value(tmp_path, ["AAPL,10,100,2022-01-03"], bars[:2], as_of="2022-12-19")
    assert monday["daily_pnl"].item() == pytest.approx(50)
    tuesday_after_christmas, _ = value(tmp_path, ["AAPL,10,100,2022-01-03"], bars[:4], as_of="2022-12-27")
    assert tuesday_after_christmas["daily_pnl"].item() == pytest.approx(100)
    assert tuesday_after_christmas["daily_return"].item() == pytest.approx(0.1)


def test_a_short_that_rises_loses(tmp_path):
    book, _ = value(tmp_path, ["AAPL,-10,100,2022-01-03"], WEEK)
    assert book["daily_pnl"].item() == pytest.approx(-110)
    assert book["daily_return"].item() == pytest.approx(0.1)


def test_a_weekend_is_valued_at_friday(tmp_path):
    book, _ = value(tmp_path, ["AAPL,10,90,2022-01-03"], WEEK[:1], as_of="2022-12-25")
    assert book["price"].item() == 100
    assert not has(book["flags"], "STALE").item()


def test_the_day_of_entry_earns_from_the_entry_price(tmp_path):
    book, _ = value(tmp_path, ["AAPL,10,120,2022-12-28", "AAPL,10,120,2022-12-27"], WEEK)
    assert list(book["daily_pnl"]) == pytest.approx([10, 110])


def test_a_price_of_yesterday_is_stale_and_earns_no_daily_profit(tmp_path):
    book, rows = value(tmp_path, ["AAPL,10,100,2022-01-03"], WEEK[:2])
    assert book["exposure"].item() == 1100
    assert np.isnan(book["daily_pnl"].item())
    assert has(book["flags"], "STALE").item()
    assert codes(market_issues(rows, book)) == [(2, "STALE")]


@pytest.mark.parametrize(("as_of", "priced"), [("2023-01-04", True), ("2023-01-05", False)])
def test_a_price_older_than_seven_days_is_no_price(tmp_path, as_of, priced):
    book, rows = value(tmp_path, ["AAPL,10,100,2022-01-03"], WEEK, as_of=as_of)
    assert book["price"].notna().item() is priced
    assert has(book["flags"], "UNPRICED").item() is not priced
    assert book[["exposure", "unrealized_pnl", "weight", "daily_pnl"]].notna().any(axis=None) == priced
    assert ((2, "UNPRICED") in codes(market_issues(rows, book))) is not priced


def test_the_price_before_is_never_that_of_another_symbol(tmp_path):
    bars = [*WEEK, ("XOM", "2022-12-28", 50.0)]
    book, rows = value(tmp_path, ["AAPL,1,90,2022-01-03", "XOM,10,40,2022-01-03"], bars)
    assert np.isnan(book.loc["XOM-2022-01-03", "daily_pnl"])
    assert codes(market_issues(rows, book)) == [(3, "NO_PREVIOUS")]


def test_the_price_before_is_at_most_ten_days_older(tmp_path):
    bars = [("XOM", "2022-12-17", 40.0), ("XOM", "2022-12-28", 50.0)]
    book, _ = value(tmp_path, ["XOM,10,40,2022-01-03"], bars)
    assert np.isnan(book["daily_pnl"].item())
    bars[0] = ("XOM", "2022-12-18", 40.0)
    book, _ = value(tmp_path, ["XOM,10,40,2022-01-03"], bars)
    assert book["daily_pnl"].item() == pytest.approx(100)


def test_dividends_count_for_one_share_held_at_the_start(tmp_path):
    bars = prices(
        [
            ("NVDA", "2022-12-20", 700.0, 0, 1),
            ("NVDA", "2022-12-21", 70.0, 0, 10),
            ("NVDA", "2022-12-22", 70.0, 0.5, 1),
            ("NVDA", "2022-12-23", 35.0, 0.5, 2),
            ("NVDA", "2022-12-27", 35.0, 0.1, 1),
        ],
        basis="raw",
    )
    days = pd.to_datetime(pd.Series(["2022-12-20", "2022-12-21", "2022-12-22"])).astype("datetime64[us]")
    end = pd.Series(pd.Timestamp("2022-12-27"), index=days.index).astype("datetime64[us]")
    moved = actions_between(bars, pd.Series(["NVDA"] * 3, dtype="str"), days, end)
    assert list(moved["split"]) == [20, 2, 2]
    assert list(moved["dividend"]) == pytest.approx([10 * 0.5 + 10 * 0.5 + 20 * 0.1, 1.2, 0.7])


def test_a_close_after_the_as_of_date_is_not_seen(tmp_path):
    book, _ = value(tmp_path, ["AAPL,10,100,2022-01-03"], WEEK, as_of="2022-12-27")
    assert book["price"].item() == 110


def test_weights_are_on_net_asset_value_and_on_gross_where_that_is_not_positive(tmp_path):
    lines = ["AAPL,10,100,2022-01-03", "AAPL,-5,100,2022-01-04"]
    book, _ = value(tmp_path, lines, WEEK, cash=395)
    assert list(book["weight"]) == pytest.approx([1.21, -0.605])
    assert book["weight_gross"].sum() == pytest.approx(1)
    in_debt, _ = value(tmp_path, lines, WEEK, cash=-1000)
    assert list(in_debt["weight"]) == pytest.approx([2 / 3, -1 / 3])


def test_another_currency_has_no_value_and_is_in_no_weight(tmp_path):
    bars = [*WEEK, ("SAP", "2022-12-27", 90.0), ("SAP", "2022-12-28", 91.0)]
    lines = ["AAPL,10,100,2022-01-03", "SAP,10,80,2022-01-03"]
    book, rows = value(tmp_path, lines, bars, known=instruments(AAPL="USD", SAP="EUR"))
    sap = book.loc["SAP-2022-01-03"]
    assert sap[["price", "exposure", "unrealized_pnl", "daily_pnl", "weight"]].isna().all()
    assert sap["flags"] == "UNPRICED,CURRENCY"
    assert book.loc["AAPL-2022-01-03", "weight"] == pytest.approx(1)
    assert codes(market_issues(rows, book)) == [(3, "CURRENCY")]


def test_a_symbol_that_nobody_knows_is_named_once(tmp_path):
    book, rows = value(tmp_path, ["AAPL,10,100,2022-01-03", "NOPE,1,1,2022-01-03"], WEEK)
    assert codes(market_issues(rows, book)) == [(3, "UNKNOWN_SYMBOL")]
    assert np.isnan(book.loc["NOPE-2022-01-03", "exposure"])


def test_an_entry_on_a_holiday_is_remarked(tmp_path):
    book, rows = value(tmp_path, ["AAPL,10,100,2022-07-04"], WEEK)
    assert codes(market_issues(rows, book)) == [(2, "ENTRY_NOT_TRADING_DAY")]


def test_raw_prices_count_splits_and_dividends(tmp_path):
    bars = [("NVDA", "2022-12-27", 700.0, 0, 1), ("NVDA", "2022-12-28", 69.0, 5.0, 10)]
    book, rows = value(tmp_path, ["NVDA,250,680,2022-01-03"], bars, basis="raw")
    assert book["entry_price"].item() == pytest.approx(68)
    assert book["unrealized_pnl"].item() == pytest.approx(250)
    assert book["daily_pnl"].item() == pytest.approx(25 * (69 * 10 + 5 - 700))
    assert book["daily_return"].item() == pytest.approx(690 / 700 - 1)
    assert codes(market_issues(rows, book)) == [(2, "SPLIT_SINCE_ENTRY")]


def test_a_split_on_the_day_of_entry_is_in_the_entry_price_already(tmp_path):
    bars = [("NVDA", "2022-12-27", 700.0, 0, 1), ("NVDA", "2022-12-28", 69.0, 0, 10)]
    book, _ = value(tmp_path, ["NVDA,10,68,2022-12-28"], bars, basis="raw")
    assert book["entry_price"].item() == 68
    assert book["daily_pnl"].item() == pytest.approx(10)


def test_on_adjusted_prices_no_split_is_applied_again(tmp_path):
    bars = [("NVDA", "2022-12-27", 70.0, 0.5, 1), ("NVDA", "2022-12-28", 69.0, 0.5, 10)]
    book, _ = value(tmp_path, ["NVDA,10,68,2022-01-03"], bars)
    assert book["entry_price"].item() == 68
    assert book["daily_pnl"].item() == pytest.approx(-10)


def test_an_option_counts_a_hundred_and_knows_its_underlying(tmp_path):
    bars = [*WEEK, ("AAPL230120C00100000", "2022-12-28", 25.0)]
    book, _ = value(tmp_path, ["AAPL230120C00100000,-2,20,2022-12-01"], bars)
    one = book.iloc[0]
    assert (one["exposure"], one["cost_basis"], one["position_type"]) == (-5000, -4000, "SC")
    assert (one["underlying_price"], one["sector"], one["kind"]) == (121, "Tech", "option")


def test_an_option_is_worth_its_intrinsic_value_on_expiry_day_and_nothing_after(tmp_path):
    bars = [("AAPL", "2022-12-15", 110.0), ("AAPL", "2022-12-16", 112.0), (OPTION, "2022-12-15", 11.0), *WEEK]
    last, _ = value(tmp_path, [f"{OPTION},2,5,2022-10-03"], bars, as_of="2022-12-16")
    assert (last["price"].item(), last["exposure"].item()) == (12, 2400)
    assert last["daily_pnl"].item() == pytest.approx(200)
    after, _ = value(tmp_path, [f"{OPTION},2,5,2022-10-03"], bars, as_of="2022-12-19")
    one = after.iloc[0]
    assert (one["quantity"], one["exposure"], one["realized_pnl"]) == (0, 0, 1400)
    assert one["flags"] == "OPTION_EXPIRED,EXPIRED"


def test_a_premium_above_the_underlying_is_remarked(tmp_path):
    option = "AAPL230120C00100000"
    bars = [*WEEK, (option, "2022-12-27", 24.0), (option, "2022-12-28", 25.0)]
    book, rows = value(tmp_path, ["AAPL230120C00100000,1,2000,2022-12-01"], bars)
    assert codes(market_issues(rows, book)) == [(2, "OPTION_PREMIUM_IMPLAUSIBLE")]


def test_a_manual_valuation_counts_in_net_asset_value_and_has_no_daily_profit(tmp_path):
    lines = ["AAPL,10,100,2022-01-03,,", "HOUSE,2,100,2020-01-03,150,2022-08-31"]
    book, rows = value(tmp_path, lines, WEEK, header=f"{HEADER},price,price_date")
    house = book.loc["HOUSE-2020-01-03"]
    assert (house["exposure"], house["kind"], house["origin"]) == (300, "manual", "manual")
    assert np.isnan(house["daily_pnl"])
    assert house["flags"] == "MANUAL,MANUAL_STALE"
    assert house["weight"] == pytest.approx(300 / 1510)
    assert codes(market_issues(rows, book)) == [(3, "MANUAL_STALE")]


@pytest.mark.parametrize(("valued", "stale"), [("2022-09-19", False), ("2022-09-18", True)])
def test_a_manual_valuation_is_stale_after_a_hundred_days(tmp_path, valued, stale):
    line = f"HOUSE,2,100,2020-01-03,150,{valued}"
    book, _ = value(tmp_path, [line], WEEK, header=f"{HEADER},price,price_date")
    assert book.loc["HOUSE-2020-01-03", "flags"] == ("MANUAL,MANUAL_STALE" if stale else "MANUAL")


@pytest.mark.parametrize(("before", "profit"), [("2022-12-18", 50.0), ("2022-12-17", np.nan)])
def test_the_price_before_may_be_ten_days_older(tmp_path, before, profit):
    bars = [("AAPL", before, 95.0), ("AAPL", "2022-12-28", 100.0)]
    book, _ = value(tmp_path, ["AAPL,10,90,2022-01-03"], bars)
    assert book["daily_pnl"].iloc[0] == pytest.approx(profit, nan_ok=True)
    assert ("NO_PREVIOUS" in book["flags"].iloc[0]) is bool(np.isnan(profit))


@pytest.mark.parametrize(("last", "priced"), [("2022-12-21", True), ("2022-12-20", False)])
def test_a_price_of_a_week_ago_is_a_stale_one_and_an_older_one_is_none(tmp_path, last, priced):
    bars = [("AAPL", last, 100.0), ("MSFT", "2022-12-28", 50.0)]
    book, _ = value(tmp_path, ["AAPL,10,90,2022-01-03"], bars)
    assert bool(book["exposure"].notna().iloc[0]) is priced
    assert ("STALE" if priced else "UNPRICED") in book["flags"].iloc[0].split(",")


def test_an_exit_leaves_nothing_held_and_a_realised_profit(tmp_path):
    header = f"{HEADER},exit_date,exit_price"
    lines = [
        "AAPL,10,100,2022-01-03,2022-12-28,125",
        "AAPL,10,90,2022-01-04,2022-12-27,95",
        *["AAPL,1,1,2022-01-05,2022-12-29,2"],
    ]
    book, _ = value(tmp_path, lines, WEEK, header=header)
    assert list(book["quantity"]) == [0, 0, 1]
    assert list(book["exposure"]) == [0, 0, 121]
    assert list(book["realized_pnl"])[:2] == [250, 50]
    assert list(book["daily_pnl"]) == pytest.approx([150, 0, 11])
    assert list(has(book["flags"], "EXITED")) == [True, True, False]


def test_a_book_of_no_rows_has_no_positions(tmp_path):
    book, _ = value(tmp_path, [], WEEK)
    assert len(book) == 0


def test_valuation_follows_the_order_of_the_file_and_not_of_the_prices(tmp_path):
    rows, _ = read(tmp_path, "MSFT,1,1,2022-01-03", "AAPL,1,1,2022-01-03")
    bars = prices([("AAPL", "2022-12-28", 5.0), ("MSFT", "2022-12-28", 7.0)]).sample(frac=1, random_state=1)
    book = value_positions(rows, bars, instruments(AAPL="USD", MSFT="USD"), as_of="2022-12-28")
    assert list(book["price"]) == [7, 5]
    assert list(book["price_date"]) == [pd.Timestamp("2022-12-28")] * 2


def test_the_entry_day_and_the_last_session_are_those_of_the_exchange(tmp_path):
    """Mumbai was closed on 26 October 2022 and open on 26 December; New York the other way round."""
    rows, _ = read(tmp_path, "AAPL,10,90,2022-10-26", as_of="2022-12-26")
    bars = prices([("AAPL", "2022-12-22", 99.0), ("AAPL", "2022-12-23", 100.0)])
    known = instruments(AAPL="USD")
    new_york = value_positions(rows, bars, known, as_of="2022-12-26").iloc[0]
    mumbai = value_positions(rows, bars, known, as_of="2022-12-26", exchange="XNSE").iloc[0]
    assert new_york["flags"] == ""
    assert mumbai["flags"] == "STALE,ENTRY_NOT_TRADING_DAY"
    assert new_york["daily_pnl"] == pytest.approx(10.0) and np.isnan(mumbai["daily_pnl"])
