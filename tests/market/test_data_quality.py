"""Scores counted by hand, frames and sentences of the quality page, identities that fail when they should."""

import numpy as np
import pandas as pd
import pytest
from bar_worlds import AS_OF, DAYS, bars, check_all, sync_events, sync_log

from lib.contracts import conform
from lib.conventions import SYNC_EVENTS
from lib.market import calendar
from lib.market.quality import display, sentences
from lib.market.quality.checks import quality_identities
from lib.market.quality.gaps import find_gaps, on_sessions
from lib.market.quality.scores import data_quality
from lib.tables import TABLES

N = len(DAYS)
NONE = sync_events()


class World:
    """The stage's tables for some raw bars."""

    def __init__(self, *frames, events=NONE, **status):
        self.raw = pd.concat(frames, ignore_index=True)
        self.checked = check_all(self.raw)
        self.log = sync_log(**(status or dict.fromkeys(self.raw["symbol"].unique(), "ok")))
        self.quality = self.table()
        self.gaps = find_gaps(self.checked.prices, self.checked.issues, events)

    def table(self):
        prices, issues, repairs = self.checked
        table = data_quality(self.raw, prices, issues, repairs, self.log, as_of=AS_OF)
        return conform(table, TABLES["data_quality"])

    def row(self, symbol):
        return self.quality.set_index("symbol").loc[symbol]

    def failing(self, quality=None, gaps=None):
        prices, issues, repairs = self.checked
        asked = quality_identities(
            self.quality if quality is None else quality,
            self.gaps if gaps is None else gaps,
            prices,
            issues,
            repairs,
        )
        return [name for name, passed, _ in asked if not passed]


def test_a_whole_series_has_every_point():
    row = World(bars()).row("AAA")
    assert row[["score", "completeness", "soundness", "freshness"]].tolist() == [100.0, 1.0, 1.0, 1.0]
    assert row[["bars", "expected_sessions", "missing_sessions", "stale_days"]].tolist() == [N, N, 0, 0]
    assert row["last_date"] == pd.Timestamp(AS_OF)


def test_missing_sessions_take_completeness_points_in_a_straight_line():
    row = World(bars().drop(index=[10, 20])).row("AAA")
    assert row[["expected_sessions", "missing_sessions"]].tolist() == [N, 2]
    assert row["score"] == pytest.approx(50 * (1 - 2 / N / 0.10) + 30 + 20)
    assert World(bars().drop(index=[10, 20, 21, 22, 23])).row("AAA")["score"] == 50.0


def test_quarantined_bars_take_soundness_points_and_leave_a_missing_session():
    frame = bars()
    frame.loc[10, "close"] = -1.0
    row = World(frame).row("AAA")
    assert row[["bars", "quarantined", "missing_sessions"]].tolist() == [N - 1, 1, 1]
    assert row["score"] == pytest.approx(50 * (1 - 1 / N / 0.10) + 30 * (1 - 1 / N / 0.05) + 20)


def test_a_repaired_bar_counts_half_and_only_once():
    frame = bars(open=101.0, high=110.0, low=90.0)
    frame.loc[10, ["high", "low"]] = [90.0, 110.0]
    row = World(frame).row("AAA")
    assert row[["repaired", "quarantined", "missing_sessions"]].tolist() == [1, 0, 0]
    assert row["score"] == pytest.approx(50 + 30 * (1 - 0.5 / N / 0.05) + 20)


@pytest.mark.parametrize(("dropped", "days"), [(1, 1), (2, 5), (3, 6), (4, 7), (5, 8)])
def test_each_day_late_takes_a_seventh_of_the_freshness_points(dropped, days):
    row = World(bars().iloc[: N - dropped]).row("AAA")
    assert row["stale_days"] == days
    assert row["score"] == pytest.approx(80 + 20 * max(0.0, 1 - days / 7))
    assert row["fresh"] == (days <= 7)


def test_jumps_and_repeats_take_no_points():
    closes = np.where(np.arange(N) < 20, 100.0, 70.0)
    assert World(bars(closes=closes)).row("AAA")["score"] == 100.0


