"""The embedded sample of model funds: what they earn, when each fact was known, and what is called real."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.funds.sample import assets, portfolios
from lib.funds.sample.provider import tables
from lib.funds.sample.rules import Sleeve, rules
from lib.market import calendar
from lib.tables import TABLES

LAST = pd.Timestamp("2022-12-28")
INDEX = "S&P 500 with dividends"


@pytest.fixture(scope="module")
def raw():
    return tables(LAST)


@pytest.fixture(scope="module")
def navs(raw):
    return raw["raw_fund_navs"].pivot_table(index="date", columns="fund_id", values="nav")


@pytest.fixture(scope="module")
def levels(raw):
    return raw["raw_benchmark_levels"].pivot_table(index="date", columns="benchmark", values="level")


def _expense_by_day(raw, fund, days):
    own = raw["raw_fund_facts"].query("fund_id == @fund and item == 'expense_ratio'").set_index("valid_from")
    return own["value"].sort_index().reindex(own.index.union(days)).sort_index().ffill().reindex(days)


def test_every_table_keeps_its_contract(raw):
    for name, table in raw.items():
        assert len(conform(table, TABLES[name]))


@pytest.mark.parametrize("fund", ["alder-index-500-direct-growth", "alder-index-500-regular-growth"])
def test_the_nav_of_an_index_fund_is_the_index_less_its_expense_ratio_by_the_day(raw, navs, levels, fund):
    nav = navs[fund]
    passed = nav.index.to_series().diff().dt.days.fillna(0)
    kept = ((1 - _expense_by_day(raw, fund, nav.index)) ** (passed / 365)).cumprod()
    index = levels[INDEX] / levels[INDEX].iloc[0]
    np.testing.assert_allclose(nav / nav.iloc[0], index * kept, rtol=1e-9)


def test_the_nav_of_a_fund_of_equal_weights_equals_a_naive_ledger(raw, navs):
    fund, closes = "alder-technology-direct-growth", assets.real()[["AAPL", "AMD", "MSFT"]]
    days, fee = closes.index, _expense_by_day(raw, fund, closes.index)
    value, units = 100.0, 100.0 / 3 / closes.iloc[0]
    naive = [value]
    for before, day in pairwise(days):
        if (before.year, before.quarter) != (day.year, day.quarter):
            units = value / 3 / closes.loc[before]
        kept = (1 - fee[day]) ** ((day - before).days / 365)
        units = units * kept
        value = float((units * closes.loc[day]).sum())
        naive.append(value)
    np.testing.assert_allclose(navs[fund], naive, rtol=1e-9)


def test_the_index_with_dividends_has_the_published_total_returns(levels):
    years = levels[INDEX].groupby(levels.index.year).last().pct_change().loc[2011:2021]
    published = pd.Series({year: total for year, (_, total) in assets.RETURNS.items()}).loc[2011:2021]
    assert (years - published).abs().max() < 2e-4


def test_the_real_price_index_has_the_published_price_returns():
    close = assets.real()["SP500"]
    years = close.groupby(close.index.year).last().pct_change().loc[2011:2021]
    published = pd.Series({year: price for year, (price, _) in assets.RETURNS.items()}).loc[2011:2021]
    assert (years - published).abs().max() < 1e-4


def test_a_bond_at_its_coupon_costs_par_and_falls_by_its_duration():
    rate = pd.Series([0.04])
    assert assets.par_bond(rate, rate, 10.0).iloc[0] == pytest.approx(1.0, abs=1e-12)
    moved = assets.par_bond(rate + 1e-6, rate, 10.0) - assets.par_bond(rate - 1e-6, rate, 10.0)
    assert -moved.iloc[0] / 2e-6 == pytest.approx((1 - 1.04**-10) / 0.04, rel=1e-6)


def test_a_bill_earns_the_yield_of_the_day_before():
    days = pd.DatetimeIndex(["2020-01-02", "2020-01-03", "2020-01-06"])
    yields = pd.DataFrame({"3M": [0.365, 0.0, 0.0], "2Y": 0.01, "10Y": 0.02}, index=days)
    assert assets.bond_values(yields)["UST3M"].tolist() == pytest.approx([100.0, 100.1, 100.1])


@pytest.mark.parametrize("rule", ["trend", "laggards", "calm", "inverse_volatility"])
def test_weights_do_not_see_the_close_at_which_they_are_set(rule):
    prices = assets.prices()[["AAPL", "KO", "XOM", "JNJ"]]
    sleeve = Sleeve(rule, dict.fromkeys(prices.columns, 1.0), take=2)
    dates = portfolios.rebalance_days(prices.index, "quarterly")
    place = dates[20]
    other = prices.copy()
    other.iloc[place:] *= np.array([0.5, 3.0, 0.1, 2.0])
    weights = [portfolios.weights(sleeve, portfolios.Signals(one, dates)) for one in (prices, other)]
    np.testing.assert_array_equal(weights[0][:21], weights[1][:21])
    assert not np.array_equal(weights[0], weights[1])


def test_no_fund_has_a_nav_after_its_end_or_before_its_launch(raw):
    navs = raw["raw_fund_navs"].groupby("fund_id")["date"].agg(["min", "max"])
    funds = raw["raw_funds"].set_index("fund_id")
    events = raw["raw_fund_events"]
    ends = events[events["event"].isin(["closed", "merged", "code_changed"])].set_index("fund_id")["date"]
    assert (navs["min"] == funds["inception_date"].loc[navs.index]).all()
    assert len(ends) >= 7
    assert (navs["max"].loc[ends.index] == ends).all()
    assert (navs["max"].drop(ends.index) == LAST).all()


def test_navs_are_of_sessions_and_without_gaps(navs):
    sessions = calendar.sessions("2010-01-04", LAST)
    assert navs.index.equals(sessions)
    inside = navs.ffill().notna() & navs.bfill().notna()
    assert (navs.notna() == inside).all(axis=None)


def test_nothing_was_known_before_it_held(raw):
    for name in ("raw_fund_attributes", "raw_fund_facts"):
        assert (raw[name]["known_at"] >= raw[name]["valid_from"]).all()
    facts = raw["raw_fund_facts"]
    late = facts[facts["item"] == "assets"]
    assert (late["known_at"] > late["valid_from"]).all()
    held = raw["raw_fund_holdings"]
    assert ((held["known_at"] - held["holding_date"]).dt.days >= 10).all()


def test_an_earlier_day_sees_the_same_rows_less_those_that_were_not_known(raw):
    day = pd.Timestamp("2018-04-03")
    for name, earlier in tables(day).items():
        whole = raw[name]
        assert (earlier["known_at"] <= day).all()
        kept = whole[whole["known_at"] <= day].reset_index(drop=True)
        pd.testing.assert_frame_equal(earlier, kept)
    texts = tables(day)["raw_fund_attributes"].query("fund_id == 'birch-value-direct-growth'")
    assert set(texts.loc[texts["item"] == "category", "value"]) == {"Large Cap"}


def test_what_rests_on_generated_yields_says_so(raw):
    navs = raw["raw_fund_navs"].groupby("fund_id")["origin"].agg(set)
    category = raw["raw_fund_attributes"].query("item == 'category'").groupby("fund_id")["value"].last()
    debt = category.str.contains("Hybrid|Duration")
    assert all(one == {"generated"} for one in navs[debt[debt].index])
    assert all(one == {"constructed"} for one in navs[debt[~debt].index])
    levels = raw["raw_benchmark_levels"].groupby("benchmark")["origin"].agg(set)
    assert levels["S&P 500"] == {"real"}
    assert levels[INDEX] == {"constructed"}
    assert levels["Model Short Bond"] == levels["Model Balanced 65/35"] == {"generated"}


def test_there_are_enough_funds_with_many_peers_and_with_few(raw):
    funds = raw["raw_funds"].query("plan == 'direct' and option == 'growth'").set_index("fund_id")
    ended = raw["raw_fund_events"].dropna(subset=["successor"])["fund_id"]
    texts = raw["raw_fund_attributes"].query("item == 'category'").sort_values("valid_from")
    category = texts.groupby("fund_id")["value"].last().reindex(funds.index.difference(ended))
    peers = category.value_counts()
    assert len(funds) >= 55
    assert (peers >= 8).sum() >= 4
    assert (peers < 4).sum() >= 2


def test_funds_closed_merged_renamed_recategorised_rebenchmarked_and_taken_over(raw):
    assert set(raw["raw_fund_events"]["event"]) == {
        "launched",
        "closed",
        "merged",
        "taken_over",
        "code_changed",
    }
    changed = raw["raw_fund_attributes"].groupby(["fund_id", "item"]).size().loc[lambda n: n > 1]
    assert set(changed.index.get_level_values("item")) >= {"name", "house", "category", "benchmark"}
    assert set(raw["raw_fund_events"]["successor"].dropna()) <= set(raw["raw_funds"]["fund_id"])


def test_a_fund_under_a_new_code_goes_on_at_its_former_nav(navs):
    former, later = (
        navs[f"{name}-direct-growth"] for name in ("dogwood-large-cap-core", "dogwood-large-cap")
    )
    assert former.last_valid_index() == pd.Timestamp("2016-06-30")
    assert later.first_valid_index() == pd.Timestamp("2016-07-01")
    move = later.loc["2016-07-01"] / former.loc["2016-06-30"] - 1
    assert abs(move) < 0.02
    assert later.loc["2016-07-01"] > 110


def test_a_payout_lowers_the_nav_and_not_the_value(navs):
    growth, payout = (navs[f"alder-dividend-direct-{option}"] for option in ("growth", "idcw"))
    ratio = payout / growth
    assert ratio.iloc[0] == 1.0
    assert ratio.loc["2010-04-01"] == pytest.approx(1 - 0.012, abs=1e-9)
    assert ratio.iloc[-1] == pytest.approx((1 - 0.012) ** 51, abs=1e-9)


def test_no_fund_starts_before_the_prices_of_what_it_holds():
    first = assets.prices().apply(pd.Series.first_valid_index)
    late = [one.id for one in rules().schemes.values() if one.start < first[list(one.held)].max()]
    assert late == []


def test_lists_of_holdings_add_up_to_one(raw):
    whole = raw["raw_fund_holdings"].groupby(["fund_id", "holding_date"])["weight"].sum()
    assert (whole - 1).abs().max() < 1e-4


def test_the_model_houses_are_called_models(raw):
    texts = raw["raw_fund_attributes"].query("item in ['house', 'name']")["value"]
    assert texts.str.contains("Model").all()
