"""Deflated Sharpe ratios and probabilities of overfitting against ffn 1.4.1 (``record_ffn_selection.py``).

ffn takes skewness and kurtosis corrected for bias, we those of the sample: apart by 2e-6 on 816 months.
"""

import pytest
from linearmodels.datasets import french

from lib.stats.overfitting import probability_of_overfitting
from lib.stats.sharpe_inference import deflated_sharpe, expected_best, sharpe_moments

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
