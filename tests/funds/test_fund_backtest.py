"""The backtest by hand: when it buys, what it costs, what becomes of funds that end."""

import numpy as np
import pandas as pd
import pytest
from backtest_worlds import Choice, events, generated, inputs, navs, scores, wide

from lib.funds.backtest import carried_out

MONTHLY = Choice("monthly", top_n=1)


def daily(made, choice=MONTHLY):
    return made.carry(choice).daily


def trades(made, choice=MONTHLY):
    return made.carry(choice).trades.set_index(["date", "fund_id", "action"])


def test_a_jump_on_the_day_of_the_decision_or_of_the_purchase_is_not_earned():
    """Decided on 31 Jan 2020, a Friday; bought at the NAV of Monday 3 Feb; the first return is Tuesday's."""
    path = wide("2020-01-30", a=[100, 150, 300, 330, 330], b=[100] * 5)
    got = daily(inputs(scores(("2020-01-31", "a", 90), ("2020-01-31", "b", 80)), path))
    assert got.index[0] == pd.Timestamp("2020-02-03")
    assert got["portfolio_return"].tolist() == pytest.approx([0, 0.1, 0])


def test_two_rebalances_of_three_funds_with_switch_cost_and_exit_load_by_hand():
    """3 Feb: 1 buys 1 / 1.01 of a. It grows 10 %, is sold on 2 Mar, 28 days later, for a load of 2 %, and
    what is left buys b, switch cost included, which gains 10 % on 3 Mar.
    """
    days = pd.bdate_range("2020-01-31", "2020-03-04")
    path = pd.DataFrame({"a": 100.0, "b": 50.0, "c": 20.0}, index=days)
    path.loc["2020-02-20":, "a"] = 110.0
    path.loc["2020-03-03":, ["b", "c"]] = [55.0, 18.0]
    rows = [("2020-01-31", "a", 90), ("2020-01-31", "b", 10), ("2020-01-31", "c", 10)]
    rows += [("2020-02-29", "a", 10), ("2020-02-29", "b", 90), ("2020-02-29", "c", 90)]
    terms = [("a", "exit_load", 0.02, "2019-01-01"), ("a", "exit_load_days", 30, "2019-01-01")]
    made = inputs(scores(*rows), path, terms=terms, switch_cost=0.01)
    alone = made.carry(MONTHLY)
    first = 1 / 1.01
    assert alone.daily["portfolio_return"].iloc[0] == pytest.approx(first - 1)
    worth = first * 1.1
    after_load = worth * 0.98
    invested = after_load / 1.01
    wealth = (1 + alone.daily["portfolio_return"]).cumprod()
    assert wealth["2020-02-28"] == pytest.approx(worth, rel=1e-12)
    assert wealth["2020-03-02"] == pytest.approx(invested, rel=1e-12)
    assert wealth["2020-03-03"] == pytest.approx(invested * 1.1, rel=1e-12)
    record = alone.trades.set_index(["fund_id", "action"])
    assert record.loc[("a", "sell"), ["amount", "cost", "nav"]].tolist() == pytest.approx([1.0, 0.02, 110])
    bought = record.loc[("b", "buy"), ["amount", "cost", "nav"]].tolist()
    assert bought == pytest.approx([0.98 / 1.01, 0.0098 / 1.01, 50])
    cost = alone.daily["cost"]
    assert cost[cost > 0].tolist() == pytest.approx([1 - first, 0.02 + 0.0098 / 1.01])
    assert alone.daily["turnover"]["2020-03-02"] == pytest.approx(1.0)


def test_equal_weights_drift_between_rebalances_and_are_set_back_at_the_next():
    """b doubles while a stands still: 1/3 and 2/3 before, half and half after; then a gains 10 %."""
    days = pd.bdate_range("2020-01-31", "2020-03-04")
    path = pd.DataFrame({"a": 100.0, "b": 50.0}, index=days)
    path.loc["2020-02-20":, "b"] = 100.0
    path.loc["2020-03-03":, "a"] = 110.0
    rows = [(day, fund, 50) for day in ("2020-01-31", "2020-02-29") for fund in "ab"]
    got = inputs(scores(*rows), path).carry(Choice("monthly", top_n=2))
    assert got.daily.loc["2020-02-20", "portfolio_return"] == pytest.approx(0.5)
    assert got.daily.loc["2020-03-02", "turnover"] == pytest.approx(2 / 3 - 1 / 2)
    assert got.daily.loc["2020-03-03", "portfolio_return"] == pytest.approx(0.05)
    assert got.contribution.sum() == pytest.approx(got.daily["portfolio_return"].sum())
    assert got.contribution.tolist() == pytest.approx([0.05, 0.5])


