"""Rules against decisions written down by hand, their registry, and the audits of what they may know."""

import numpy as np
import pandas as pd
import pytest

from lib import codes
from lib.errors import InputError
from lib.trading import indicators
from lib.trading.audits import look_ahead, warm_up_gaps
from lib.trading.bars import FIELDS, bars_of_closes, bars_of_table, changed
from lib.trading.decisions import REASONS, Decisions, decided, delayed
from lib.trading.strategies import STRATEGIES, Parameter, Strategy, said
from tests.trading.generated_bars import plain, walk

SHORT_SETTINGS = {
    "rsi_reversion": {"period": 5},
    "macd_crossover": {"fast": 4, "slow": 9, "signal": 3},
    "average_cross": {"fast": 3, "slow": 8},
    "volume_breakout": {"volume_period": 10, "high_period": 5, "multiple": 1.2},
}


def decisions(name, bars, **more):
    return said(name, bars, **more).decisions


def test_rsi_reversion_buys_low_and_sells_high_with_the_confidence_stated():
    bars = walk(sessions=600, holes=False)
    found, value = decisions("rsi_reversion", bars), indicators.rsi(bars.close)
    late = np.arange(600)[:, None] >= 99
    assert np.array_equal(found.action == 1, late & (value < 30))
    assert np.array_equal(found.action == -1, late & (value > 70))
    bought, sold = found.action == 1, found.action == -1
    assert bought.any() and sold.any()
    assert found.confidence[bought] == pytest.approx(0.5 + (30 - value[bought]) / 60)
    assert found.confidence[sold] == pytest.approx(0.5 + (value[sold] - 70) / 60)
    assert found.stop[bought] == pytest.approx(bars.close[bought] * 0.95)
    assert found.target[bought] == pytest.approx(bars.close[bought] * 1.10)
    assert np.isnan(found.stop[sold]).all()
    assert {REASONS[code] for code in found.reason[bought]} == {"RSI_LOW"}


def test_the_usual_gate_lets_through_what_a_rule_says():
    """With (30 - RSI) / 30 as confidence a gate of 0.5 asked for an RSI under 15: nearly no trade."""
    bars = walk(sessions=600, symbols=8)
    for name in STRATEGIES:
        found = decisions(name, bars)
        acting = found.action != 0
        assert (
            acting.any() and (found.confidence[acting] >= 0.5).all() and found.confidence[acting].max() <= 1
        )


def test_rsi_on_the_way_back_buys_on_the_bar_that_crosses_only():
    bars = walk(sessions=600, holes=False)
    value = indicators.rsi(bars.close)
    back = np.zeros(value.shape, dtype=bool)
    back[100:] = (value[99:-1] < 30) & (value[100:] >= 30)
    found = decisions("rsi_reversion", bars, trigger="cross")
    assert np.array_equal((found.action == 1)[100:], back[100:]) and back.any()


def test_macd_acts_on_crossings_only_and_they_alternate():
    bars = walk(sessions=600, holes=False)
    found, gap = decisions("macd_crossover", bars), indicators.macd(bars.close).histogram
    rows = np.arange(1, 600)[:, None] >= 78
    assert np.array_equal((found.action == 1)[1:], rows & (gap[:-1] <= 0) & (gap[1:] > 0))
    assert np.array_equal((found.action == -1)[1:], rows & (gap[:-1] >= 0) & (gap[1:] < 0))
    for column in range(5):
        acts = found.action[found.action[:, column] != 0, column]
        assert (np.diff(acts) != 0).all() and len(acts) > 10
    acting = found.action != 0
    wide = np.abs(gap) / (2 * indicators.atr(bars.high, bars.low, bars.close))
    assert found.confidence[acting] == pytest.approx(np.clip(0.5 + wide[acting], 0, 1))


def test_averages_cross_where_a_hand_drawn_path_does():
    closes = [10, 10, 10, 10, 9, 8, 7, 9, 12, 14, 15, 11, 7, 5]
    found = decisions("average_cross", plain(closes), fast=2, slow=4, stop=0.0)
    means = [(np.mean(closes[at - 1 : at + 1]), np.mean(closes[at - 3 : at + 1])) for at in range(3, 14)]
    ahead = [fast > slow for fast, slow in means]
    assert np.flatnonzero(found.action[:, 0] == 1).tolist() == [3 + ahead.index(True)] == [8]
    assert np.flatnonzero(found.action[:, 0] == -1).tolist() == [4, 12]


