"""Numbers and dates as people read them: checked by hand, one line a rule of the house."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from lib import wording

MISSING = [None, float("nan"), np.nan, pd.NaT, pd.NA]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (wording.money(1_234_567.89), "1,234,568"),
        (wording.money(1000), "1,000"),
        (wording.money(999.5), "999.50"),
        (wording.money(999.996), "1,000"),
        (wording.money(-1234.4, "USD"), "USD\u00a0\u22121,234"),
        (wording.money(12.5, signed=True), "+12.50"),
        (wording.percent(0.0345), "3.5%"),
        (wording.percent(-0.184), "\u221218.4%"),
        (wording.percent(-0.0001), "0.0%"),
        (wording.percent(0.02, signed=True), "+2.0%"),
        (wording.basis_points(0.0012), "12\u00a0bp"),
        (wording.basis_points(-0.00119), "\u221212\u00a0bp"),
        (wording.ratio(1.005), "1.00"),
        (wording.price(0.0712), "0.0712"),
        (wording.price(312.4), "312.40"),
        (wording.count(84211), "84,211"),
        (wording.number(float("-inf")), "\u2212\u221e"),
        (wording.date("2022-12-28"), "28 Dec 2022"),
        (wording.date(date(2022, 1, 3)), "3 Jan 2022"),
        (wording.date(pd.Timestamp("2022-12-28")), "28 Dec 2022"),
        (wording.date("before the war"), "before the war"),
        (wording.joined([]), ""),
        (wording.joined(["a"]), "a"),
        (wording.joined(["a", "b", "c"]), "a, b and c"),
        (wording.joined(["a", "b"], "or"), "a or b"),
        (wording.named(["a", "b"], 2), "a and b"),
        (wording.named(pd.Series(["a", "b", "c", "d"]), 2), "a, b and 2 others"),
        (wording.named([], 2), ""),
        (wording.plural(1, "row"), "1 row"),
        (wording.plural(1200, "row"), "1,200 rows"),
        (wording.plural(0, "entry", "entries"), "0 entries"),
        (wording.sentence_case("market_value"), "Market value"),
        (wording.sentence_case("risk/metrics"), "Risk metrics"),
        (wording.measure("var_95"), "VaR 95%"),
        (wording.measure("cvar_99_money"), "Expected shortfall 99%"),
        (wording.measure("nav"), "Net asset value"),
        (wording.measure("spa_p"), "SPA p-value"),
        (wording.measure("deflated_sharpe"), "Deflated Sharpe"),
        (wording.measure("Beta to S&P 500"), "Beta to S&P 500"),
        (wording.direction(-0.2), "down"),
        (wording.direction(None), "unchanged"),
        (wording.figure(1_217_640.4, "money"), "1,217,640"),
        (wording.figure(0.123, "fraction"), "12.3%"),
        (wording.figure(3.0, "days"), "3 days"),
        (wording.figure(0.0134, "return"), "1.34%"),
        (wording.figure(0.0012, "bp"), "12\u00a0bp"),
        (wording.figure(0.00099, "p_value"), "below 0.001"),
        (wording.figure(0.0, "p_value"), "below 0.001"),
        (wording.figure(0.0416, "p_value"), "0.042"),
        (wording.figure(1.0, "p_value"), "1.000"),
        (wording.figure(0.99949, "probability"), "99.9%"),
        (wording.figure(0.9999, "probability"), "over 99.9%"),
        (wording.change(0.0125, 0.0134, "return"), "+0.09 points"),
        (wording.change(0.04, 0.001, "p_value"), "\u22120.039"),
        (wording.figure(1.0, "text"), ""),
        (wording.change(100.0, 98.0, "money"), "\u22122.0%"),
        (wording.change(0.10, 0.125, "fraction"), "+2.5 points"),
        (wording.change(None, 1.0, "ratio"), ""),
    ],
)
def test_it_reads(said, expected):
    assert said == expected


@pytest.mark.parametrize("value", MISSING)
@pytest.mark.parametrize(
    "write",
    [wording.money, wording.percent, wording.basis_points, wording.ratio, wording.count, wording.date],
)
def test_a_missing_value_is_never_a_number(write, value):
    assert write(value) == "n/a"
    assert write(value, reason="no price") == "n/a (no price)"


def test_a_moment_reads_with_its_zone():
    assert wording.moment(datetime(2022, 12, 28, 14, 5, 59, tzinfo=UTC)) == "28 Dec 2022, 14:05 UTC"
    assert wording.moment(None, reason="not known") == "n/a (not known)"
