"""Scores of series counted by hand, and the shares of sessions that are there."""

import numpy as np
import pandas as pd
import pytest
from bar_worlds import AS_OF, DAYS, bars
from quality_worlds import World, worn_world

from lib.market import calendar
from lib.market.quality import gaps

N = len(DAYS)


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


def test_months_and_years_are_shares_of_the_owed_sessions():
    placed = gaps.on_sessions(worn_world().checked.prices)
    share = gaps.coverage_by_month(placed)
    november = (DAYS < "2022-12-01").sum()
    assert share.index.tolist() == [pd.Timestamp("2022-11-01"), pd.Timestamp("2022-12-01")]
    assert share.iloc[0] == pytest.approx((3 * november - 3) / (3 * november))
    assert share.iloc[1] == 1.0
    years = gaps.missing_by_year(placed)
    assert years.columns.tolist() == ["2022"]
    assert years.index.tolist() == [gaps.ALL, "AAA"]
    assert years["2022"].tolist() == pytest.approx([3 / (3 * N - 6), 3 / N])


def test_a_year_before_the_first_bar_is_left_blank_and_of_many_symbols_the_poorest_are_shown():
    days = calendar.sessions("2020-12-30", "2021-01-06")
    early = pd.DataFrame({"symbol": "GAP", "date": days.delete(1)})
    late = pd.DataFrame({"symbol": "LATE", "date": days[2:].delete(1)})
    frame = pd.concat([early, late]).assign(source="test")
    years = gaps.missing_by_year(gaps.on_sessions(frame))
    assert years.loc["GAP"].tolist() == [0.5, 0.0]
    assert np.isnan(years.loc["LATE", "2020"])
    assert years.loc["LATE", "2021"] == pytest.approx(1 / 3)
    many = pd.concat([late.assign(symbol=f"S{n}", source="test") for n in range(20)])
    assert len(gaps.missing_by_year(gaps.on_sessions(many), symbols=7)) == 1 + 7
