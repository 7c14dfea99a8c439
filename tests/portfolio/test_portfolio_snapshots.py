"""The history of the book: profit by position, chains, assumptions and repetition."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import HEADER, day

from lib import codes
from lib.contracts import empty
from lib.portfolio.pages import snapshot as page
from lib.portfolio.snapshots import append_snapshot, unexplained_change
from lib.tables import TABLES

DAYS = ["2022-12-20", "2022-12-21", "2022-12-22", "2022-12-23", "2022-12-27", "2022-12-28"]
AAPL = [100.0, 110.0, 99.0, 100.0, 105.0, 120.0]
XOM = [50.0, 51.0, 52.0, 53.0, 60.0, 59.0]
BARS = [("AAPL", when, close) for when, close in zip(DAYS, AAPL, strict=True)] + [
    ("XOM", when, close) for when, close in zip(DAYS, XOM, strict=True)
]
BOTH = ["AAPL,10,90,2022-01-03", "XOM,-20,55,2022-01-03"]


def chain(folder, files, *, bars=BARS, cash=5_000.0, basis="adjusted", header=HEADER):
    """The history after running each day of ``files`` (day to lines) on what is known that day."""
    history = None
    for as_of, lines in files.items():
        tables = day(folder, lines, bars, as_of, cash=cash, header=header, basis=basis)
        before = (
            (history.snapshots, history.positions)
            if history
            else (
                empty(TABLES["snapshots"]),
                empty(TABLES["snapshot_positions"]),
            )
        )
        history = append_snapshot(*before, *tables, as_of=as_of)
    return history


def moves_of(history):
    return history.moves.set_index("position_id")


def test_the_first_snapshot_has_no_profit_and_says_so(tmp_path):
    history = chain(tmp_path, {DAYS[0]: BOTH})
    today = history.today
    assert today["warnings"] == "FIRST_SNAPSHOT"
    assert np.isnan(today["daily_pnl"])
    assert np.isnan(today["daily_return"])
    assert (today["cumulative_pnl"], today["nav"], today["gross"]) == (0, 5_000, 2_000)
    assert set(history.moves["change"]) == {"first"}


def test_profit_is_that_of_positions_and_a_short_that_rises_loses(tmp_path):
    history = chain(tmp_path, {DAYS[0]: BOTH, DAYS[1]: BOTH})
    moves = moves_of(history)
    assert moves.loc["AAPL-2022-01-03", "pnl"] == pytest.approx(100)
    assert moves.loc["XOM-2022-01-03", "pnl"] == pytest.approx(-20)
    assert history.today["daily_pnl"] == pytest.approx(80)
    assert history.today["daily_return"] == pytest.approx(80 / 5_000)
    assert history.today["gross"] == 2_120


def test_three_days_in_a_chain_are_the_daily_profits_of_the_positions(tmp_path):
    history = chain(tmp_path, dict.fromkeys(DAYS, BOTH))
    by_hand = [day(tmp_path, BOTH, BARS, when)[0]["daily_pnl"].sum() for when in DAYS[1:]]
    assert list(history.snapshots["daily_pnl"])[1:] == pytest.approx(by_hand)
    assert history.today["cumulative_pnl"] == pytest.approx(10 * 20 - 20 * 9)
    assert history.snapshots["nav"].diff()[1:].tolist() == pytest.approx(by_hand)
    exposures = day(tmp_path, BOTH, BARS, DAYS[-1], cash=5_000.0)[1]
    assert all(one.passed for one in page.checks(history, exposures))


def test_a_day_run_twice_gives_the_same_history(tmp_path):
    first, again = (chain(tmp_path, dict.fromkeys(DAYS[:3], BOTH)) for _ in range(2))
    pd.testing.assert_frame_equal(first.snapshots, again.snapshots)
    pd.testing.assert_frame_equal(first.positions, again.positions)
    tables = day(tmp_path, BOTH, BARS, DAYS[2], cash=5_000.0)
    more = append_snapshot(first.snapshots, first.positions, *tables, as_of=DAYS[2])
    assert page.verdict(more, "USD") == "The history reaches 22 Dec 2022 already and stays as it is."
    pd.testing.assert_frame_equal(more.snapshots, first.snapshots)


def test_a_day_without_trading_adds_nothing_and_says_why(tmp_path):
    history = chain(tmp_path, {DAYS[3]: BOTH, "2022-12-26": BOTH})
    said = "26 Dec 2022 is no trading day, so there is no snapshot of it."
    assert page.verdict(history, "USD") == page.since_sentence(history, "USD") == said
    assert len(history.snapshots) == 1
    nothing = chain(tmp_path, {"2022-12-26": BOTH})
    assert len(nothing.snapshots) == len(nothing.moves) == 0
    assert page.key_figures(nothing, "USD")[-1].value == 0
    assert page.worth_sentence(nothing, "USD") == page.greeks_sentence(nothing, "USD") == said


def test_a_gap_of_days_is_marked_and_a_weekend_is_none(tmp_path):
    assert chain(tmp_path, {DAYS[0]: BOTH, DAYS[3]: BOTH}).today["warnings"] == "MULTI_DAY"
    over_christmas = chain(tmp_path, {DAYS[3]: BOTH, DAYS[4]: BOTH}).today
    assert over_christmas["warnings"] == ""
    assert over_christmas["daily_pnl"] == pytest.approx(50 - 140)


def test_a_new_position_earns_from_its_entry_price_and_not_its_whole_value(tmp_path):
    history = chain(tmp_path, {DAYS[0]: BOTH[:1], DAYS[1]: [BOTH[0], "XOM,-20,50.5,2022-12-21"]})
    moves = moves_of(history)
    assert moves.loc["XOM-2022-12-21", ["change", "flags"]].tolist() == ["new", ""]
    assert moves.loc["XOM-2022-12-21", "pnl"] == pytest.approx(-10)
    assert unexplained_change(history.snapshots) == pytest.approx(-1010)


def test_a_position_entered_before_the_last_snapshot_and_not_in_it_is_flagged(tmp_path):
    history = chain(tmp_path, {DAYS[0]: BOTH[:1], DAYS[1]: BOTH})
    assert moves_of(history).loc["XOM-2022-01-03", "flags"] == "LATE_ENTRY"
    assert moves_of(history).loc["XOM-2022-01-03", "pnl"] == pytest.approx(-20 * (51 - 55))
    assert "LATE_ENTRY" in history.today["warnings"]


@pytest.mark.parametrize(("quantity", "change"), [(15, "increased"), (4, "reduced"), (-10, "reduced")])
def test_what_is_added_or_taken_away_earns_nothing(tmp_path, quantity, change):
    history = chain(tmp_path, {DAYS[0]: BOTH[:1], DAYS[1]: [f"AAPL,{quantity},90,2022-01-03"]})
    one = history.moves.iloc[0]
    assert (one["change"], one["flags"], one["quantity"]) == (change, "QUANTITY_CHANGED", quantity)
    assert one["pnl"] == pytest.approx(100)


def test_what_is_gone_from_the_file_is_closed_at_its_last_price(tmp_path):
    history = chain(tmp_path, {DAYS[0]: BOTH, DAYS[1]: BOTH[:1], DAYS[2]: BOTH[:1]})
    gone = history.positions[history.positions["position_id"] == "XOM-2022-01-03"]
    assert list(gone["change"]) == ["first", "exited"]
    assert gone.iloc[1]["flags"] == "EXIT_ASSUMED"
    assert (gone.iloc[1]["quantity"], gone.iloc[1]["exposure"]) == (0, 0)
    assert gone.iloc[1]["pnl"] == pytest.approx(-20)
    assert list(history.snapshots["positions"]) == [2, 1, 1]


def test_what_is_gone_and_has_no_price_any_more_is_closed_at_the_price_before(tmp_path):
    only = [bar for bar in BARS if bar[0] == "AAPL" or bar[1] == DAYS[0]]
    start = chain(tmp_path, {DAYS[0]: BOTH})
    tables = day(tmp_path, BOTH[:1], [bar for bar in only if bar[0] == "AAPL"], DAYS[1])
    history = append_snapshot(start.snapshots, start.positions, *tables, as_of=DAYS[1])
    gone = moves_of(history).loc["XOM-2022-01-03"]
    assert (gone["flags"], gone["pnl"], gone["price"]) == ("EXIT_ASSUMED", 0, 50)


def test_what_is_valued_by_hand_goes_by_its_own_values_whatever_trades_under_its_symbol(tmp_path):
    header = f"{HEADER},price,price_date"
    lines = [["XOM,2,40,2022-01-03,44,2022-12-19"], ["XOM,2,40,2022-01-03,45,2022-12-21"], []]
    history = chain(tmp_path, dict(zip(DAYS, lines, strict=False)), header=header)
    assert history.positions["change"].tolist() == ["first", "held", "exited"]
    assert history.positions["pnl"].tolist()[1:] == pytest.approx([2, 0])
    assert history.positions["flags"].tolist() == ["MANUAL", "MANUAL", "EXIT_ASSUMED,MANUAL"]
    assert history.positions["price"].tolist() == [44, 45, 45]


def test_a_price_older_than_seven_days_closes_nothing(tmp_path):
    start = chain(tmp_path, {DAYS[0]: BOTH})
    old = [("XOM", "2022-12-19", 49.0), *[bar for bar in BARS if bar[0] == "AAPL"]]
    tables = day(tmp_path, BOTH[:1], old, DAYS[4])
    gone = moves_of(append_snapshot(start.snapshots, start.positions, *tables, as_of=DAYS[4]))
    assert gone.loc["XOM-2022-01-03", "price"] == 50


def test_an_exit_in_the_file_is_taken_at_its_price_and_counted_once(tmp_path):
    header = f"{HEADER},exit_date,exit_price"
    held = ["AAPL,10,90,2022-01-03,,"]
    left = ["AAPL,10,90,2022-01-03,2022-12-21,104"]
    history = chain(tmp_path, {DAYS[0]: held, DAYS[1]: left, DAYS[2]: left}, header=header)
    assert list(history.snapshots["daily_pnl"])[1:] == pytest.approx([40, 0])
    assert list(history.snapshots["positions"]) == [1, 0, 0]
    exits = history.positions[history.positions["change"] == "exited"]
    assert exits["snapshot_date"].tolist() == [pd.Timestamp(DAYS[1])]
    assert exits["flags"].item() == ""


def test_raw_prices_count_splits_and_show_dividends_apart(tmp_path):
    bars = [
        ("NVDA", DAYS[0], 700.0, 0, 1),
        ("NVDA", DAYS[1], 710.0, 2.0, 1),
        ("NVDA", DAYS[2], 72.0, 0, 10),
    ]
    history = chain(
        tmp_path,
        {DAYS[0]: ["NVDA,10,600,2022-01-03"], DAYS[2]: ["NVDA,100,600,2022-01-03"]},
        bars=bars,
        basis="raw",
    )
    assert history.today["daily_pnl"] == pytest.approx(10 * (720 + 2 - 700))
    assert history.today["dividends"] == pytest.approx(20)
    assert history.moves["change"].tolist() == ["held"]


def test_dividends_are_null_on_adjusted_prices(tmp_path):
    assert chain(tmp_path, dict.fromkeys(DAYS[:2], BOTH)).snapshots["dividends"].isna().all()


def test_a_later_dividend_that_moves_adjusted_prices_changes_no_profit(tmp_path):
    start = chain(tmp_path, {DAYS[0]: BOTH[:1]})
    rescaled = [(symbol, when, close * 0.5) for symbol, when, close in BARS]
    tables = day(tmp_path, BOTH[:1], rescaled, DAYS[1])
    history = append_snapshot(start.snapshots, start.positions, *tables, as_of=DAYS[1])
    assert history.today["daily_pnl"] == pytest.approx(100)


def test_without_a_price_there_is_no_profit_and_no_zero(tmp_path):
    bars = [bar for bar in BARS if bar[0] == "AAPL"]
    history = chain(tmp_path, dict.fromkeys(DAYS[:2], BOTH), bars=bars)
    xom = moves_of(history).loc["XOM-2022-01-03"]
    assert np.isnan(xom["pnl"])
    assert xom["flags"] == "NO_PROFIT"
    assert history.today["priced_share"] == 0.5
    assert {"NO_PROFIT", "UNPRICED"} <= set(history.today["warnings"].split(","))
    assert history.today["daily_pnl"] == pytest.approx(100)


def test_a_return_is_on_gross_where_net_asset_value_was_not_positive(tmp_path):
    history = chain(tmp_path, dict.fromkeys(DAYS[:2], BOTH), cash=-1_000.0)
    assert history.today["daily_return"] == pytest.approx(80 / 2_000)
    assert history.today["warnings"] == "BASE_GROSS"


def test_an_option_that_expires_earns_until_its_settlement(tmp_path):
    name = "AAPL221221C00100000"
    bars = [*BARS, (name, DAYS[0], 4.0)]
    lines = [f"{name},2,3,2022-11-01"]
    history = chain(tmp_path, dict.fromkeys(DAYS[:3], lines), bars=bars)
    assert list(history.snapshots["daily_pnl"])[1:] == pytest.approx([200 * (10 - 4), 0])
    assert moves_of(history)["change"].tolist() == ["exited"]
    assert not codes.has(history.moves["flags"], "EXIT_ASSUMED").any()


def test_an_empty_book_has_a_row_of_zeros(tmp_path):
    history = chain(tmp_path, {when: [] for when in DAYS[:2]})
    assert history.today[["gross", "net", "positions", "daily_pnl"]].tolist() == [0, 0, 0, 0]
    assert history.today["nav"] == 5_000


def test_the_sentences_say_what_the_numbers_say(tmp_path):
    history = chain(tmp_path, dict.fromkeys(DAYS[:2], BOTH))
    assert "has made USD\u00a080.00 (+1.60%)" in page.since_sentence(history, "USD")
    assert "AAPL (+100.00)" in page.since_sentence(history, "USD")
    assert "whole change" in page.flow_sentence(history, "USD")
    assert page.warnings_sentence(history) == "The newest snapshot has no warning about its positions."


def test_warnings_are_said_for_the_book_and_for_its_positions(tmp_path):
    bars = [bar for bar in BARS if bar[0] == "AAPL"]
    history = chain(tmp_path, {DAYS[0]: BOTH[:1], DAYS[3]: BOTH}, bars=bars)
    assert page.warnings_sentence(history) == (
        "To know about the newest snapshot: more than one trading day since the snapshot before. "
        "To look at in one position at least: entered before the last snapshot, counts from its entry price, "
        "no profit for want of a price and no price."
    )
    shown = page.moves(history).set_index("symbol")
    assert shown["flags"].to_dict() == {
        "AAPL": "",
        "XOM": "entered before the last snapshot, counts from its entry price, no profit for want of a price",
    }


def greek_table(delta, *, excluded=0):
    """The table portfolio_greeks with one delta and small other Greeks."""
    names = ["delta_dollars", "gamma_dollars", "theta", "vega", "rho"]
    counts = {"positions_included": 2, "positions_excluded": excluded}
    return pd.DataFrame({"greek": names, "value": [delta, 1.0, -2.0, 3.0, 4.0]}).assign(**counts)


def with_greeks(folder, deltas, *, excluded=0, retention_days=365):
    """The history after a day for each delta, first day first."""
    history = None
    for as_of, delta in deltas.items():
        tables = day(folder, BOTH, BARS, as_of, cash=5_000.0)
        before = (
            (history.snapshots, history.positions)
            if history
            else (empty(TABLES["snapshots"]), empty(TABLES["snapshot_positions"]))
        )
        known = None if delta is None else greek_table(delta, excluded=excluded)
        history = append_snapshot(*before, *tables, as_of=as_of, greeks=known, retention_days=retention_days)
    return history


def test_each_day_keeps_its_own_greeks(tmp_path):
    table = with_greeks(tmp_path, {DAYS[0]: 10.0, DAYS[1]: 20.0, DAYS[2]: None}).snapshots
    assert table["delta_dollars"].tolist()[:2] == [10, 20]
    assert table["theta"].tolist()[:2] == [-2, -2]
    assert table[["delta_dollars", "rho"]].iloc[2].isna().all()


def test_later_greeks_overwrite_no_earlier_ones(tmp_path):
    """Keyed by the day: each day's row is the same whatever comes after it, and no day stands twice."""
    deltas = dict(zip(DAYS, [10.0, -20.0, 30.0, -40.0, 50.0, 60.0], strict=True))
    whole = with_greeks(tmp_path, deltas).snapshots.set_index("snapshot_date")
    assert whole.index.is_unique
    assert whole["delta_dollars"].tolist() == list(deltas.values())
    for many in range(1, len(DAYS)):
        early = with_greeks(tmp_path, dict(list(deltas.items())[:many])).snapshots.set_index("snapshot_date")
        pd.testing.assert_frame_equal(early, whole.iloc[:many])
    tables = day(tmp_path, BOTH, BARS, DAYS[1], cash=5_000.0)
    history = with_greeks(tmp_path, deltas)
    again = append_snapshot(
        history.snapshots, history.positions, *tables, as_of=DAYS[1], greeks=greek_table(999.0)
    )
    assert again.skipped and again.snapshots["delta_dollars"].tolist() == list(deltas.values())
    assert "snapshot_date" in TABLES["snapshots"].key, "the day is part of what identifies a row"
    assert {"snapshot_date", "position_id"} <= {*TABLES["snapshot_positions"].key}


