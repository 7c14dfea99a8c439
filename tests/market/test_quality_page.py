"""Frames and sentences of the quality page, and checks that fail when they should."""

import numpy as np
import pytest
from bar_worlds import DAYS, bars, sync_events
from quality_worlds import NONE, World, worn_world

from lib import codes
from lib.codes.market import CHANGES, GAP_EVENTS, ODDITIES
from lib.conventions import SYNC_EVENTS, SYNC_STATES
from lib.market.pages import quality as page
from lib.market.quality.gaps import coverage_by_month, missing_by_year, on_sessions
from lib.tables.market import GAP_STATES, REPAIR_RULES

N = len(DAYS)


@pytest.fixture(scope="module")
def worn():
    return worn_world()


def test_every_check_holds_of_worn_data(worn):
    assert worn.failing() == []
    assert worn.gaps["status"].tolist() == ["open", "quarantined", "filled"]


def test_checks_fail_when_they_do_not_hold(worn):
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
    assert worn.failing(quality.assign(repaired=0)) == ["Every repaired bar is counted in one series"]
    assert worn.failing(quality.assign(quarantined=0)) == ["Every bar set aside is counted in one series"]
    assert worn.failing(quality.assign(score=quality["score"] - 0.001)) == [
        "Scores are the sum of their parts",
        "Scores lie between 0 and 100",
    ]


def test_the_worst_stand_first(worn):
    assert page.scores(worn.quality)["symbol"].tolist()[0] == "DDD"
    assert page.gaps(worn.gaps)["status"].tolist() == [
        "still open",
        "made by a bar that was set aside",
        "filled by asking again",
    ]
    assert page.late(worn.quality)["symbol"].tolist() == ["DDD", "CCC"]
    sources = page.sources(worn.quality)
    assert sources["source"].tolist() == ["none", "test"]
    assert sources.loc[1, ["symbols", "bars", "lowest"]].tolist() == [3, len(worn.checked.prices), "AAA"]


def test_a_symbol_without_a_bar_owes_no_number_of_sessions_and_says_why(worn):
    option = World(bars("AAA221216C00100000").iloc[[0, 5, 32]], LOST="unknown")
    for table in (page.scores(worn.quality), page.scores(option.quality)):
        lost = table[table["bars"] == 0]
        assert lost[["expected_sessions", "missing_sessions"]].isna().all(axis=None)
        assert set(lost["why"]) == {"no bar"}
    assert page.scores(option.quality)["why"].tolist() == ["no bar", "option"]


def test_codes_are_put_into_words_where_people_read_them(worn):
    assert page.gaps(worn.gaps)["detail"].tolist() == [
        "asked again, 0 of 2 sessions came",
        "price missing, zero or negative",
        "asked again, 2 of 2 sessions came",
    ]
    assert set(page.repairs(worn.checked.repairs)["meaning"]) == {"high and low exchanged"}


def test_a_symbol_is_fresh_when_one_of_its_sources_is():
    frame = bars().assign(source=lambda table: np.where(table.index < 20, "old", "new"))
    world = World(frame)
    assert world.quality["fresh"].tolist() == [True, False]
    assert "no fresh price" not in page.verdict(world.quality, world.gaps)
    assert "without a price" not in page.late_sentence(world.quality)


def test_changes_of_the_past_and_odd_days_are_told_apart_and_gaps_are_in_neither():
    events = sync_events(
        ("AAA", "restated", DAYS[0], DAYS[9], 10, "close on 2022-11-01 was 100, is 50"),
        ("AAA", "split", DAYS[12], DAYS[12], 1, "2 for 1"),
        ("AAA", "gap_open", DAYS[3], DAYS[3], 1, "asked again, 0 of 1 sessions came"),
        ("BBB", "given_twice", DAYS[4], DAYS[4], 1, "given twice alike, taken once"),
        ("BBB", "no_close", DAYS[5], DAYS[5], 1, "a row without a close, left out"),
        ("CCC", "no_close", DAYS[6], DAYS[6], 1, "a row without a close, left out"),
    )
    changes, odd = page.changes(events), page.oddities(events)
    assert changes["event"].tolist() == ["new split", "past bars changed"]
    assert page.changes_sentence(changes).startswith("2 changes in 1 symbol;")
    assert odd[["symbol", "date"]].to_numpy().tolist() == [
        ["CCC", DAYS[6]],
        ["BBB", DAYS[5]],
        ["BBB", DAYS[4]],
    ]
    assert page.oddities_sentence(odd) == "Row without a close (2) and day given twice (1)."
    assert page.oddities_sentence(odd.iloc[:0]) == "No answer of the source was odd."


