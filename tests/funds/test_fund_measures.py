"""Measures of prices against published figures, other libraries and plain loops."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import worlds
from scipy.optimize import brentq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "oracles"))

from published_series import HAM1, SP500_TR

from lib.funds import extras, measures
from lib.funds.measured import inputs_of
from lib.funds.nav_panel import day_number, panel_of
from lib.funds.pages import beside
from lib.funds.score_rules import Rules
from lib.funds.scores import fund_scores
from lib.funds.succession import continued
from lib.funds.universe import known_items
from lib.stats import relative

AS_OF = "2022-12-28"
RULES = Rules(exchange="XNYS")


@pytest.fixture(scope="module")
def world():
    return worlds.world({"Large Cap Fund": 5, "Index Fund": 2}, start="2016-06-01")


@pytest.fixture(scope="module")
def inputs(world):
    return inputs_of(vars(world), RULES)


@pytest.fixture(scope="module")
def beyond(world, inputs):
    scores, _ = fund_scores(vars(world), as_of=AS_OF, rules=RULES, months=1)
    return extras.fund_extras(inputs, scores).set_index(["fund_id", "measure", "window", "statistic"])[
        "value"
    ]


def panel(levels: pd.Series, known=None):
    frame = pd.DataFrame({"fund_id": "a", "date": levels.index, "nav": levels.to_numpy()})
    return panel_of(
        frame.assign(known_at=frame["date"] if known is None else known), ["a"], entity="fund_id", value="nav"
    )


def test_capture_of_manager_one_is_morningstars(monkeypatch):
    """PerformanceAnalytics' managers, 132 months: geometric 0.634953 up and 0.213566 down."""
    monkeypatch.setitem(measures.FEWEST_MONTHS, len(HAM1), 30)
    own, other = (np.asarray(one, dtype=float)[:, None] for one in (HAM1, SP500_TR))
    found = measures.capture(own, other)
    assert found.up[0] == pytest.approx(0.634953, abs=1e-6)
    assert found.down[0] == pytest.approx(0.213566, abs=1e-6)
    assert found.spread[0] == pytest.approx(0.634953 - 0.213566, abs=2e-6)


def test_capture_is_that_of_the_statistics_for_each_fund_with_its_own_benchmark():
    rng = np.random.default_rng(8)
    own, other = rng.normal(0.01, 0.05, (2, 36, 7))
    own[rng.random(own.shape) < 0.05] = np.nan
    found = measures.capture(own, other)
    for fund in range(7):
        assert found.up[fund] == pytest.approx(relative.up_capture(own[:, fund], other[:, fund]), abs=1e-12)
        down = relative.down_capture(own[:, fund], other[:, fund])
        assert found.down[fund] == pytest.approx(down, abs=1e-12)


def test_capture_needs_ten_months_of_twelve_and_three_of_each_side():
    own, other = np.full((12, 3), 0.01), np.tile([[0.01], [-0.01]], (6, 3))
    own[:2, 1] = np.nan
    own[:3, 2] = np.nan
    assert np.isnan(measures.capture(own, other).spread).tolist() == [False, False, True]
    lopsided = np.where(np.arange(12)[:, None] < 2, -0.01, 0.01) * np.ones((12, 3))
    assert np.isnan(measures.capture(np.full((12, 3), 0.01), lopsided).spread).all()


def test_a_month_in_which_the_benchmark_stood_still_is_in_neither_side():
    own, other = np.full((12, 1), 0.02), np.tile([[0.04], [-0.04]], (6, 1))
    other[:2] = 0.0
    own[:2] = 0.5
    found = measures.capture(own, other)
    assert (found.up[0], found.down[0]) == (pytest.approx(0.5), pytest.approx(-0.5))


def test_the_drawdown_of_the_index_is_the_published_one():
    """S&P 500 of the same data: 0.4473 (K5 of the conventions)."""
    wealth = np.cumprod(1 + np.append(0.0, np.asarray(SP500_TR, dtype=float)))
    found = measures.drawdown(wealth[:, None])
    assert found[0] == pytest.approx(-0.4473, abs=5e-5)


def test_a_loss_on_the_first_day_counts():
    days = pd.to_datetime(["2021-12-27", "2021-12-28", "2022-12-27", AS_OF])
    view = panel(pd.Series([100.0, 100.0, 90.0, 95.0], days)).view(day_number(AS_OF))
    path = measures.daily_returns(view, view.days, 12).path
    assert measures.drawdown(path)[0] == pytest.approx(-0.1)
    assert measures.drawdown(path[:, [0, 0]] * [[np.nan, 1]]).tolist()[1] == pytest.approx(-0.1)
    assert np.isnan(measures.drawdown(path * np.nan)[0])