def test_score_weights_are_the_shares_of_the_points():
    path = wide("2020-01-31", a=[1, 1, 1.1, 1.1], b=[1, 1, 1, 1])
    made = inputs(scores(("2020-01-31", "a", 60), ("2020-01-31", "b", 20)), path)
    got = daily(made, Choice("monthly", top_n=2, weighting="score"))
    assert got["portfolio_return"].iloc[1] == pytest.approx(0.075)


@pytest.mark.parametrize(("lasts", "paying"), [(20, 0), (40, 1 / 6), (50, 1 / 6), (70, 2 / 3)])
def test_exit_load_falls_on_the_oldest_units_first_and_ends_with_its_days(lasts, paying):
    """Half of a bought on 3 Feb, half on 2 Mar; on 1 Apr two thirds of it are sold.

    The sale takes the 58 days old half first and a sixth of 30 days' age after it.
    """
    path = pd.DataFrame(dict.fromkeys("abc", 10.0), index=pd.bdate_range("2020-01-31", "2020-04-03"))
    terms = [("a", "exit_load", 0.01, "2019-01-01"), ("a", "exit_load_days", lasts, "2019-01-01")]
    rows = [("2020-01-31", "a", 90), ("2020-01-31", "b", 90), ("2020-02-29", "a", 90)]
    rows += [("2020-03-31", fund, 90) for fund in "abc"]
    got = inputs(scores(*rows), path, terms=terms).carry(Choice("monthly", top_n=3)).daily["cost"]
    assert got.loc["2020-04-01"] == pytest.approx(0.01 * paying)
    assert got.sum() == pytest.approx(0.01 * paying)


def test_terms_of_an_exit_load_that_became_known_after_the_purchase_do_not_count():
    path = pd.DataFrame({"a": 10.0, "b": 10.0}, index=pd.bdate_range("2020-01-31", "2020-03-04"))
    rows = scores(("2020-01-31", "a", 90), ("2020-02-29", "b", 90))
    late = [("a", "exit_load", 0.02, "2019-01-01", "2020-02-10"), ("a", "exit_load_days", 365)]
    assert daily(inputs(rows, path, terms=late))["cost"].sum() == 0
    known = [("a", "exit_load", 0.02, "2019-01-01", "2020-01-31"), ("a", "exit_load_days", 365)]
    assert daily(inputs(rows, path, terms=known))["cost"].sum() == pytest.approx(0.02)


def closing():
    """a ends on 12 Feb at 120; b goes on."""
    days = pd.bdate_range("2020-01-31", "2020-03-04")
    path = pd.DataFrame({"a": 100.0, "b": 50.0}, index=days)
    path.loc["2020-02-10":, "a"] = 120.0
    path.loc["2020-02-13":, "a"] = np.nan
    path.loc["2020-02-20":, "b"] = 60.0
    rows = [(day, fund, 50) for day in ("2020-01-31", "2020-02-29") for fund in "ab"]
    return scores(*rows), path


def test_a_fund_that_closes_is_redeemed_at_its_last_nav_and_held_in_cash():
    rows, path = closing()
    made = inputs(rows, path, ends=events(("a", "closed", "2020-02-12")))
    got = made.carry(Choice("monthly", top_n=2))
    wealth = (1 + got.daily["portfolio_return"]).cumprod()
    assert wealth.iloc[-1] == pytest.approx(0.5 * 1.2 + 0.5 * 1.2)
    assert got.daily.loc["2020-02-12", "cash"] == pytest.approx(0.6 / 1.1)
    assert got.daily.loc["2020-02-11", "cash"] == 0
    assert got.daily.loc["2020-02-28", "n_funds"] == 1
    end = got.trades.set_index(["date", "fund_id"]).loc[(pd.Timestamp("2020-02-12"), "a")]
    assert (end["action"], end["nav"]) == ("redeemed", 120)
    assert got.daily.loc["2020-03-03", "cash"] == pytest.approx(0)
    second = got.trades[got.trades["date"] == pd.Timestamp("2020-03-02")]
    assert second[["fund_id", "action"]].to_numpy().tolist() == [["b", "buy"]]


def test_an_end_that_becomes_known_later_is_recorded_on_that_day_and_worth_the_same():
    rows, path = closing()
    made = inputs(rows, path, ends=events(("a", "closed", "2020-02-12", None, "2020-02-20")))
    got = made.carry(Choice("monthly", top_n=2))
    assert got.daily.loc["2020-02-19", "cash"] == 0
    assert got.daily.loc["2020-02-20", "cash"] == pytest.approx(0.5)
    assert (1 + got.daily["portfolio_return"]).prod() == pytest.approx(1.2)


