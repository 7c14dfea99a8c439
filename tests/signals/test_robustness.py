"""A spread computed again in every way, against loops, against planted truth and against no effect at all."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sorted_worlds import sorted_world

from lib.contracts import empty
from lib.signals import alpha_study, sort_study
from lib.signals.pages import alphas as alphas_page
from lib.signals.pages import robustness as page
from lib.signals.pages import robustness_choices as choice_page
from lib.signals.permuted import placebo, whole_paths, within_dates
from lib.signals.resorted import Formations, ends, period_returns, persistence, spreads, winsorised
from lib.signals.robust_study import Inputs, Settings, robust_study
from lib.signals.subsamples import subsamples, welch
from lib.tables import TABLES
from tests.signals.worlds import world

SETTINGS = Settings(draws=199, horizon=24)
SUBJECT = {"as_of": "2049-01-01", "universe": "world", "hypothesis": "higher", "benchmark": "world index"}


@pytest.fixture(scope="module")
def made():
    return sorted_world(effect=0.01, days=1000, firms=50)


@pytest.fixture(scope="module")
def study(made):
    return robust_study(made[1], SETTINGS, **SUBJECT)


def formed_of(scores, held, *, groups=5, cap=None):
    """Formations of arrays alone."""
    days = pd.date_range("2015-01-31", periods=len(scores) + 1, freq="ME")
    nothing = np.zeros(scores.shape)
    cap = np.ones(scores.shape) if cap is None else cap
    at = np.arange(len(scores))
    return Formations(days[:-1], days[:-1], days[1:], at, scores, nothing, held, cap, cap > 0, groups)


def test_the_spread_is_what_loops_over_dates_and_pandas_quantiles_give(made, study):
    table = study.tables["signal_reproduced"]
    assert len(table) == len(made[1].long_short) > 40
    assert np.abs(table["given"] - table["computed"]).max() < 1e-12
    assert np.abs(table["given"] - table["cut_anew"]).max() < 1e-12
    rows = study.tables["signal_specifications"].set_index("specification")
    assert rows.loc["lag 1, equal weights, 5 groups", "mean_annual"] == pytest.approx(
        12 * table["given"].mean()
    )


@pytest.mark.parametrize("groups", [3, 5, 10])
def test_ends_are_those_of_pandas_also_with_ties_and_gaps(groups):
    draw = np.random.default_rng(groups)
    values = draw.integers(0, 30, (40, 61)).astype(float)
    values[draw.random(values.shape) < 0.05] = np.nan
    low, high = ends(values, groups)
    for row, mine, top in zip(values, low, high, strict=True):
        theirs = pd.qcut(pd.Series(row), groups, labels=False, duplicates="drop")
        edges = np.nanquantile(row, [1 / groups, 1 - 1 / groups])
        assert (mine == (row <= edges[0] + 1e-9)).all()
        assert (top == (row > edges[1] + 1e-9)).all()
        assert mine.sum() == (theirs == 0).sum()


def test_a_thin_date_has_fewer_groups_and_one_too_thin_has_none():
    values = np.arange(24.0)[None, :].repeat(2, axis=0)
    values[1, 8:] = np.nan
    low, high = ends(values, 10)
    assert (low[0].sum(), high[0].sum()) == (8, 8)
    assert not low[1].any() and not high[1].any()


def test_versions_at_once_are_each_alone_and_caps_weigh():
    draw = np.random.default_rng(1)
    scores, held = draw.standard_normal((3, 6, 40)), draw.standard_normal((6, 40)) * 0.1
    cap = np.exp(draw.standard_normal((6, 40)))
    together = spreads(scores, held, groups=4, sign=-1.0, cap=cap)
    for version, own in zip(scores, together, strict=True):
        assert spreads(version, held, groups=4, sign=-1.0, cap=cap) == pytest.approx(own)
    low, high = ends(scores[0], 4)
    by_hand = [
        np.average(held[day][low[day]], weights=cap[day][low[day]])
        - np.average(held[day][high[day]], weights=cap[day][high[day]])
        for day in range(6)
    ]
    assert together[0] == pytest.approx(by_hand)


def test_a_delisting_ends_a_period_and_the_money_lies_still():
    returns = np.array([[0.1, 0.1], [0.1, -1.0], [0.1, np.nan], [0.1, np.nan]])
    found = period_returns(returns, np.array([0, 1, 2]), np.array([2, 3, 3]))
    assert found[:, 0] == pytest.approx([0.21, 0.21, 0.1])
    assert found[0, 1] == pytest.approx(-1.0) and np.isnan(found[1:, 1]).all()


def test_winsorising_stays_within_its_date():
    held = np.random.default_rng(0).standard_normal((5, 200)) * np.array([[1], [2], [3], [4], [5]])
    found = winsorised(held, np.ones(held.shape, dtype=bool), 0.01)
    for before, after in zip(held, found, strict=True):
        assert (after.min(), after.max()) == pytest.approx(tuple(np.quantile(before, [0.01, 0.99])))
        assert (np.sort(before)[5:-5] == np.sort(after)[5:-5]).all()


def test_the_planted_effect_lies_in_the_interval(made, study):
    world, given = made
    rows = given.sorted_firms
    clock = pd.DatetimeIndex(np.sort(rows["date"].unique()))
    days = {a: len(world.sessions[(world.sessions > a) & (world.sessions <= b)]) for a, b in pairwise(clock)}
    own = rows.assign(part=rows["position"] * rows["value"], days=rows["date"].map(days)).dropna()
    truth = (own["part"] * own["days"] / 21.0 * world.effect).groupby(own["date"]).sum().mean()
    row = study.tables["signal_bootstrap"].query("portfolio == 'long_short' and figure == 'mean'").iloc[0]
    assert row["studentised_low"] <= truth <= row["studentised_high"]
    assert study.tables["signal_permutations"]["p"].max() <= 0.01
    table = study.tables["signal_best_of_many"].set_index("test")["p"]
    assert table["spa_consistent"] < 0.05
    assert study.tables["signal_specifications"].query("kind == 'sort'")["superior"].all()


def null_worlds(count, *, firm_effects=0.0, persistent=False):
    """Formations without an effect: 24 dates, 30 firms."""
    for seed in range(count):
        draw = np.random.default_rng(seed)
        scores = (
            draw.standard_normal((1, 30)).repeat(24, axis=0) if persistent else draw.standard_normal((24, 30))
        )
        held = 0.05 * draw.standard_normal((24, 30)) + firm_effects * draw.standard_normal(30)
        yield formed_of(scores, held), draw


@pytest.mark.parametrize("test", [within_dates, whole_paths, placebo])
def test_p_values_without_an_effect_are_as_small_as_chance_makes_them(test):
    found = [test(formed, sign=1.0, draws=99, generator=draw).p for formed, draw in null_worlds(400)]
    assert 0.03 <= np.mean(np.array(found) <= 0.05) <= 0.075
    assert np.mean(found) == pytest.approx(0.5, abs=0.05) and min(found) >= 0.01


def test_where_firms_differ_for_good_only_whole_paths_are_right():
    shares = {}
    for test in (within_dates, whole_paths):
        found = [
            test(formed, sign=1.0, draws=99, generator=draw).p
            for formed, draw in null_worlds(200, firm_effects=0.03, persistent=True)
        ]
        shares[test.__name__] = np.mean(np.array(found) <= 0.05)
    assert shares["whole_paths"] <= 0.09 and shares["within_dates"] > 0.25


def test_a_draw_that_is_as_large_counts_and_p_is_never_zero(study):
    draw = np.random.default_rng(2)
    scores = draw.standard_normal((30, 40))
    strong = within_dates(formed_of(scores, scores * 0.1), sign=1.0, draws=199, generator=draw)
    assert strong.p == 1 / 200
    turned = within_dates(formed_of(scores, -scores * 0.1), sign=1.0, draws=199, generator=draw)
    assert turned.observed < 0 and turned.p == 1 / 200
    assert (study.tables["signal_permutations"]["draws"] == 199).all()


def test_false_alarms_of_the_usual_test_are_counted():
    few = [
        whole_paths(formed, sign=1.0, draws=199, generator=draw).alarms for formed, draw in null_worlds(10)
    ]
    assert 0.05 < np.mean(few) < 0.15


def test_persistence_is_the_rank_correlation_with_the_date_before():
    draw = np.random.default_rng(3)
    values = draw.standard_normal((5, 300))
    for row in range(1, 5):
        values[row] = 0.8 * values[row - 1] + 0.6 * values[row]
    expected = [pd.Series(a).corr(pd.Series(b), method="spearman") for a, b in pairwise(values)]
    assert persistence(values) == pytest.approx(np.mean(expected))
    assert np.isnan(persistence(values[:1]))


def parted(held, scores, cap, failed=None):
    formed = formed_of(scores, held, cap=cap)
    spread = spreads(scores, held, groups=5, sign=1.0)
    index = np.where(np.arange(len(spread)) % 2 == 0, 0.01, -0.01)
    failed = np.zeros(scores.shape[1], dtype=bool) if failed is None else failed
    table = subsamples(
        formed,
        spread,
        index,
        np.abs(index) + np.arange(len(spread)),
        failed,
        sign=1.0,
        periods_a_year=12.0,
        least=10,
    )
    return table.set_index("subsample"), spread


def test_an_effect_of_small_firms_alone_is_found_as_a_difference():
    draw = np.random.default_rng(4)
    scores, cap = draw.standard_normal((60, 80)), np.tile(np.arange(1.0, 81.0), (60, 1))
    held = 0.03 * draw.standard_normal((60, 80)) + 0.02 * scores * (cap <= 40)
    table, spread = parted(held, scores, cap)
    assert table.loc["small firms", "p_holm"] < 0.001 and table.loc["small firms", "difference_holm"] < 0.001
    assert table.loc["large firms", "p_holm"] > 0.05
    assert table.loc["index rose", "difference_holm"] > 0.05
    assert table.loc["index rose", "mean_annual"] == pytest.approx(12 * spread[::2].mean())
    gap = spread[::2].mean() - spread[1::2].mean()
    assert table.loc["index rose", "difference_annual"] == pytest.approx(12 * gap)
    assert table.loc["2015", "periods"] == 11


def test_a_part_with_too_few_periods_has_a_reason_and_no_part_differs_from_itself():
    draw = np.random.default_rng(5)
    scores, held = draw.standard_normal((14, 60)), 0.05 * draw.standard_normal((14, 60))
    table, _ = parted(held, scores, np.ones((14, 60)))
    assert table.loc["2016", "code"] == "FEW_PERIODS" and np.isnan(table.loc["2016", "p"])
    assert np.isnan(table.loc["without firms that failed", "difference_p"])


def test_a_dozen_periods_of_many_differ_no_more_often_than_chance_makes_them():
    draw = np.random.default_rng(7)
    series = 0.04 * draw.standard_normal((2000, 380))
    series[:, :12] *= 2.0
    found = np.array([welch(row[:12], row[12:])[2] for row in series])
    assert 0.04 <= np.mean(found < 0.05) <= 0.06
    oracle = stats.ttest_ind(series[0, :12], series[0, 12:], equal_var=False)
    assert welch(series[0, :12], series[0, 12:])[1:] == pytest.approx((oracle.statistic, oracle.pvalue))
    alone = stats.ttest_1samp(series[0], 0.0)
    assert welch(series[0], np.zeros(1))[1:] == pytest.approx((alone.statistic, alone.pvalue))


def test_failures_that_carry_the_spread_are_seen():
    draw = np.random.default_rng(6)
    scores, held = draw.standard_normal((40, 60)), 0.02 * draw.standard_normal((40, 60))
    failed = np.zeros(60, dtype=bool)
    failed[:6] = True
    scores[:, :6] -= 3.0
    held[:, :6] -= 0.10
    table, spread = parted(held, scores, np.ones((40, 60)), failed)
    assert spread.mean() > 0.03
    assert table.loc["without firms that failed", "difference_holm"] < 0.001
    assert table.loc["without firms that failed", "p_holm"] > 0.05


def test_two_runs_give_the_same_and_the_order_of_rows_changes_nothing(made, study):
    mixed = {name: table.sample(frac=1.0, random_state=1) for name, table in vars(made[1]).items()}
    again = robust_study(replace(made[1], **mixed), SETTINGS, **SUBJECT)
    other = robust_study(made[1], replace(SETTINGS, seed=8), **SUBJECT)
    for name, table in study.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name], check_exact=True)
    assert not study.tables["signal_bootstrap"].equals(other.tables["signal_bootstrap"])
    assert study.tables["signal_specifications"]["mean_annual"].equals(
        other.tables["signal_specifications"]["mean_annual"]
    )


def test_earlier_tries_are_among_the_many(made):
    own = made[1].long_short[["date", "return"]]
    noise = np.random.default_rng(0).standard_normal((7, len(own))) * 0.03
    tries = pd.concat(
        [own.assign(specification=f"try-{k}", **{"return": row}) for k, row in enumerate(noise)]
    )
    found = robust_study(replace(made[1], trial_returns=tries), SETTINGS, **SUBJECT)
    row = found.tables["signal_best_of_many"].iloc[0]
    assert row["earlier"] == 7 and row["strategies"] == 44


def test_the_other_hypothesis_turns_the_spread(made, study):
    turned = robust_study(made[1], SETTINGS, **{**SUBJECT, "hypothesis": "lower"})
    ours, theirs = (one.tables["signal_specifications"]["mean_annual"] for one in (study, turned))
    assert theirs.to_numpy() == pytest.approx(-ours.to_numpy())
    assert turned.tables["signal_best_of_many"].set_index("test").loc["spa_consistent", "p"] > 0.5


def test_six_firms_are_an_answer_with_its_reasons():
    few = robust_study(sorted_world(firms=9, failures=0, days=400, groups=2)[1], SETTINGS, **SUBJECT)
    assert set(few.tables["signal_permutations"]["code"]) == {"FEW_FIRMS"}
    said = " ".join(page.faults(few, ["real"]))
    assert "9 firms" in said and "nothing is permuted" in said
    assert "Nothing could be permuted" in page.verdict(few)


def test_every_sentence_is_written_for_whole_and_for_empty_answers(study):
    few = robust_study(
        sorted_world(firms=9, failures=0, days=200, groups=2)[1], SETTINGS, **{**SUBJECT, "benchmark": None}
    )
    for found in (study, few):
        sentences = [
            function(found)
            for module in (page, choice_page)
            for name, function in vars(module).items()
            if name.endswith("_sentence") and function.__module__ == module.__name__
        ]
        assert len(sentences) == 12
        for one in sentences:
            assert one.endswith(".") and "nan" not in one and "None" not in one
        assert page.bootstrap(found)["words"].notna().all() and len(page.key_figures(found)) == 4
    assert all(one.passed for one in page.checks(study))
    assert study.tables["signal_outlook"]["low"].iloc[0] == 1.0


@pytest.fixture(scope="module", params=["equal", "value"])
def sorted_by_the_stage(request):
    """The tables of the stage before, of a world."""
    made = world(effect=0.01, days=700, components=2)
    names = ("values", "returns", "memberships", "delistings", "entities")
    tables = [made.tables[f"signal_{name}"] for name in names]
    given = sort_study.Inputs(*tables, empty(TABLES["signal_facts"]))
    choice = sort_study.Choice(groups=5, weighting=request.param, draws=100)
    found = sort_study.sort_study(
        given, choice, as_of="2049-01-01", universe="world", hypothesis="higher", exchange="XNYS"
    )
    return made, found, request.param


def test_the_spread_of_the_stage_before_follows_from_its_positions(sorted_by_the_stage):
    made, found, weighting = sorted_by_the_stage
    tables = {**made.tables, **found.tables}
    given = Inputs(
        *(tables[f"signal_{name}"] for name in ("groups", "values", "returns", "memberships", "delistings")),
        *(tables[name] for name in ("signal_benchmarks", "long_short", "group_returns")),
        *(empty(TABLES[name]) for name in ("trials", "trial_returns")),
    )
    study = robust_study(given, replace(SETTINGS, weighting=weighting), **SUBJECT)
    table = study.tables["signal_reproduced"]
    assert len(table) > 25 and np.abs(table["given"] - table["computed"]).max() < 1e-12
    assert all(one.passed for one in page.checks(study))
    same = study.tables["signal_specifications"].set_index("specification")
    mean = same.loc[f"lag 1, {weighting} weights, 5 groups", "mean_annual"]
    assert mean == pytest.approx(12 * table["given"].mean(), abs=1e-12)
    names = ("long_short", "long_short_daily", "group_returns", "factor_sets", "signal_benchmarks")
    portfolios, *others = (empty(TABLES[name]) for name in ("test_portfolios", "trials", "trial_returns"))
    spread, daily, groups, factors, indices = (tables[name] for name in names)
    alphas = alpha_study.alpha_study(
        alpha_study.Inputs(spread, daily, groups, factors, portfolios, indices, *others),
        alpha_study.Choice(weighting=weighting),
        as_of="2049-01-01",
        hypothesis="higher",
        benchmark="world index",
        factor_set="world",
    )
    assert alphas.best["model"] == "FF6" and alphas.best["series"] == "holding"
    kinds = alphas.tables["signal_candidates"]["kind"].value_counts()
    assert kinds["neighbour"] >= 4
    assert all(one.passed for one in alphas_page.checks(alphas))


def test_a_sort_that_found_nothing_is_an_answer(made):
    names = {
        "sorted_firms": "signal_groups",
        "values": "signal_values",
        "long_short": "long_short",
        "group_returns": "group_returns",
    }
    bare = {field: empty(TABLES[name]) for field, name in names.items()}
    study = robust_study(replace(made[1], **bare), SETTINGS, **SUBJECT)
    assert set(study.tables["signal_permutations"]["code"]) == {"FEW_FIRMS"}
    assert page.verdict(study).startswith("Nothing could be permuted")
    assert page.faults(study, ["real"]) and len(page.key_figures(study)) == 4
    assert all(one.passed for one in page.checks(study))
