"""Differences in differences: truths that were planted, sizes of tests, closed forms, refusals."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from lib.stats.differences import sensitivity, staggered, two_way
from lib.stats.differences.design import NEVER, Design, design_of, refusal


def made(*, units=60, periods=10, seed=1, effect=0.5, growth=0.0, trend=0.0, noise=1.0, never=20):
    """Units treated at 4 or 7 or never; the effect grows, and treated ones may have a trend of their own."""
    draw = np.random.default_rng(seed)
    first = np.full(units, NEVER)
    first[never : (units + never) // 2], first[(units + never) // 2 :] = 4.0, 7.0
    time = np.arange(periods)
    since = time - first[:, None]
    outcome = draw.standard_normal((units, 1)) + 0.3 * time + noise * draw.standard_normal((units, periods))
    outcome += np.where(since >= 0, effect + growth * np.maximum(np.where(since >= 0, since, 0), 0), 0.0)
    outcome += np.where(np.isfinite(first)[:, None], trend * time, 0.0)
    return Design(
        outcome, first, np.ones(units), np.arange(units), np.arange(units), time.astype("float64"), 0, False
    )


def test_without_noise_effects_by_group_and_time_are_the_truth_and_two_way_effects_are_not():
    design = made(noise=0.0, effect=1.0, growth=0.5)
    cells = staggered.group_times(design)
    after = cells.period >= cells.group
    assert_allclose(cells.effect[after], 1.0 + 0.5 * (cells.period - cells.group)[after], atol=1e-12)
    assert_allclose(cells.effect[~after], 0.0, atol=1e-12)
    assert abs(two_way.two_way_effects(design).coefficient[0] - cells.effect[after].mean()) > 0.2


def test_controls_are_units_not_yet_treated_and_a_last_period_without_any_has_no_cell():
    design = made(never=0, noise=0.0)
    cells = staggered.group_times(design)
    assert set(zip(cells.group, cells.period, strict=True)) == {(4, one) for one in (0, 1, 2, 4, 5, 6)}
    assert_allclose(cells.effect[cells.period >= cells.group], 0.5)


def test_missing_outcomes_leave_out_only_the_pairs_that_need_them():
    design = made()
    holes = design.outcome.copy()
    holes[0, 9] = np.nan
    found, whole = (staggered.group_times(one) for one in (design._replace(outcome=holes), design))
    same = found.period != 9
    assert_allclose(found.effect[same], whole.effect[same])
    assert (found.controls[~same] == whole.controls[~same] - 1).all()


def test_a_two_by_two_is_the_difference_of_the_means():
    design = made()
    before, after = design.outcome[:, :4].mean(axis=1), design.outcome[:, 7:].mean(axis=1)
    change, treated = after - before, design.treated
    effect, tested = two_way.two_by_two(design)
    assert effect == pytest.approx(change[treated].mean() - change[~treated].mean())
    plain = change[treated].var() / treated.sum() + change[~treated].var() / (~treated).sum()
    assert tested.error[1] == pytest.approx(np.sqrt(plain * 60 / 59 * 59 / 58))


def test_with_one_group_and_two_periods_all_estimators_are_the_same():
    draw = np.random.default_rng(3)
    outcome, first = draw.standard_normal((40, 2)), np.repeat([1.0, NEVER], 20)
    units = np.arange(40)
    design = Design(outcome, first, np.ones(40), units, units, np.arange(2.0), 0, False)
    effect = two_way.two_by_two(design)[0]
    cells = staggered.group_times(design)
    assert staggered.overall(design, cells).effect[0] == pytest.approx(effect)
    assert two_way.two_way_effects(design).coefficient[0] == pytest.approx(effect)
    assert two_way.bacon(design).estimate[0] == pytest.approx(effect)


def test_leads_and_lags_leave_the_last_period_before_out_and_bin_both_ends():
    design = made(noise=0.0, effect=1.0, growth=0.0)
    found = two_way.leads_and_lags(design, leads=3, lags=2)
    assert list(found.label) == [-3, -2, 0, 1, 2]
    assert_allclose(found.coefficient, [0.0, 0.0, 1.0, 1.0, 1.0], atol=1e-10)


def test_larger_clusters_are_those_of_statsmodels():
    import statsmodels.api as sm

    design = made()._replace(cluster=np.arange(60) // 4)
    found = two_way.two_way_effects(design)
    unit, period = (one.ravel() for one in np.indices(design.outcome.shape))
    on = design.on().ravel().astype("float64")
    wide = np.column_stack([on, np.eye(60)[unit], np.eye(10)[period][:, 1:]])
    groups = {"groups": (unit // 4), "use_correction": True}
    theirs = sm.OLS(design.outcome.ravel(), wide).fit(cov_type="cluster", cov_kwds=groups)
    charged = (600 - wide.shape[1]) / (600 - 1 - 10)
    assert found.tested.error[0] == pytest.approx(theirs.bse[0] * np.sqrt(charged), rel=1e-8)


SAMPLES = 400


@pytest.fixture(scope="module")
def samples():
    """Overall effect, its error, and the path of each of many designs with an effect of 0.5."""
    found = []
    for seed in range(SAMPLES):
        design = made(units=90, never=30, seed=seed)
        cells = staggered.group_times(design)
        whole, path = staggered.overall(design, cells), staggered.by_event_time(design, cells)
        inside = (path.label >= -4) & (path.label <= 2)
        one = staggered.judged(design, whole.effect, whole.influence, draws=0, seed=1)
        many = staggered.judged(design, path.effect[inside], path.influence[:, inside], draws=199, seed=1)
        found.append((whole.effect[0], one.error[0], path.label[inside], path.effect[inside], many))
    return found


def test_intervals_of_the_overall_effect_cover_the_truth(samples):
    effect, error = np.array([(one[0], one[1]) for one in samples]).T
    covered = np.abs(effect - 0.5) < 1.96 * error
    assert 0.93 - 0.02 <= covered.mean() <= 0.97 + 0.01


def test_the_band_holds_all_distances_at_once(samples):
    truth = [np.where(one[2] >= 0, 0.5, 0.0) for one in samples]
    inside = [
        (np.abs(one[3] - true) <= one[4].band * one[4].error).all()
        for one, true in zip(samples, truth, strict=True)
    ]
    assert 0.90 <= np.mean(inside) <= 0.98
    single = [
        (np.abs(one[3] - true) <= 1.96 * one[4].error).all() for one, true in zip(samples, truth, strict=True)
    ]
    assert np.mean(single) < 0.85


def test_the_test_of_trends_keeps_its_size_and_its_power_is_what_it_says(samples):
    def test_of(one, slope=0.0):
        moved = one[3] + slope * np.where(one[2] < -1, one[2] + 1, 0)
        return two_way.pre_trend(one[2], moved, one[4].covariance, freedom=89, against=0.3)

    level = np.mean([test_of(one).p < 0.05 for one in samples])
    assert 0.03 <= level <= 0.10
    slopes = [test_of(one) for one in samples[:20]]
    slope = float(np.median([one.slope_80 for one in slopes]))
    found = np.mean([test_of(one, slope).p < 0.05 for one in samples])
    assert 0.72 <= found <= 0.90
    half = float(np.median([one.slope_50 for one in slopes]))
    assert half < slope


def test_slopes_of_the_power_are_those_of_diff_diff_where_clusters_are_many():
    from diff_diff.pretrends import PreTrendsPower

    from lib.stats.differences.sensitivity import path_of

    label = np.array([-4, -3, -2, 0, 1])
    draw = np.random.default_rng(5)
    root = draw.standard_normal((5, 5))
    covariance = root @ root.T / 50 + 0.01 * np.eye(5)
    path = path_of(label, np.zeros(5), covariance, leads=4, lags=1)
    test = two_way.pre_trend(path.label, path.effect, path.covariance, freedom=1e7, against=0.1)
    theirs = PreTrendsPower(pretest_form="wald", power=0.8).fit(sensitivity.event_study(path))
    line = np.array([3.0, 2.0, 1.0])
    weights = np.asarray(theirs.violation_weights, dtype="float64")
    assert_allclose(np.abs(weights) / np.linalg.norm(weights), line / np.linalg.norm(line), atol=1e-9)
    ratio = abs(theirs.mdv) * np.linalg.norm(weights) / np.linalg.norm(line)
    assert test.slope_80 == pytest.approx(ratio, rel=1e-3)


def path():
    label = np.array([-3, -2, 0, 1])
    return sensitivity.Path(label, np.array([0.1, -0.1, 0.6, 0.8]), np.diag([0.01, 0.01, 0.04, 0.04]))


def test_bounds_of_relative_magnitudes_are_the_closed_form_and_diff_diffs_set():
    from diff_diff import HonestDiD

    one = sensitivity.relative_magnitudes(path(), [0.0, 1.0])
    assert (one[0].set_low, one[0].set_high) == pytest.approx((0.7, 0.7))
    assert (one[1].set_low, one[1].set_high) == pytest.approx((0.7 - 0.2 * 1.5, 0.7 + 0.2 * 1.5))
    half = stats.norm.ppf(0.975) * np.sqrt(0.02)
    assert (one[0].low, one[0].high) == pytest.approx((0.7 - half, 0.7 + half))
    theirs = HonestDiD(method="relative_magnitude", M=1.0).fit(sensitivity.event_study(path()))
    assert (one[1].set_low, one[1].set_high) == pytest.approx((theirs.lb, theirs.ub), abs=1e-6)
    assert one[1].low < theirs.ci_lb


def test_bounds_grow_with_what_is_allowed_and_smoothness_carries_a_straight_line_on():
    straight = sensitivity.Path(
        np.array([-4, -3, -2, 0, 1]), np.array([-0.3, -0.2, -0.1, 0.1, 0.2]), 1e-6 * np.eye(5)
    )
    widths = [one.high - one.low for one in sensitivity.relative_magnitudes(straight, [0.0, 0.5, 1.0, 2.0])]
    assert (np.diff(widths) > 0).all()
    exact, loose = sensitivity.smoothness(straight, [0.0, 0.05])
    assert exact.low < 0.0 < exact.high
    assert exact.high - exact.low < 0.02 < loose.high - loose.low


def test_the_interval_of_relative_magnitudes_covers_a_trend_that_goes_on_as_before():
    draw = np.random.default_rng(9)
    label, line = np.array([-4, -3, -2, 0, 1, 2]), np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
    covariance = 0.02 * (np.eye(6) + 0.5)
    root = np.linalg.cholesky(covariance)
    covered = 0
    for _ in range(1000):
        effect = 0.1 * line + np.where(label >= 0, 0.4, 0.0) + root @ draw.standard_normal(6)
        bound = sensitivity.relative_magnitudes(sensitivity.Path(label, effect, covariance), [1.0])[0]
        covered += bound.low <= 0.4 <= bound.high
    assert covered >= 950


def table(first, *, units=6, periods=4, **columns):
    rows = [
        {"unit": f"u{unit}", "period": float(period), "value": unit + 1.0, "first_treated": first[unit]}
        for unit in range(units)
        for period in range(periods)
    ]
    frame = pd.DataFrame(rows).assign(weight=1.0)
    return frame.assign(cluster=frame["unit"]).assign(**columns)


NONE = float("nan")


@pytest.mark.parametrize(
    ("first", "columns", "code"),
    [
        ([0.0, 0.0, 0.0, NONE, NONE, NONE], {}, "NO_PRE_PERIOD"),
        ([-5.0] * 3 + [NONE] * 3, {}, "NO_PRE_PERIOD"),
        ([NONE] * 6, {}, "NO_TREATED"),
        ([9.0] * 6, {}, "NO_TREATED"),
        ([2.0] * 6, {}, "NO_CONTROLS"),
        ([2.0] * 3 + [NONE] * 3, {"cluster": "all"}, "ONE_CLUSTER"),
        ([2.0] * 3 + [NONE] * 3, {}, ""),
        ([2.0] * 3 + [3.0] * 3, {}, ""),
    ],
)
def test_a_design_without_an_answer_is_refused_with_its_reason(first, columns, code):
    assert refusal(design_of(table(first, **columns))) == code


def test_units_treated_from_the_start_are_left_out_and_counted():
    design = design_of(table([0.0, 2.0, 2.0, NONE, NONE, NONE]))
    assert (design.always, len(design.units)) == (1, 5)


def test_weights_that_do_not_differ_are_not_used_and_a_unit_has_one_beginning():
    assert not design_of(table([2.0] * 3 + [NONE] * 3)).weighted
    frame = table([2.0] * 3 + [NONE] * 3)
    weighted = design_of(frame.assign(weight=frame["unit"].str[1:].astype("float64") + 1.0))
    assert weighted.weighted
    assert weighted.weight.mean() == pytest.approx(1.0)
    frame.loc[0, "first_treated"] = 3.0
    with pytest.raises(ValueError, match="unit u0 has more than one first treated period"):
        design_of(frame)
