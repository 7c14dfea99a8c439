"""Measures of a backtest against empyrical, closed forms and the oracles of the conventions."""

import numpy as np
import pandas as pd
import pytest
from backtest_worlds import Choice, events, generated, inputs, levels, navs, scores, wide

from lib.contracts import conform
from lib.funds import backtest_measures as measures
from lib.funds.backtest import carried_out
from lib.funds.backtest_study import Yardstick, study
from lib.funds.choosing import positions
from lib.funds.known_navs import levels_on
from lib.funds.pages import backtest as page
from lib.funds.pages import backtest_skill as skill_page
from lib.tables import TABLES

RATE = 0.06


def record(returns, benchmark):
    """A daily table of given returns, the first row being the day of the purchase."""
    days = pd.bdate_range("2015-12-31", periods=len(returns) + 1)
    zero = np.zeros(len(days))
    return pd.DataFrame(
        {
            "date": days,
            "portfolio_return": [0.0, *returns],
            "benchmark_return": [0.0, *benchmark],
            "gross_return": [0.0, *returns],
            "turnover": zero,
            "cost": zero,
            "cash": zero,
            "n_funds": 1,
        }
    )


@pytest.fixture(scope="module")
def long_record():
    rng = np.random.default_rng(5)
    market = rng.normal(0.0004, 0.01, 1500)
    own = 0.8 * market + rng.normal(0.0002, 0.006, 1500)
    return record(own, market), own, market


def table_of(daily, rows=()):
    months = measures.months_table(daily)
    return measures.metrics_table(daily, months, list(rows), risk_free=RATE)


def value(table, metric, series="portfolio", method=None):
    own = table[(table["metric"] == metric) & (table["series"] == series)]
    own = own if method is None else own[own["method"] == method]
    assert len(own) == 1
    return own["value"].iloc[0]


def test_ratios_are_those_of_empyrical(long_record):
    empyrical = pytest.importorskip("empyrical")
    daily, own, market = long_record
    table = table_of(daily)
    day = RATE / 252
    for metric, method, expected in (
        ("annual_volatility", None, empyrical.annual_volatility(own)),
        ("sharpe", "arithmetic", empyrical.sharpe_ratio(own, risk_free=day)),
        ("sortino", None, empyrical.sortino_ratio(own, required_return=day)),
        ("max_drawdown", None, empyrical.max_drawdown(own)),
        ("cumulative_return", None, empyrical.cum_returns_final(own)),
        ("beta", None, empyrical.beta(own, market)),
        ("var_95", None, -empyrical.value_at_risk(own, cutoff=0.05)),
    ):
        assert value(table, metric, method=method) == pytest.approx(expected, rel=1e-9), metric
    active = own - market
    assert value(table, "tracking_error") == pytest.approx(active.std(ddof=1) * 252**0.5, rel=1e-12)
    assert value(table, "information_ratio") == pytest.approx(
        empyrical.excess_sharpe(own, market) * 252**0.5, rel=1e-9
    )
    slope, shift = np.polyfit(market - day, own - day, 1)
    assert value(table, "alpha") == pytest.approx(252 * shift, rel=1e-9)
    assert value(table, "beta") == pytest.approx(slope, rel=1e-9)


def test_a_year_is_counted_by_the_calendar_and_the_second_sharpe_stands_on_it(long_record):
    daily, own, _ = long_record
    table = table_of(daily)
    years = (daily["date"].iloc[-1] - daily["date"].iloc[0]).days / 365.25
    annual = np.prod(1 + own) ** (1 / years) - 1
    assert value(table, "annual_return") == pytest.approx(annual, rel=1e-12)
    assert value(table, "sharpe", method="compound") == pytest.approx(
        (annual - RATE) / (own.std(ddof=1) * 252**0.5), rel=1e-12
    )
    path = np.cumprod([1.0, *(1 + own)])
    assert value(table, "calmar") == pytest.approx(
        annual / -(path / np.maximum.accumulate(path) - 1).min(), rel=1e-9
    )