def test_a_flat_stretch_is_no_crossing():
    closes = np.concatenate([np.linspace(50, 110.7, 100), np.full(300, 110.7)])
    for name in ("macd_crossover", "average_cross"):
        found = decisions(name, plain(closes))
        assert not found.action[250:].any()
    rng = np.random.default_rng(4)
    moving = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, (150, 200)), axis=0))
    closes = pd.DataFrame(np.concatenate([moving, np.tile(moving[-1], (900, 1))]))
    closes.index = pd.bdate_range("2015-01-01", periods=1_050, unit="us")
    for more in ({}, {"kind": "ema"}):
        assert not decisions("average_cross", bars_of_closes(closes), **more).action[900:].any()
    assert not decisions("macd_crossover", bars_of_closes(closes)).action[600:].any()


def test_a_volume_breakout_needs_volume_move_and_a_new_high():
    closes, volumes = [100.0] * 12, [1000.0] * 12
    settings = {"volume_period": 5, "high_period": 5, "multiple": 2.0, "move": 0.02}

    def acts(close, volume, **more):
        bars = plain([*closes, close], volumes=[*volumes, volume], **more)
        return int(decisions("volume_breakout", bars, **settings).action[-1, 0])

    assert acts(103, 2500) == 1
    assert acts(103, 1900) == 0, "too little volume"
    assert acts(101, 2500) == 0, "too small a move"
    assert acts(97, 2500) == -1
    highs = [*closes[:-1], 104.0, 104.0]
    assert acts(103, 2500, highs=highs) == 0, "below an earlier high"


def test_a_symbol_that_lacks_what_a_rule_needs_is_told_and_left_alone():
    bars = walk(sessions=400)
    volume = bars.volume.copy()
    volume[:, 0] = np.nan
    found = said("volume_breakout", changed(bars, volume=volume), multiple=1.5)
    assert found.lacking == {"S0": ("volume",)}
    assert not found.decisions.action[:, 0].any() and found.decisions.action[:, 1:].any()
    closes = bars_of_closes(walk_frame(bars))
    assert said("macd_crossover", closes).lacking == {} and set(closes.lacking(FIELDS)["S1"]) == {
        "open", "high", "low", "volume",
    }  # fmt: skip


def walk_frame(bars):
    return pd.DataFrame(bars.close, index=bars.sessions, columns=bars.symbols)


@pytest.mark.parametrize(
    ("name", "given", "said_of"),
    [
        ("rsi_reversion", {"period": 1}, "rsi_reversion.period: found 1; give a whole number from 2 to 100"),
        ("rsi_reversion", {"period": 14.5}, "rsi_reversion.period: found 14.5"),
        ("rsi_reversion", {"period": True}, "found True"),
        ("rsi_reversion", {"oversold": float("nan")}, "rsi_reversion.oversold: found nan"),
        ("rsi_reversion", {"oversold": 50, "overbought": 50}, "oversold must be below overbought"),
        ("rsi_reversion", {"trigger": "touch"}, "take one of level, cross"),
        ("rsi_reversion", {"perod": 14}, "rsi_reversion.perod: unknown parameter"),
        ("macd_crossover", {"fast": 30}, "fast is 30 and slow 26; fast must be below slow"),
        ("momentum", {}, "strategy: found 'momentum'; take one of rsi_reversion"),
    ],
)
def test_settings_out_of_range_are_refused_with_their_name(name, given, said_of):
    with pytest.raises(InputError) as caught:
        said(name, walk(sessions=50), **given)
    assert said_of in str(caught.value)


def test_every_row_is_whole():
    for name, row in STRATEGIES.items():
        assert name == row.name and row.rule.endswith(".") and row.source and row.needs
        assert set(row.needs) | set(row.better_with) <= set(FIELDS)
        for one in row.parameters:
            assert one.checked(one.default, strategy=name) == one.default and one.meaning
    assert all(code in codes.CODES for code in REASONS if code)
    assert all(f"LACKS_{field.upper()}" in codes.CODES for field in FIELDS)


def up_day(bars, *, least):
    """A strategy of one function, as a user would add it."""
    change = np.diff(bars.close, axis=0, prepend=np.nan) / bars.close
    return decided(
        enter=change > least,
        leave=change < -least,
        confidence=np.full(change.shape, 0.8),
        close=bars.close,
        stop=0.0,
        target=0.0,
        reasons=("RULE_SAYS", "RULE_SAYS"),
    )