def test_at_a_merger_money_goes_to_cash_or_by_setting_to_the_successor():
    rows, path = closing()
    ends = events(("a", "merged", "2020-02-12", "b"))
    to_cash = inputs(rows, path, ends=ends).carry(Choice("monthly", top_n=2))
    moved = inputs(rows, path, ends=ends, at_merger="successor").carry(Choice("monthly", top_n=2))
    assert (1 + to_cash.daily["portfolio_return"]).prod() == pytest.approx(1.2)
    assert (1 + moved.daily["portfolio_return"]).prod() == pytest.approx(0.6 * 1.2 + 0.6)
    record = moved.trades.set_index("action")
    assert record.loc["moved", ["fund_id", "successor"]].tolist() == ["a", "b"]
    assert moved.daily["cash"].max() == pytest.approx(0)
    assert moved.trades["date"].max() == pd.Timestamp("2020-02-12")


def test_a_change_of_code_goes_on_at_the_navs_of_the_new_one_with_no_day_lost():
    days = pd.bdate_range("2020-01-31", "2020-02-20")
    path = pd.DataFrame({"a": 100.0, "new": 104.0}, index=days)
    path.loc["2020-02-11":, "a"], path.loc[:"2020-02-10", "new"] = np.nan, np.nan
    made = inputs(
        scores(("2020-01-31", "a", 90)), path, ends=events(("a", "code_changed", "2020-02-10", "new"))
    )
    got = daily(made)["portfolio_return"]
    assert got[got != 0].to_dict() == {pd.Timestamp("2020-02-11"): pytest.approx(0.04)}


def test_a_fund_that_had_ended_is_not_chosen_though_it_is_scored_and_later_ends_are_not_known():
    rows, path = closing()
    before = inputs(rows, path, ends=events(("a", "closed", "2020-02-12")))
    first, second = before.decide(Choice("monthly", top_n=2))
    names = before.scores["fund_id"].to_numpy()
    assert list(names[first.rows[first.picks]]) == ["a", "b"]
    assert list(names[second.rows[second.picks]]) == ["b"]


def test_with_no_eligible_fund_the_money_is_cash_and_the_date_says_so():
    from lib.funds.choosing import positions

    days = pd.bdate_range("2020-01-31", "2020-04-03")
    path = pd.DataFrame({"a": np.linspace(10, 20, len(days))}, index=days)
    made = inputs(scores(("2020-01-31", "a", 90), ("2020-02-29", "a", np.nan)), path)
    decisions = made.decide(MONTHLY)
    table = positions(decisions, made.scores)
    assert table["fund_id"].tolist() == ["a", "CASH", "CASH"]
    assert table["flags"].tolist() == ["", "no_eligible_fund", "no_eligible_fund"]
    got = made.carry(MONTHLY, decisions)
    assert got.daily.loc["2020-03-02":, "cash"].eq(1).all()
    assert got.daily.loc["2020-03-03":, "portfolio_return"].eq(0).all()
    assert got.daily.loc["2020-02-04":"2020-03-02", "portfolio_return"].gt(0).all()


def test_old_scores_are_not_used():
    path = pd.DataFrame({"a": 10.0}, index=pd.bdate_range("2020-01-31", "2020-06-03"))
    made = inputs(scores(("2020-01-31", "a", 90)), path)
    flags = [one.flag for one in made.decide(MONTHLY)]
    assert flags == ["", "", "stale_scores", "stale_scores", "stale_scores"]


def test_by_category_takes_the_best_of_each():
    path = pd.DataFrame(dict.fromkeys("abcd", 10.0), index=pd.bdate_range("2020-01-31", "2020-02-10"))
    rows = [("2020-01-31", fund, points, name) for fund, points, name in (
        ("a", 90, "X"), ("b", 80, "X"), ("c", 70, "Y"), ("d", 60, "Y")
    )]  # fmt: skip
    made = inputs(scores(*rows), path)

    def chosen(choice):
        one = made.decide(choice)[0]
        return set(made.scores["fund_id"].to_numpy()[one.rows[one.picks]])

    assert chosen(Choice("monthly", top_n=2)) == {"a", "b"}
    assert chosen(Choice("monthly", top_n=1, selection="by_category")) == {"a", "c"}


