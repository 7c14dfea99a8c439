"""Newey-West errors against Stata's published figures and statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from lib.stats.hac import default_lags, hac_ols, mean_test


def macro():
    data = sm.datasets.macrodata.load_pandas().data
    growth = 400.0 * np.diff(np.log(data[["realgdp", "realinv"]].to_numpy()), axis=0)
    x = np.column_stack([growth[:, 0], data["realint"].to_numpy()[:-1], np.ones(len(growth))])
    return growth[:, 1], x


def test_statas_newey_with_four_lags_is_reproduced():
    fit = hac_ols(*macro(), lags=4)
    assert fit.coefficient == pytest.approx([4.3742216647, -0.6139969695, -9.4816727747], abs=1e-8)
    assert fit.error == pytest.approx([0.33125644884, 0.29582347593, 1.1859338088], abs=1e-8)
    plain = hac_ols(*macro(), lags=4, correction=False)
    assert plain.error == pytest.approx([0.32878742, 0.29361855, 1.17709443], abs=1e-8)


def test_without_lags_it_is_statas_robust_error():
    assert hac_ols(*macro(), lags=0).error == pytest.approx([0.32355452, 0.32772840, 1.36905932], abs=1e-7)


def test_many_series_at_once_give_what_each_gives_alone():
    y, x = macro()
    many = hac_ols(np.column_stack([y, y**2, -y]), x, lags=3)
    for column, series in enumerate((y, y**2, -y)):
        alone = hac_ols(series, x, lags=3)
        assert many.error[:, column] == pytest.approx(alone.error, rel=1e-12)
        assert many.p[:, column] == pytest.approx(alone.p, rel=1e-9)


def test_the_mean_of_a_series_has_statsmodels_error():
    y, _ = macro()
    oracle = sm.OLS(y, np.ones(len(y))).fit(
        cov_type="HAC", cov_kwds={"maxlags": default_lags(len(y)), "use_correction": True}, use_t=True
    )
    found = mean_test(y)
    assert found.error[0] == pytest.approx(oracle.bse[0], rel=1e-12)
    assert found.p[0] == pytest.approx(oracle.pvalues[0], rel=1e-9)


def test_more_coefficients_than_observations_are_refused():
    with pytest.raises(ValueError, match="6 observations cannot carry 7"):
        hac_ols(np.zeros(6), np.ones((6, 7)))
