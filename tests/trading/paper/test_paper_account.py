"""The paper account by hand: the example of its costs, cash, lots, actions, stops, breaker, delisting."""

import math

import numpy as np
import pytest

from lib.account_ledger import Line
from lib.trading.charges import Charge, CostTable
from lib.trading.costs import PAPER
from lib.trading.paper import book as books
from lib.trading.paper.replay import replay
from lib.trading.paper.settings import Matching
from tests.trading.paper.accounts import AT_ONCE, NO_COSTS, bars_of, flat, rules, typed


def run(bars, *orders, **more):
    return replay(bars, typed(bars, *orders), rules(**more))


def test_ten_shares_at_1450_cost_what_the_broker_takes():
    book = run(bars_of(flat(1450.0, 2)), (1, "AAA", "BUY", 10))
    fill = book.account.fills[0]
    assert fill.price == pytest.approx(1450.725, abs=1e-9)
    assert fill.commission == pytest.approx(20.0 + 0.0003 * 14_507.25, abs=1e-9)
    assert fill.commission == pytest.approx(24.352175, abs=1e-6)
    assert book.account.cash == pytest.approx(85_468.397825, abs=1e-6)


def test_an_order_meets_no_bar_before_its_session():
    book = run(bars_of([*flat(10.0, 3), *flat(20.0, 2)]), (3, "AAA", "BUY", 1), costs=NO_COSTS)
    assert [(one.row, one.price) for one in book.account.fills] == [(3, 20.0)]


def test_a_purchase_without_the_cash_is_refused_and_takes_nothing():
    book = run(bars_of(flat(1000.0, 2)), (1, "AAA", "BUY", 101))
    assert (book.account.orders[0].status, book.account.orders[0].outcome) == ("REJECTED", "NO_CASH")
    assert book.account.cash == 100_000.0


def test_a_gap_above_the_last_close_cuts_an_order_to_the_cash():
    bars = bars_of([*flat(100.0, 1), *flat(200.0, 2)])
    book = run(bars, (1, "AAA", "BUY", 900), costs=NO_COSTS)
    assert book.account.fills[0].quantity == 500
    assert book.account.cash == 0.0
    assert "TRIMMED" in book.account.fills[0].flags


def test_money_of_a_sale_buys_only_once_it_is_settled():
    bars = bars_of(flat(100.0, 5), symbols=("AAA", "BBB"))
    orders = [(1, "AAA", "BUY", 1000), (2, "AAA", "SELL", 1000), (3, "BBB", "BUY", 1000)]
    slow = run(bars, *orders, costs=NO_COSTS, matching=Matching(1.0, settlement=2))
    assert [one.side for one in slow.account.fills] == [1, -1]
    assert slow.account.orders[2].outcome == "NO_CASH"
    assert slow.days[2].unsettled == 100_000.0
    assert slow.days[4].unsettled == 0.0
    quick = run(bars, *orders, costs=NO_COSTS, matching=Matching(1.0, settlement=1))
    assert len(quick.account.fills) == 3


def test_what_an_open_purchase_may_need_is_reserved():
    bars = bars_of(flat(100.0, 4))
    wait = {"type": "LIMIT", "limit": 90.0, "validity": "GTC"}
    book = run(bars, (1, "AAA", "BUY", 1000, wait), (2, "AAA", "BUY", 200), costs=NO_COSTS)
    assert book.days[1].reserved == 90_000.0
    assert book.account.orders[1].outcome == "NO_CASH"


def test_a_bar_fills_a_tenth_of_its_volume_and_the_rest_waits():
    bars = bars_of(flat(10.0, 5, volume=500.0))
    book = run(bars, (1, "AAA", "BUY", 120, {"validity": "GTC"}), matching=Matching(0.1))
    assert [(one.row, one.quantity) for one in book.account.fills] == [(1, 50), (2, 50), (3, 20)]
    fees = sum(one.commission for one in book.account.fills)
    assert fees == pytest.approx(20.0 + 0.0003 * sum(one.quantity * one.price for one in book.account.fills))
    day = run(bars, (1, "AAA", "BUY", 120), matching=Matching(0.1))
    assert (day.account.orders[0].status, day.account.orders[0].outcome) == ("EXPIRED", "REST_NOT_FILLED")
    assert day.account.orders[0].filled == 50


def test_a_volume_that_is_not_known_caps_nothing_and_is_flagged():
    book = run(bars_of(flat(10.0, 3, volume=math.nan)), (1, "AAA", "BUY", 500), matching=Matching(0.1))
    assert book.account.fills[0].quantity == 500
    assert book.account.fills[0].flags == "NO_VOLUME"


