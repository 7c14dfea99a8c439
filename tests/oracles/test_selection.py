"""Sharpe ratios, how sure they are, and what choosing leaves of them, against published figures and ffn.

Lo (2002), "The Statistics of Sharpe Ratios"; Bailey and Lopez de Prado (2012), "The Sharpe Ratio Efficient
Frontier"; deflated ratios and overfitting by ffn 1.4.1 (``record_ffn_selection.py``). ffn takes skewness and
kurtosis corrected for bias, we those of the sample: apart by 2e-6 on 816 months.
"""

import pytest
from linearmodels.datasets import french

from lib.stats import performance
from lib.stats.overfitting import probability_of_overfitting
from lib.stats.sharpe_inference import (
    SharpeMoments,
    deflated_sharpe,
    expected_best,
    horizon_scale,
    minimum_track_record,
    probabilistic_sharpe,
    sharpe_error,
    sharpe_moments,
)

HEALTH, UTILITIES = 9, 7


def strategies(rows):
    """Twelve industries less the market, the first months of the data set."""
    data = french.load().iloc[:rows]
    return data.loc[:, "NoDur":"Other"].sub(data["MktRF"] + data["RF"], axis=0).to_numpy()


@pytest.mark.parametrize(
    ("industry", "deflated"), [(HEALTH, 0.6234429373463084), (UTILITIES, 0.03963519689099488)]
)
def test_deflated_ratios_of_industries(industry, deflated):
    returns = strategies(816)
    variance = float((returns.mean(axis=0) / returns.std(axis=0, ddof=1)).var(ddof=1))
    found = deflated_sharpe(sharpe_moments(returns[:, industry]), trials=12, variance=variance)
    assert found == pytest.approx(deflated, abs=5e-6)
    assert expected_best(trials=12, variance=variance) == pytest.approx(0.04782113189326925, abs=1e-14)


@pytest.mark.parametrize(
    ("stretches", "rows", "probability", "rank"),
    [
        (8, 816, 0.9142857142857143, 0.27142857142857135),
        (12, 600, 0.6655844155844156, 0.38752913752913754),
        (10, 240, 0.6150793650793651, 0.42612942612942617),
    ],
)
def test_overfitting_of_choosing_among_industries(stretches, rows, probability, rank):
    found = probability_of_overfitting(strategies(rows), stretches=stretches)
    assert found.probability == pytest.approx(probability, abs=1e-14)
    assert found.relative_rank.mean() == pytest.approx(rank, abs=1e-14)


@pytest.mark.parametrize(
    ("ratio", "count", "error"),
    [(0.5, 12, 0.306), (0.5, 24, 0.217), (0.5, 60, 0.137), (1, 60, 0.158), (3, 12, 0.677)],
)
def test_lo_2002_errors_of_independent_returns(ratio, count, error):
    assert performance.sharpe_error(ratio, observations=count) == pytest.approx(error, abs=5e-4)
    assert sharpe_error(SharpeMoments(ratio, 0.0, 3.0, count + 1)) == pytest.approx(error, abs=5e-4)


@pytest.mark.parametrize(
    ("rho", "scale"), [(0.9, 1.21), (0.5, 2.12), (0.2, 2.88), (0.0, 3.46), (-0.2, 4.17), (-0.5, 5.69)]
)
def test_lo_2002_scales_a_monthly_ratio_to_a_year(rho, scale):
    assert horizon_scale([rho**lag for lag in range(1, 12)], periods=12) == pytest.approx(scale, abs=0.005)


def test_bailey_and_lopez_de_prado_2012_probability_of_a_fund_of_24_months():
    fat = SharpeMoments(0.458, -2.448, 10.164, 24)
    assert probabilistic_sharpe(fat) == pytest.approx(0.91336, abs=5e-5)
    assert probabilistic_sharpe(fat._replace(skewness=0.0, kurtosis=3.0)) == pytest.approx(0.98167, abs=5e-5)


@pytest.mark.parametrize(("periods", "shape", "years"), [(252, (0.0, 3.0), 2.73), (12, (-0.72, 5.78), 4.99)])
def test_bailey_and_lopez_de_prado_2012_track_record_of_two_against_one(periods, shape, years):
    """Daily normal returns, and monthly ones of a hedge fund index: ratios of 2 and of 1 a year."""
    found = SharpeMoments(2 / periods**0.5, *shape, 100)
    needed = minimum_track_record(found, hurdle=1 / periods**0.5, level=0.95)
    assert needed / periods == pytest.approx(years, abs=0.005)
