"""Six managers and five indices of hedge funds: what R's PerformanceAnalytics prints of them.

Printed results of braverock/PerformanceAnalytics (tests/testthat/_snaps/all_snapshots.md, commits c079aea1
and 38131617). Where R takes another definition than this project, the step from one to the other is written
out. The tolerance is half the last printed digit.
"""

import numpy as np
import pandas as pd
import pytest
from published_regressions import BILLS
from published_series import BACON, INDICES, MANAGERS
from scipy.stats import norm

from lib.stats import drawdowns, performance, relative, returns, tails
from lib.stats.correlation import correlations, fisher_interval

NAMES = ["HAM1", "HAM2", "HAM3", "HAM4", "HAM5", "HAM6", "long_short", "sp500"]
FUNDS = NAMES[:6]
EDHEC = ["convertible", "cta", "event_driven", "short_selling", "funds_of_funds"]
EXCESS = MANAGERS.sub(BILLS, axis=0)


def near(expected, digits):
    return pytest.approx(expected, abs=0.51 * 10**-digits)


PRINTED = [
    (
        performance.annual_return,
        {"periods": 12},
        [0.137532, 0.1746569, 0.1512147, 0.1214798, 0.03731645, 0.1372755, 0.1180134, 0.09674533],
        6,
    ),
    (
        performance.annual_volatility,
        {"periods": 12},
        [0.0888, 0.1272, 0.1265, 0.1843, 0.1584, 0.0825, 0.0708, 0.1500],
        4,
    ),
    (
        returns.cumulative_return,
        {},
        [3.126671, 4.348599, 3.706732, 2.52944, 0.2650197, 0.9858675, 2.051197, 1.761619],
        5,
    ),
    (
        performance.sortino,
        {"periods": 1},
        [0.7649, 1.2220, 0.7172, 0.3234, 0.1343, 0.9102, 0.9691, 0.3064],
        4,
    ),
    (
        performance.downside_deviation,
        {"periods": 12},
        [0.0504, 0.0401, 0.0601, 0.1180, 0.1054, 0.0421, 0.0341, 0.0980],
        4,
    ),
    (performance.omega, {"periods": 12}, [3.1907, 3.3041, 2.5803, 1.6920, 1.2816, 3.0436, 3.3186, 1.6581], 4),
    (
        performance.calmar,
        {"periods": 12},
        [0.9062, 0.7281, 0.5226, 0.4227, 0.1096, 1.7425, 1.0982, 0.2163],
        4,
    ),
    (tails.skewness, {}, [-0.6588, 1.4580, 0.7908, -0.4311, 0.0738, -0.2800, 0.0177, -0.5531], 4),
    (tails.excess_kurtosis, {}, [2.3616, 2.3794, 2.6829, 0.8632, 2.3143, -0.3489, 0.9105, 0.5598], 4),
]


@pytest.mark.parametrize(("measure", "options", "printed", "digits"), PRINTED)
def test_managers_who_began_at_different_times_have_the_figures_that_r_prints(
    measure, options, printed, digits
):
    """HAM2, HAM5, HAM6 and the index of funds lack their first months: each counts its own."""
    assert measure(MANAGERS[NAMES], **options).tolist() == near(printed, digits)


def test_drawdowns_of_the_managers_are_those_that_r_prints():
    depth = drawdowns.max_drawdown(MANAGERS[[*FUNDS, "sp500", "ten_year"]])
    assert depth.tolist() == near([-0.1518, -0.2399, -0.2894, -0.2874, -0.3405, -0.0788, -0.4473, -0.1006], 4)


def test_arithmetic_returns_and_deviations_of_a_month_are_those_that_r_prints():
    arithmetic = 12 * MANAGERS[FUNDS].mean()
    found = performance.sharpe(MANAGERS[FUNDS], periods=12) * performance.annual_volatility(
        MANAGERS[FUNDS], periods=12
    )
    printed = [0.1334727, 0.1697184, 0.1493636, 0.1322, 0.04905974, 0.1326563]
    assert found.tolist() == near(printed, 6) == arithmetic.tolist()
    deviations = performance.annual_volatility(MANAGERS[FUNDS], periods=1)
    printed = [0.02562881, 0.03671623, 0.03651259, 0.05319796, 0.04573149, 0.02381247]
    assert deviations.tolist() == near(printed, 8)


@pytest.mark.parametrize(
    ("target", "printed"),
    [
        (0.0, [0.01454078, 0.0115736, 0.01735454, 0.03406781, 0.0304305, 0.01214476]),
        (0.04 / 12, [0.0157602, 0.01341739, 0.01891525, 0.03565192, 0.0320608, 0.01366533]),
    ],
)
def test_downside_deviations_of_the_managers_are_those_that_r_prints(target, printed):
    found = performance.downside_deviation(MANAGERS[FUNDS], periods=1, target=target)
    assert found.tolist() == near(printed, 7)


def test_the_semi_deviation_is_the_downside_deviation_under_the_mean():
    own = MANAGERS["HAM1"]
    assert performance.downside_deviation(own, periods=1, target=own.mean()) == near(0.0190795, 7)