@pytest.mark.parametrize(
    ("method", "prices", "profit"),
    [("fifo", [10.0], 10.0), ("lifo", [14.0], 6.0), ("average", [12.0], 8.0), ("specific", [14.0], 6.0)],
)
def test_a_sale_takes_lots_by_the_method(method, prices, profit):
    bars = bars_of([*flat(10.0, 2), *flat(14.0, 1), *flat(20.0, 2)])
    orders = [(1, "AAA", "BUY", 1), (2, "AAA", "BUY", 1), (3, "AAA", "SELL", 1, {"lots": ["m2"]})]
    book = run(bars, *orders, costs=NO_COSTS, matching=Matching(1.0, settlement=0, lots=method))
    assert [one.lot.price for one in book.account.closed] == prices
    assert book.account.realised == pytest.approx(profit)


def test_a_split_changes_shares_lots_and_orders_and_pays_what_is_beyond_whole_shares():
    rows = [*flat(90.0, 3), *flat(60.0, 2), *flat(61.0, 1)]
    bars = bars_of(rows, split=[1, 1, 1, 1.5, 1, 1])
    wait = {"type": "LIMIT", "limit": 120.0, "validity": "GTC"}
    book = run(bars, (1, "AAA", "BUY", 5), (2, "AAA", "SELL", 5, wait), costs=NO_COSTS)
    assert book.holdings[-1].quantity == 7
    assert book.account.orders[1].limit == 80.0
    assert book.account.orders[1].quantity == 7
    assert book.account.cash == pytest.approx(100_000.0 - 450.0 + 0.5 * 60.0)
    assert book.equity[-1] == pytest.approx(100_000.0 + 7.0)
    trades = books.trades(book)
    assert trades["entry_price"].tolist() == [60.0, 60.0]


def test_a_dividend_is_paid_on_what_was_held_over_night():
    bars = bars_of(flat(100.0, 4), dividend=[0, 1.0, 2.0, 0])
    book = run(bars, (1, "AAA", "BUY", 10), costs=NO_COSTS)
    assert book.account.dividends == 20.0
    assert books.trades(book)["dividends"].tolist() == [20.0]


def test_statutory_charges_are_those_of_the_side():
    table = CostTable(
        PAPER, (Charge("duty", "buy", "value", 0.01, "-"), Charge("fee", "sell", "shares", 0.5, "-"))
    )
    book = run(bars_of(flat(100.0, 4)), (1, "AAA", "BUY", 10), (2, "AAA", "SELL", 10), costs=table)
    bought, sold = book.account.fills
    assert bought.charges == pytest.approx(0.01 * 10 * 100.05)
    assert sold.charges == pytest.approx(5.0)


def test_what_is_not_held_is_not_sold_unless_the_account_may_sell_short():
    bars = bars_of(flat(100.0, 367))
    refused = run(bars, (1, "AAA", "SELL", 10), costs=NO_COSTS)
    assert refused.account.orders[0].outcome == "NO_SHARES"
    short = Matching(1.0, settlement=0, short=True, borrow=0.10)
    book = run(bars, (1, "AAA", "SELL", 10), costs=NO_COSTS, matching=short)
    days = (bars.sessions[-1] - bars.sessions[0]).days
    assert book.holdings[-1].quantity == -10
    assert book.account.costs == pytest.approx(1000.0 * 0.10 * days / 365.0)
    assert book.equity[-1] == pytest.approx(100_000.0 - book.account.costs)
    back = run(bars, (1, "AAA", "SELL", 10), (2, "AAA", "BUY", 10), costs=NO_COSTS, matching=short)
    assert not back.account.positions


def test_a_halt_keeps_what_is_held_and_a_symbol_without_bars_is_sold_at_its_last_close():
    nan = math.nan
    gone = [(nan, nan, nan, nan, nan)]
    other = np.array(flat(10.0, 30), dtype=float)
    halted = np.array([*flat(10.0, 3), *gone * 5, *flat(11.0, 22)], dtype=float)
    ended = np.array([*flat(10.0, 2), *flat(8.0, 1), *gone * 27], dtype=float)
    bars = bars_of(np.stack([halted, ended, other], axis=1), symbols=("HLT", "END", "OTH"))
    book = run(bars, (1, "HLT", "BUY", 10), (1, "END", "BUY", 10), costs=NO_COSTS)
    assert [(one.order.reason, one.price, one.row) for one in book.account.fills[2:]] == [
        ("BARS_ENDED", 8.0, 22)
    ]
    assert [one.quantity for one in book.holdings if one.row == 29] == [10]
    held = books.holdings(book)
    stale = held.loc[held["flags"] == "STALE_PRICE", "symbol"].value_counts()
    assert stale.to_dict() == {"HLT": 5, "END": 19}