def test_a_symbol_of_which_nothing_came_has_a_row_without_source_and_the_score_zero():
    world = World(bars(), AAA="ok", LOST="unknown")
    row = world.row("LOST")
    assert pd.isna(row["source"])
    assert row[["bars", "score"]].tolist() == [0, 0.0]
    assert not row["fresh"]
    assert pd.isna(row["completeness"])
    assert world.failing() == []


def test_a_symbol_whose_every_bar_was_quarantined_scores_zero():
    row = World(bars(), bars("BBB", closes=[-1.0, -2.0])).row("BBB")
    assert row[["bars", "quarantined", "score"]].tolist() == [0, 2, 0.0]


def test_options_owe_no_session_and_are_fresh_until_their_expiry():
    row = World(bars("AAA221216C00100000").iloc[[0, 5, 32]]).row("AAA221216C00100000")
    assert pd.isna(row["expected_sessions"])
    assert row["last_date"] == pd.Timestamp("2022-12-16")
    assert row["score"] == 100.0


def test_a_gap_between_two_sources_belongs_to_the_one_that_goes_on():
    frame = bars().drop(index=[20, 21]).assign(source=lambda table: np.where(table.index < 20, "old", "new"))
    quality = World(frame).quality.set_index("source")
    assert quality["missing_sessions"].to_dict() == {"new": 2, "old": 0}
    assert quality["expected_sessions"].to_dict() == {"new": N - 20, "old": 20}
    assert quality["bars"].sum() == N - 2


@pytest.fixture(scope="module")
def worn():
    """Three symbols with a gap, a quarantined bar, a repaired range, an early end; one that is missing."""
    frame = bars(open=101.0, high=110.0, low=90.0).drop(index=[10, 11])
    frame.loc[15, "close"] = -1.0
    frame.loc[16, ["high", "low"]] = [90.0, 110.0]
    events = sync_events(
        ("BBB", "gap_filled", DAYS[3], DAYS[4], 2, "asked again, 2 of 2 sessions came"),
        ("BBB", "restated", DAYS[0], DAYS[9], 10, "close on 2022-11-01 was 100, is 50"),
        ("AAA", "gap_open", DAYS[10], DAYS[11], 2, "asked again, 0 of 2 sessions came"),
    )
    world = World(
        frame, bars("BBB"), bars("CCC").iloc[:-6], events=events, AAA="ok", BBB="ok", CCC="ok", DDD="limited"
    )
    world.history = display.history(events)
    return world


def test_every_identity_holds_of_worn_data(worn):
    assert worn.failing() == []
    assert worn.gaps["status"].tolist() == ["open", "quarantined", "filled"]


def test_identities_fail_when_they_do_not_hold(worn):
    quality, gaps = worn.quality, worn.gaps
    assert worn.failing(quality.assign(expected_sessions=quality["expected_sessions"] + 1)) == [
        "Owed sessions are bars and missing ones"
    ]
    assert worn.failing(gaps=gaps.iloc[1:]) == ["The gaps hold every missing session once"]
    longer = gaps.assign(gap_end=gaps["gap_end"].mask(gaps.index == 0, DAYS[15]))
    assert "No gap overlaps another of its symbol" in worn.failing(gaps=longer)
    assert "No bar lies in a gap that is not filled" in worn.failing(gaps=longer)
    assert "No bar lies in a gap that is not filled" in worn.failing(gaps=gaps.assign(status="open"))
    assert worn.failing(quality.assign(bars=quality["bars"] + 1)) == [
        "Every bar is counted in one series",
    ]
    assert worn.failing(quality.assign(repaired=0)) == [
        "Every bar set aside or repaired is counted in one series"
    ]
    assert worn.failing(quality.assign(score=quality["score"] - 1)) == [
        "Scores are the sum of their parts, between 0 and 100"
    ]


def test_the_worst_stand_first(worn):
    assert display.score_table(worn.quality)["symbol"].tolist()[0] == "DDD"
    assert display.gap_table(worn.gaps)["status"].tolist() == ["open", "quarantined", "filled"]
    assert display.late(worn.quality)["symbol"].tolist() == ["DDD", "CCC"]
    sources = display.by_source(worn.quality)
    assert sources["source"].tolist() == ["none", "test"]
    assert sources.loc[1, ["symbols", "bars", "lowest"]].tolist() == [3, len(worn.checked.prices), "AAA"]


