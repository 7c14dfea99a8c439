"""Comparison: who may be compared, over which days, and who ranks where."""

import numpy as np
import pandas as pd
import pytest
import worlds
from backtest_worlds import scored

from lib.contracts import conform
from lib.errors import InputError
from lib.funds import comparison
from lib.funds.pages import comparison as page
from lib.tables import TABLES

DAY = "2022-12-28"
IDS = ["a", "b", "c", "d", "e", "f"]


def scores_of(**points):
    frame = pd.DataFrame({"fund_id": list(points), "score_scaled": list(points.values())})
    category = [f"Category {number // 2}" for number in range(len(points))]
    return scored(frame.assign(score_date=DAY, category=category, quartile=1.0))


def paths(days=600, **starts):
    """Generated NAVs up to the day; ``starts`` says from which day on a fund has them."""
    rng = np.random.default_rng(1)
    index = pd.bdate_range(end=DAY, periods=days)
    wide = pd.DataFrame(10 * np.cumprod(1 + rng.normal(0.0004, 0.01, (days, 6)), axis=0), index, IDS)
    for fund, start in starts.items():
        wide.loc[: pd.Timestamp(start) - pd.Timedelta(days=1), fund] = np.nan
    return wide


def compared(wide, chosen, **more):
    common = comparison.common_navs(worlds.navs(wide), chosen, as_of=DAY)
    rows = scores_of(a=80.0, b=70.0, c=60.0)
    lines = worlds.levels(pd.DataFrame({"B": wide["f"].ffill().bfill()}))
    facts = comparison.known_facts(
        worlds.facts(("a", "expense_ratio", 0.01), ("b", "expense_ratio", 0.005)), as_of=DAY
    )
    table = comparison.comparison_table(common, rows, facts, lines, **({"benchmark": "B"} | more))
    window = comparison.window_table(common, rows, pd.Series({"d": "Dee"}))
    return (
        conform(table, TABLES["fund_comparison"]),
        conform(window, TABLES["fund_comparison_window"]),
        common,
    )


def test_one_fund_and_six_funds_are_refused():
    funds = worlds.funds(IDS)
    for asked in (["a"], IDS):
        with pytest.raises(InputError, match=r"compare: found .* fund.*name 2 to 5"):
            comparison.chosen_funds(asked, funds, scores_of(a=1.0))
    for asked in (["a", "b"], IDS[:5]):
        assert comparison.chosen_funds(asked, funds, scores_of(a=1.0)) == asked


def test_an_unknown_fund_is_refused_with_the_nearest_and_one_named_twice_too():
    funds = worlds.funds(["alpha-direct", "beta-direct"])
    with pytest.raises(InputError, match=r"alpha-drect.*`alpha-direct`"):
        comparison.chosen_funds(["alpha-drect", "beta-direct"], funds, scores_of(a=1.0))
    with pytest.raises(InputError, match="named twice"):
        comparison.chosen_funds(["alpha-direct", "alpha-direct"], funds, scores_of(a=1.0))


def test_by_itself_it_takes_the_best_of_each_category_and_at_most_five():
    points = {f"f{number:02d}": float(number) for number in range(14)}
    assert comparison.chosen_funds([], worlds.funds(IDS), scores_of(**points)) == [
        "f01", "f03", "f05", "f07", "f09",
    ]  # fmt: skip
    assert comparison.chosen_funds([], worlds.funds(IDS), scores_of(a=1.0, b=2.0)) == ["b", "a"]
    with pytest.raises(InputError, match="fewer than two"):
        comparison.chosen_funds([], worlds.funds(IDS), scores_of(a=1.0))


def test_funds_without_a_common_day_are_refused_and_told_when_each_lived():
    wide = paths(a="2022-06-01")
    wide.loc["2022-05-31":, "b"] = np.nan
    with pytest.raises(
        InputError, match=r"0 days in common \(a 2022-06-01 to 2022-12-28, b .* to 2022-05-30\)"
    ):
        comparison.common_navs(worlds.navs(wide), ["a", "b"], as_of=DAY)
    with pytest.raises(InputError, match="'a' has no NAV by 2021-01-01"):
        comparison.common_navs(worlds.navs(paths(a="2022-06-01")), ["a", "b"], as_of="2021-01-01")


