"""Skill and luck on generated data whose truth is known: planted skill is found, none is not claimed."""

import numpy as np
import pandas as pd
import pytest
from backtest_worlds import Choice, events, generated, inputs, scores, wide
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lib.errors import InputError
from lib.funds import random_choice, score_skill
from lib.funds.backtest import carried_out
from lib.funds.choosing import known_categories
from lib.stats.overlapping import cosine_error, mean_interval


def made_of(rows, path, **more):
    return inputs(rows, path, **more)


def test_the_rank_correlation_of_a_date_is_spearmans_with_the_return_from_the_next_business_day():
    rows, path = generated(funds=15, years=2, seed=3)
    made = made_of(rows, path)
    table = score_skill.score_ic(made.scores, made.navs, horizons=(3,))
    own = table[table["measure"] == "rank_ic"].set_index("score_date")
    for day, row in own.iterrows():
        begin = path.index[path.index.searchsorted(day, side="right")]
        end = path.index[path.index.searchsorted(day + pd.DateOffset(months=3), side="right")]
        points = rows[rows["score_date"] == day].set_index("fund_id")["score_scaled"]
        expected = stats.spearmanr(points, path.loc[end] / path.loc[begin])[0]
        assert row["value"] == pytest.approx(expected, abs=1e-12)
        assert row["known_on"] == end


def test_a_window_that_is_not_over_is_left_out_and_known_on_its_last_day():
    rows, path = generated(funds=15, years=3, seed=3)
    whole = score_skill.score_ic(made_of(rows, path).scores, made_of(rows, path).navs)
    assert (whole["known_on"] > whole["score_date"]).all()
    assert whole["known_on"].max() <= path.index[-1]
    cut = pd.Timestamp("2016-09-15")
    before = made_of(rows[rows["score_date"] <= cut], path.loc[:cut])
    part = score_skill.score_ic(before.scores, before.navs)
    pd.testing.assert_frame_equal(part, whole[whole["known_on"] <= cut].reset_index(drop=True))


def test_planted_skill_is_found_and_its_size_is_that_of_the_plant():
    """Scores correlate 0.8 with the drift of a year; of many funds the quarterly correlation shows it."""
    rows, path = generated(funds=300, years=6, skill=0.8, seed=1, volatility=0.02, spread=0.05)
    made = made_of(rows, path)
    ic = score_skill.score_ic(made.scores, made.navs, horizons=(3,))
    table = score_skill.skill(ic, horizons=(3,)).set_index("measure")
    for measure in ("rank_ic", "rank_ic_in_category", "quartile_spread"):
        assert table.loc[measure, "low"] > 0
        assert table.loc[measure, "low"] < table.loc[measure, "mean"] < table.loc[measure, "high"]
    first = ic[(ic["measure"] == "rank_ic") & (ic["score_date"].dt.month == 2)]["value"]
    assert first.mean() > 0.5


def test_without_skill_the_interval_covers_zero_as_often_as_it_says():
    """16 worlds of 16 funds over nine years; 13 of 16 is the 1 % point of a binomial at 95 %."""
    covered = {3: 0, 12: 0}
    for seed in range(16):
        rows, path = generated(funds=16, years=9, skill=0.0, seed=1000 + seed)
        made = made_of(rows, path)
        table = score_skill.skill(score_skill.score_ic(made.scores, made.navs))
        own = table[table["measure"] == "rank_ic"].set_index("horizon_months")
        for months in covered:
            covered[months] += own.loc[months, "low"] <= 0 <= own.loc[months, "high"]
    assert min(covered.values()) >= 13, covered


def test_a_persistent_score_without_skill_is_not_called_skill():
    """The same score all the time overlaps with itself: plain errors would claim skill in most worlds."""
    rng = np.random.default_rng(3)
    wrong = wrong_plain = 0
    for seed in range(20):
        rows, path = generated(funds=16, years=9, skill=0.0, seed=2000 + seed)
        fixed = dict(zip(path.columns, rng.uniform(10, 90, len(path.columns)), strict=True))
        rows["score_scaled"] = rows["fund_id"].map(fixed)
        made = made_of(rows, path)
        ic = score_skill.score_ic(made.scores, made.navs, horizons=(12,))
        own = ic[ic["measure"] == "rank_ic"]["value"]
        found = score_skill.skill(ic, horizons=(12,)).iloc[0]
        wrong += not found["low"] <= 0 <= found["high"]
        wrong_plain += abs(own.mean()) > 1.96 * own.std(ddof=1) / len(own) ** 0.5
    assert wrong <= 4
    assert wrong_plain > 3 * max(wrong, 3)


