"""At what price a bar fills each type of order, by hand."""

import math

import pytest

from lib.trading.paper.matching import BUY, SELL, Bar, Match, capacity, filled

BAR = Bar(100.0, 110.0, 90.0, 105.0, 1000.0)
CLOSE_ONLY = Bar(math.nan, math.nan, math.nan, 105.0, math.nan)


def fill(kind, side, bar=BAR, *, limit=math.nan, trigger=math.nan, awake=False, queue="touch"):
    return filled(kind, side, bar, limit=limit, trigger=trigger, awake=awake, queue=queue)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_market_order_fills_at_the_open_and_slips(side):
    assert fill("MARKET", side)[0] == Match(100.0, True, True)


@pytest.mark.parametrize(
    ("side", "limit", "price"),
    [
        (BUY, 101.0, 100.0),
        (BUY, 100.0, 100.0),
        (BUY, 95.0, 95.0),
        (BUY, 90.0, 90.0),
        (BUY, 89.0, None),
        (SELL, 99.0, 100.0),
        (SELL, 108.0, 108.0),
        (SELL, 110.0, 110.0),
        (SELL, 111.0, None),
    ],
)
def test_a_limit_through_the_market_fills_at_the_open_and_else_at_itself_without_slippage(side, limit, price):
    match, _ = fill("LIMIT", side, limit=limit)
    assert (match and match.price) == price
    assert match is None or not match.slips


@pytest.mark.parametrize(("side", "limit"), [(BUY, 90.0), (SELL, 110.0)])
def test_a_price_that_only_touches_a_limit_fills_it_by_the_setting(side, limit):
    assert fill("LIMIT", side, limit=limit)[0] is not None
    assert fill("LIMIT", side, limit=limit, queue="through")[0] is None
    assert fill("LIMIT", side, limit=limit + side * 0.01, queue="through")[0] is not None


@pytest.mark.parametrize(
    ("side", "trigger", "price", "at_open"),
    [
        (BUY, 108.0, 108.0, False),
        (BUY, 99.0, 100.0, True),
        (BUY, 110.5, None, False),
        (SELL, 92.0, 92.0, False),
        (SELL, 101.0, 100.0, True),
        (SELL, 89.0, None, False),
    ],
)
def test_a_stop_market_order_fills_at_the_worse_of_open_and_trigger(side, trigger, price, at_open):
    match, awake = fill("SL-M", side, trigger=trigger)
    assert awake == (price is not None)
    assert match == (Match(price, True, at_open) if price else None)


def test_a_stop_limit_is_a_limit_from_its_trigger_on():
    assert fill("SL", BUY, trigger=108.0, limit=109.0) == (Match(108.0, False, False), True)
    assert fill("SL", BUY, trigger=108.0, limit=107.0) == (None, True)
    assert fill("SL", BUY, trigger=111.0, limit=112.0) == (None, False)
    assert fill("SL", BUY, limit=95.0, trigger=108.0, awake=True) == (Match(95.0, False, False), True)
    assert fill("SL", BUY, trigger=99.0, limit=99.5) == (Match(99.5, False, False), True)
    assert fill("SL", SELL, trigger=101.0, limit=99.0) == (Match(100.0, False, True), True)


def test_where_only_the_close_is_known_a_market_order_fills_there_and_a_limit_at_itself():
    assert fill("MARKET", BUY, CLOSE_ONLY)[0] == Match(105.0, True, False)
    assert fill("LIMIT", BUY, CLOSE_ONLY, limit=106.0)[0] == Match(106.0, False, False)
    assert fill("LIMIT", BUY, CLOSE_ONLY, limit=104.0)[0] is None
    assert fill("SL-M", BUY, CLOSE_ONLY, trigger=103.0)[0] == Match(105.0, True, False)
    assert fill("SL-M", SELL, CLOSE_ONLY, trigger=104.0)[0] is None


def test_a_bar_gives_a_tenth_of_its_volume_and_any_size_where_that_is_not_known():
    assert capacity(1009.0, 0.1) == 100
    assert capacity(30.0, 0.1) == 3
    assert capacity(9.0, 0.1) == 0
    assert capacity(math.nan, 0.1) == math.inf
