"""Sorts against other libraries and published tables.

Sources: pandas 3.1 ``qcut`` and alphalens-reloaded 0.5.1 (commit c2ffde1b, tests/test_performance.py and
tests/test_utils.py) for ties, ranks and rank correlations; Benjamini and Hochberg (1995) for their fifteen
p-values; Fama and French (1993), "Common risk factors in the returns on stocks and bonds", table 2, for mean
returns of sorted portfolios (recalled from the printed table, not
retrieved); linearmodels' data set ``french`` for those portfolios.
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lib.signals.sort_measures import mean_figures
from lib.stats.multiple import benjamini_hochberg, benjamini_yekutieli, bonferroni, holm
from lib.stats.quantile_groups import percentile_ranks, quantile_groups, rank_correlations

TIED = [1, 2, 2, 2, 3, 4, 5, 6, 7, 8]
P_VALUES = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
P_VALUES += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
TABLE_2 = {"S1": (0.39, 0.79, 1.01), "S3": (0.43, 0.68, 0.97), "S5": (0.40, 0.36, 0.59)}
"""Mean excess returns, percent a month, July 1963 to December 1991: low, middle and high book-to-market."""


def test_ties_stay_together_in_the_quantiles_of_pandas_and_alphalens():
    assert quantile_groups([TIED], 5)[0].tolist() == [1, 1, 1, 1, 3, 3, 4, 4, 5, 5]


def test_groups_are_those_of_qcut_on_any_numbers_with_ties_and_gaps():
    draw = np.random.default_rng(3)
    values = draw.integers(0, 60, (200, 73)) / 7.0
    values[draw.random(values.shape) < 0.2] = np.nan
    for number in (2, 3, 5, 10):
        found = quantile_groups(values, number)
        for row, own in zip(values, found, strict=True):
            cuts = np.nanquantile(row, np.arange(1, number) / number)
            expected = 1 + (row[:, None] > cuts + 1e-12).sum(axis=1)
            assert np.array_equal(own, np.where(np.isnan(row), 0, expected))
            edges = pd.qcut(pd.Series(row), number, labels=False, duplicates="drop")
            pairs = pd.DataFrame({"own": own, "theirs": edges}).loc[~np.isnan(row)]
            assert len(pairs.drop_duplicates()) == pairs["theirs"].nunique()


def test_percentile_ranks_share_the_average():
    assert percentile_ranks([TIED])[0].tolist() == [0.1, 0.3, 0.3, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_rank_correlations_of_alphalens_own_example_and_of_scipy():
    assert rank_correlations([[1, 2, 3, 4], [4, 3, 2, 1]], [[4, 3, 2, 1], [1, 2, 3, 4]]).tolist() == [-1, -1]
    draw = np.random.default_rng(5)
    left, right = draw.integers(0, 9, (50, 40)).astype(float), draw.standard_normal((50, 40))
    left[draw.random(left.shape) < 0.1] = np.nan
    right[draw.random(left.shape) < 0.1] = np.nan
    expected = [stats.spearmanr(*row, nan_policy="omit").statistic for row in zip(left, right, strict=True)]
    assert rank_correlations(left, right) == pytest.approx(expected, abs=1e-12)


def test_fifteen_p_values_of_benjamini_and_hochberg():
    found = {
        fix.__name__: int((fix(P_VALUES) <= 0.05).sum()) for fix in (bonferroni, holm, benjamini_hochberg)
    }
    assert found == {"bonferroni": 3, "holm": 3, "benjamini_hochberg": 4}
    assert (benjamini_yekutieli(P_VALUES) <= 0.05).sum() == 3
    assert benjamini_hochberg(P_VALUES)[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625], abs=1e-12)
    assert benjamini_hochberg(P_VALUES) == pytest.approx(stats.false_discovery_control(P_VALUES), abs=1e-15)
    assert benjamini_yekutieli(P_VALUES) == pytest.approx(
        stats.false_discovery_control(P_VALUES, method="by"), abs=1e-15
    )


def test_adjusted_p_values_agree_with_statsmodels_whatever_their_order_and_gaps():
    from statsmodels.stats.multitest import multipletests

    draw = np.random.default_rng(2)
    p = draw.random(30) ** 3
    for name, own in (("bonferroni", bonferroni), ("holm", holm), ("fdr_bh", benjamini_hochberg)):
        assert own(p) == pytest.approx(multipletests(p, method=name)[1], abs=1e-15)
        gapped = np.insert(p, 4, np.nan)
        assert np.delete(own(gapped), 4) == pytest.approx(own(p)) and np.isnan(own(gapped)[4])


@pytest.fixture(scope="module")
def french():
    from linearmodels.datasets import french as data

    return data.load().set_index("dates")


def test_mean_returns_of_nine_sorted_portfolios_are_those_that_were_published(french):
    """The library has been revised since 1993: a tenth of a percent a month is left."""
    own = french.loc["1963-07":"1991-12"]
    for size, published in TABLE_2.items():
        excess = own[[f"{size}V1", f"{size}V3", f"{size}V5"]].sub(own["RF"], axis=0) * 100
        means = [mean_figures(excess[name])["mean"] for name in excess]
        assert means == pytest.approx(published, abs=0.1)


def test_means_and_errors_of_the_eighteen_sorts_are_those_of_statsmodels(french):
    import statsmodels.api as sm

    names = [name for name in french if name[0] == "S" and len(name) == 4]
    assert len(names) == 18 and len(french) == 819
    for name in names:
        fit = sm.OLS(french[name].to_numpy(), np.ones(819)).fit(
            cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": True}, use_t=True
        )
        own = mean_figures(french[name], lags=6)
        assert (own["mean"], own["error"], own["p"]) == pytest.approx(
            (fit.params[0], fit.bse[0], fit.pvalues[0]), abs=1e-12
        )
        assert (own["low"], own["high"]) == pytest.approx(tuple(fit.conf_int()[0]), abs=1e-12)


def test_value_and_momentum_spreads_have_their_published_sign_and_are_largest_among_small_firms(french):
    value = [mean_figures(french[f"S{size}V5"] - french[f"S{size}V1"]) for size in (1, 3, 5)]
    momentum = [mean_figures(french[f"S{size}M5"] - french[f"S{size}M1"]) for size in (1, 3, 5)]
    assert [one["mean"] for one in value] == sorted((one["mean"] for one in value), reverse=True)
    assert momentum[0]["mean"] > 0.01 and value[0]["mean"] > 0.005
    assert [one["t"] > 2 for one in value] == [True, True, False]
    assert all(one["t"] > 3 for one in momentum)
