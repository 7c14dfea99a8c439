"""The market score: every step of every indicator, staleness, releases, scaling, stance, next steps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.conventions import ORIGINS
from lib.funds.ladder import STALE, read_ladder
from lib.funds.market_score import TOTAL, market_score, score_dates
from lib.funds.score_steps import next_steps
from lib.market import calendar
from lib.market.macro.providers import prepare

LADDERS = Path(__file__).resolve().parents[2] / "params" / "ladders"
INDIA, LEGACY = (read_ladder(LADDERS / "india.yaml", bands=bands) for bands in ("ladder", "legacy"))
UNITED_STATES = read_ladder(LADDERS / "united-states.yaml")
DAY = pd.Timestamp("2022-12-28")
SHARES = (1.0, 0.8, 0.6, 0.4)
PUBLISHED = {
    "US GDP growth": (5, ">=", 6, 4, 2, 0),
    "Fed funds": (5, "<=", 3, 4, 5, 6),
    "Dollar index": (5, "<=", 95, 100, 105, 110),
    "China PMI": (5, ">=", 55, 52, 50, 48),
    "India GDP growth": (7, ">=", 6, 4, 2, 0),
    "GST collection": (5, ">=", 170_000, 160_000, 150_000, 140_000),
    "IIP growth": (3, ">=", 6, 4, 2, 0),
    "India PMI": (5, ">=", 55, 52, 50, 48),
    "CPI": (6, "<=", 4, 5, 6, 7),
    "WPI": (4, "<=", 4, 5, 6, 7),
    "Repo rate": (5, "<=", 5, 6, 7, 8),
    "Term spread": (5, "<=", 0.25, 0.5, 0.75, 1),
    "Nifty PE": (8, "<=", 16, 18, 20, 22),
    "Nifty PB": (4, "<=", 2.5, 3, 3.5, 4),
    "Earnings growth": (8, ">=", 20, 15, 10, 5),
    "FII flow": (3, ">=", 15_000, 10_000, 5_000, 0),
    "DII flow": (3, ">=", 15_000, 10_000, 5_000, 0),
    "SIP inflow": (4, ">=", 17_000, 15_000, 13_000, 11_000),
    "Nifty stocks above 200-day average": (4, ">=", 70, 60, 50, 40),
    "India VIX": (3, "<=", 12, 15, 18, 21),
    "Advances over declines": (3, ">=", 1.5, 1.2, 1, 0.8),
}
"""Indicator → points, side that wins, and the four steps."""


def figure(series, value, *, released=DAY, age=3, ladder=INDIA, **other):
    one = ladder.series[series]
    row = {
        "series": series,
        "period_end": DAY - pd.Timedelta(days=age),
        "value": float(value),
        "unit": one.unit,
        "frequency": one.frequency,
        "released": released,
        "source": "test",
        "origin": "real",
    }
    return {**row, **other}


def table(*rows):
    columns = ["series", "period_end", "value", "unit", "frequency", "released", "source", "origin"]
    frame = pd.DataFrame(list(rows), columns=columns)
    days = dict.fromkeys(("period_end", "released"), "datetime64[us]")
    return frame.astype({**days, "series": "str", "value": "float64", "origin": "str"})


def scored(macro, ladder=INDIA, dates=(DAY,)):
    found = market_score(macro, ladder, list(dates))
    return found.set_index(["score_date", "block", "indicator"])


def points_of(name, values, ladder=INDIA):
    rows = scored(table(*(figure(one, value, ladder=ladder) for one, value in values.items())), ladder)
    return rows["points"].xs(name, level="indicator").iloc[0]


def everything(ladder=INDIA, value=None):
    """A figure of every series, at the best step of its indicator."""
    best = {one.series: one.rungs[0].when[0].bound for one in ladder.indicators if one.rungs}
    return {name: best.get(name, 0.0) if value is None else value for name in ladder.series}


def test_the_indian_ladder_is_the_published_one():
    assert [one.name for one in INDIA.indicators] == list(PUBLISHED)
    for one in INDIA.indicators:
        points, sign, *steps = PUBLISHED[one.name]
        assert one.points == points
        assert [(rung.when[0].sign, rung.when[0].bound) for rung in one.rungs[:-1]] == [
            (sign, s) for s in steps
        ]
    assert list(INDIA.blocks.values()) == [20, 20, 20, 20, 10, 10]


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("step", range(4))
def test_each_step_is_won_at_its_bound_and_lost_just_beyond_it(name, step):
    points, sign, *bounds = PUBLISHED[name]
    beyond = 1e-6 if sign == "<=" else -1e-6
    one = next(one for one in INDIA.indicators if one.name == name)
    won = []
    for value in (bounds[step] - beyond, bounds[step], bounds[step] + beyond):
        values = {one.series: value + (2.0 if one.less else 0.0), **({one.less: 2.0} if one.less else {})}
        won.append(points_of(name, values))
    below = (*SHARES, 0.2)[step + 1]
    assert won == pytest.approx([points * SHARES[step], points * SHARES[step], points * below], abs=1e-12)


@pytest.mark.parametrize("ladder", [INDIA, LEGACY, UNITED_STATES], ids=["india", "legacy", "united states"])
def test_points_add_up_to_a_hundred_and_blocks_to_theirs(ladder):
    own = pd.Series({(one.block, one.name): one.points for one in ladder.indicators})
    assert own.groupby(level=0).sum().to_dict() == ladder.blocks
    assert sum(ladder.blocks.values()) == 100
    assert len(UNITED_STATES.indicators) == 21


@pytest.mark.parametrize(
    ("name", "values", "points"),
    [
        ("US GDP growth and Fed funds", {"US GDP growth": 2.5, "Fed funds": 4.99}, 5),
        ("US GDP growth and Fed funds", {"US GDP growth": 2.5, "Fed funds": 5}, 3.5),
        ("US GDP growth and Fed funds", {"US GDP growth": 1.5, "Fed funds": 6}, 2),
        ("US GDP growth and Fed funds", {"US GDP growth": 0.49, "Fed funds": 1}, 1),
        ("China PMI", {"China PMI": 52}, 5),
        ("China PMI", {"China PMI": 51.9}, 3.5),
        ("China PMI", {"China PMI": 48}, 2),
        ("China PMI", {"China PMI": 47.9}, 1),
        ("Dollar index", {"Dollar index": 94.9}, 5),
        ("Dollar index", {"Dollar index": 105}, 3),
        ("Dollar index", {"Dollar index": 105.1}, 1),
        ("GST growth", {"GST growth": 15}, 5),
        ("GST growth", {"GST growth": 4.9}, 2),
        ("India PMI and IIP growth", {"India PMI": 55, "IIP growth": 5}, 5),
        ("India PMI and IIP growth", {"India PMI": 55, "IIP growth": 4.9}, 4),
        ("India PMI and IIP growth", {"India PMI": 51, "IIP growth": 9}, 3),
        ("India PMI and IIP growth", {"India PMI": 49, "IIP growth": 9}, 2),
        ("CPI", {"CPI": 1.9}, 4),
        ("CPI", {"CPI": 2}, 5),
        ("CPI", {"CPI": 4}, 5),
        ("CPI", {"CPI": 6}, 3),
        ("CPI", {"CPI": 6.1}, 1),
        ("Stance of policy", {"CPI": 3.9, "Repo rate": 6}, 5),
        ("Stance of policy", {"CPI": 3.9, "Repo rate": 5}, 3),
        ("Stance of policy", {"CPI": 6.1, "Repo rate": 9}, 1),
        ("Repo rate over Fed funds", {"Repo rate": 6, "Fed funds": 3.9}, 5),
        ("Repo rate over Fed funds", {"Repo rate": 6, "Fed funds": 4}, 3),
        ("Repo rate over Fed funds", {"Repo rate": 4, "Fed funds": 4}, 1),
        ("Term spread", {"10-year G-sec yield": 7, "Repo rate": 6.6}, 2),
        ("Term spread", {"10-year G-sec yield": 7, "Repo rate": 6.5}, 5),
        ("Term spread", {"10-year G-sec yield": 7, "Repo rate": 5}, 5),
        ("Term spread", {"10-year G-sec yield": 7, "Repo rate": 4.9}, 3),
    ],
)
def test_the_older_banding_wins_what_it_says(name, values, points):
    assert points_of(name, values, LEGACY) == points


def test_the_placeholders_of_the_older_banding_have_no_value_and_no_points():
    rows = scored(table(*(figure(name, 1, ladder=LEGACY) for name in LEGACY.series)), LEGACY)
    held = rows.loc[(DAY, "External", "Euro area")]
    assert (held["status"], held["max_points"]) == ("missing", 0.0)
    assert np.isnan(held["points"])
    assert rows.loc[(DAY, TOTAL, TOTAL), "max_points"] == 90


def test_all_at_the_best_step_is_a_hundred_and_bullish():
    values = everything() | {"10-year G-sec yield": 3.0, "Repo rate": 5.0}
    total = scored(table(*(figure(name, value) for name, value in values.items()))).loc[(DAY, TOTAL, TOTAL)]
    assert (total["points"], total["stance"], total["status"]) == (100.0, "bullish", "ok")


@pytest.mark.parametrize("name", INDIA.series)
def test_a_figure_counts_to_the_last_day_of_its_own_limit(name):
    limit = STALE[INDIA.series[name].frequency]
    for age, status in ((limit, "ok"), (limit + 1, "stale")):
        rows = scored(table(*(figure(one, 1.0, age=age if one == name else 0) for one in INDIA.series)))
        own = rows[rows.index.get_level_values("indicator") == name]
        assert own.empty or own["status"].tolist() == [status]
        assert own.empty or own["points"].notna().tolist() == [status == "ok"]


def test_a_figure_counts_from_its_release_on_and_a_revision_from_its_own():
    first = figure("CPI", 3.0, released=pd.Timestamp("2022-12-12"))
    revised = figure("CPI", 6.5, released=pd.Timestamp("2022-12-20"))
    dates = [pd.Timestamp(day) for day in ("2022-12-11", "2022-12-12", "2022-12-19", "2022-12-20")]
    for order in ((first, revised), (revised, first)):
        rows = scored(table(*order), dates=dates)["value"].xs("CPI", level="indicator")
        assert np.isnan(rows.iloc[0])
        assert rows.iloc[1:].tolist() == [3.0, 3.0, 6.5]


def test_a_late_revision_of_an_old_period_does_not_replace_a_newer_period():
    rows = table(
        figure("CPI", 5.0, age=30, released=pd.Timestamp("2022-12-12")),
        figure("CPI", 9.0, age=61, released=pd.Timestamp("2022-12-20")),
    )
    assert scored(rows)["value"].xs("CPI", level="indicator").iloc[0] == 5.0


def test_a_figure_in_another_unit_is_missing():
    rows = scored(table(figure("CPI", 0.04, unit="fraction")))
    assert rows["status"].xs("CPI", level="indicator").iloc[0] == "missing"


def test_a_block_is_scaled_to_the_points_that_could_be_won():
    values = everything() | {"10-year G-sec yield": 3.0, "Repo rate": 5.0, "China PMI": 0.0}
    del values["Dollar index"]
    rows = scored(table(*(figure(name, value) for name, value in values.items())))
    block, total = rows.loc[(DAY, "External", TOTAL)], rows.loc[(DAY, TOTAL, TOTAL)]
    assert block["max_points"] == 15
    assert block["points"] == pytest.approx((5 + 5 + 1) / 15 * 20, abs=1e-12)
    assert (total["points"], total["max_points"]) == (pytest.approx(80 + 44 / 3), 95)


@pytest.mark.parametrize(("left_out", "status"), [(30, "ok"), (31, "incomplete")])
def test_below_seventy_points_that_could_be_won_there_is_no_stance(left_out, status):
    drop = {30: ["Nifty PE", "Nifty PB", "Earnings growth", "US GDP growth", "Fed funds"]}
    drop[31] = ["Nifty PE", "Nifty PB", "Earnings growth", "FII flow", "DII flow", "US GDP growth"]
    kept = [name for name in INDIA.series if name not in drop[left_out]]
    total = scored(table(*(figure(name, 1.0) for name in kept))).loc[(DAY, TOTAL, TOTAL)]
    assert (total["max_points"], total["status"]) == (100 - left_out, status)
    assert pd.isna(total["stance"]) == (status == "incomplete")


@pytest.mark.parametrize(
    ("bounds", "stance"),
    [((53.2, 40.0), "bullish"), ((53.3, 53.2), "neutral"), ((90.0, 53.3), "bearish")],
)
def test_a_stance_holds_from_its_bound_on(bounds, stance):
    macro = prepare({"as_of": "2022-12-28", "settings": {"provider": "sample"}})["raw_macro"]
    least = dict(zip(("bullish", "neutral"), bounds, strict=True))
    ladder = replace(UNITED_STATES, stance={**UNITED_STATES.stance, **least})
    total = scored(macro, ladder).loc[(DAY, TOTAL, TOTAL)]
    assert (round(total["points"], 6), total["stance"]) == (53.2, stance)


def test_no_later_release_changes_an_earlier_score():
    macro = prepare({"as_of": "2022-12-28", "settings": {"provider": "sample"}})["raw_macro"]
    cut = pd.Timestamp("2018-06-29")
    dates = score_dates(macro, calendar.sessions("2009-01-01", DAY), "2022-12-28")
    whole = market_score(macro, UNITED_STATES, dates)
    changed = macro.assign(value=macro["value"].mask(macro["released"] > cut, -macro["value"] * 3))
    other = market_score(changed, UNITED_STATES, dates)
    early = whole["score_date"] <= cut
    pd.testing.assert_frame_equal(whole[early], other[early])
    assert not whole[~early].equals(other[~early])


def test_a_month_is_scored_on_its_last_session_and_the_as_of_day_beside_them():
    macro = table(figure("CPI", 3.0, released=pd.Timestamp("2022-10-05")))
    dates = score_dates(macro, calendar.sessions("2022-01-01", "2022-12-28"), "2022-12-28")
    assert [f"{day:%m-%d}" for day in dates] == ["10-31", "11-30", "12-28"]


def test_an_origin_is_the_worst_of_what_counts():
    rows = table(
        figure("10-year G-sec yield", 7, origin="constructed"),
        figure("Repo rate", 6, origin="generated"),
        figure("CPI", 4),
    )
    origin = scored(rows)["origin"]
    assert origin.xs("Term spread", level="indicator").iloc[0] == "generated"
    assert origin.loc[(DAY, TOTAL, TOTAL)] == "generated"
    assert set(origin) <= set(ORIGINS)


def test_the_next_steps_do_what_they_say():
    macro = prepare({"as_of": "2022-12-28", "settings": {"provider": "sample"}})["raw_macro"]
    macro = macro[macro["series"] != "Oil price"]
    scores = market_score(macro, UNITED_STATES, [DAY])
    steps = next_steps(scores, UNITED_STATES).set_index(["indicator", "way"])
    for name in ("US CPI", "VIX", "US consumer sentiment", "S&P 500 PE"):
        if (name, "better") not in steps.index:
            continue
        one = next(one for one in UNITED_STATES.indicators if one.name == name)
        bound = float(steps.loc[(name, "better"), "needed"].split()[-1])
        newest = macro["series"].eq(one.series)
        moved = macro.assign(value=macro["value"].mask(newest, bound))
        total = scored(moved, UNITED_STATES).loc[(DAY, TOTAL, TOTAL), "points"]
        assert total == pytest.approx(steps.loc[(name, "better"), "total"], abs=1e-9)


def test_without_a_figure_every_row_is_missing_and_the_score_incomplete():
    rows = scored(table())
    assert set(rows["status"]) == {"missing", "incomplete"}
    assert rows["stance"].isna().all()
