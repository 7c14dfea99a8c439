"""Sizes by every cap and stops by every kind: worked examples, arithmetic written out, mirrored sides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import codes
from lib.trading import stops
from lib.trading.sizing import LONG, SHORT, Caps, position_size


def infy(**more):
    return position_size(**{"entry": 1450, "stop": 1420, "balance": 100_000, "risk": 0.02, **more})


def test_the_worked_example_is_66_shares_and_its_risk_is_its_own():
    found = infy()
    assert (int(found.quantity), float(found.value), float(found.risk)) == (66, 95_700, 1_980)
    assert float(found.budget) == 2_000 and float(found.risk_share) == pytest.approx(0.0198)
    assert str(found.limited_by) == "SIZE_BY_RISK" and str(found.rejected) == ""


def test_a_cap_of_50_000_makes_it_34():
    found = infy(caps=Caps(most_value=50_000))
    assert (int(found.quantity), float(found.value)) == (34, 49_300)
    assert str(found.limited_by) == "SIZE_BY_POSITION"


@pytest.mark.parametrize(
    ("more", "quantity", "by"),
    [
        ({"balance": 50_000}, 33, "SIZE_BY_RISK"),
        ({"stop": 1449.0}, 68, "SIZE_BY_BALANCE"),
        ({"stop": 1449.0, "caps": Caps(leverage=2.0)}, 137, "SIZE_BY_BALANCE"),
        ({"usual_volume": 3_000}, 30, "SIZE_BY_VOLUME"),
        ({"usual_volume": np.nan}, 0, "SIZE_BY_VOLUME"),
        ({"caps": Caps(lot=25)}, 50, "SIZE_BY_RISK"),
        ({"cost_per_share": 10.0}, 50, "SIZE_BY_RISK"),
        ({"side": SHORT, "stop": 1480}, 66, "SIZE_BY_RISK"),
    ],
)
def test_each_cap_binds_in_its_turn(more, quantity, by):
    found = infy(**more)
    assert int(found.quantity) == quantity and str(found.limited_by) == by
    assert str(found.rejected) == ("" if quantity else "SIZE_ZERO")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"entry": 0}, "ENTRY_NOT_POSITIVE"),
        ({"entry": np.nan}, "ENTRY_NOT_POSITIVE"),
        ({"stop": 0}, "STOP_NOT_POSITIVE"),
        ({"stop": np.nan}, "STOP_NOT_POSITIVE"),
        ({"stop": 1450}, "STOP_AT_ENTRY"),
        ({"stop": 1480}, "STOP_WRONG_SIDE"),
        ({"side": SHORT}, "STOP_WRONG_SIDE"),
        ({"balance": 0}, "BALANCE_NOT_POSITIVE"),
        ({"balance": -5}, "BALANCE_NOT_POSITIVE"),
        ({"risk": 0}, "RISK_OUT_OF_RANGE"),
        ({"risk": 0.11}, "RISK_OUT_OF_RANGE"),
        ({"balance": 100}, "SIZE_ZERO"),
    ],
)
def test_what_makes_no_sense_is_rejected_with_its_code_and_no_shares(more, code):
    found = infy(**more)
    assert str(found.rejected) == code and int(found.quantity) == 0 and float(found.value) == 0
    assert codes.CODES[code].severity == "rejected"


def test_many_symbols_are_sized_at_once():
    found = infy(entry=[1450, 1450, 100, 100], stop=[1420, 1450, 99.9, 90], caps=Caps(most_value=50_000))
    assert found.quantity.tolist() == [34, 0, 500, 200]
    assert found.rejected.tolist() == ["", "STOP_AT_ENTRY", "", ""]
    with pytest.raises(ValueError, match="a side is 1"):
        infy(side=0)
    with pytest.raises(ValueError, match="not above 0"):
        Caps(lot=0)


@settings(deadline=None)
@given(
    entry=st.floats(0.5, 5_000),
    away=st.floats(0.001, 0.5),
    side=st.sampled_from([LONG, SHORT]),
    balance=st.floats(100, 1e7),
    risk=st.floats(1e-4, 0.1),
    most=st.floats(100, 1e6),
    lot=st.integers(1, 50),
)
def test_no_size_breaks_a_cap_and_one_lot_more_breaks_one(entry, away, side, balance, risk, most, lot):
    stop = entry * (1 - side * away)
    found = position_size(
        entry=entry, stop=stop, side=side, balance=balance, risk=risk, caps=Caps(most_value=most, lot=lot)
    )
    quantity, room = int(found.quantity), 1 + 1e-9

    def fits(shares):
        value = shares * entry
        return abs(entry - stop) * shares <= balance * risk * room and value <= min(most, balance) * room

    assert quantity % lot == 0 and fits(quantity)
    assert not fits((quantity + lot) * (1 + 1e-8))


def exits(side, stop, target, opened, high, low, close=100.0):
    found = stops.bar_exit(
        side=side, stop=stop, target=target, opened=opened, high=high, low=low, close=close
    )
    return bool(found.stopped), bool(found.reached), float(found.price), bool(found.ambiguous)


@pytest.mark.parametrize(
    ("bar", "expected"),
    [
        ((95, 110, 100, 101, 96), (False, False, None, False)),
        ((95, 110, 100, 101, 95), (True, False, 95, False)),
        ((95, 110, 93, 101, 92), (True, False, 93, False)),
        ((95, 110, 100, 110, 99), (False, True, 110, False)),
        ((95, 110, 112, 115, 100), (False, True, 112, False)),
        ((95, 110, 100, 111, 94), (True, False, 95, True)),
        ((95, 110, 112, 113, 94), (False, True, 112, False)),
        ((95, 110, 94, 111, 93), (True, False, 94, False)),
        ((np.nan, 110, 100, 111, 2), (False, True, 110, False)),
        ((95, np.nan, 100, 911, 96), (False, False, None, False)),
        ((120, np.nan, 121, 125, 119), (True, False, 120, False)),
    ],
)
def test_a_bar_ends_a_long_by_the_rules_and_a_short_by_their_mirror(bar, expected):
    stop, target, opened, high, low = bar
    price = pytest.approx(expected[2], nan_ok=True) if expected[2] else pytest.approx(np.nan, nan_ok=True)
    assert exits(LONG, stop, target, opened, high, low) == (*expected[:2], price, expected[3])
    mirrored = exits(SHORT, 300 - stop, 300 - target, 300 - opened, 300 - low, 300 - high)
    across = 300 - expected[2] if expected[2] else np.nan
    assert mirrored == (*expected[:2], pytest.approx(across, nan_ok=True), expected[3])


def test_where_only_closes_are_known_a_stop_fills_at_the_close_and_a_target_at_its_price():
    assert exits(LONG, 95, 110, np.nan, np.nan, np.nan, 93.0)[:3] == (True, False, 93.0)
    assert exits(LONG, 95, 110, np.nan, np.nan, np.nan, 118.0)[:3] == (False, True, 110.0)
    assert exits(LONG, 95, 110, 90, 90, 90, np.nan)[:2] == (False, False), "no bar"


def test_stops_stand_where_their_kind_puts_them():
    assert stops.fixed_stop(entry=100, distance=4, side=LONG) == 96
    assert stops.percent_stop(entry=100, share=0.05, side=LONG) == 95
    assert stops.percent_stop(entry=100, share=0.05, side=SHORT) == 105
    assert stops.atr_stop(entry=100, atr=3, multiple=2, side=LONG) == 94
    assert stops.atr_stop(entry=100, atr=np.array([3, 4]), multiple=2, side=SHORT).tolist() == [106, 108]


def test_a_trailing_stop_follows_and_never_goes_back():
    stop = np.array([95.0, np.nan, 105.0, 95.0])
    found = stops.trailed(
        stop=stop, extreme=np.array([110, 110, 90, 98]), distance=5, side=np.array([1, 1, -1, 1])
    )
    assert found.tolist() == [105, 105, 95, 95]
    held = stops.trailed(stop=stop[:1], extreme=110, distance=np.nan, side=1)
    assert held.tolist() == [95]


def test_a_trailed_stop_over_the_entry_still_ends_a_long():
    assert exits(LONG, 120, np.nan, 125, 126, 119)[:3] == (True, False, 120.0)
