"""Indicators against a published sheet, figures recorded from TA-Lib 0.8.2, pandas and plain loops."""

import numpy as np
import pandas as pd
import pytest

from lib.trading import indicators
from lib.trading.indicator_rows import INDICATORS, warm_up
from tests.trading.generated_bars import walk, wave

# Closes of QQQQ, 14 December 2009 to 1 February 2010, and their RSI: StockCharts, ChartSchool, "RSI" sheet.
CLOSES = [
    44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931,
    46.0328, 45.6140, 46.2820, 46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521,
    45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314,
]  # fmt: skip
SHEET = [
    70.5328, 66.3186, 66.5498, 69.4063, 66.3552, 57.9749, 62.9296, 63.2571, 56.0593, 62.3771, 54.7076,
    50.4228, 39.9898, 41.4605, 41.8689, 45.4632, 37.3040, 33.0795, 37.7730,
]  # fmt: skip
ROWS, LATER = [14, 15, 50, 120, 199], [33, 34, 50, 120, 199]
TALIB = {
    "rsi": (94.13096637026, 88.54476753450, 70.05092283437, 22.03553890072, 39.92546773929),
    "atr": (2.68492712282, 2.74586297346, 2.63141778680, 2.83416247682, 3.04470520907),
    "line": (-2.92256720755, -3.16455064848, 1.66328437523, -2.15764872230, -0.04443768830),
    "signal": (-2.16226487307, -2.36272202815, 0.56507429433, -1.11985070583, 1.23283176053),
    "sma": (100.44445108256, 99.49756150371, 99.16687531787, 105.48790798295, 114.15913739577),
    "ema": (99.03187236581, 98.36017160068, 101.80117589347, 103.62489754019, 111.98467216717),
    "max": (112.57534898711, 111.85418312046, 107.33341613911, 117.12410411227, 121.23128016096),
    "min": (91.62118512503, 90.20907582964, 89.64779516983, 96.01900020379, 106.72648200021),
}  # fmt: skip


def test_rsi_is_the_one_of_the_published_sheet():
    found = indicators.rsi(np.array(CLOSES))[:, 0]
    assert np.isnan(found[:14]).all()
    assert found[14:].round(4).tolist() == SHEET


def test_rsi_has_one_value_for_no_loss_no_gain_and_no_change():
    up, down, flat = np.arange(1.0, 31), np.arange(31.0, 1, -1), np.full(30, 10.1)
    last = indicators.rsi(np.column_stack([up, down, flat]))[-1]
    assert last.tolist() == [100.0, 0.0, 50.0]


def test_indicators_equal_those_recorded_from_ta_lib():
    high, low, close = wave()
    found = {
        "rsi": indicators.rsi(close)[ROWS, 0],
        "atr": indicators.atr(high, low, close)[ROWS, 0],
        "line": indicators.macd(close, seed="mean").line[LATER, 0],
        "signal": indicators.macd(close, seed="mean").signal[LATER, 0],
        "sma": indicators.sma(close, period=20)[LATER, 0],
        "ema": indicators.ema(close, period=20, seed="mean")[LATER, 0],
        "max": indicators.rolling_high(high, period=20, before=False)[LATER, 0],
        "min": indicators.rolling_low(low, period=20, before=False)[LATER, 0],
    }
    for name, values in found.items():
        assert values == pytest.approx(TALIB[name], abs=1e-10), name


def test_macd_is_that_of_pandas_exponential_means_from_the_first_price():
    close = walk(holes=False).close
    fast, slow = (pd.DataFrame(close).ewm(span=span, adjust=False).mean() for span in (12, 26))
    line = fast - slow
    signal = line.ewm(span=9, adjust=False).mean()
    found = indicators.macd(close)
    for own, theirs in ((found.line, line), (found.signal, signal), (found.histogram, line - signal)):
        assert np.isnan(own[:33]).all()
        assert np.allclose(own[33:], theirs.to_numpy()[33:], rtol=0, atol=1e-11)


def test_the_seeds_of_macd_agree_once_it_is_warm():
    close = walk(holes=False).close
    first, mean = indicators.macd(close), indicators.macd(close, seed="mean")
    late = warm_up("macd") + 3 * 26
    assert np.abs(first.line - mean.line)[late:].max() < 1e-3 * np.abs(first.line[33:]).max()
    assert np.abs(first.line - mean.line)[33].max() > 0.05


