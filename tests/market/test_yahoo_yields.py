"""Treasury yields from index tickers, against what the bill earns by its price."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.market.yahoo.yields import investment_yield, yields_of


def test_the_discount_rate_becomes_the_investment_yield_that_the_bill_earns():
    price = 100 * (1 - 0.0525 * 91 / 360)
    earned = (100 - price) / price * 365 / 91
    assert investment_yield(pd.Series([0.0525]))[0] == pytest.approx(earned, rel=1e-14)


def test_tickers_become_tenors_in_decimals_and_others_are_passed_over():
    rows = [("^TNX", 4.25), ("^IRX", 5.25), ("AAPL", 190.0), ("^TYX", None)]
    bars = pd.DataFrame(rows, columns=["symbol", "close"]).assign(
        date=pd.Timestamp("2024-01-02"), source="yahoo", origin="real"
    )
    table = yields_of(bars).set_index("tenor")["rate"]
    assert table.index.tolist() == ["10Y", "3M"]
    assert table["10Y"] == pytest.approx(0.0425)
    assert table["3M"] == pytest.approx(365 * 0.0525 / (360 - 91 * 0.0525))