def test_volatility_is_that_of_pandas_and_needs_nine_days_of_ten():
    days = pd.bdate_range("2021-12-28", AS_OF)
    rng = np.random.default_rng(2)
    level = pd.Series(100 * np.cumprod(1 + rng.normal(0, 0.01, len(days))), days)
    holed = level.drop(level.index[[20, 21, 90]])
    numbers = np.array([day_number(day) for day in days])
    view = panel(holed).view(day_number(AS_OF))
    returns, of, _ = measures.daily_returns(view, numbers, 12)
    assert len(of) == len(holed) - 1
    wanted = holed.pct_change().std() * np.sqrt(252)
    assert measures.volatility(returns, len(days))[0] == pytest.approx(wanted, rel=1e-12)
    assert np.isnan(measures.volatility(returns, int(len(of) / 0.9) + 2)[0])


def test_a_day_that_the_exchange_did_not_open_has_no_return():
    days = pd.date_range("2022-12-05", AS_OF)
    level = pd.Series(np.linspace(100, 101, len(days)), days)
    open_ = np.array([day_number(day) for day in days if day.weekday() < 5])
    returns, of, _ = measures.daily_returns(panel(level).view(day_number(AS_OF)), open_, 12)
    assert len(of) == len(open_) - 1
    assert np.prod(1 + returns) == pytest.approx(level.iloc[-1] / level.iloc[0])


def test_returns_run_by_calendar_months_and_actual_days():
    """100 on 30 Sep 2019 (a Monday before no NAV until 3 Oct), 130 on 30 Sep 2022: 1,096 days."""
    level = pd.Series(
        [100.0, 90.0, 120.0, 130.0], pd.to_datetime(["2019-09-30", "2019-10-03", "2022-06-29", "2022-09-30"])
    )
    found = measures.period_returns(panel(level).view(day_number("2022-09-30")))
    assert found["return_3m"][0] == pytest.approx(130 / 120 - 1)
    assert found["return_3y"][0] == pytest.approx(1.3 ** (365.25 / 1096) - 1)
    assert np.isnan(found["return_1y"][0])


def test_the_start_may_be_seven_days_old_and_the_end_five():
    for start, end, known in (
        ("2022-09-21", "2022-12-23", True),
        ("2022-09-20", "2022-12-28", False),
        ("2022-09-28", "2022-12-22", False),
    ):
        level = pd.Series([100.0, 110.0], pd.to_datetime([start, end]))
        found = measures.period_returns(panel(level).view(day_number(AS_OF)))["return_3m"][0]
        assert np.isnan(found) != known


def test_month_ends_are_those_of_whole_months():
    assert measures.month_ends(day_number(AS_OF), 1) == [day_number("2022-10-31"), day_number("2022-11-30")]
    assert measures.month_ends(day_number("2022-02-28"), 0) == [day_number("2022-02-28")]


def test_a_level_published_later_is_hidden_until_then():
    level = pd.Series([100.0, 110.0], pd.to_datetime(["2022-12-01", "2022-12-02"]))
    made = panel(level, known=pd.to_datetime(["2022-12-01", "2022-12-10"]))
    for day, wanted in (("2022-12-02", 100.0), ("2022-12-09", 100.0), ("2022-12-10", 110.0)):
        assert made.view(day_number(day)).at(day_number(day), 20)[0][0] == wanted
    assert made.view(day_number("2022-12-02")).counts().tolist() == [1]
    assert made.view(day_number("2022-12-02")).last_day().tolist() == [day_number("2022-12-01")]
    assert made.levels[1, 0] == 110.0


def test_what_is_known_on_a_day_needs_both_clocks():
    said = worlds.attributes(
        ("a", "category", "Old", "2020-01-01"),
        ("a", "category", "New", "2021-01-01", "2021-03-01"),
        ("b", "category", "Other", "2021-02-01"),
    )
    known = known_items(said, np.array(["a", "b"], dtype=object))["category"]
    for day, wanted in (
        ("2019-12-31", ["", ""]),
        ("2021-02-28", ["Old", "Other"]),
        ("2021-03-01", ["New", "Other"]),
    ):
        assert known.at(day_number(day), 2, "").tolist() == wanted


def test_the_return_of_a_plan_solves_its_equation():
    days = [day_number(one) for one in pd.date_range("2021-01-31", periods=24, freq="ME")]
    end = day_number("2023-01-10")
    found = extras.plan_return(days, 24, 27.3, end)

    def left(rate):
        return sum((1 + rate) ** ((end - day) / 365) for day in days) - 27.3

    assert found == pytest.approx(brentq(left, -0.9, 5), abs=1e-9)


