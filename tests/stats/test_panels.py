"""Panel regressions against linearmodels, dummies and brute force; size and coverage on generated panels."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from lib.stats.panel.covariance import ERRORS
from lib.stats.panel.fama_macbeth import cross_sections
from lib.stats.panel.least_squares import fit
from lib.stats.panel.rows import rows_of
from lib.stats.panel.wild_bootstrap import WEBB, weights_of, wild_test
from lib.stats.panel.within import within


def unbalanced(seed=3, firms=40, periods=15, share=0.7):
    draw = np.random.default_rng(seed)
    firm, period = (one.ravel() for one in np.meshgrid(range(firms), range(periods), indexing="ij"))
    kept = draw.random(len(firm)) < share
    firm, period = firm[kept], period[kept]
    x = draw.standard_normal((len(firm), 2)) + 0.3 * draw.standard_normal(firms)[firm][:, None]
    y = x @ [0.5, -0.2] + draw.standard_normal(firms)[firm] + draw.standard_normal(periods)[period]
    return rows_of(y + draw.standard_normal(len(firm)), x, firm, period)


def framed(rows):
    index = pd.MultiIndex.from_arrays([rows.entity, rows.period])
    return pd.Series(rows.y, index), pd.DataFrame(rows.x, index, columns=list(rows.names))


@pytest.mark.parametrize("effects", ["none", "entity", "period", "both"])
def test_an_unbalanced_panel_with_effects_is_that_of_dummies_and_of_linearmodels(effects):
    from linearmodels.panel import PanelOLS

    rows = unbalanced()
    found = fit(rows, effects)
    y, x = framed(rows)
    options = {"entity_effects": effects in ("entity", "both"), "time_effects": effects in ("period", "both")}
    theirs = PanelOLS(y, x.assign(one=1.0), **options)
    plain = theirs.fit()
    ours = found.coefficient[-2:]
    assert_allclose(ours, plain.params[["x1", "x2"]], rtol=1e-9)
    assert_allclose(found.with_errors("classical").error[-2:], plain.std_errors[["x1", "x2"]], rtol=1e-9)
    robust = theirs.fit(cov_type="robust").std_errors[["x1", "x2"]]
    assert_allclose(found.with_errors("hc1").error[-2:], robust, rtol=1e-9)
    clusters = {"cov_type": "clustered", "group_debias": True, "count_effects": False, "auto_df": False}
    if effects in ("none", "entity"):
        one = theirs.fit(cluster_entity=True, **clusters).std_errors[["x1", "x2"]]
        assert_allclose(found.with_errors("cluster_entity").error[-2:], one, rtol=1e-9)
    both = theirs.fit(cluster_entity=True, cluster_time=True, **clusters).std_errors[["x1", "x2"]]
    assert_allclose(found.with_errors("cluster_both").error[-2:], both, rtol=1e-9)
    inner = within(np.column_stack([rows.y, rows.x]), rows.entity, rows.period, effects).columns
    dummies = [np.ones((rows.observations, 1))]
    dummies += [np.eye(40)[rows.entity]] if options["entity_effects"] else []
    dummies += [np.eye(15)[rows.period]] if options["time_effects"] else []
    wide = np.hstack(dummies)
    raw = np.column_stack([rows.y, rows.x])
    assert_allclose(inner, raw - wide @ np.linalg.lstsq(wide, raw, rcond=None)[0], atol=1e-10)


def test_effects_count_their_degrees_of_freedom_also_where_the_panel_falls_apart():
    firm = np.repeat([0, 1, 2, 3], 4)
    period = np.array([0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7])
    x = np.random.default_rng(2).standard_normal((16, 1))
    inner = within(x, firm, period, "both")
    wide = np.hstack([np.eye(4)[firm], np.eye(8)[period]])
    assert inner.effects == np.linalg.matrix_rank(wide) == 10
    assert_allclose(inner.columns, x - wide @ np.linalg.lstsq(wide, x, rcond=None)[0], atol=1e-12)


def test_fama_macbeth_is_that_of_linearmodels_in_any_order_of_rows():
    from linearmodels.panel import FamaMacBeth

    rows = unbalanced()
    y, x = framed(rows)
    found = cross_sections(rows.y, rows.x, rows.period)
    order = np.random.default_rng(1).permutation(rows.observations)
    again = cross_sections(rows.y[order], rows.x[order], rows.period[order])
    assert_allclose(again.coefficients, found.coefficients, rtol=1e-12)
    model = FamaMacBeth(y, x.assign(constant=1.0)[["constant", "x1", "x2"]])
    assert_allclose(found.mean().coefficient[0], model.fit().params, rtol=1e-10)
    kernel = model.fit(cov_type="kernel", kernel="bartlett", bandwidth=3, debiased=True)
    assert_allclose(found.mean(lags=3).error[0], kernel.std_errors, rtol=1e-10)


def test_periods_of_very_unlike_length_are_regressed_as_each_alone():
    draw = np.random.default_rng(14)
    period = np.repeat(range(20), [400, *[12] * 19])
    x = draw.standard_normal((len(period), 2))
    y = x @ [1.0, -1.0] + draw.standard_normal(len(period))
    found = cross_sections(y, x, period)
    for one in (0, 5):
        own = period == one
        wide = np.column_stack([np.ones(own.sum()), x[own]])
        assert_allclose(found.coefficients[one], np.linalg.lstsq(wide, y[own], rcond=None)[0], rtol=1e-10)


def test_thin_and_collinear_cross_sections_are_left_out_and_counted():
    draw = np.random.default_rng(4)
    period = np.repeat([0, 1, 2], [3, 8, 8])
    x = draw.standard_normal((19, 2))
    x[11:, 1] = 2.0 * x[11:, 0] + 1.0
    found = cross_sections(draw.standard_normal(19), x, period)
    assert (found.thin, found.collinear, list(found.periods)) == (1, 1, [1])
    level = cross_sections(draw.standard_normal(16), np.repeat([[0.3], [0.7]], 8, axis=0), period[3:])
    assert level.collinear == 2


def test_what_effects_explain_is_dropped_by_name_and_the_rest_is_unchanged():
    rows = unbalanced()
    market = np.random.default_rng(8).standard_normal(15)[rows.period]
    size = np.random.default_rng(9).standard_normal(40)[rows.entity]
    more = rows._replace(x=np.column_stack([market, rows.x, size]), names=("market", "a", "b", "size"))
    assert fit(more, "both").absorbed == ("market", "size")
    assert fit(more, "period").absorbed == ("market",)
    assert fit(more, "entity").absorbed == ("size",)
    assert_allclose(fit(more, "both").coefficient, fit(rows, "both").coefficient, rtol=1e-10)


def test_rows_seen_once_are_dropped_until_none_is_left():
    rows = rows_of(
        [1.0, 2.0, 3.0, 4.0, np.nan],
        [0.0, 1.0, 2.0, 3.0, 4.0],
        ["a", "a", "b", "c", "c"],
        [1, 2, 1, 3, 4],
        drop_singletons=("entity", "period"),
    )
    assert (rows.observations, rows.singletons, rows.incomplete) == (0, 4, 1)
    half = rows_of([1.0, 2.0, 3.0], [0.0, 1.0, 5.0], ["a", "a", "b"], [1, 2, 1], drop_singletons=("entity",))
    assert (half.observations, half.singletons, list(half.entities)) == (2, 1, ["a"])


def test_a_negative_variance_of_two_way_clusters_is_clipped_and_said():
    clipped = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        rows = rows_of(
            draw.standard_normal(12),
            draw.standard_normal((12, 2)),
            np.repeat(range(4), 3),
            list(range(3)) * 4,
        )
        judged = fit(rows).with_errors("cluster_both")
        clipped += judged.of.clipped
        assert np.linalg.eigvalsh(judged.of.covariance).min() >= -1e-12
    assert 0 < clipped < 40


@pytest.mark.parametrize(("effects", "by"), [("none", "period"), ("period", "entity"), ("both", "period")])
def test_the_bootstrap_is_that_of_refitting_every_draw(effects, by):
    rows = unbalanced(firms=8, periods=6, share=0.9)
    found = fit(rows, effects)
    which = len(found.names) - 2
    code = rows.entity if by == "entity" else rows.period
    groups = int(code.max()) + 1
    weights, kind = weights_of(groups, 60, seed=5)
    test = wild_test(found.parts, found.coefficient, which, by=by, weights=weights, kind=kind)
    dummies = [np.ones((rows.observations, 1))]
    dummies += [np.eye(8)[rows.entity]] if effects == "both" else []
    dummies += [np.eye(6)[rows.period]] if effects in ("period", "both") else []
    wide = np.hstack([rows.x, *dummies])

    def t_of(y):
        b = np.linalg.lstsq(wide, y, rcond=None)[0]
        bread = np.linalg.pinv(wide.T @ wide)
        sums = np.array([(wide * (y - wide @ b)[:, None])[code == g].sum(axis=0) for g in range(groups)])
        return b[0] / np.sqrt((bread @ sums.T @ sums @ bread)[0, 0] * groups / (groups - 1))

    held = wide[:, 1:]
    fitted = held @ np.linalg.lstsq(held, rows.y, rcond=None)[0]
    real = t_of(rows.y)
    drawn = np.array([t_of(fitted + w[code] * (rows.y - fitted)) for w in weights])
    assert test.t == pytest.approx(real, rel=1e-8)
    assert test.p == pytest.approx((1 + (np.abs(drawn) >= abs(real)).sum()) / 61)
    assert test.high - test.low == pytest.approx(2 * np.quantile(np.abs(drawn), 0.95) * test.error, rel=1e-7)


def test_few_clusters_get_webbs_weights_of_mean_zero_and_variance_one():
    assert weights_of(11, 10, seed=1)[1] == "webb"
    assert weights_of(12, 10, seed=1)[1] == "rademacher"
    assert WEBB.mean() == pytest.approx(0.0)
    assert (WEBB**2).mean() == pytest.approx(1.0)


def test_a_strong_effect_is_found_by_the_bootstrap():
    draw = np.random.default_rng(11)
    period = np.repeat(range(15), 40)
    x = draw.standard_normal(600)
    y = 0.5 * x + draw.standard_normal(15)[period] + draw.standard_normal(600)
    rows = rows_of(y, x, list(range(40)) * 15, period)
    found = fit(rows)
    weights, kind = weights_of(15, 999, seed=7)
    assert wild_test(found.parts, found.coefficient, 1, by="period", weights=weights, kind=kind).p <= 0.01


DRAWS, FIRMS, PERIODS = 2000, 60, 12


@pytest.fixture(scope="module")
def firm_effects():
    """2,000 panels whose signal and errors have a firm effect, and no relation: t by kind of error."""
    draw = np.random.default_rng(21)

    def panels():
        shared = draw.standard_normal((DRAWS, FIRMS, 1))
        return shared * np.sqrt(0.5) + draw.standard_normal((DRAWS, FIRMS, PERIODS)) * np.sqrt(0.5)

    x, y = panels(), panels()
    x -= x.mean(axis=(1, 2), keepdims=True)
    y -= y.mean(axis=(1, 2), keepdims=True)
    power = (x**2).sum(axis=(1, 2))
    slope = (x * y).sum(axis=(1, 2)) / power
    left = y - slope[:, None, None] * x
    count = FIRMS * PERIODS
    classical = np.sqrt((left**2).sum(axis=(1, 2)) / (count - 2) / power)
    sums = (x * left).sum(axis=2)
    factor = FIRMS / (FIRMS - 1) * (count - 1) / (count - 2)
    clustered = np.sqrt(factor * (sums**2).sum(axis=1)) / power
    return {"x": x, "y": y, "slope": slope, "classical": classical, "clustered": clustered}


def test_the_generated_panels_are_computed_as_the_library_does(firm_effects):
    code = np.repeat(range(FIRMS), PERIODS)
    for one in (0, 7):
        rows = rows_of(
            firm_effects["y"][one].ravel(), firm_effects["x"][one].ravel(), code, list(range(PERIODS)) * FIRMS
        )
        found = fit(rows)
        assert found.coefficient[1] == pytest.approx(firm_effects["slope"][one])
        for kind, name in (("classical", "classical"), ("cluster_entity", "clustered")):
            assert found.with_errors(kind).error[1] == pytest.approx(firm_effects[name][one])


def test_clusters_of_firms_reject_a_true_null_in_one_of_twenty_and_plain_errors_far_more_often(firm_effects):
    bound = stats.t.ppf(0.975, FIRMS - 1)
    share = (np.abs(firm_effects["slope"] / firm_effects["clustered"]) > bound).mean()
    assert 0.04 <= share <= 0.06
    plain = (np.abs(firm_effects["slope"] / firm_effects["classical"]) > 1.96).mean()
    assert plain > 0.3


def test_intervals_of_clusters_cover_a_planted_effect_and_power_rises_with_it(firm_effects):
    bound = stats.t.ppf(0.975, FIRMS - 1)
    for effect in (0.1, 0.3):
        covered = np.abs(firm_effects["slope"]) < bound * firm_effects["clustered"]
        assert 0.93 <= covered.mean() <= 0.97
        firm_effects[effect] = (
            np.abs((firm_effects["slope"] + effect) / firm_effects["clustered"]) > bound
        ).mean()
    assert 0.1 < firm_effects[0.1] < firm_effects[0.3]


def period_shocks(draws, firms, periods, seed, shared_signal):
    """y and x (draws, firms, periods) with errors shared within a period, and no relation."""
    draw = np.random.default_rng(seed)
    y = draw.standard_normal((draws, 1, periods)) + draw.standard_normal((draws, firms, periods))
    x = draw.standard_normal((draws, firms, periods)) + shared_signal * draw.standard_normal(
        (draws, 1, periods)
    )
    return y, x


def test_fama_macbeth_rejects_a_true_null_in_one_of_twenty_when_periods_share_shocks():
    y, x = period_shocks(DRAWS, 30, 40, 31, 0.0)
    y, x = (one.transpose(0, 2, 1).reshape(-1) for one in (y, x))
    period = np.repeat(np.arange(DRAWS * 40), 30)
    slopes = cross_sections(y, x, period).coefficients[:, 1].reshape(DRAWS, 40)
    t = slopes.mean(axis=1) / (slopes.std(axis=1, ddof=1) / np.sqrt(40))
    assert 0.04 <= (np.abs(t) > stats.t.ppf(0.975, 39)).mean() <= 0.06


def test_with_few_clusters_the_bootstrap_keeps_its_size_where_clustered_t_do_not():
    draws, periods = 400, 8
    y, x = period_shocks(draws, 20, periods, 41, 2.0)
    code = np.repeat(range(20), periods)
    weights, kind = weights_of(periods, 399, seed=7)
    wild, normal = [], []
    for one in range(draws):
        rows = rows_of(y[one].ravel(), x[one].ravel(), code, list(range(periods)) * 20)
        found = fit(rows)
        wild.append(wild_test(found.parts, found.coefficient, 1, by="period", weights=weights, kind=kind).p)
        normal.append(abs(found.with_errors("cluster_period").t[1]) > 1.96)
    assert np.mean(normal) > 0.12
    assert 0.02 <= np.mean(np.array(wild) <= 0.05) <= 0.09


@pytest.mark.parametrize("kind", ERRORS)
def test_errors_do_not_depend_on_the_order_of_rows(kind):
    rows = unbalanced()
    order = np.random.default_rng(1).permutation(rows.observations)
    mixed = rows._replace(
        y=rows.y[order], x=rows.x[order], entity=rows.entity[order], period=rows.period[order]
    )
    assert_allclose(
        fit(mixed, "both").with_errors(kind).error, fit(rows, "both").with_errors(kind).error, rtol=1e-10
    )


@pytest.mark.parametrize("effects", ["none", "entity", "period", "both"])
def test_weights_count_rows_as_in_a_weighted_regression_on_dummies(effects):
    import statsmodels.api as sm

    rows = unbalanced()
    weights = np.random.default_rng(6).uniform(0.2, 4.0, rows.observations)
    found = fit(rows, effects, weights=weights)
    dummies = [np.ones((rows.observations, 1))]
    dummies += [np.eye(40)[rows.entity][:, 1:]] if effects in ("entity", "both") else []
    dummies += [np.eye(15)[rows.period][:, 1:]] if effects in ("period", "both") else []
    model = sm.WLS(rows.y, np.hstack([rows.x, *dummies]), weights=weights)
    assert_allclose(found.coefficient[-2:], model.fit().params[:2], rtol=1e-9)
    assert_allclose(found.with_errors("classical").error[-2:], model.fit().bse[:2], rtol=1e-9)
    groups = {"groups": rows.entity, "use_correction": False}
    theirs = model.fit(cov_type="cluster", cov_kwds=groups).bse[:2]
    ours = found.with_errors("cluster_entity", correction=False).error[-2:]
    assert_allclose(ours, theirs, rtol=1e-9)