def test_the_breaker_latches_until_a_person_lets_go_and_never_blocks_a_sale():
    bars = bars_of([*flat(100.0, 2), *flat(80.0, 5)])
    limits = _book(daily_loss=0.05)
    by_hand = Matching(1.0, settlement=0, breaker_reset="manual")
    orders = [(1, "AAA", "BUY", 500), (3, "AAA", "BUY", 1), (4, "AAA", "SELL", 1), (6, "AAA", "BUY", 2)]
    lines = typed(bars, *orders)
    reset = Line(9, f"{bars.sessions[6]:%Y-%m-%d}", None, "breaker_reset", {"note": "seen"})
    book = replay(bars, [*lines, reset], rules(costs=NO_COSTS, matching=by_hand, book=limits))
    assert [(one.row, one.loss, one.limit, one.reset, one.by) for one in book.trips] == [
        (2, 10_000.0, 5_000.0, 6, "seen")
    ]
    assert [one.outcome for one in book.account.orders] == ["", "BREAKER", "", ""]
    assert [one.breaker for one in book.days] == [False, False, True, True, True, True, False]
    of_the_day = replay(bars, lines, rules(costs=NO_COSTS, matching=AT_ONCE, book=limits))
    assert [(one.row, one.reset) for one in of_the_day.trips] == [(2, 3)]


def _book(**limits):
    from lib.trading.rule_files import LIMITS, SIZING, Limits, RuleBook

    own = {one.name: one.default for one in LIMITS} | limits
    return RuleBook({}, {one.name: one.default for one in SIZING}, limits=Limits(**own))


def test_a_trade_made_elsewhere_is_taken_at_its_price():
    bars = bars_of(flat(100.0, 3))
    book = run(bars, (1, "AAA", "BUY", 10, {"kind": "trade", "price": 93.0}), costs=NO_COSTS)
    assert (book.account.fills[0].price, book.account.fills[0].slippage) == (93.0, 0.0)


def test_a_cancelled_order_meets_no_bar():
    bars = bars_of(flat(100.0, 4))
    wait = {"type": "LIMIT", "limit": 100.0, "validity": "GTC"}
    lines = typed(bars, (2, "AAA", "BUY", 10, wait))
    cancel = Line(2, f"{bars.sessions[2]:%Y-%m-%d}", None, "cancel", {"order_id": "m1"})
    book = replay(bars, [*lines, cancel], rules(costs=NO_COSTS))
    assert [(one.status, one.outcome) for one in book.account.orders] == [("CANCELLED", "BY_HAND")]
    assert not book.account.fills


@pytest.mark.parametrize("symbol", ["M&M", "BAJAJ-AUTO"])
def test_any_symbol_of_an_exchange_may_be_ordered(symbol):
    book = run(bars_of(flat(10.0, 2), symbols=(symbol,)), (1, symbol, "BUY", 1), costs=NO_COSTS)
    assert books.fills(book)["symbol"].tolist() == [symbol]


def test_an_unknown_symbol_and_a_second_order_of_one_id_are_refused():
    bars = bars_of(flat(10.0, 2))
    first, second = typed(bars, (1, "ZZZ", "BUY", 1), (1, "AAA", "BUY", 1))
    again = second._replace(number=3)
    book = replay(bars, [first, second, again], rules(costs=NO_COSTS))
    assert [one.outcome for one in book.account.orders] == ["NO_SUCH_SYMBOL", "", "DOUBLE_ID"]


def decided(bars, row, **order):
    """A line of decisions with one purchase."""
    said = {"order_id": "r1", "strategy": "rule", "symbol": "AAA", "side": "BUY", "quantity": 10, **order}
    body = {"orders": [said], "refused": [], "cancels": [], "stops": {}}
    day = f"{bars.sessions[row]:%Y-%m-%d}"
    return Line(1, day, day, "decisions", body)


def test_a_purchase_at_a_close_is_not_ended_by_the_bar_that_it_closed():
    nan = math.nan
    bars = bars_of([(nan, nan, nan, close, nan) for close in (100.0, 115.0, 120.0, 120.0)])
    line = decided(bars, 0, stop=90.0, target=110.0)
    book = replay(bars, [line], rules(costs=NO_COSTS))
    assert [(one.row, one.price, one.flags) for one in book.account.fills] == [
        (1, 115.0, "NO_OPEN,NO_VOLUME"),
        (2, 110.0, "NO_OPEN,NO_VOLUME"),
    ]


