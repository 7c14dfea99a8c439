"""Why another library's Sharpe ratio of the same returns can be 1.80 where ours is 1.49.

The figures are those of `stats.sharpe` in quantstats 0.0.86 on the twelve returns below; each difference is
one convention, and follows from ours in closed form.
"""

import math
from pathlib import Path

import numpy as np
import pytest

from lib.stats.performance import sharpe

RETURNS = np.array([10, -4, 7, 2, -11, 6, 3, -2, 9, -5, 4, 1]) / 1000
PLAIN, CALENDAR_DAYS, OVER_A_RATE = 4.238239606383735, 5.100722155846726, 3.745848117280447
"""With its default of 252 periods; with 365; with 252 and a rate of 5 %."""
ROOT = Path(__file__).parents[2]


def test_over_no_rate_and_with_252_periods_the_ratio_is_the_same_to_the_last_digits():
    assert sharpe(RETURNS, periods=252) == pytest.approx(PLAIN, rel=1e-14)


def test_with_365_periods_it_is_the_root_of_365_over_252_times_ours():
    assert sharpe(RETURNS, periods=252) * math.sqrt(365 / 252) == pytest.approx(CALENDAR_DAYS, rel=1e-14)
    assert round(1.4940598463305605 * math.sqrt(365 / 252), 2) == 1.80


def test_a_rate_is_taken_off_by_roots_there_and_in_equal_parts_here():
    rate, deviation = 0.05, RETURNS.std(ddof=1)
    apart = (rate / 252 - ((1 + rate) ** (1 / 252) - 1)) / deviation * math.sqrt(252)
    ours = sharpe(RETURNS, periods=252, risk_free=rate)
    assert ours + apart == pytest.approx(OVER_A_RATE, rel=1e-13)
    assert 0 < apart < 0.02


def test_the_conventions_say_so():
    text = (ROOT / "docs/conventions.md").read_text()
    assert "√(365/252) = 1.2035 times" in text and f"{math.sqrt(365 / 252):.4f}" == "1.2035"
