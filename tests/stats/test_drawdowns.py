import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.stats import drawdowns

RETURNS = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=60)


def by_hand(returns):
    """The deepest fall, by a plain loop."""
    value = peak = 1.0
    deepest = 0.0
    for one in returns:
        value *= 1.0 + one
        peak = max(peak, value)
        deepest = min(deepest, value / peak - 1.0)
    return deepest


def dated(*returns):
    return pd.Series(returns, index=pd.date_range("2020-01-02", periods=len(returns)), dtype="float64")


def test_a_loss_on_the_first_day_counts():
    assert drawdowns.max_drawdown([-0.2, 0.1]) == pytest.approx(-0.2)


def test_a_series_that_never_fell_has_no_drawdown_and_an_empty_one_no_answer():
    assert drawdowns.max_drawdown([0.1, 0.0]) == 0.0
    assert np.isnan(drawdowns.max_drawdown([np.nan]))
    assert drawdowns.drawdown_table(dated(0.1, 0.1)).empty
    assert drawdowns.drawdown_table(dated()).empty


def test_the_table_names_peak_trough_recovery_and_length():
    table = drawdowns.drawdown_table(dated(0.1, -0.5, 0.5, 0.5, -0.1), base_date="2020-01-01")
    assert table["depth"].tolist() == pytest.approx([-0.5, -0.1])
    assert table["start"].dt.day.tolist() == [2, 5]
    assert table["trough"].dt.day.tolist() == [3, 6]
    assert table["recovery"].dt.day.tolist()[0] == 5
    assert table["recovery"].isna().tolist() == [False, True]
    assert table["days"].tolist() == [3, 1]


def test_a_fall_from_the_very_first_day_starts_on_the_base_date():
    table = drawdowns.drawdown_table(dated(-0.1, 0.2), base_date="2019-12-31")
    assert str(table["start"][0].date()) == "2019-12-31"
    assert table["days"][0] == 2


def test_rounding_does_not_keep_a_recovered_fall_open():
    table = drawdowns.drawdown_table(dated(-0.1, 1 / 0.9 - 1, 0.0, -0.2, 0.25))
    assert len(table) == 2
    assert table["recovery"].notna().all()


def test_ruin_is_a_fall_of_everything():
    assert drawdowns.max_drawdown([0.5, -1.2, 4.0]) == -1.0


@settings(deadline=None)
@given(RETURNS)
def test_the_deepest_fall_is_what_a_loop_finds_and_never_positive(returns):
    found = drawdowns.max_drawdown(returns)
    assert found <= 0.0
    assert found == pytest.approx(by_hand(returns), abs=1e-11)


@settings(deadline=None)
@given(RETURNS)
def test_the_table_s_deepest_row_is_the_maximum_drawdown(returns):
    table = drawdowns.drawdown_table(dated(*returns))
    deepest = table["depth"].min() if len(table) else 0.0
    assert deepest == pytest.approx(drawdowns.max_drawdown(returns), abs=1e-12)
    assert table["days"].sum() <= len(returns)
    assert (table["start"] <= table["trough"]).all()
