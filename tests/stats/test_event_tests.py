"""Event tests against other libraries, and how often they reject on generated data whose truth is known."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose
from scipy import stats

from lib.stats import event_model, event_tests
from tests.stats.event_draws import draws

LEVEL = 0.05


def rejected(*, batches=4, samples=500, events=30, seed=4, **how):
    """Share of 2,000 draws in which each test of the whole window rejects at 5 %."""
    found = {}
    for batch in range(batches):
        before, index, later, index_later = draws(samples, events, seed=seed + batch, **how)
        normal = event_model.estimate(before, index)
        own = event_model.abnormal(normal, later, index_later)
        car, scar = own.cumulative[..., -1], own.standardised_cumulative[..., -1]
        r = event_tests.mean_correlation(normal.residuals) if how.get("same_day") else 0.0
        factor = (own.cumulative_variance[..., -1] / normal.sigma**2).mean(axis=-1)
        share = event_tests.positive_share(normal.residuals)
        for name, one in {
            "cross_sectional": event_tests.cross_sectional(car),
            "patell": event_tests.patell(scar, normal.df),
            "boehmer": event_tests.boehmer(scar),
            "kolari_pynnonen": event_tests.kolari_pynnonen(scar, r),
            "portfolio": event_tests.portfolio_error(car, normal.residuals, factor=factor),
            "corrado": event_tests.corrado(normal.residuals, own.returns),
            "sign": event_tests.sign(car),
            "generalised_sign": event_tests.sign(car, share),
            "wilcoxon": event_tests.wilcoxon(car),
        }.items():
            found.setdefault(name, []).append(one.p)
    return {name: float((np.concatenate(p) < LEVEL).mean()) for name, p in found.items()}


def inside(found, names, low=0.04, high=0.06):
    wrong = {name: found[name] for name in names if not low <= found[name] <= high}
    assert not wrong, f"rejected {wrong}"


EVERY = (
    "cross_sectional", "patell", "boehmer", "kolari_pynnonen", "portfolio", "corrado", "sign",
    "generalised_sign", "wilcoxon",
)  # fmt: skip


def test_every_test_rejects_a_true_null_of_independent_events_in_one_of_twenty():
    inside(rejected(), EVERY)


def test_on_one_day_only_tests_that_allow_for_correlation_hold():
    """The known failures: thirty firms whose residuals correlate by 0.2."""
    found = rejected(same_day=True, correlation=0.2)
    inside(found, ("kolari_pynnonen", "portfolio", "corrado"))
    for name in ("cross_sectional", "patell", "boehmer", "sign", "generalised_sign", "wilcoxon"):
        assert found[name] > 0.35, name


def test_where_the_event_doubles_the_deviation_only_tests_on_the_spread_of_events_hold():
    found = rejected(raised=2.0)
    inside(found, ("cross_sectional", "boehmer", "kolari_pynnonen", "sign", "generalised_sign", "wilcoxon"))
    assert found["patell"] > 0.25 and found["portfolio"] > 0.25 and found["corrado"] > 0.09


def test_with_both_only_kolari_and_pynnonen_holds():
    found = rejected(same_day=True, correlation=0.2, raised=2.0)
    inside(found, ("kolari_pynnonen",))
    assert min(found[name] for name in EVERY if name != "kolari_pynnonen") > 0.09


def test_power_rises_with_the_planted_effect():
    none, some, much = (rejected(batches=1, effect=size) for size in (0.0, 0.01, 0.03))
    for name in EVERY:
        assert none[name] + 0.04 < some[name] < much[name] - 0.3, name


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_bands_of_the_mean_path_hold_the_truth_in_95_of_100_draws(correlation):
    held = []
    for batch in range(4):
        before, index, later, index_later = draws(
            500, 20, seed=50 + batch, same_day=True, correlation=correlation
        )
        normal = event_model.estimate(before, index)
        own = event_model.abnormal(normal, later, index_later)
        for sample in range(500):
            low, high = event_model.weighted_path(
                sliced(normal, sample), sliced(own, sample), np.full(20, 0.05)
            )[1:]
            held.append((low < 0) & (high > 0))
    share = np.mean(held, axis=0)
    assert (share > 0.935).all() and (share < 0.965).all(), share


def sliced(whole, sample):
    """One sample of a dataclass of arrays."""
    parts = {name: value if isinstance(value, str) else value[sample] for name, value in vars(whole).items()}
    return type(whole)(**parts)


@pytest.fixture(scope="module")
def sample():
    before, index, later, index_later = (one[0] for one in draws(1, 12, seed=9, same_day=True))
    before = before.copy()
    before[3, :40] = np.nan
    before[5, 7] = np.nan
    return before, index, later, index_later


def test_the_market_model_and_its_forecast_errors_are_those_of_statsmodels(sample):
    before, index, later, index_later = sample
    normal = event_model.estimate(before, index)
    own = event_model.abnormal(normal, later, index_later)
    for event in range(len(before)):
        known = np.isfinite(before[event])
        fit = sm.OLS(before[event, known], sm.add_constant(index[event, known])).fit()
        assert_allclose([normal.alpha[event], normal.beta[event]], fit.params, rtol=1e-10)
        assert_allclose(normal.sigma[event] ** 2, fit.scale, rtol=1e-10)
        design = sm.add_constant(index_later[event])
        assert_allclose(own.returns[event], later[event] - fit.predict(design), rtol=1e-9)
        error = fit.get_prediction(design).se_obs
        assert_allclose(own.variance[event], error**2, rtol=1e-10)
        total = np.append(7.0, index_later[event].sum())
        expected = fit.scale * 7.0 + total @ fit.cov_params() @ total
        assert_allclose(own.cumulative_variance[event, -1], expected, rtol=1e-10)


@pytest.mark.parametrize(("model", "beta"), [("mean", 0.0), ("market_adjusted", 1.0)])
def test_simpler_models_expect_the_own_mean_or_the_market(sample, model, beta):
    before, index, later, index_later = sample
    normal = event_model.estimate(before, index, model=model)
    own = event_model.abnormal(normal, later, index_later)
    mean = np.nanmean(before, axis=1) if model == "mean" else np.zeros(len(before))
    assert_allclose(own.returns, later - mean[:, None] - beta * index_later)
    off = before - mean[:, None] - beta * index
    count = np.isfinite(before).sum(axis=1)
    free = count - (model == "mean")
    square = np.nansum(off**2, axis=1) / free
    assert_allclose(normal.sigma**2, square)
    extra = 7.0**2 / count if model == "mean" else 0.0
    assert_allclose(own.cumulative_variance[:, -1], square * (7.0 + extra))
    with pytest.raises(ValueError, match="no model 'capm'"):
        event_model.estimate(before, index, model="capm")


def test_a_day_without_a_return_adds_neither_to_the_sum_nor_to_its_error(sample):
    before, index, later, index_later = sample
    gap = later.copy()
    gap[0, 3] = np.nan
    normal = event_model.estimate(before, index)
    own = event_model.abnormal(normal, gap, index_later)
    without = [0, 1, 2, 4, 5, 6]
    other = event_model.abnormal(normal, later[:, without], index_later[:, without])
    assert_allclose(own.cumulative[0, -1], other.cumulative[0, -1])
    assert_allclose(own.cumulative_variance[0, -1], other.cumulative_variance[0, -1])
    assert np.isnan(own.returns[0, 3]) and own.cumulative[0, 3] == own.cumulative[0, 2]


def test_a_series_or_market_without_variation_has_no_error_to_stand_on():
    index = np.linspace(-0.01, 0.01, 80)
    still = event_model.estimate(np.full((1, 80), 0.001), index)
    flat = event_model.estimate(index[None], np.full(80, 0.002))
    assert np.isnan(still.sigma[0]) and np.isnan(flat.beta[0]) and np.isnan(flat.sigma[0])


def test_plain_tests_are_those_of_scipy():
    values = np.random.default_rng(3).normal(0.004, 0.02, 25)
    own, theirs = event_tests.cross_sectional(values), stats.ttest_1samp(values, 0.0)
    assert_allclose([own.statistic, own.p, own.df], [theirs.statistic, theirs.pvalue, 24])
    own, theirs = event_tests.wilcoxon(values), stats.wilcoxon(values, method="exact")
    assert_allclose(own.p, theirs.pvalue)
    assert min(own.statistic, 25 * 26 / 2 - own.statistic) == theirs.statistic
    above = int((values > 0).sum())
    assert_allclose(event_tests.sign(values).p, stats.binomtest(above, 25).pvalue)
    upper = stats.binomtest(above, 25, 0.45, alternative="greater").pvalue
    assert_allclose(event_tests.sign(values, 0.45).p, min(1.0, 2 * upper))


def test_missing_events_are_left_out_of_every_test():
    values = np.random.default_rng(3).normal(0.004, 0.02, 40)
    holes = np.insert(values, [0, 7, 30], np.nan)
    for test in (event_tests.cross_sectional, event_tests.sign, event_tests.wilcoxon):
        assert_allclose(test(holes), test(values))
    assert_allclose(
        event_tests.patell(holes, np.full(43, 60.0)).statistic, event_tests.patell(values, 60.0).statistic
    )


def test_ranks_of_corrado_are_those_of_a_plain_loop(sample):
    before, index, later, index_later = sample
    normal = event_model.estimate(before, index)
    own = event_model.abnormal(normal, later, index_later)
    both = np.concatenate([normal.residuals, own.returns], axis=1)
    shares = [[] for _ in range(both.shape[1])]
    for row in both:
        known = row[~np.isnan(row)]
        for day, value in enumerate(row):
            if not np.isnan(value):
                shares[day].append(((known < value).sum() + 1) / (len(known) + 1) - 0.5)
    mean = np.array([np.mean(one) for one in shares])
    expected = mean[-7:].sum() / (np.sqrt(7) * np.sqrt((mean**2).mean()))
    assert_allclose(event_tests.corrado(normal.residuals, own.returns).statistic, expected)


def test_unscaled_ranks_weigh_events_by_their_days(sample):
    before, index, later, index_later = sample
    normal = event_model.estimate(before, index)
    own = event_model.abnormal(normal, later, index_later)
    pair = normal.residuals, own.returns
    assert event_tests.corrado(*pair).statistic != event_tests.corrado(*pair, scaled=False).statistic
    whole = [np.delete(one, [3, 5], axis=0) for one in pair]
    assert_allclose(
        event_tests.corrado(*whole, scaled=False).statistic, event_tests.corrado(*whole).statistic
    )


def test_mean_correlation_is_that_of_all_pairs(sample):
    before, index, *_ = sample
    whole = np.delete(before, [3, 5], axis=0)
    residuals = event_model.estimate(whole, np.delete(index, [3, 5], axis=0)).residuals
    table = np.corrcoef(residuals)
    expected = (table.sum() - 10) / 90
    assert_allclose(event_tests.mean_correlation(residuals), expected)
    assert_allclose(event_tests.overlapping_correlation(residuals, np.full(10, 5), days=7), expected)


def test_correlation_counts_pairs_as_far_as_their_windows_overlap():
    """Two events four sessions apart share three of seven days; a third is far away."""
    path = np.random.default_rng(5).standard_normal((2, 130))
    path[1] = 0.7 * path[0] + 0.3 * path[1]
    residuals = np.stack([path[0, :100], path[1, 4:104], path[0, 20:120]])
    found = event_tests.overlapping_correlation(residuals, np.array([10, 14, 60]), days=7)
    pair = np.corrcoef(path[0, 4:100], path[1, 4:100])[0, 1]
    assert_allclose(found, 3.0 / 7.0 * pair / 3.0, rtol=0.02)
    assert event_tests.overlapping_correlation(residuals, np.array([10, 40, 80]), days=7) == 0.0


def test_a_correlation_that_cannot_be_has_no_statistic():
    values = np.random.default_rng(1).standard_normal(10)
    assert np.isnan(event_tests.kolari_pynnonen(values, -0.2).statistic)
    assert_allclose(event_tests.kolari_pynnonen(values, 0.0), event_tests.boehmer(values))