def test_measures_are_of_the_days_that_all_have():
    wide = paths(b="2021-06-01")
    wide.loc["2022-03-01":"2022-03-10", "a"] = np.nan
    table, window, common = compared(wide, ["a", "b"])
    both = wide[["a", "b"]].dropna()
    pd.testing.assert_frame_equal(
        common.navs, both, check_freq=False, check_names=False, check_index_type=False
    )
    value = table.set_index(["metric", "fund_id"])["value"]
    assert value[("cumulative_return", "a")] == pytest.approx(both["a"].iloc[-1] / both["a"].iloc[0] - 1)
    returns = both["a"].pct_change().iloc[1:]
    assert value[("annual_volatility", "a")] == pytest.approx(returns.std() * 252**0.5)
    assert value[("max_drawdown", "a")] == pytest.approx((both["a"] / both["a"].cummax() - 1).min())
    years = (both.index[-1] - both.index[0]).days / 365.25
    assert value[("annual_return", "b")] == pytest.approx(
        (both["b"].iloc[-1] / both["b"].iloc[0]) ** (1 / years) - 1
    )
    assert window["common_days"].tolist() == [len(both)] * 2
    assert window["first_common"].iloc[0] == pd.Timestamp("2021-06-01")


def test_ranks_follow_the_better_direction_ties_share_and_what_is_missing_has_none():
    wide = paths()
    wide["c"] = wide["b"]
    table, _, _ = compared(wide, ["a", "b", "c"])
    rank = table.set_index(["metric", "fund_id"])["rank_in_set"]
    assert rank["total_score"].tolist() == [1, 2, 3]
    assert rank["expense_ratio"].tolist()[:2] == [2, 1]
    assert np.isnan(rank[("expense_ratio", "c")])
    assert rank["annual_volatility"].tolist() in ([1, 2.5, 2.5], [3, 1.5, 1.5])
    assert rank["beta"].isna().all()
    flag = table.set_index(["metric", "fund_id"])["flag"]
    assert flag[("expense_ratio", "c")] == "not_given"
    assert flag[("beta", "a")] == "no_order"
    assert flag[("exit_load", "a")] == "not_given"


def test_beta_of_the_benchmark_on_itself_is_one_and_captures_are_one():
    table, _, _ = compared(paths(), ["f", "a"])
    value = table.set_index(["metric", "fund_id"])["value"]
    for metric, expected in (("beta", 1), ("up_capture", 1), ("down_capture", 1), ("tracking_error", 0)):
        assert value[(metric, "f")] == pytest.approx(expected, abs=1e-12)


def test_groups_are_chosen_and_a_benchmark_may_be_missing():
    table, _, _ = compared(paths(), ["a", "b"], groups=["score", "cost"])
    assert set(table["metric"]) == {"total_score", "score_scaled", "expense_ratio", "exit_load"}
    table, window, _ = compared(paths(), ["a", "b"], benchmark=None)
    assert (table[table["metric"] == "beta"]["flag"] == "no_benchmark").all()
    assert any("benchmark" in one for one in page.faults(window, None, table))


def test_under_a_year_in_common_nothing_is_annualised_and_the_page_says_so():
    table, window, _ = compared(paths(d="2022-10-03"), ["a", "d"])
    own = table[table["metric"] == "annual_return"]
    assert own["value"].isna().all()
    assert (own["flag"] == "under_one_year").all()
    assert any("only" in one for one in page.faults(window, "B", table))
    assert window["name"].tolist() == ["A", "Dee"]


def test_the_order_of_rows_changes_nothing_and_navs_after_the_day_are_not_used():
    wide = paths()
    again = comparison.common_navs(worlds.navs(wide).sample(frac=1, random_state=2), ["a", "b"], as_of=DAY)
    pd.testing.assert_frame_equal(
        again.navs, wide[["a", "b"]], check_freq=False, check_index_type=False, check_names=False
    )
    early = comparison.common_navs(worlds.navs(wide), ["a", "b"], as_of="2022-06-30")
    assert early.navs.index.max() == pd.Timestamp("2022-06-30")


def test_the_checks_hold_and_the_page_can_say_everything():
    table, window, common = compared(paths(), ["a", "b", "d"])
    assert all(one.passed for one in page.checks(table, window, common))
    shown = page.side_by_side(table, window)
    assert shown.columns.tolist() == ["measure", "A", "B", "Dee"]
    assert not shown.astype(str).apply(lambda one: one.str.contains("nan")).to_numpy().any()
    said = [page.verdict(table, window), page.window_sentence(window), page.growth_sentence(table, window),
            page.firsts_sentence(table, window)]  # fmt: skip
    assert all(one.endswith(".") for one in said)
    assert len(page.key_figures(table, window)) == 4