def test_a_new_strategy_is_one_function_and_one_row():
    row = Strategy(
        "up_day", up_day, (Parameter("least", 0.01, 0, 1),), ("close",), lambda of: 1, "Buy a rise.", "none"
    )
    bars = walk(holes=False)
    found = said(row, bars, least=0.02).decisions
    moved = bars.close[1:] - bars.close[:-1] > 0.02 * bars.close[1:]
    assert np.array_equal((found.action == 1)[1:], moved)


def test_a_delay_moves_decisions_and_keeps_the_distance_of_stops():
    bars = walk(holes=False)
    found = decisions("macd_crossover", bars)
    late = delayed(found, sessions=3, close=bars.close)
    assert np.array_equal(late.action[3:], found.action[:-3]) and not late.action[:3].any()
    bought = late.action == 1
    assert late.stop[bought] == pytest.approx(bars.close[bought] * 0.97)
    with pytest.raises(ValueError, match="looks ahead"):
        delayed(found, sessions=-1, close=bars.close)


CUTS = (60, 149, 150, 222, 299)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("opens", [True, False])
def test_no_strategy_looks_ahead(name, opens):
    bars = walk(opens=opens)
    assert decisions(name, bars, **SHORT_SETTINGS[name]).action[:60].any(), "the cuts have something to see"
    found = look_ahead(lambda one: decisions(name, one, **SHORT_SETTINGS[name]), bars, cuts=CUTS)
    assert found.empty, found


def tomorrow(bars):
    ahead = np.full(bars.close.shape, np.nan)
    ahead[:-1] = bars.close[1:]
    return ahead / bars.close - 1


def centred(bars):
    mean = np.full(bars.close.shape, np.nan)
    mean[2:-2] = np.lib.stride_tricks.sliding_window_view(bars.close, 5, axis=0).mean(axis=-1)
    return bars.close / mean - 1


def whole_sample(bars):
    return bars.close / np.nanmax(np.nan_to_num(bars.close), axis=0) - 0.8


@pytest.mark.parametrize("leak", [tomorrow, centred, whole_sample])
def test_planted_leaks_are_named_with_their_symbols_and_sessions(leak):
    def rule(bars):
        value = leak(bars)
        return decided(
            enter=value > 0.001, leave=value < -0.001, confidence=value, close=bars.close, stop=0.05,
            target=0.1, reasons=("RULE_SAYS", "RULE_SAYS"),
        )  # fmt: skip

    bars = walk(symbols=12)
    found = look_ahead(rule, bars, cuts=CUTS)
    assert set(found["cut"]) == set(bars.sessions[[cut - 1 for cut in CUTS]])
    assert "action" in set(found["field"]) and (found["session"] <= found["cut"]).all()


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_declared_warm_up_is_enough(name):
    row, bars = STRATEGIES[name], walk(sessions=700, symbols=20)
    settled = row.warm_up(row.settings({}))
    found = warm_up_gaps(lambda one: decisions(name, one), bars, warm_up=settled, starts=(50, 133))
    assert found["actions"].min() > 20
    assert (found["differing"] <= 0.005 * found["actions"]).all(), found


def test_a_warm_up_declared_too_short_is_seen():
    row = STRATEGIES["rsi_reversion"]
    hasty = Strategy(**{**row.__dict__, "warm_up": lambda of: 15})
    found = warm_up_gaps(
        lambda one: said(hasty, one).decisions, walk(sessions=700, symbols=20), warm_up=15, starts=(50, 133)
    )
    assert (found["differing"] > 0.01 * found["actions"]).all()


def test_bars_come_from_a_long_table_and_a_date_given_twice_is_refused():
    bars = walk(sessions=20)
    at = np.argwhere(bars.has_bar)
    rows = pd.DataFrame(
        {"date": bars.sessions[at[:, 0]], "symbol": np.asarray(bars.symbols)[at[:, 1]]}
        | {name: getattr(bars, name)[bars.has_bar] for name in FIELDS}
    )
    found = bars_of_table(rows.sample(frac=1, random_state=3))
    for name in FIELDS:
        assert np.array_equal(getattr(found, name), getattr(bars, name), equal_nan=True)
    with pytest.raises(ValueError, match="two bars of one date"):
        bars_of_table(pd.concat([rows, rows[:1]]))


def test_decisions_both_ways_at_once_are_none():
    both = np.array([[True]])
    found = decided(
        enter=both, leave=both, confidence=np.ones((1, 1)), close=np.ones((1, 1)), stop=0.1, target=0.1,
        reasons=("RULE_SAYS", "RULE_SAYS"),
    )  # fmt: skip
    assert isinstance(found, Decisions) and found.action.tolist() == [[0]] and np.isnan(found.stop).all()