def test_a_symbol_without_a_bar_owes_no_number_of_sessions_and_says_why(worn):
    option = World(bars("AAA221216C00100000").iloc[[0, 5, 32]], LOST="unknown")
    for table in (display.score_table(worn.quality), display.score_table(option.quality)):
        lost = table[table["bars"] == 0]
        assert lost[["expected_sessions", "missing_sessions"]].isna().all(axis=None)
        assert set(lost["why"]) == {"no bar"}
    assert display.score_table(option.quality)["why"].tolist() == ["no bar", "option"]


def test_codes_are_put_into_words_where_people_read_them(worn):
    assert display.gap_table(worn.gaps)["detail"].tolist() == [
        "asked again, 0 of 2 sessions came",
        "set aside: price missing, zero or negative",
        "asked again, 2 of 2 sessions came",
    ]
    assert set(display.repair_table(worn.checked.repairs)["meaning"]) == {"high and low exchanged"}


def test_a_symbol_is_fresh_when_one_of_its_sources_is():
    frame = bars().assign(source=lambda table: np.where(table.index < 20, "old", "new"))
    world = World(frame)
    assert world.quality["fresh"].tolist() == [True, False]
    assert "no fresh price" not in sentences.verdict(world.quality, world.gaps)
    assert "without a price" not in sentences.fresh_sentence(world.quality)


def test_changes_of_the_past_and_odd_days_are_told_apart_and_gaps_are_in_neither():
    events = sync_events(
        ("AAA", "restated", DAYS[0], DAYS[9], 10, "close on 2022-11-01 was 100, is 50"),
        ("AAA", "split", DAYS[12], DAYS[12], 1, "2 for 1"),
        ("AAA", "gap_open", DAYS[3], DAYS[3], 1, "asked again, 0 of 1 sessions came"),
        ("BBB", "given_twice", DAYS[4], DAYS[4], 1, "given twice alike, taken once"),
        ("BBB", "no_close", DAYS[5], DAYS[5], 1, "a row without a close, left out"),
        ("CCC", "no_close", DAYS[6], DAYS[6], 1, "a row without a close, left out"),
    )
    history, odd = display.history(events), display.oddities(events)
    assert history["event"].tolist() == ["new split", "past bars changed"]
    assert sentences.history_sentence(history).startswith("2 changes in 1 symbol;")
    assert odd[["symbol", "date"]].to_numpy().tolist() == [
        ["CCC", DAYS[6]],
        ["BBB", DAYS[5]],
        ["BBB", DAYS[4]],
    ]
    assert sentences.oddity_sentence(odd) == "Row without a close (2) and day given twice (1)."
    assert sentences.oddity_sentence(odd.iloc[:0]) == "No answer of the source was odd."


def test_every_event_of_a_sync_is_a_gap_a_change_or_an_oddity():
    assert {"gap_filled", "gap_open", *display.CHANGES, *display.ODDITIES} == set(SYNC_EVENTS)


def test_months_and_years_are_shares_of_the_owed_sessions(worn):
    placed = on_sessions(worn.checked.prices)
    share = display.coverage_by_month(placed, "XNYS")
    november = (DAYS < "2022-12-01").sum()
    assert share.index.tolist() == [pd.Timestamp("2022-11-01"), pd.Timestamp("2022-12-01")]
    assert share.iloc[0] == pytest.approx((3 * november - 3) / (3 * november))
    assert share.iloc[1] == 1.0
    years = display.missing_by_year(placed, "XNYS")
    assert years.columns.tolist() == ["2022"]
    assert years.index.tolist() == [display.ALL, "AAA"]
    assert years["2022"].tolist() == pytest.approx([3 / (3 * N - 6), 3 / N])


def test_a_year_before_the_first_bar_is_left_blank_and_of_many_symbols_the_poorest_are_shown():
    days = calendar.sessions("2020-12-30", "2021-01-06")
    early = pd.DataFrame({"symbol": "GAP", "date": days.delete(1)})
    late = pd.DataFrame({"symbol": "LATE", "date": days[2:].delete(1)})
    frame = pd.concat([early, late]).assign(source="test")
    years = display.missing_by_year(on_sessions(frame), "XNYS")
    assert years.loc["GAP"].tolist() == [0.5, 0.0]
    assert np.isnan(years.loc["LATE", "2020"])
    assert years.loc["LATE", "2021"] == pytest.approx(1 / 3)
    many = pd.concat([late.assign(symbol=f"S{n}", source="test") for n in range(20)])
    assert len(display.missing_by_year(on_sessions(many), "XNYS")) == 1 + display.MOST_SYMBOLS