def test_trading_days_are_those_of_the_exchange_that_is_given(tmp_path):
    """26 December 2022: closed in New York, open in Mumbai; 26 October the other way round."""
    monday = [("AAPL", "2022-12-23", 100.0), ("AAPL", "2022-12-26", 104.0)]
    lines = ["AAPL,10,90,2022-01-03"]
    none = (empty(TABLES["snapshots"]), empty(TABLES["snapshot_positions"]))
    tables = day(tmp_path, lines, monday, "2022-12-26")
    assert append_snapshot(*none, *tables, as_of="2022-12-26").skipped
    first = append_snapshot(*none, *day(tmp_path, lines, monday, "2022-12-23"), as_of="2022-12-23")
    opened = append_snapshot(first.snapshots, first.positions, *tables, as_of="2022-12-26", exchange="XNSE")
    assert opened.skipped == "" and len(opened.snapshots) == 2
    assert opened.today["warnings"] == "" and opened.today["daily_pnl"] == pytest.approx(40.0)
    closed = append_snapshot(*none, *tables, as_of="2022-10-26", exchange="XNSE")
    assert page.warnings_sentence(closed).startswith("26 Oct 2022 is no trading day")
    gap = append_snapshot(
        first.snapshots, first.positions, *day(tmp_path, lines, monday, "2022-12-27"), as_of="2022-12-27"
    )
    there = append_snapshot(
        first.snapshots,
        first.positions,
        *day(tmp_path, lines, monday, "2022-12-27"),
        as_of="2022-12-27",
        exchange="XNSE",
    )
    assert "MULTI_DAY" not in gap.today["warnings"] and "MULTI_DAY" in there.today["warnings"]