def test_the_portfolio_of_bacon_has_the_downside_that_r_prints():
    """Under a target of 0.5 % a month; Kappa of order 2 is Sortino's ratio."""
    options = {"periods": 1, "target": 0.005}
    assert performance.downside_deviation(BACON, **options) == near(0.02553674, 8)
    assert performance.sortino(BACON, **options) == near(0.1566371, 7)
    assert performance.omega(BACON, **options) == near(0.01770833 / 0.01370833, 6)
    assert 1 - performance.hit_rate(BACON - 0.005) == near(0.4583333, 7)


def test_sharpe_ratios_over_three_percent_and_a_half_are_those_that_r_prints():
    printed = [0.3201889, 0.3057649, 0.2610141, 0.1522615, 0.02562009, 0.3417545]
    assert performance.sharpe(MANAGERS[FUNDS], periods=1, risk_free=0.035 / 12).tolist() == near(printed, 7)


def test_sharpe_ratios_over_bills_are_those_that_r_prints():
    """Today's R divides by the deviation of the return, this project, and R before, by that of the excess."""
    own = EXCESS["HAM1"]
    assert performance.sharpe(own, periods=1) == near(0.30830313, 8)
    assert performance.sharpe(own, periods=12) == near(1.06799336, 8)
    ratios = performance.sharpe(EXCESS[FUNDS], periods=1)
    spread = performance.annual_volatility(EXCESS[FUNDS], periods=1)
    by_return = ratios * spread / performance.annual_volatility(MANAGERS[FUNDS], periods=1)
    printed = [0.308102, 0.2988608, 0.2525301, 0.1464385, 0.0354554, 0.3785371]
    assert by_return.tolist() == near(printed, 6)


def test_geometric_sharpe_ratios_are_another_figure_than_ours():
    """R annualises geometrically: 1.0668 over bills, where the arithmetic ratio is 1.0680."""
    own = MANAGERS["HAM1"]
    spread = performance.annual_volatility(own, periods=12)
    over_bills = performance.annual_return(EXCESS["HAM1"], periods=12) / spread
    assert over_bills == near(1.066795, 6)
    over_rate = performance.annual_return(own - 0.035 / 12, periods=12) / spread
    assert over_rate == near(1.112293, 6)
    assert performance.annual_return(own, periods=12) / spread == near(1.5491, 4)


def test_alpha_and_beta_over_bills_are_those_that_r_prints():
    own, market = EXCESS["HAM1"], EXCESS["sp500"]
    assert relative.beta(own, market) == near(0.3900712, 7)
    monthly = relative.alpha(own, market, periods=1)
    assert monthly == near(0.005774729, 8)
    assert relative.alpha(own, market, periods=12) == near(12 * 0.005774729, 7)
    assert (1 + monthly) ** 12 - 1 == near(0.0715, 4)
    treynor = performance.annual_return(own, periods=12) / relative.beta(own, market)
    assert treynor == near(0.2428, 4)


def test_betas_of_rising_and_of_falling_months_are_those_that_r_prints():
    own, market = EXCESS["HAM2"], EXCESS["sp500"]
    rising, falling = own.where(market > 0), own.where(market < 0)
    assert relative.beta(rising, market) == near(0.5226596, 7)
    assert relative.beta(falling, market) == near(0.0698255, 7)


def test_betas_over_a_fixed_rate_are_those_that_r_prints():
    """A fixed rate a month leaves the slope alone."""
    assert relative.beta(MANAGERS[["HAM1", "HAM2", "HAM3"]], MANAGERS["sp500"]).tolist() == near(
        [0.3906, 0.3432, 0.5572], 4
    )


@pytest.mark.parametrize(
    ("benchmark", "errors", "premiums", "ratios"),
    [
        (
            "sp500",
            [0.1131667, 0.1533647, 0.1158673, 0.1596656, 0.1800291, 0.112839],
            [0.04078668, 0.07759873, 0.05446935, 0.02473443, 0.02182245, 0.07585993],
            [0.3604125, 0.5059751, 0.4701009, 0.154914, 0.1212162, 0.6722844],
        ),
        (
            "long_short",
            [0.07577263, 0.09071824, 0.08156934, 0.1569067, 0.1421533, 0.05651657],
            [0.01965368, 0.03776329, 0.01043540, -0.00462594, -0.03237453, 0.05463574],
            [0.2593770, 0.4162701, 0.1279329, -0.0294821, -0.2277438, 0.9667207],
        ),
    ],
)
def test_tracking_errors_and_premiums_are_those_that_r_prints(benchmark, errors, premiums, ratios):
    """R's information ratio is the geometric premium over the tracking error, over the common months."""
    market = MANAGERS[benchmark]
    found = relative.tracking_error(MANAGERS[FUNDS], market, periods=12)
    assert found.tolist() == near(errors, 6)
    common = MANAGERS[FUNDS].where(market.notna(), other=np.nan)
    of_market = pd.DataFrame({name: market.where(common[name].notna()) for name in FUNDS})
    above = performance.annual_return(common, periods=12) - performance.annual_return(of_market, periods=12)
    assert above.tolist() == near(premiums, 7)
    assert (above / found).tolist() == near(ratios, 6)