def test_the_sentences_say_the_numbers(worn):
    quality, gaps = worn.quality, worn.gaps
    mean = quality["score"].mean()
    assert sentences.score_sentence(quality) == (
        f"The mean score of 4 series is {mean:.1f} of 100; the lowest is 0.0, of DDD."
    )
    share = display.coverage_by_month(on_sessions(worn.checked.prices), "XNYS")
    owed = 3 * N - 6
    assert sentences.coverage_sentence(quality, share) == (
        f"{owed - 3} of {owed} owed bars are there; the lowest month is Nov 2022 with 95.24%."
    )
    assert sentences.gap_sentence(gaps) == (
        "1 gap of 2 sessions open, 1 gap of 1 session made by a bar that was set aside "
        "and 1 gap of 2 sessions filled by asking again."
    )
    assert sentences.repair_sentence(worn.checked.repairs) == (
        "2 figures of 1 bar repaired; no close was altered."
    )
    twice = World(bars(), bars().iloc[[4]].assign(close=101.0, adj_close=101.0)).checked.repairs
    assert sentences.repair_sentence(twice) == (
        "2 figures of 1 bar repaired; 1 close taken from the later of two rows of a day."
    )
    assert sentences.fresh_sentence(quality) == (
        "2 series do not reach the session that is due; without a price of the last 7 days: CCC and DDD."
    )
    assert sentences.history_sentence(worn.history).startswith("1 change in 1 symbol;")
    assert sentences.verdict(quality, gaps) == (
        "1 of 4 series have the full score of 100; no fresh price for CCC and DDD; 1 gap stayed open (AAA); "
        f"1 bar quarantined and 1 repaired; 3 of {owed} owed sessions have no bar."
    )
    years = display.missing_by_year(on_sessions(worn.checked.prices), "XNYS")
    assert sentences.worst_sentence(years).startswith("AAA lacks the most in one year: 7.5% of its sessions")


def test_the_sentences_of_faultless_data_say_so():
    world = World(bars())
    placed = on_sessions(world.checked.prices)
    share, years = display.coverage_by_month(placed, "XNYS"), display.missing_by_year(placed, "XNYS")
    assert sentences.coverage_sentence(world.quality, share).endswith(
        "no session is missing inside any series."
    )
    assert sentences.worst_sentence(years) == "No symbol lacks a session in any year shown."
    assert sentences.score_sentence(world.quality) == "1 series, each with the full score of 100."
    assert sentences.gap_sentence(world.gaps) == "No series has a gap between its first and its last bar."
    assert sentences.fresh_sentence(world.quality) == "Every series reaches the session that is due."
    assert sentences.verdict(world.quality, world.gaps) == (
        "Every series has the full score of 100; every session that is owed has its bar."
    )


def test_key_figures_are_five_and_without_data_they_are_empty_and_do_not_crash(worn):
    figures = sentences.key_figures(worn.quality, worn.gaps, worn.history)
    assert [one["name"] for one in figures] == [
        "data_score",
        "sessions_covered",
        "open_gaps",
        "series_behind",
        "changes_of_the_past",
    ]
    assert [one["value"] for one in figures[2:]] == [1, 2, 1]
    nothing = World(bars().iloc[:0], LOST="missing")
    assert nothing.failing() == []
    figures = sentences.key_figures(nothing.quality, nothing.gaps, display.history(NONE))
    assert np.isnan(figures[1]["value"])
    placed = on_sessions(nothing.checked.prices)
    assert display.coverage_by_month(placed, "XNYS").empty
    assert display.missing_by_year(placed, "XNYS").isna().all(axis=None)
    assert display.missing_figure(display.missing_by_year(placed, "XNYS")).axes
    assert display.coverage_figure(display.coverage_by_month(placed, "XNYS")).axes
    assert sentences.worst_sentence(display.missing_by_year(placed, "XNYS"))
    assert sentences.coverage_sentence(nothing.quality, display.coverage_by_month(placed, "XNYS"))