def test_greeks_that_lack_an_option_are_a_warning(tmp_path):
    assert "GREEKS_INCOMPLETE" in with_greeks(tmp_path, {DAYS[0]: 1.0}, excluded=1).today["warnings"]
    assert "GREEKS_INCOMPLETE" not in with_greeks(tmp_path, {DAYS[0]: 1.0}).today["warnings"]


def test_days_beyond_the_retention_go_and_the_profit_still_counts_from_the_first(tmp_path):
    kept = with_greeks(tmp_path, dict.fromkeys(DAYS, 1.0), retention_days=3)
    whole = with_greeks(tmp_path, dict.fromkeys(DAYS, 1.0))
    assert kept.snapshots["snapshot_date"].tolist() == [pd.Timestamp(one) for one in DAYS[-2:]]
    assert set(kept.positions["snapshot_date"]) == set(kept.snapshots["snapshot_date"])
    assert kept.today["cumulative_pnl"] == whole.today["cumulative_pnl"]
    exposures = day(tmp_path, BOTH, BARS, DAYS[-1], cash=5_000.0)[1]
    assert all(one.passed for one in page.checks(kept, exposures))


def test_the_sentences_about_worth_and_greeks(tmp_path):
    history = with_greeks(tmp_path, {DAYS[0]: 1_000.0, DAYS[1]: 1_500.0})
    assert "between" in page.worth_sentence(history, "USD")
    assert "+500.00 since the snapshot before" in page.greeks_sentence(history, "USD")
    first = with_greeks(tmp_path, {DAYS[0]: None})
    assert "begins on 20 Dec 2022" in page.worth_sentence(first, "USD")
    assert "not known" in page.greeks_sentence(first, "USD")
