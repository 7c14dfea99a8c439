"""Checks pass on what holds, fail on what does not, and say the numbers."""

import numpy as np
import pandas as pd
import pytest

from lib import checks

NAN = float("nan")


@pytest.mark.parametrize(
    ("check", "passed"),
    [
        (checks.equal("n", 3, 3), True),
        (checks.equal("n", 3, 4), False),
        (checks.none("n", 0, "repeated"), True),
        (checks.none("n", 1, "repeated"), False),
        (checks.counts_add_up("n", {"received": 9}, {"kept": 7, "set aside": 2}), True),
        (checks.counts_add_up("n", {"received": 9}, {"kept": 9, "set aside": 2}), False),
        (checks.close("n", 1.0, 1.0 + 1e-10), True),
        (checks.close("n", 1.0, 1.0 + 1e-8), False),
        (checks.close("n", 1e6, 1e6 + 1e-4), True),
        (checks.close("n", 0.0, 0.5, scale=1e9), True),
        (checks.close("n", pd.Series([1e6]), pd.Series([1e6 + 1e-4])), False),
        (checks.close("n", pd.Series([1e6]), pd.Series([1e6 + 1e-4]), scale=1e6), True),
        (checks.close("n", NAN, NAN), True),
        (checks.close("n", NAN, 1.0), False),
        (checks.same_money("n", 100.0, 100.004), True),
        (checks.same_money("n", 100.0, 100.006), False),
        (checks.same_money("n", 1e9, 1e9 + 0.9), True),
        (checks.same_money("n", 1e9, 1e9 + 1.1), False),
        (checks.same_money("n", NAN, 0.0), False),
        (checks.same_money("n", pd.Series([1.0, NAN]), pd.Series([1.001, NAN])), True),
        (checks.same_money("n", pd.Series([1.0, NAN]), pd.Series([1.0, 2.0])), False),
        (checks.adds_up("n", pd.Series([0.25, 0.75]), 1.0), True),
        (checks.adds_up("n", pd.Series([0.25, 0.74]), 1.0), False),
        (checks.ordered("n", pd.Series([1.0, NAN]), pd.Series([1.0, 0.0])), True),
        (checks.ordered("n", pd.Series([1.0]), pd.Series([0.9])), False),
        (checks.within("n", pd.Series([-1.0, 1.0]), -1.0, 1.0), True),
        (checks.within("n", pd.Series([-1.0, 1.1]), -1.0, 1.0), False),
        (checks.within("n", pd.Series([NAN]), 0.0, 1.0), True),
    ],
)
def test_a_check_holds_or_fails(check, passed):
    assert check.passed is passed


def test_a_check_says_the_numbers():
    assert checks.equal("Rows", 3, 4) == checks.Check("Rows", False, "3 and 4")
    assert checks.none("Bars", 3, "repeated").detail == "3 repeated"
    assert checks.counts_add_up("Bars", {"received": 9}, {"kept": 7, "set aside": 2}).detail == (
        "9 received; 7 kept, 2 set aside"
    )
    assert checks.within("Weights", np.nan, 0, 1).detail == "nothing to compare"
    assert checks.close("Sums", pd.Series([NAN]), pd.Series([NAN])).detail == "nothing to compare"
    assert checks.ordered("Tail", 1.0, 3.0, noun="window").detail == "1 window, smallest distance 2.0000"
    assert checks.within("Share", pd.Series([0.1, 0.2]), 0, 1).detail == "2 values, 0.10 to 0.20"