def test_ties_do_not_depend_on_the_order_of_rows():
    path = pd.DataFrame(dict.fromkeys("abc", 10.0), index=pd.bdate_range("2020-01-31", "2020-02-10"))
    rows = scores(*(("2020-01-31", fund, 50) for fund in "abc"))
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        made = inputs(rows.iloc[order], navs(path).sample(frac=1, random_state=3))
        one = made.decide(Choice("monthly", top_n=2))[0]
        assert list(made.scores["fund_id"].to_numpy()[one.rows[one.picks]]) == ["a", "b"]


def test_a_late_nav_is_bought_when_it_comes_and_its_day_is_not_earned():
    """a publishes a day late. Decided on 31 Jan; Monday's NAV is known on Tuesday: bought at that."""
    path = wide("2020-01-30", a=[100, 150, 300, 330, 363, 363], b=[1.0] * 6)
    long = navs(path)
    late = long["fund_id"] == "a"
    long.loc[late, "known_at"] = long.loc[late, "known_at"] + pd.offsets.BDay(1)
    got = daily(inputs(scores(("2020-01-31", "a", 90)), long, end="2020-02-06"))
    assert got["portfolio_return"].tolist() == pytest.approx([0, 0, 0.1, 0.1, 0])


def test_the_backtest_of_a_loop_in_units_is_the_same():
    """Re-derived fund by fund in units and lots, costs and loads included."""
    rows, path = generated(funds=12, years=3, seed=4)
    terms = [(fund, item, value, "2014-01-01") for fund in path for item, value in (
        ("exit_load", 0.01), ("exit_load_days", 100)
    )]  # fmt: skip
    made = inputs(rows, path, terms=terms, switch_cost=0.002)
    choice = Choice("monthly", top_n=4, weighting="score")
    got = made.carry(choice)
    wealth = (1 + got.daily["portfolio_return"]).cumprod()
    assert wealth.iloc[-1] == pytest.approx(by_units(made, path, choice, 0.01, 100, 0.002), rel=1e-10)


def by_units(made, path, choice, load, lasts, switch):
    names = made.scores["fund_id"].to_numpy()
    lots, cash = [], 1.0
    for one, row in zip(*carried_out(made.decide(choice), made.navs), strict=True):
        day = made.navs.days[row]
        nav = path.loc[day]
        held = pd.Series(0.0, index=path.columns)
        for fund, units, _ in lots:
            held[fund] += units * nav[fund]
        worth = held.sum() + cash
        target = pd.Series(0.0, index=path.columns)
        target[names[one.rows[one.picks]]] = one.weights * worth
        kept = []
        to_sell = (held - target).clip(lower=0)
        for fund, units, since in lots:
            part = min(units, to_sell[fund] / nav[fund])
            to_sell[fund] -= part * nav[fund]
            cash += part * nav[fund] * (1 - (load if (day - since).days < lasts else 0))
            kept.append((fund, units - part, since))
        lots = [one_lot for one_lot in kept if one_lot[1] > 1e-15]
        wish = (target - held).clip(lower=0)
        scale = min(1.0, cash / (wish.sum() * (1 + switch)))
        for fund, amount in wish[wish > 0].items():
            cash -= amount * scale * (1 + switch)
            lots.append((fund, amount * scale / nav[fund], day))
    last = path.iloc[-1]
    return cash + sum(units * last[fund] for fund, units, _ in lots)


@pytest.mark.parametrize(
    "choice", [MONTHLY, Choice("quarterly", 5), Choice("annually", 3, "by_category", "score")]
)
def test_what_comes_later_changes_no_earlier_day(choice):
    rows, path = generated(funds=16, years=4, seed=2)
    ends = events(("f0003", "closed", "2017-05-10"), ("f0007", "merged", "2018-01-17", "f0001"))
    path.loc["2017-05-11":, "f0003"], path.loc["2018-01-18":, "f0007"] = np.nan, np.nan
    whole = inputs(rows, path, ends=ends, at_merger="successor").carry(choice).daily
    for cut in ("2016-03-31", "2017-05-12", "2018-01-30"):
        before = rows[rows["score_date"] <= cut]
        known = ends[ends["known_at"] <= cut]
        part = inputs(before, path.loc[:cut], ends=known, at_merger="successor").carry(choice).daily
        if len(part):
            last = part.index[-1]
            pd.testing.assert_frame_equal(
                part.loc[: last - pd.Timedelta(days=1)], whole.loc[: last - pd.Timedelta(days=1)]
            )
            kept = ["gross_return", "portfolio_return", "cost", "turnover", "cash", "n_funds"]
            assert part.loc[last, kept].tolist() == pytest.approx(whole.loc[last, kept].tolist(), abs=1e-12)
