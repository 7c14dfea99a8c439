"""The replay of a portfolio file, against the chain of runs that it stands for and figures by hand."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import HEADER, day, prices, value

from lib.contracts import empty
from lib.portfolio.replay import replay
from lib.portfolio.snapshots import append_snapshot
from lib.tables import TABLES

DAYS = ["2022-12-20", "2022-12-21", "2022-12-22", "2022-12-23", "2022-12-27", "2022-12-28"]
SESSIONS = pd.DatetimeIndex(DAYS)
EXITS = f"{HEADER},exit_date,exit_price"
CALL = "AAPL230120C00100000"
CLOSES = {
    "AAPL": [100.0, 110.0, 99.0, 100.0, 105.0, 120.0],
    "XOM": [50.0, 51.0, 52.0, 53.0, 60.0, 59.0],
    CALL: [6.0, 11.5, 4.25, 5.0, 8.0, 21.0],
}


def bars_of(**changes):
    """Bars of the world; a change replaces the closes of a symbol by day, None leaves a day out."""
    closes = {name: dict(zip(DAYS, row, strict=True)) for name, row in CLOSES.items()}
    for name, row in changes.items():
        closes[name] |= row
    return [
        (name, when, close)
        for name, row in closes.items()
        for when, close in row.items()
        if close is not None
    ]


def replayed(folder, lines, bars, *, basis="adjusted", header=EXITS, sessions=SESSIONS):
    """The replay of a file on the world, and the positions of the last day."""
    positions, _ = value(folder, lines, bars, as_of=DAYS[-1], header=header, basis=basis)
    return replay(positions.reset_index(drop=True), prices(bars, basis=basis), sessions), positions


def recorded(folder, lines, bars, *, basis, header=EXITS):
    """Daily profits and dividends of snapshots taken on each day of the world."""
    before = (empty(TABLES["snapshots"]), empty(TABLES["snapshot_positions"]))
    for as_of in DAYS:
        known = [line for line in lines if line.split(",")[3] <= as_of]
        tables = day(folder, known, bars, as_of, header=header, basis=basis)
        history = append_snapshot(*before, *tables, as_of=as_of)
        before = (history.snapshots, history.positions)
    return history.snapshots.iloc[1:]


@pytest.mark.parametrize("basis", ["adjusted", "raw"])
def test_the_replay_is_what_runs_on_each_of_the_days_would_have_recorded(tmp_path, basis):
    lines = [
        "AAPL,10,90,2022-01-03,,",
        "XOM,-20,50.5,2022-12-21,,",
        "AAPL,5,98,2022-12-22,2022-12-27,104",
        f"{CALL},-2,10,2022-12-21,,",
    ]
    bars = bars_of()
    if basis == "raw":
        paid = {("AAPL", DAYS[2]): 1.5, ("XOM", DAYS[4]): 0.75}
        bars = [(*bar, paid.get(bar[:2], np.nan), 1.0) for bar in bars]
    found, _ = replayed(tmp_path, lines, bars, basis=basis)
    real = recorded(tmp_path, lines, bars, basis=basis)
    assert list(found.days["date"]) == list(real["snapshot_date"])
    assert found.days["profit"].tolist() == pytest.approx(real["daily_pnl"].tolist())
    assert set(found.positions["reason"]) == {""}
    if basis == "raw":
        assert found.days["dividends"].tolist() == pytest.approx(real["dividends"].tolist())
        assert found.days["dividends"].tolist() == pytest.approx([0, 15, 0, -15, 0])
    else:
        assert found.days["dividends"].isna().all()


def test_the_last_day_of_the_replay_is_the_profit_of_the_day_of_the_positions(tmp_path):
    lines = ["AAPL,10,90,2022-01-03,,", "XOM,-20,58,2022-12-28,,", f"{CALL},1,10,2022-12-21,,"]
    found, positions = replayed(tmp_path, lines, bars_of())
    assert found.days["profit"].iloc[-1] == pytest.approx(positions["daily_pnl"].sum())
    assert positions["daily_pnl"].notna().all()


def test_a_split_halves_what_was_held_before_it_and_earns_nothing(tmp_path):
    """Ten shares after a split of two for one were five before; a dividend counts these five."""
    rows = [
        ("AAPL", when, close, np.nan, 1.0)
        for when, close in zip(DAYS, (100, 110, 55, 60, 60, 66), strict=True)
    ]
    rows[2] = ("AAPL", DAYS[2], 55.0, 0.5, 2.0)
    found, _ = replayed(tmp_path, ["AAPL,10,90,2022-01-03,,"], rows, basis="raw")
    assert found.days["profit"].tolist() == pytest.approx([5 * 10, 5 * 0.5, 10 * 5, 0, 10 * 6])
    assert found.days["dividends"].tolist() == pytest.approx([0, 2.5, 0, 0, 0])


def test_an_exit_before_a_split_is_in_the_shares_of_its_day(tmp_path):
    rows = [
        ("AAPL", when, close, np.nan, 1.0)
        for when, close in zip(DAYS, (100, 110, 112, 56, 60, 66), strict=True)
    ]
    rows[3] = ("AAPL", DAYS[3], 56.0, np.nan, 2.0)
    found, _ = replayed(tmp_path, [f"AAPL,5,90,2022-01-03,{DAYS[2]},115"], rows, basis="raw")
    assert found.days["profit"].tolist() == pytest.approx([5 * 10, 5 * 5, 0, 0, 0])


def test_a_position_is_held_from_its_entry_date_and_nothing_is_shown_before(tmp_path):
    found, _ = replayed(tmp_path, ["XOM,-20,52.5,2022-12-23,,"], bars_of())
    assert found.days["date"].tolist() == list(SESSIONS[3:])
    assert found.days["profit"].tolist() == pytest.approx([-20 * 0.5, -20 * 7, 20 * 1])


def test_what_has_no_price_on_a_day_that_it_was_held_is_left_out_whole_with_its_share(tmp_path):
    """A week without a price is no price; no model fills the gap of the option."""
    early = dict.fromkeys(DAYS[:3])
    lines = ["AAPL,900,90,2022-01-03,,", f"{CALL},1,10,2022-12-20,,", "XOM,-20,50,2022-12-21,,"]
    found, _ = replayed(tmp_path, lines, bars_of(**{CALL: early}))
    reasons = found.positions.set_index("symbol")["reason"].to_dict()
    assert reasons == {"AAPL": "", CALL: "NO_REPLAY_PRICE", "XOM": ""}
    assert found.positions.set_index("symbol").loc[CALL, "share"] == pytest.approx(
        2_100 / (108_000 + 2_100 + 1_180)
    )
    alone, _ = replayed(tmp_path, [lines[0], lines[2]], bars_of())
    assert found.days["profit"].tolist() == pytest.approx(alone.days["profit"].tolist())
    assert np.isnan(found.positions.set_index("symbol").loc[CALL, "profit"])


def test_an_option_that_was_bought_after_its_first_price_takes_part(tmp_path):
    early = dict.fromkeys(DAYS[:3])
    found, _ = replayed(tmp_path, [f"{CALL},1,4.5,2022-12-23,,"], bars_of(**{CALL: early}))
    assert found.days["profit"].tolist() == pytest.approx([50, 300, 1_300])


def test_one_day_without_a_bar_moves_its_profit_to_the_next_and_loses_none(tmp_path):
    lines = ["XOM,10,40,2022-01-03,,"]
    whole, _ = replayed(tmp_path, lines, bars_of())
    gap, _ = replayed(tmp_path, lines, bars_of(XOM={DAYS[2]: None}))
    assert gap.days["profit"].tolist() == pytest.approx([10, 0, 20, 70, -10])
    assert gap.days["profit"].sum() == pytest.approx(whole.days["profit"].sum())


def test_manual_holdings_and_what_has_no_price_today_are_left_out_by_name(tmp_path):
    header = f"{HEADER},price,price_date"
    lines = ["hall,1,100,2022-01-03,900,2022-12-01", "NOPE,5,10,2022-01-03,,", "AAPL,1,90,2022-01-03,,"]
    found, _ = replayed(tmp_path, lines, bars_of(), header=header)
    reasons = found.positions.set_index("symbol")["reason"].to_dict()
    assert reasons == {"HALL": "MANUAL", "NOPE": "NO_PRICE", "AAPL": ""}


def test_without_sessions_or_positions_there_is_no_row(tmp_path):
    for sessions in (SESSIONS[:0], SESSIONS[:1]):
        found, _ = replayed(tmp_path, ["AAPL,1,90,2022-01-03,,"], bars_of(), sessions=sessions)
        assert len(found.days) == len(found.positions) == 0
    gone, _ = replayed(tmp_path, ["AAPL,1,90,2022-01-03,2022-02-01,95"], bars_of())
    assert len(gone.days) == len(gone.positions) == 0


def test_the_replay_begins_where_prices_cover_nine_tenths_of_the_book(tmp_path):
    """Prices of the large position begin on the third day: the small one does not make the replay longer."""
    early = dict.fromkeys(DAYS[:2])
    lines = ["AAPL,10,90,2022-01-03,,", "XOM,1,40,2022-01-03,,"]
    late, _ = replayed(tmp_path, lines, bars_of(AAPL=early))
    assert late.days["date"].tolist() == list(SESSIONS[3:])
    assert set(late.positions["reason"]) == {""}
    small, _ = replayed(tmp_path, lines, bars_of(XOM=early))
    assert small.days["date"].tolist() == list(SESSIONS[1:])
    assert small.positions.set_index("symbol").loc["XOM", "reason"] == "NO_REPLAY_PRICE"


def test_what_was_closed_and_is_worth_nothing_today_does_not_move_the_beginning(tmp_path):
    lines = [f"AAPL,10,90,2022-01-03,{DAYS[4]},106", "XOM,1,40,2022-01-03,,"]
    found, _ = replayed(tmp_path, lines, bars_of(AAPL={DAYS[0]: None}))
    assert found.positions.set_index("symbol")["reason"].to_dict() == {"AAPL": "NO_REPLAY_PRICE", "XOM": ""}
    assert found.days["profit"].tolist() == pytest.approx([1, 1, 1, 7, -1])
