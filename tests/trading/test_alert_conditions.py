"""What rules of alerts see in bars, against a published sheet, plain loops and worked cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.trading.alert_conditions import LOOKS, look, on_last_basis
from lib.trading.alert_types import TYPES
from tests.trading.generated_bars import walk
from tests.trading.test_indicators import CLOSES, SHEET


def table(closes, *, symbol="A", **more):
    days = pd.bdate_range("2022-01-03", periods=len(closes), unit="us")
    known = {"date": days, "symbol": symbol, "close": np.array(closes, dtype=float)}
    return pd.DataFrame({**known, **{name: np.array(one, dtype=float) for name, one in more.items()}})


def seen(bars, **rule):
    """Value, threshold and held of one rule, by session."""
    settings = {name: one.default for name, one in TYPES[rule["type"]].settings.items()}
    found = look(bars, {"r": {"symbol": "A", **settings, **rule}})
    return found["value"].to_numpy(), found["threshold"].to_numpy(), found["held"].to_numpy()


def test_every_type_has_its_answer_and_its_words():
    assert set(TYPES) == set(LOOKS)
    for type_ in TYPES.values():
        words = {name: one.default for name, one in type_.settings.items()}
        assert "{" not in type_.measures.format_map(words)
        said = type_.says.format_map({**words, "value": "1", "threshold": "2", "side": "above"})
        assert "{" not in said


def test_above_and_below_are_strict():
    bars = table([9.0, 10.0, 11.0])
    assert seen(bars, type="price", above=10.0)[2].tolist() == [False, False, True]
    assert seen(bars, type="price", below=10.0)[2].tolist() == [True, False, False]


def test_a_spike_is_held_against_the_thirty_sessions_before_it_and_not_against_itself():
    volumes = [100.0] * 30 + [200.0, 201.0 + 200 * 201 / 3000]
    value, _, held = seen(table([1.0] * 32, volume=volumes), type="volume_spike", above=2.0)
    assert np.isnan(value[:30]).all()
    assert value[30] == pytest.approx(2.0)
    assert value[31] == pytest.approx(volumes[31] / (29 * 100 + 200) * 30)
    assert held.tolist() == [False] * 31 + [True]


def test_a_move_is_from_close_to_close_either_way_whatever_the_open_was():
    bars = table([100, 103, 99, 96.03, 103], open=[100, 90, 99, 99, 50])
    value, _, held = seen(bars, type="change", above=0.0300000001)
    assert np.isnan(value[0])
    assert value[1:] == pytest.approx([0.03, -4 / 103, -0.03, 103 / 96.03 - 1])
    assert held.tolist() == [False, False, True, False, True]


def test_a_split_is_no_move_no_spike_and_no_break():
    closes, split = [100.0, 101, 51, 51.5], [1.0, 1, 2, 1]
    bars = table(closes, split=split, volume=[10, 10, 20, 21]).assign(price_basis="raw")
    assert seen(bars, type="change", above=0.02)[0][1:] == pytest.approx([0.01, 51 / 50.5 - 1, 51.5 / 51 - 1])
    assert seen(bars, type="price", above=50.9)[0].tolist() == [50.0, 50.5, 51.0, 51.5]
    assert not seen(bars, type="support", period=2)[2].any()
    assert on_last_basis(bars)["volume"].tolist() == [20, 20, 20, 21]
    adjusted = bars.assign(price_basis="adjusted", close=[50.0, 50.5, 51, 51.5])
    assert seen(adjusted, type="price", above=50.9)[0].tolist() == [50.0, 50.5, 51.0, 51.5]


def test_relative_strength_is_the_one_of_the_published_sheet():
    value, _, held = seen(table(CLOSES), type="rsi", above=70.0)
    assert value[14:].round(4).tolist() == SHEET
    assert np.flatnonzero(held).tolist() == [14]
    assert np.flatnonzero(seen(table(CLOSES), type="rsi", below=35.0)[2]).tolist() == [31]


def test_macd_crosses_on_the_session_on_which_it_changes_sides_as_pandas_has_it():
    closes = walk(symbols=1, holes=False).close[:, 0]
    series = pd.Series(closes)
    line = series.ewm(span=12, adjust=False).mean() - series.ewm(span=26, adjust=False).mean()
    apart = (line - line.ewm(span=9, adjust=False).mean()).where(series.index >= 33)
    up = (apart.shift(1) <= 0) & (apart > 0)
    assert up.sum() > 5
    assert seen(table(closes), type="macd_cross", direction="up")[2].tolist() == up.tolist()
    down = (apart.shift(1) >= 0) & (apart < 0)
    assert seen(table(closes), type="macd_cross", direction="down")[2].tolist() == down.tolist()


def test_a_break_is_over_the_high_or_under_the_low_of_the_sessions_before():
    closes, highs = [5.0, 6, 7, 7.5, 8.1, 8.2], [5.0, 6, 8, 7.6, 8.1, 9]
    value, level, held = seen(table(closes, high=highs), type="resistance", period=3)
    assert level[3:].tolist() == [8.0, 8.0, 8.1]
    assert held.tolist() == [False] * 4 + [True, True]
    value, level, held = seen(table([9.0, 8, 8.5, 7.9]), type="support", period=3)
    assert (value[3], level[3], held.tolist()) == (7.9, 8.0, [False] * 3 + [True])


def test_rules_of_many_symbols_with_holes_are_those_of_each_symbol_alone_and_of_its_past_alone():
    bars = walk(sessions=120)
    long = pd.concat(
        table(
            bars.close[:, n], symbol=name, volume=bars.volume[:, n], high=bars.high[:, n], low=bars.low[:, n]
        )
        for n, name in enumerate(bars.symbols)
    ).dropna(subset="close")
    settings = {"period": 5, "direction": "up", "above": 1.01}
    rules = {
        f"{type_}-{symbol}": {"type": type_, "symbol": symbol, **settings}
        for type_ in TYPES
        for symbol in bars.symbols
    }
    found = look(long, rules).set_index(["rule", "date"])
    days = np.sort(long["date"].unique())
    past = look(long[long["date"] <= days[80]], rules).set_index(["rule", "date"])
    pd.testing.assert_frame_equal(found.loc[past.index], past)
    for name, rule in rules.items():
        own = long[long["symbol"] == rule["symbol"]]
        alone = look(own, {name: rule}).set_index(["rule", "date"])
        pd.testing.assert_frame_equal(found.loc[[name]], alone)
        assert len(alone) == len(own)
