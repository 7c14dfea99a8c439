"""The chart of trades on prices, and the bars that add up: what is drawn is what was given."""

import numpy as np
import pandas as pd
import pytest

from lib import figures

DAYS = pd.bdate_range("2020-01-01", periods=10)


def trades():
    return pd.DataFrame(
        {
            "entry_date": DAYS[[1, 4]],
            "entry_price": [10.0, 12.0],
            "exit_date": [DAYS[3], pd.NaT],
            "exit_price": [11.0, 9.0],
            "net": [5.0, -3.0],
        }
    )


def test_a_gain_is_blue_and_a_loss_vermilion_and_dashed_and_one_still_held_has_no_dot():
    closes = pd.Series(np.arange(10.0), index=DAYS)
    figure = figures.price_with_trades([figures.TradedPrice("ONE", closes, trades())])
    lines = figure.axes[0].get_lines()
    joined = [one for one in lines if one.get_linestyle() != "None" and len(one.get_xdata()) == 3]
    ways = {one.get_color(): one for one in joined}
    assert ways[figures.BLUE].get_linestyle() == "-"
    assert ways[figures.VERMILION].get_linestyle() == "--"
    np.testing.assert_allclose(ways[figures.VERMILION].get_ydata()[:2], [12.0, 9.0])
    dots = [line for line in lines if line.get_marker() == "o" and line.get_markerfacecolor() != "none"]
    assert [len(line.get_xdata()) for line in dots] == [1, 0]


def test_without_a_trade_the_chart_says_so():
    figure = figures.price_with_trades([])
    assert figure.axes[0].texts[0].get_text() == "nothing was traded"


def test_bars_hang_where_the_one_before_ended_and_the_sum_stands_on_zero():
    figure = figures.waterfall(["up", "down"], [3.0, -5.0], "both")
    bars = figure.axes[0].patches
    placed = [(one.get_x(), one.get_width()) for one in bars]
    assert placed == [(0.0, 3.0), (3.0, -5.0), (0.0, pytest.approx(-2.0))]
    assert bars[0].get_facecolor() != bars[1].get_facecolor()
    assert [text.get_text() for text in figure.axes[0].texts] == ["3.00", "−5.00", "−2.00"]