def test_rolling_returns_are_those_of_pandas(world, beyond):
    navs = world.fund_navs[world.fund_navs["fund_id"] == "F001"].set_index("date")["nav"]
    ends = navs.resample("ME").last().loc[:"2022-11-30"]
    rolling = ((ends / ends.shift(36)) ** (1 / 3) - 1).dropna()
    for statistic, share in extras.QUANTILES.items():
        assert beyond["F001", "rolling_return", "3y", statistic] == pytest.approx(
            rolling.quantile(share), abs=1e-12
        )
    year = (ends / ends.shift(12) - 1).dropna()
    assert beyond["F001", "rolling_return", "1y", "below_zero"] == pytest.approx((year < 0).mean())


def test_only_index_funds_have_a_tracking_difference(world, beyond):
    found = beyond.xs("tracking_difference", level="measure")
    assert set(found.index.get_level_values("fund_id")) == {"F005", "F006"}
    navs = world.fund_navs[world.fund_navs["fund_id"] == "F005"].set_index("date")["nav"]
    level = world.benchmark_levels.set_index("date")["level"]
    own, other = (one[AS_OF] / one["2021-12-28"] - 1 for one in (navs, level))
    assert found["F005", "1y", "value"] == pytest.approx(own - other, abs=1e-12)
    named = pd.Series({"F005": "Index one", "F006": "Index two", "F000": "Other"})
    shown = beside.tracking(beyond.reset_index(), named)
    assert shown["name"].tolist() == ["Index one", "Index two"]
    assert "2 index funds" in beside.tracking_sentence(shown)


def test_loads_lower_what_an_investor_had(world):
    told = worlds.facts(
        ("F000", "entry_load", 0.02), ("F000", "exit_load", 0.01), ("F000", "exit_load_days", 400.0)
    )
    kept = world.fund_facts[(world.fund_facts["fund_id"] != "F000")]
    changed = world.but(fund_facts=pd.concat([kept, told], ignore_index=True))
    scores, _ = fund_scores(vars(changed), as_of=AS_OF, rules=RULES, months=1)
    found = extras.fund_extras(inputs_of(vars(changed), RULES), scores)
    own = found[(found["fund_id"] == "F000") & (found["measure"] == "load_adjusted_return")].set_index(
        "window"
    )["value"]
    now = scores[scores["score_date"] == AS_OF].set_index("fund_id").loc["F000"]
    assert own["1y"] == pytest.approx(0.98 * (1 + now["return_1y_value"]) * 0.99 - 1, abs=1e-12)
    navs = world.fund_navs[world.fund_navs["fund_id"] == "F000"].set_index("date")["nav"]
    three = (0.98 * navs[AS_OF] / navs["2019-12-27"]) if "2019-12-28" not in navs.index else None
    days = (pd.Timestamp(AS_OF) - pd.Timestamp("2019-12-27")).days
    assert own["3y"] == pytest.approx(three ** (365.25 / days) - 1, abs=1e-12)


def test_overlap_is_the_sum_of_the_smaller_weights(world):
    lists = pd.concat(
        [
            worlds.holdings("F000", {"A": 0.6, "B": 0.3}, date="2022-11-30", disclosed="2022-12-10"),
            worlds.holdings("F001", {"A": 0.2, "B": 0.5}, date="2022-11-30", disclosed="2022-12-10"),
            worlds.holdings("F002", {"A": 1.0}, date="2022-11-30", disclosed="2022-12-29"),
        ],
        ignore_index=True,
    )
    made = world.but(fund_holdings=lists)
    scores, _ = fund_scores(vars(made), as_of=AS_OF, rules=RULES, months=1)
    found = extras.fund_overlap(inputs_of(vars(made), RULES), lists, made.funds, scores)
    assert set(found.loc[0, ["fund_id", "other_id"]]) == {"F000", "F001"}
    assert (len(found), found.loc[0, "common"]) == (1, 2)
    assert found.loc[0, "overlap"] == pytest.approx(0.2 + 0.3)


def test_a_chain_of_codes_brings_the_whole_history_and_what_is_learned_later_changes_nothing():
    days = pd.bdate_range("2022-01-03", periods=9)
    wide = pd.DataFrame(np.nan, days, ["a", "b", "c"])
    for place in range(3):
        wide.iloc[3 * place : 3 * place + 3, place] = 100.0 + place
    chain = worlds.events(("a", "code_changed", days[2], "b"), ("b", "code_changed", days[5], "c"))
    found, since = continued(worlds.navs(wide), chain)
    whole = found[found["fund_id"] == "c"].sort_values("date")
    assert whole["nav"].tolist() == [100.0] * 3 + [101.0] * 3 + [102.0] * 3
    assert whole["known_at"].iloc[0] == days[5]
    assert set(since) == {"b", "c"}
    back = worlds.events(("a", "code_changed", days[2], "b"), ("b", "code_changed", days[5], "a"))
    assert continued(worlds.navs(wide), back)[1] == {"b": days[2]}
    twice = worlds.events(("a", "code_changed", days[2], "b"), ("c", "code_changed", days[2], "b", days[8]))
    assert continued(worlds.navs(wide), twice)[1] == {"b": days[2]}