@pytest.mark.parametrize(
    ("bar", "price", "reason", "ambiguous"),
    [
        ((100.0, 101.0, 94.0, 96.0, 1e6), 95.0, "STOP_TOUCHED", False),
        ((90.0, 92.0, 89.0, 91.0, 1e6), 90.0, "STOP_TOUCHED", False),
        ((100.0, 112.0, 94.0, 100.0, 1e6), 95.0, "STOP_TOUCHED", True),
        ((100.0, 112.0, 99.0, 100.0, 1e6), 110.0, "TARGET_TOUCHED", False),
        ((115.0, 116.0, 94.0, 100.0, 1e6), 115.0, "TARGET_TOUCHED", False),
    ],
)
def test_a_bar_ends_a_position_at_its_stop_first_and_at_the_open_where_that_is_beyond(
    bar, price, reason, ambiguous
):
    bars = bars_of([*flat(100.0, 2), bar, *flat(100.0, 1)])
    book = replay(bars, [decided(bars, 0, stop=95.0, target=110.0)], rules(costs=NO_COSTS))
    sale = book.account.fills[1]
    assert (sale.row, sale.price, sale.reason) == (2, price, reason)
    assert book.account.closed[0].ambiguous is ambiguous
    assert not book.account.positions


def test_an_open_beyond_the_stop_makes_no_entry():
    bars = bars_of([*flat(100.0, 1), *flat(90.0, 2)])
    book = replay(bars, [decided(bars, 0, stop=95.0)], rules(costs=NO_COSTS))
    assert [(one.status, one.outcome) for one in book.account.orders] == [("CANCELLED", "GAP_BEYOND_STOP")]


def test_a_stop_that_the_volume_does_not_fill_sells_the_rest_at_the_next_opens():
    bars = bars_of([*flat(100.0, 2), (99.0, 99.0, 90.0, 92.0, 60.0), *flat(91.0, 3, volume=30.0)])
    book = replay(
        bars, [decided(bars, 0, stop=95.0)], rules(costs=NO_COSTS, matching=Matching(0.1, settlement=0))
    )
    sold = [(one.row, one.quantity, one.price) for one in book.account.fills[1:]]
    assert sold == [(2, 6, 95.0), (3, 3, 91.0), (4, 1, 91.0)]


def test_a_purchase_inside_a_bar_claims_no_target_of_that_bar_and_suffers_its_stop():
    entry = {"type": "LIMIT", "limit": 98.0, "stop": 95.0, "target": 105.0}
    risen = bars_of([*flat(100.0, 1), (100.0, 106.0, 97.0, 100.0, 1e6), (101.0, 107.0, 100.0, 106.0, 1e6)])
    book = replay(risen, [decided(risen, 0, **entry)], rules(costs=NO_COSTS))
    assert [(one.row, one.price) for one in book.account.fills] == [(1, 98.0), (2, 105.0)]
    fallen = bars_of([*flat(100.0, 1), (100.0, 106.0, 94.0, 100.0, 1e6), *flat(100.0, 1)])
    book = replay(fallen, [decided(fallen, 0, **entry)], rules(costs=NO_COSTS))
    assert [(one.row, one.price) for one in book.account.fills] == [(1, 98.0), (1, 95.0)]


@pytest.mark.parametrize(("sector", "bought"), [(0.3, 30), (1.0, 60)])
def test_a_sector_takes_no_more_than_its_share_of_the_equity(sector, bought):
    from lib.trading.paper.account import Account
    from lib.trading.paper.deciding import Decider
    from lib.trading.paper.orders import Order

    bars = bars_of(flat(100.0, 2, volume=math.nan), symbols=("AAA", "BBB"))
    own = rules(10_000.0, costs=NO_COSTS, book=_book(sector=sector), sectors={"AAA": "banks", "BBB": "banks"})
    account = Account(bars, own)
    account.row, account.worth = 0, 10_000.0
    entries = [
        Order(f"r{at}", 0, at, 1, 0, strategy="rule", confidence=0.9 - at / 10, stop=100.0 - 10.0 / 3.0)
        for at in (0, 1)
    ]
    body = {"orders": [], "refused": [], "cancels": []}
    Decider(bars, own)._sized(account, entries, body, False)
    assert sum(one["quantity"] for one in body["orders"]) == bought
    assert [one["outcome"] for one in body["refused"]] == (["SECTOR_FULL"] if bought == 30 else [])


def test_an_order_filled_in_part_is_whole_shares_after_a_split_too():
    rows = [*flat(90.0, 2, volume=100.0), *flat(90.0, 1, volume=3.0), *flat(60.0, 2, volume=100.0)]
    bars = bars_of(rows, split=[1, 1, 1, 1.5, 1])
    orders = [(1, "AAA", "BUY", 8), (2, "AAA", "SELL", 5, {"validity": "GTC"})]
    book = run(bars, *orders, costs=NO_COSTS)
    sold = [(one.row, one.quantity) for one in book.account.fills if one.order.order_id == "m2"]
    assert sold == [(2, 3), (3, 2)]
    assert book.account.orders[1].status == "COMPLETE"
    assert book.holdings[-1].quantity == 5
    assert book.equity[-1] == pytest.approx(100_000.0)
