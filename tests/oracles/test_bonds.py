"""Hull, "Options, Futures, and Other Derivatives", ch. 4: three years, 10 % a year, paid half-yearly.

At a yield of 12 %, compounded continuously, its price is 94.213, its duration 2.653 years and its convexity
7.570. The bonds that the model funds of the sample hold are priced by coupons once a period: six half-years.
"""

import numpy as np
import pandas as pd
import pytest

from lib.funds.sample.assets import par_bond

PRICE, DURATION, CONVEXITY, DV01 = 94.213021, 2.653010, 7.570035, 0.0249948


def hulls_bond(*yields):
    """Prices of 100 face at yields a year, compounded continuously."""
    half_year = pd.Series(np.expm1(np.array(yields) / 2))
    return 100 * par_bond(half_year, pd.Series(0.05, index=half_year.index), 6.0)


def test_a_bond_costs_what_hulls_does_and_falls_as_far_for_ten_basis_points():
    assert hulls_bond(0.12, 0.121).tolist() == pytest.approx([PRICE, 93.963428], abs=1e-6)


def test_a_bond_has_hulls_duration_and_convexity():
    low, middle, high = hulls_bond(0.1199, 0.12, 0.1201)
    assert (low - high) / 2 == pytest.approx(DV01, abs=1e-7)
    assert (low - high) / 2e-4 / middle == pytest.approx(DURATION, abs=1e-6)
    assert (low + high - 2 * middle) / 1e-8 / middle == pytest.approx(CONVEXITY, abs=1e-4)