def test_the_error_from_all_cosines_is_the_ordinary_one_and_from_few_that_of_their_projections():
    values = np.random.default_rng(1).normal(size=60).cumsum()
    plain = values.std(ddof=1) / 60**0.5
    assert cosine_error(values, cosines=59) == pytest.approx(plain, rel=1e-12)
    time = np.arange(60) + 0.5
    waves = [np.sqrt(2 / 60) * np.cos(np.pi * one * time / 60) @ values for one in (1, 2, 3)]
    assert cosine_error(values, cosines=3) == pytest.approx(
        np.sqrt(np.mean(np.square(waves)) / 60), rel=1e-12
    )
    found = mean_interval(values, overlap=9)
    assert found.high - found.mean == pytest.approx(stats.t.ppf(0.975, 3) * cosine_error(values, cosines=3))


@pytest.mark.parametrize("persistent", [False, True])
def test_the_interval_of_a_mean_of_overlapping_years_covers_the_truth(persistent):
    """Eight years of monthly means over twelve months; of 2,000 the 95 % interval must cover 91 %."""
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(2000):
        steps = np.repeat(rng.normal(size=10), 12)[rng.integers(12) :][:107]
        own = np.convolve(steps if persistent else rng.normal(size=107), np.ones(12) / 12, "valid")
        found = mean_interval(own, overlap=11)
        covered += found.low <= 0 <= found.high
    assert covered >= 1820


def test_too_few_stretches_give_a_mean_and_no_interval():
    found = mean_interval([0.1, 0.2, 0.3, 0.1], overlap=2)
    assert found.mean == pytest.approx(0.175)
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(mean_interval([], overlap=0).mean)
    assert np.isnan(mean_interval([0.1] * 30, overlap=0).low)


def test_a_fund_that_ends_keeps_its_last_nav_in_the_correlation():
    days = pd.bdate_range("2020-01-31", "2020-06-30")
    path = pd.DataFrame({f"f{n}": 10.0 + n * np.arange(len(days)) / 100 for n in range(6)}, index=days)
    path.loc["2020-03-03":, "f5"] = np.nan
    rows = scores(*(("2020-01-31", f"f{n}", 10.0 * n) for n in range(6)))
    made = made_of(rows, path)
    later = score_skill.later_returns(made.scores, made.navs, months=3).set_index("fund_id")["later"]
    assert later["f5"] == pytest.approx(path.loc["2020-03-02", "f5"] / path.loc["2020-02-03", "f5"] - 1)
    assert len(later) == 6


def test_rows_of_the_transition_table_add_up_to_one_and_count_the_ended():
    rows, path = generated(funds=24, years=4, seed=2)
    made = made_of(rows, path, ends=events(("f0001", "closed", "2016-06-30")))
    kept = made.scores[~((made.scores["fund_id"] == "f0001") & (made.scores["score_date"] > "2016-06-30"))]
    table = score_skill.transitions(kept, made.ends, made.navs)
    sums = table.groupby(["horizon_months", "quartile"])["share"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(len(sums)))
    ended = table[table["later"] == "ended"].groupby("horizon_months")["funds"].sum()
    assert ended.to_dict() == {3: 3, 6: 6, 12: 12}
    assert (table[table["later"] == "unranked"]["funds"] == 0).all()


def test_funds_that_keep_their_quartile_are_all_on_the_diagonal():
    rows, path = generated(funds=24, years=4, seed=2)
    first = rows.drop_duplicates("fund_id").set_index("fund_id")["quartile"]
    made = made_of(rows.assign(quartile=rows["fund_id"].map(first)), path)
    table = score_skill.transitions(made.scores, made.ends, made.navs, horizons=(12,))
    stay = table[table["later"] == table["quartile"].astype(str)]
    assert stay["share"].tolist() == [1.0] * 4