def test_months_are_calendar_months_and_captures_the_geometric_means_of_whole_ones(long_record):
    daily, own, market = long_record
    table = table_of(daily)
    frame = pd.DataFrame({"own": own, "market": market}, index=daily["date"].iloc[1:])
    months = (1 + frame).groupby(frame.index.to_period("M")).prod() - 1
    whole = (
        months.iloc[:-1]
        if daily["date"].iloc[-1] < months.index[-1].end_time - pd.offsets.BDay(1)
        else months
    )
    assert value(table, "best_month") == pytest.approx(whole["own"].max(), rel=1e-12)
    assert value(table, "worst_month") == pytest.approx(whole["own"].min(), rel=1e-12)

    def mean(values):
        return np.prod(1 + values) ** (1 / len(values)) - 1

    for metric, side in (("up_capture", whole["market"] > 0), ("down_capture", whole["market"] < 0)):
        expected = mean(whole["own"][side]) / mean(whole["market"][side])
        assert value(table, metric) == pytest.approx(expected, rel=1e-9)
    beaten = (whole["own"] > whole["market"]).mean()
    assert value(table, "hit_rate", method="months_above_benchmark") == pytest.approx(beaten)


def test_the_fall_begins_at_what_was_paid_in_and_the_first_cost_is_part_of_it():
    daily = record([-0.1, 0.05], [0.0, 0.0])
    assert value(table_of(daily), "max_drawdown") == pytest.approx(-0.1)
    daily.loc[0, "portfolio_return"] = -0.01
    assert value(table_of(daily), "max_drawdown") == pytest.approx(0.99 * 0.9 - 1)


def test_the_drawdown_sharpe_and_sortino_of_the_published_series():
    """empyrical's mixed fixture in percent: Sharpe 1.7238613962, Sortino 2.6055312517, drawdown -10 %."""
    returns = np.array([1, 10, -4, 2, 3, 2, 1, -10]) / 100
    table = measures.metrics_table(
        record(returns, returns), measures.months_table(record(returns, returns)), [], risk_free=0.0
    )
    assert value(table, "sharpe", method="arithmetic") == pytest.approx(1.7238613961706866, abs=1e-8)
    assert value(table, "sortino") == pytest.approx(2.605531251673693, abs=1e-8)
    assert value(table, "max_drawdown") == pytest.approx(-0.1, abs=1e-12)
    assert value(table, "cumulative_return") == pytest.approx(0.0389310917, abs=1e-8)


def test_under_a_year_nothing_is_annualised_and_without_a_benchmark_nothing_compared():
    daily = record([0.01, -0.02, 0.03], [np.nan] * 3)
    table = table_of(daily).set_index(["metric", "series", "method"])
    assert table.loc[("annual_return", "portfolio", "calendar_days"), "flag"] == "under_one_year"
    assert table.loc[("beta", "portfolio", "regression"), "flag"] == "no_benchmark"
    missing = table[table["value"].isna()]
    assert (missing["flag"] != "").all()
    conform(table.reset_index(), TABLES["fund_backtest_metrics"])


def test_periods_are_won_or_lost_from_purchase_to_purchase():
    daily = record([0.1, 0, 0, -0.1, 0, 0], [0, 0, 0.05, 0, 0, 0])
    rows = daily["date"].iloc[[0, 3, 6]]
    table = table_of(daily, rows)
    own = table[table["method"] == "periods_above_benchmark"].iloc[0]
    assert (own["value"], own["observations"]) == (0.5, 2)


def test_a_month_is_whole_when_it_was_invested_from_its_start_to_its_last_weekday():
    path = pd.DataFrame({"a": 10.0}, index=pd.bdate_range("2020-01-31", "2020-04-29"))
    made = inputs(scores(("2020-01-31", "a", 90), ("2020-03-31", "a", 90)), path)
    daily = measures.daily_table(made.carry(Choice("monthly", 1)), pd.Series(dtype=float))
    months = measures.months_table(daily).set_index("month")["complete"]
    assert months.to_dict() == {
        pd.Timestamp("2020-02-29"): False,
        pd.Timestamp("2020-03-31"): True,
        pd.Timestamp("2020-04-30"): False,
    }