def test_the_information_ratio_is_arithmetic():
    """0.26 where R's geometric one is 0.36; the mean active return over the printed tracking error."""
    own, market = MANAGERS["HAM1"], MANAGERS["sp500"]
    expected = (0.1334727 - 0.1039841) / 0.1131667
    assert relative.information_ratio(own, market, periods=12) == near(expected, 5)


def test_the_correlation_of_manager_three_and_the_index_of_funds_is_what_r_prints():
    found = correlations(MANAGERS[["HAM3", "long_short"]].to_numpy())
    r, n = found.coefficient[0, 1], found.observations[0, 1]
    # R cuts these digits off instead of rounding them.
    assert (r, n) == (pytest.approx(0.80535, abs=5e-5), 120)
    assert fisher_interval(r, n) == pytest.approx((0.73175, 0.86035), abs=5e-5)


def test_historical_losses_of_the_indices_are_those_that_r_prints():
    assert len(INDICES) == 293
    at_risk, shortfall = tails.tail_losses(INDICES[EDHEC], level=0.95)
    assert at_risk.tolist() == near([0.01506, 0.03148, 0.02552, 0.06678, 0.02032], 5)
    printed = [0.03878, 0.04062, 0.04445333, 0.09484667, 0.03569333]
    assert shortfall.tolist() == near(printed, 7)
    assert tails.var_hist(INDICES[EDHEC]).tolist() == at_risk.tolist()
    beyond = INDICES[EDHEC].le(-at_risk).sum()
    assert beyond.tolist() == [15] * 5


def test_normal_losses_of_the_indices_are_those_that_r_prints_with_the_sample_deviation():
    """R takes the population deviation: root (292 / 293) of the sample deviation, which is taken here."""
    deviations = np.array([0.01676221, 0.02278814, 0.01907188, 0.04550226, 0.01608486])
    assert performance.annual_volatility(INDICES[EDHEC], periods=1).tolist() == near(deviations.tolist(), 8)
    printed = np.array([0.02173214, 0.03310173, 0.02464282, 0.07597714, 0.02190044])
    step = norm.ppf(0.95) * deviations * (1 - np.sqrt(292 / 293))
    assert tails.parametric_var(INDICES[EDHEC], level=0.95).tolist() == near((printed + step).tolist(), 7)


def test_cornish_fisher_losses_of_the_indices_are_those_that_r_prints():
    printed = [0.02568389, 0.0320411, 0.02960873, 0.06215004, 0.02309324]
    assert tails.modified_var(INDICES[EDHEC], level=0.95).tolist() == near(printed, 7)


@pytest.mark.parametrize(
    ("index", "printed"),
    [
        ("convertible", 0.02872442),
        ("cta", 0.04260771),
        ("event_driven", 0.03259857),
        ("short_selling", 0.09495821),
        ("funds_of_funds", 0.02861017),
    ],
)
def test_the_shortfall_of_a_normal_series_is_rs_gaussian_shortfall(index, printed):
    """A hundred thousand quantiles of the normal distribution with the index's mean and deviation."""
    own = INDICES[index]
    series = norm.ppf((np.arange(100_000) + 0.5) / 100_000, own.mean(), own.std(ddof=0))
    assert tails.cvar(series, level=0.95) == near(printed, 5)


def test_omega_and_drawdowns_of_the_indices_are_those_that_r_prints():
    printed = [2.848491, 1.618552, 2.630127, 0.9247907, 2.185667]
    assert performance.omega(INDICES[EDHEC], periods=12).tolist() == near(printed, 6)
    printed = [-0.2927, -0.1256, -0.2008, -0.7687, -0.2059]
    assert drawdowns.max_drawdown(INDICES[EDHEC]).tolist() == near(printed, 4)
    assert drawdowns.max_drawdown(INDICES["funds_of_funds"]) == near(-0.20591447, 8)


def test_a_fall_that_has_not_ended_and_one_from_the_first_month_are_in_the_table_as_r_prints_it():
    table = drawdowns.drawdown_table(INDICES["short_selling"], base_date="1996-12-31", top=5)
    assert table["depth"].tolist() == near([-0.7687, -0.4956, -0.3630, -0.1502, -0.0166], 4)
    troughs = ["2017-11-30", "2000-08-31", "2007-05-31", "1997-09-30", "1997-01-31"]
    assert table["trough"].astype(str).tolist() == troughs
    ends = ["2002-09-30", "2009-02-28", "1998-03-31", "1997-02-28"]
    assert table["recovery"].isna().tolist() == [True, False, False, False, False]
    assert table["recovery"].iloc[1:].astype(str).tolist() == ends
    # R counts a month more of a fall that has not ended.
    assert table["days"].tolist() == [147, 49, 77, 12, 2]
    assert str(table["start"].iloc[4].date()) == "1996-12-31"