def test_averages_and_extremes_are_those_of_pandas():
    close = walk(holes=False).close
    frame = pd.DataFrame(close)
    for period in (1, 2, 7, 20, 33):
        assert np.allclose(
            indicators.sma(close, period=period), frame.rolling(period).mean(), rtol=1e-13, equal_nan=True
        )
        top = indicators.rolling_high(close, period=period)
        assert np.array_equal(top, frame.rolling(period).max().shift(1), equal_nan=True)
        bottom = indicators.rolling_low(close, period=period, before=False)
        assert np.array_equal(bottom, frame.rolling(period).min(), equal_nan=True)


def test_a_volume_ratio_leaves_today_out_of_its_mean():
    volumes = np.array([100.0, 200, 300, 600, 0, 0, 0, 50])
    found = indicators.volume_ratio(volumes, period=3)[:, 0]
    assert np.isnan(found[:3]).all() and found[3] == 3.0 and found[4] == 0.0
    assert np.isnan(found[7]), "nothing traded in the three sessions before"


def test_true_range_counts_the_gap_and_closes_stand_for_what_is_missing():
    high, low, close = np.array([11.0, 15, np.nan]), np.array([9.0, 14, np.nan]), np.array([10.0, 14.5, 12])
    assert indicators.true_range(high, low, close)[1:, 0].tolist() == [5.0, 2.5]


def every(bars):
    found = indicators.macd(bars.close)
    return {
        "rsi": indicators.rsi(bars.close),
        "line": found.line,
        "signal": found.signal,
        "ema": indicators.ema(bars.close, period=10, seed="mean"),
        "sma": indicators.sma(bars.close, period=10),
        "atr": indicators.atr(bars.high, bars.low, bars.close),
        "high": indicators.rolling_high(bars.high, period=10),
        "ratio": indicators.volume_ratio(bars.volume, period=10),
    }


def test_a_symbol_with_holes_is_computed_as_if_they_were_not_there():
    bars = walk()
    together = every(bars)
    for column in range(len(bars.symbols)):
        there = bars.has_bar[:, column]
        own = [getattr(bars, name)[there, column][:, None] for name in ("high", "low", "close", "volume")]
        alone = every(type("Own", (), dict(zip(("high", "low", "close", "volume"), own, strict=True))))
        for name, values in alone.items():
            assert np.array_equal(together[name][there, column], values[:, 0], equal_nan=True), name
            assert np.isnan(together[name][~there, column]).all(), name


@pytest.mark.parametrize("name", INDICATORS)
def test_each_indicator_says_when_it_first_speaks(name):
    row = INDICATORS[name]
    bars = walk(holes=False)
    found = row.function(*(getattr(bars, field) for field in row.needs), **row.defaults)
    found = found.histogram if name == "macd" else found
    first = row.first(**row.defaults)
    assert np.isnan(found[: first - 1]).all() and np.isfinite(found[first - 1 :]).all()
    assert row.warm_up(**row.defaults) >= first - 1


@pytest.mark.parametrize("name", INDICATORS)
def test_after_its_warm_up_an_indicator_hardly_knows_where_its_history_began(name):
    row, bars, start = INDICATORS[name], walk(holes=False, symbols=40), 37
    fields = [getattr(bars, field) for field in row.needs]
    whole, later = (
        row.function(*fields, **row.defaults),
        row.function(*(one[start:] for one in fields), **row.defaults),
    )
    if name == "macd":
        whole, later = whole.line, later.line
    settled = row.warm_up(**row.defaults)
    gap = np.abs(whole[start + settled :] - later[settled:]).max()
    assert gap <= 0.02 * np.nanstd(whole), "2 % of what the indicator moves"


def test_a_flat_series_has_no_noise_in_its_window_sums():
    values = np.concatenate([np.linspace(90, 110.3, 57), np.full(60, 10.1)])
    assert len(set(indicators.sma(values, period=7)[70:, 0])) == 1


def test_impossible_settings_are_refused():
    with pytest.raises(ValueError, match="fast must be below slow"):
        indicators.macd(np.ones(50), fast=26, slow=12)
    with pytest.raises(ValueError, match="take one of first, mean"):
        indicators.ema(np.ones(50), period=5, seed="last")
    with pytest.raises(ValueError, match="3 dimensions"):
        indicators.rsi(np.ones((2, 2, 2)))