def test_a_month_whose_last_weekday_is_a_holiday_is_whole_on_its_last_session():
    """29 March 2013 was Good Friday: New York's last session of the month was the 28th."""
    for last, whole in (("2013-03-27", False), ("2013-03-28", True), ("2013-04-02", True)):
        days = pd.bdate_range("2013-02-28", last)
        daily = record([0.0] * (len(days) - 1), [0.0] * (len(days) - 1)).assign(date=days)
        months = measures.months_table(daily, exchange="XNYS").set_index("month")["complete"]
        assert months[pd.Timestamp("2013-03-31")] == whole


def test_a_level_is_taken_when_it_is_known_and_not_when_it_is_stale():
    frame = levels(
        pd.DataFrame({"B": [1.0, 2.0, 3.0]}, index=pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-03"]))
    )
    frame.loc[1, "known_at"] = pd.Timestamp("2020-01-06")
    days = pd.to_datetime(
        ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06", "2020-01-10", "2020-01-13"]
    )
    got = levels_on(frame, "B", pd.DatetimeIndex(days))
    assert got.tolist()[:5] == [1.0, 1.0, 3.0, 3.0, 3.0]
    assert np.isnan(got.iloc[5])
    assert levels_on(frame, "none such", pd.DatetimeIndex(days)).isna().all()


@pytest.fixture(scope="module")
def whole_study():
    rows, path = generated(funds=24, years=5, skill=0.4, seed=9)
    ends = events(("f0003", "closed", "2017-05-10"), ("f0008", "merged", "2018-01-17", "f0001"))
    path.loc["2017-05-11":, "f0003"], path.loc["2018-01-18":, "f0008"] = np.nan, np.nan
    terms = [(fund, item, 0.01 if item == "exit_load" else 200.0, "2014-01-01") for fund in list(path)[:20]
             for item in ("exit_load", "exit_load_days")]  # fmt: skip
    made = inputs(rows, path, ends=ends, terms=terms, switch_cost=0.001)
    lines = levels(pd.DataFrame({"Market": path.mean(axis=1)}))
    return study(
        made, Choice("quarterly", 5), lines, navs(path), conform_trials(), benchmark="Market", risk_free=RATE,
        yardstick=Yardstick(200, 7),
    )  # fmt: skip


def conform_trials():
    return pd.DataFrame(
        {
            "specification": pd.Series(["0123456789abcdef"], dtype="str"),
            "stage": pd.Series(["funds/backtest"], dtype="str"),
            "settings": pd.Series(["{}"], dtype="str"),
            "observations": [12.0],
            "sharpe": [0.5],
        }
    )


def test_every_table_of_a_study_keeps_its_contract_and_every_check_holds(whole_study):
    for name, frame in whole_study.tables.items():
        conform(frame, TABLES[name])
    failed = [one for one in page.checks(whole_study) if not one.passed]
    assert not failed
    assert whole_study.tries == 2
    assert whole_study.loads_unknown < whole_study.purchases


def test_the_page_can_say_everything_of_it(whole_study):
    said = [
        page.verdict(whole_study), *page.faults(whole_study), page.growth_sentence(whole_study),
        page.fall_sentence(whole_study), page.calendar_sentence(whole_study),
        page.measures_sentence(whole_study), page.contributions_sentence(whole_study),
        page.last_choice_sentence(whole_study),
        skill_page.place_sentence(whole_study), skill_page.skill_sentence(whole_study),
        skill_page.spread_sentence(whole_study), skill_page.tried_sentence(whole_study),
        skill_page.transitions_sentence(skill_page.transitions(whole_study)),
    ]  # fmt: skip
    assert all(one.endswith(".") and "nan" not in one for one in said)
    assert "generated" in said[1]
    assert len(page.key_figures(whole_study)) == 5
    assert page.measures(whole_study)["portfolio"].str.contains("nan").sum() == 0


def test_contributions_of_funds_and_costs_add_up_to_the_daily_returns(whole_study):
    total = whole_study.tables["fund_contributions"]["contribution"].sum()
    assert total == pytest.approx(
        whole_study.tables["fund_backtest_daily"]["portfolio_return"].sum(), abs=1e-12
    )
    weights = whole_study.tables["fund_contributions"]["average_weight"].sum()
    cash = whole_study.carried.daily["cash"]
    assert weights <= 1 + 1e-9
    assert cash.between(0, 1).all()


def test_settings_stand_among_their_neighbours_and_other_trials_count(whole_study):
    table = whole_study.tables["fund_backtest_settings"]
    assert table["chosen"].sum() == 1
    assert table["sharpe"].is_monotonic_decreasing
    own = table[table["chosen"]].iloc[0]
    assert own["sharpe"] == pytest.approx(whole_study.metric("sharpe", method="arithmetic"))
    assert own["cumulative_return"] == pytest.approx(whole_study.metric("cumulative_return"))
    assert "count 2 choices of settings, this one included." in skill_page.tried_sentence(whole_study)


def test_nothing_to_buy_gives_tables_with_nulls_and_no_error():
    path = wide("2020-01-01", a=[1.0, 1.0, 1.0])
    made = inputs(scores(("2020-01-31", "a", np.nan)), path, end="2020-01-31")
    empty = study(
        made, Choice("monthly", 1), levels(pd.DataFrame({"M": path["a"]})), navs(path),
        conform_trials().iloc[:0], benchmark="M", risk_free=RATE, yardstick=Yardstick(10, 7),
    )  # fmt: skip
    for name, frame in empty.tables.items():
        conform(frame, TABLES[name])
    assert empty.tables["fund_backtest_metrics"]["value"].isna().all()
    assert page.verdict(empty).startswith("Nothing")
    assert all(one.passed for one in page.checks(empty))


def test_decisions_that_wait_for_their_next_business_day_are_shown_and_not_carried_out():
    path = pd.DataFrame({"a": 10.0}, index=pd.bdate_range("2020-01-31", "2020-03-31"))
    made = inputs(scores(*((day, "a", 90) for day in ("2020-01-31", "2020-02-29", "2020-03-31"))), path)
    decisions = made.decide(Choice("monthly", 1))
    assert len(positions(decisions, made.scores)) == 3
    assert len(carried_out(decisions, made.navs)[0]) == 2


@pytest.mark.parametrize("cut", ["2016-12-30", "2017-05-12", "2018-01-30", "2018-03-31"])
def test_every_dated_table_is_the_same_when_the_future_is_not_there_or_is_noise(cut):
    """Up to the cut; rows of the future are left out, or NAVs and scores after it are replaced."""
    rows, path = generated(funds=24, years=5, skill=0.4, seed=9)
    ends = events(("f0003", "closed", "2017-05-10"), ("f0008", "merged", "2018-01-17", "f0001"))
    path.loc["2017-05-11":, "f0003"], path.loc["2018-01-18":, "f0008"] = np.nan, np.nan
    terms = [(fund, item, 0.01 if item == "exit_load" else 200.0, "2014-01-01", "2016-02-01")
             for fund in path for item in ("exit_load", "exit_load_days")]  # fmt: skip

    def tables(scored, navs_wide, known, end=None):
        made = inputs(
            scored, navs_wide, ends=known, terms=terms, switch_cost=0.001, at_merger="successor", end=end
        )
        lines = levels(pd.DataFrame({"Market": navs_wide.mean(axis=1)}))
        found = study(made, Choice("monthly", 5), lines, navs(navs_wide), conform_trials(),
                      benchmark="Market", risk_free=RATE, yardstick=Yardstick(5, 7))  # fmt: skip
        return found.tables

    whole = tables(rows, path, ends)
    day = pd.Timestamp(cut)
    noise = path.copy()
    rng = np.random.default_rng(1)
    noise.loc[day + pd.Timedelta(days=1) :] *= rng.uniform(
        0.5, 1.5, noise.loc[day + pd.Timedelta(days=1) :].shape
    )
    later = rows["score_date"] > day
    points = rows["score_scaled"].mask(later, pd.Series(rng.uniform(0, 100, len(rows)), index=rows.index))
    for other in (
        tables(rows[~later], path.loc[:day], ends[ends["known_at"] <= day], cut),
        tables(rows.assign(score_scaled=points), noise, ends),
    ):
        for name, frame in whole.items():
            dated = TABLES[name].dated
            if dated:
                own, theirs = (one[one[dated] <= day].reset_index(drop=True) for one in (frame, other[name]))
                pd.testing.assert_frame_equal(own, theirs, rtol=1e-9, atol=1e-12, obj=name)