def drawn(made, choice, **more):
    done, rows = carried_out(made.decide(choice), made.navs)
    return random_choice.random_returns(done, rows, made.navs, made.ends, **more)


def test_the_first_column_of_random_choices_is_the_backtest_before_costs():
    rows, path = generated(funds=20, years=3, seed=6)
    path.loc["2016-02-10":, "f0004"] = np.nan
    made = made_of(rows, path, ends=events(("f0004", "merged", "2016-02-09", "f0002")), at_merger="successor")
    for choice in (Choice("quarterly", 5, weighting="score"), Choice("monthly", 2, "by_category")):
        own = made.carry(choice).daily["gross_return"].iloc[1:]
        got = drawn(made, choice, draws=3, seed=1)[:, 0]
        assert got == pytest.approx(own.to_numpy(), abs=1e-12)


def test_a_random_choice_has_as_many_funds_of_each_category_and_none_twice():
    rows, path = generated(funds=30, years=1, seed=6, categories=3)
    one = made_of(rows, path).decide(Choice("quarterly", 7))[1]
    wanted = np.bincount(one.categories[one.picks], minlength=3)
    places = random_choice.drawn(one, draws=200, seed=4, among="picked")
    for row in places:
        assert len(set(row)) == 7
        assert (np.bincount(one.categories[row], minlength=3) == wanted).all()
    assert (one.categories[places] == one.categories[one.picks]).all()
    first = made_of(rows, path).decide(Choice("quarterly", 7))[0]
    assert (random_choice.drawn(first, draws=200, seed=4, among="picked") != places).any()
    free = random_choice.drawn(one, draws=2000, seed=4, among="allowed")
    counts = np.bincount(free.ravel(), minlength=30)
    expected = 2000 * 7 / 30
    assert stats.chisquare(counts).pvalue > 1e-4
    assert counts.sum() / 30 == pytest.approx(expected)


def test_draws_of_a_date_do_not_depend_on_later_dates():
    rows, path = generated(funds=20, years=3, seed=6)
    whole = drawn(made_of(rows, path), Choice("quarterly", 5), draws=50, seed=3)
    cut = "2016-08-15"
    part = drawn(
        made_of(rows[rows["score_date"] <= cut], path.loc[:cut]), Choice("quarterly", 5), draws=50, seed=3
    )
    assert part == pytest.approx(whole[: len(part)], abs=1e-14)


@pytest.mark.parametrize("among", ["picked", "allowed"])
def test_without_skill_the_place_among_random_choices_is_uniform(among):
    shares = []
    for seed in range(60):
        rows, path = generated(funds=24, years=2, skill=0.0, seed=3000 + seed, categories=2)
        made = made_of(rows, path)
        table = random_choice.measures(
            drawn(made, Choice("quarterly", 4), draws=99, seed=seed, among=among), days=700, risk_free=0.0
        )
        shares.append(random_choice.share_at_least_as_good(table, "cumulative_return"))
    assert stats.kstest(shares, "uniform").pvalue > 0.01
    assert min(shares) >= 0.01


def test_with_planted_skill_hardly_a_random_choice_does_as_well():
    rows, path = generated(funds=60, years=5, skill=0.9, seed=8)
    table = random_choice.measures(
        drawn(made_of(rows, path), Choice("quarterly", 6), draws=300, seed=1), days=1800, risk_free=0.0
    )
    assert random_choice.share_at_least_as_good(table, "cumulative_return") == pytest.approx(1 / 301)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["Large Cap Fund", "Mid Cap Fund"]), min_size=0, max_size=2, unique=True))
def test_categories_asked_for_are_kept_and_all_are_taken_when_none_is(among):
    rows = scores(("2020-01-31", "a", 50, "Large Cap Fund"), ("2020-01-31", "b", 50, "Mid Cap Fund"))
    assert known_categories(among, rows) == (among or ["Large Cap Fund", "Mid Cap Fund"])


def test_a_category_that_there_is_not_is_refused_with_the_nearest():
    path = wide("2020-01-31", a=[1.0, 1.0])
    with pytest.raises(InputError, match=r"among.*'Large Cap Fnd'.*`Large Cap Fund`"):
        inputs(scores(("2020-01-31", "a", 50)), path, among=["Large Cap Fnd"])