def test_every_event_of_a_sync_is_a_gap_a_change_or_an_oddity():
    assert {one.name for one in (*GAP_EVENTS, *CHANGES, *ODDITIES)} == set(SYNC_EVENTS)


def test_every_answer_of_a_sync_state_of_a_gap_and_rule_of_a_repair_has_words():
    assert {*SYNC_STATES, *GAP_STATES, *REPAIR_RULES} <= set(codes.CODES)


def test_the_sentences_say_the_numbers(worn):
    quality, gaps = worn.quality, worn.gaps
    mean = quality["score"].mean()
    assert page.score_sentence(quality) == (
        f"The mean score of 4 series is {mean:.1f} of 100; the lowest is 0.0, of DDD."
    )
    share = coverage_by_month(on_sessions(worn.checked.prices))
    owed = 3 * N - 6
    assert page.coverage_sentence(quality, share) == (
        f"{owed - 3} of {owed} owed bars are there; the lowest month is Nov 2022 with 95.24%."
    )
    assert page.gaps_sentence(gaps) == (
        "1 gap of 2 sessions still open, 1 gap of 1 session made by a bar that was set aside "
        "and 1 gap of 2 sessions filled by asking again."
    )
    assert page.repairs_sentence(worn.checked.repairs) == (
        "2 figures of 1 bar repaired; no close was altered."
    )
    twice = World(bars(), bars().iloc[[4]].assign(close=101.0, adj_close=101.0)).checked.repairs
    assert page.repairs_sentence(twice) == (
        "2 figures of 1 bar repaired; 1 close taken from the later of two rows of a day."
    )
    assert page.late_sentence(quality) == (
        "2 series do not reach the session that is due; without a price of the last 7 days: CCC and DDD."
    )
    assert page.changes_sentence(worn.changes).startswith("1 change in 1 symbol;")
    assert page.verdict(quality, gaps) == (
        "1 of 4 series have the full score of 100; no fresh price for CCC and DDD; 1 gap stayed open (AAA); "
        f"1 bar quarantined and 1 repaired; 3 of {owed} owed sessions have no bar."
    )
    years = missing_by_year(on_sessions(worn.checked.prices))
    assert page.missing_sentence(years).startswith("AAA lacks the most in one year: 7.5% of its sessions")


def test_the_sentences_of_faultless_data_say_so():
    world = World(bars())
    placed = on_sessions(world.checked.prices)
    share, years = coverage_by_month(placed), missing_by_year(placed)
    assert page.coverage_sentence(world.quality, share).endswith("no session is missing inside any series.")
    assert page.missing_sentence(years) == "No symbol lacks a session in any year shown."
    assert page.score_sentence(world.quality) == "1 series, each with the full score of 100."
    assert page.gaps_sentence(world.gaps) == "No series has a gap between its first and its last bar."
    assert page.late_sentence(world.quality) == "Every series reaches the session that is due."
    assert page.verdict(world.quality, world.gaps) == (
        "Every series has the full score of 100; every session that is owed has its bar."
    )


def test_key_figures_are_five_and_without_data_they_are_empty_and_do_not_crash(worn):
    figures = page.key_figures(worn.quality, worn.gaps, worn.changes)
    assert [one.name for one in figures] == [
        "data_score",
        "sessions_covered",
        "open_gaps",
        "series_behind",
        "changes_of_the_past",
    ]
    assert [one.value for one in figures[2:]] == [1, 2, 1]
    nothing = World(bars().iloc[:0], LOST="missing")
    assert nothing.failing() == []
    figures = page.key_figures(nothing.quality, nothing.gaps, page.changes(NONE))
    assert np.isnan(figures[1].value)
    placed = on_sessions(nothing.checked.prices)
    assert coverage_by_month(placed).empty
    assert missing_by_year(placed).isna().all(axis=None)
    assert page.coverage_limits(coverage_by_month(placed)) == (0.95, 1.0)
    assert page.missing_sentence(missing_by_year(placed))
    assert page.coverage_sentence(nothing.quality, coverage_by_month(placed))
