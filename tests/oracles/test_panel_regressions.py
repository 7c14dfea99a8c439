"""Panel regressions against published figures.

Petersen (2009), "Estimating Standard Errors in Finance Panel Data Sets", and the test data of his page, which
statsmodels carries; Stata's ``xtscc`` as quoted in R's sandwich (tests/vcovPL.R); Grunfeld's data as in R's
plm and Stata; Stata's ``regress`` and ``xtreg`` on the simulated panel of linearmodels' own tests.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from lib.stats.panel.fama_macbeth import cross_sections
from lib.stats.panel.least_squares import fit
from lib.stats.panel.random_effects import between, random_effects
from lib.stats.panel.rows import rows_of

REGRESSORS = ["x1", "x2", "x3", "x4", "x5"]


@pytest.fixture(scope="module")
def petersen():
    import statsmodels

    path = Path(statsmodels.__file__).parent / "stats" / "tests" / "test_data.txt"
    firm, year, x, y = np.genfromtxt(path).T
    return rows_of(y, x, firm, year)


@pytest.fixture(scope="module")
def grunfeld():
    from statsmodels.datasets import grunfeld

    data = grunfeld.load_pandas().data
    data = data[data["firm"] != "American Steel"]
    return rows_of(data["invest"], data[["value", "capital"]], data["firm"], data["year"])


@pytest.fixture(scope="module")
def simulated():
    import linearmodels

    folder = Path(linearmodels.__file__).parent / "tests" / "panel" / "results"
    data = pd.read_stata(folder / "simulated-panel.dta")
    return rows_of(data["y"], data[REGRESSORS], data["firm"], data["time"], names=tuple(REGRESSORS))


def test_pooled_coefficients_are_petersens(petersen):
    assert_allclose(fit(petersen).coefficient, [0.02967972, 1.03483344], atol=1e-8)


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        ("classical", [0.02835932, 0.02858329]),
        ("hc1", [0.02836067, 0.02839516]),
        ("cluster_entity", [0.067013, 0.050596]),
        ("cluster_period", [0.023387, 0.033389]),
        ("cluster_both", [0.065064, 0.053558]),
    ],
)
def test_errors_of_every_kind_are_petersens(petersen, kind, published):
    assert_allclose(fit(petersen).with_errors(kind).error, published, atol=1e-6)


def test_fama_macbeth_is_petersens(petersen):
    found = cross_sections(petersen.y, petersen.x, petersen.period).mean()
    assert_allclose(found.coefficient[0], [0.03127796, 1.0355861], atol=1e-7)
    assert_allclose(found.error[0], [0.02335649, 0.03334159], atol=1e-7)


def test_newey_west_errors_of_the_slopes_are_those_of_linearmodels_and_statsmodels(petersen):
    found = cross_sections(petersen.y, petersen.x, petersen.period).mean(lags=1)
    assert_allclose(found.error[0], [0.02570297, 0.03014122], atol=1e-7)


def test_driscoll_kraay_is_statas_xtscc(petersen):
    found = fit(petersen).with_errors("driscoll_kraay", lags=1, correction=False)
    assert_allclose(found.error, [0.0243573, 0.0281633], atol=1e-6)


def test_driscoll_kraay_without_lags_is_clusters_of_periods(petersen):
    one = fit(petersen).with_errors("driscoll_kraay", lags=0)
    assert_allclose(one.error, fit(petersen).with_errors("cluster_period").error, rtol=1e-12)
    plain = fit(petersen).with_errors("driscoll_kraay", lags=0, correction=False).error
    assert_allclose(plain * np.sqrt(10 / 9 * 4999 / 4998), [0.02338672, 0.03338891], atol=1e-7)


@pytest.mark.parametrize(
    ("effects", "published", "errors"),
    [
        ("none", [-42.71437, 0.1155622, 0.2306785], [9.51168, 0.0058357, 0.0254758]),
        ("entity", [0.1101238, 0.3100653], [0.0118567, 0.0173545]),
        ("both", [0.1177159, 0.3579163], [0.0137513, 0.0227190]),
    ],
)
def test_effects_on_grunfelds_data_are_those_of_plm(grunfeld, effects, published, errors):
    found = fit(grunfeld, effects)
    assert_allclose(found.coefficient, published, rtol=1e-6)
    assert_allclose(found.with_errors("classical").error, errors, rtol=1e-5)
    if effects == "entity":
        assert found.r2_within == pytest.approx(0.766758, abs=1e-6)


def test_random_effects_and_means_of_grunfelds_firms_are_those_of_plm(grunfeld):
    mixed = random_effects(grunfeld)
    assert_allclose(mixed.coefficient, [-57.83441, 0.109781, 0.308113], rtol=2e-6)
    assert_allclose(mixed.tested.error, [28.89894, 0.0104927, 0.0171805], rtol=5e-6)
    assert_allclose(between(grunfeld).coefficient, [-8.5271, 0.134646, 0.032031], rtol=2e-5)


def test_statas_t_of_pooled_and_effects_on_simulated_data(simulated):
    pooled = fit(simulated).with_errors("cluster_entity").t
    stata = [3.9517298, 7.0473011, 14.318057, 17.9728834, 20.7530733, 26.7356355]
    assert_allclose(pooled, stata, rtol=1e-6)
    inside = fit(simulated, "entity")
    plain = [8.5686731, 13.9198779, 16.3462933, 23.0409948, 25.0366046]
    assert_allclose(inside.with_errors("classical").t, plain, rtol=1e-6)
    clustered = [8.2791010, 14.1018391, 16.6945683, 22.4003847, 26.5072229]
    assert_allclose(inside.with_errors("cluster_entity").t, clustered, rtol=1e-6)


def test_statas_t_of_random_effects_and_of_means_on_simulated_data(simulated):
    mixed = [8.5662528, 15.5105390, 18.2743738, 24.5815584, 28.1282538]
    assert_allclose(random_effects(simulated).tested.t[1:], mixed, rtol=1e-6)
    means = [1.9374168, 6.9227036, 8.2622313, 8.8765924, 12.7894512]
    assert_allclose(between(simulated).tested.t[1:], means, rtol=1e-6)
