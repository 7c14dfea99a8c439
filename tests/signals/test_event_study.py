"""The event study: which firms, which days, what becomes of firms that end, and what cannot be studied."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from lib import figures
from lib.errors import InputError
from lib.signals.event_windows import EventRules
from lib.signals.events import Grouping
from lib.signals.pages import event_tables
from lib.signals.pages import events as page
from tests.signals.event_worlds import listed, studied
from tests.signals.worlds import world

WORLD = world(firms=40, days=900, effect=0.0)
TABLES = WORLD.tables
SESSIONS = WORLD.sessions
DAY = SESSIONS[500]
ONE = listed([("crash", None, f"{DAY:%Y-%m-%d} 15:00")])


def with_returns(change):
    """The tables with returns changed by a function of the frame."""
    rows = TABLES["signal_returns"].copy()
    return {**TABLES, "signal_returns": change(rows).reset_index(drop=True)}


def reasons(study):
    """Reason of each event and firm that was left out."""
    drops = study.tables["event_drops"]
    return dict(zip(zip(drops["event"], drops["entity"], strict=True), drops["reason"], strict=True))


@pytest.fixture(scope="module")
def study():
    return studied(TABLES, ONE, grouping=Grouping(controls=("size", "beta")))


def test_abnormal_returns_are_those_of_a_regression_firm_by_firm(study):
    wide = TABLES["signal_returns"].pivot_table(index="date", columns="entity", values="return")
    market = TABLES["signal_benchmarks"].set_index("date")["return"]
    car = study.tables["event_car"].set_index("entity")
    for firm in ("firm-000", "firm-017", "firm-033"):
        before = wide[firm].iloc[380:490]
        fit = sm.OLS(before, sm.add_constant(market.iloc[380:490])).fit()
        off = wide[firm].iloc[499:506] - fit.predict(sm.add_constant(market.iloc[499:506]))
        assert_allclose(car.loc[firm, "car"], off.sum())
        assert_allclose(car.loc[firm, "sigma"] ** 2, fit.scale)
        total = np.array([7.0, market.iloc[499:506].sum()])
        expected = fit.scale * 7 + total @ fit.cov_params().to_numpy() @ total
        assert_allclose(car.loc[firm, "error"] ** 2, expected)
    assert (car["observations"] == 110).all() and (car["date"] == SESSIONS[505]).all()


@pytest.mark.parametrize(("time", "later"), [("20:59", 0), ("21:00", 0), ("21:01", 1)])
def test_the_event_day_is_the_first_session_that_closes_after_the_news(time, later):
    day = pd.Timestamp("2012-01-18")
    found = studied(TABLES, listed([("one", None, f"{day:%Y-%m-%d} {time}")]))
    expected = SESSIONS[SESSIONS.get_loc(day) + later]
    assert (found.tables["event_car"]["session"] == expected).all()


def test_a_planted_fall_is_found_and_told_from_dates_without_an_event():
    def fall(rows):
        rows.loc[rows["date"] == DAY, "return"] -= 0.03
        return rows

    found = studied(with_returns(fall), ONE)
    car = found.tables["event_car"]
    tests = found.tables["event_tests"].set_index(["test", "first_day", "last_day"])
    assert -0.045 < car["car"].mean() < -0.015
    assert tests.loc[("kolari_pynnonen", -1, 5), "p"] < 0.01
    assert tests.loc[("placebo", -1, 5), "p"] < 0.05
    assert tests.loc[("cross_sectional", -1, 5), "trusted"] == "no"
    assert tests.loc[("portfolio", 0, 0), "p"] < 1e-6


def test_a_planted_difference_is_inside_the_band_and_found_by_what_holds():
    group = studied(TABLES, ONE).tables["event_car"].set_index("entity")["group"]

    def hit(rows):
        side = rows["entity"].map(group).map({1.0: 0.02, 4.0: -0.02}).fillna(0.0)
        rows.loc[rows["date"] == DAY, "return"] += side
        return rows

    found = studied(with_returns(hit), ONE)
    gaps = found.tables["event_differences"].set_index("test")
    band = found.tables["event_paths"].query("group == 'difference'").iloc[-1]
    assert band["low"] < -0.04 < band["high"] < 0.0
    assert (gaps.loc[["portfolio", "placebo", "permutation", "welch"], "p"] < 0.05).all()
    assert (gaps.loc[["portfolio", "placebo"], "trusted"] == "yes").all()
    assert (gaps.loc[["welch", "permutation"], "reason"] == "firms_alike").all()
    assert "the signal told who was hit" in page.verdict(found)


def test_without_an_effect_nothing_is_claimed(study):
    assert "no sign that the signal tells who is hit" in page.verdict(study)
    assert "cannot be told from none" in page.verdict(study)


def test_groups_are_by_the_value_known_before_the_window(study):
    values = TABLES["signal_values"]
    car = study.tables["event_car"]
    before = values.loc[values["session"] <= SESSIONS[498]].sort_values("known_at")
    newest = before.groupby("entity")["value"].last()
    assert_allclose(car["value"], newest.loc[car["entity"]])
    expected = np.ceil(newest.loc[car["entity"]].rank() / len(car) * 4)
    assert (car["group"].to_numpy() == expected.to_numpy()).all()
    assert (study.tables["event_quartiles"]["n"] == 9).all() or len(car) % 4


def test_a_firm_that_fails_in_the_window_keeps_its_loss():
    gone = TABLES["signal_delistings"].sort_values("date").iloc[2]
    at = SESSIONS.get_loc(gone["date"])
    found = studied(TABLES, listed([("crash", None, f"{SESSIONS[at - 2]:%Y-%m-%d} 15:00")]))
    own = found.tables["event_car"].set_index("entity").loc[gone["entity"]]
    daily = found.tables["event_ar"].query("entity == @gone.entity").set_index("day")
    assert own["flags"] == "ended_in_window" and own["days"] == 4
    assert daily["abnormal_return"].notna().tolist() == [True] * 4 + [False] * 3
    market = TABLES["signal_benchmarks"].set_index("date")["return"].loc[gone["date"]]
    assert_allclose(daily.loc[2, "abnormal_return"], gone["return"] - own["alpha"] - own["beta"] * market)
    assert own["car"] < -0.7
    assert "1 firm that stopped trading" in event_tables.drops_sentence(found)


def halted(*, known: int, last: int = 501, returned: float = -0.95):
    """The tables with firm-005 silent after the session ``last`` and its end at session 515."""
    tables = with_returns(
        lambda rows: rows.loc[~((rows["entity"] == "firm-005") & (rows["date"] > SESSIONS[last]))]
    )
    row = (
        TABLES["signal_delistings"]
        .iloc[[0]]
        .assign(entity="firm-005", date=SESSIONS[515], known_at=SESSIONS[known])
    )
    row["return"] = returned
    return {**tables, "signal_delistings": pd.concat([TABLES["signal_delistings"], row], ignore_index=True)}


def test_a_halted_firm_gets_its_end_on_the_first_day_without_a_price():
    found = studied(halted(known=520), ONE)
    own = found.tables["event_car"].set_index("entity").loc["firm-005"]
    daily = found.tables["event_ar"].query("entity == 'firm-005'").set_index("day")
    assert own["flags"] == "ended_in_window,end_after_window"
    assert own["date"] == SESSIONS[520]
    assert daily.loc[2, "abnormal_return"] < -0.9 and daily["abnormal_return"].notna().sum() == 4


def test_a_halted_firm_waits_until_something_is_known_of_it():
    found = studied(halted(known=520), ONE, as_of=f"{SESSIONS[519]:%Y-%m-%d}")
    assert reasons(found)[("crash", "firm-005")] == "halted"
    assert "firm-005" not in set(found.tables["event_car"]["entity"])


def test_an_end_that_is_assumed_is_said():
    found = studied(halted(known=520, returned=np.nan), ONE)
    assert "end_assumed" in found.tables["event_car"].set_index("entity").loc["firm-005", "flags"]
    said = page.faults(found, origins=["generated"], listed="list", benchmark="world index")
    assert "What holders of 1 firm got at the end is assumed." in said


def test_a_firm_that_was_halted_before_the_window_and_ended_after_it_is_left_out():
    assert reasons(studied(halted(known=520, last=490), ONE))[("crash", "firm-005")] == "left_before"


def test_too_few_days_of_the_window_drop_a_firm_that_trades_again():
    def gap(days):
        silent = SESSIONS[days]
        return with_returns(
            lambda rows: rows.loc[~((rows["entity"] == "firm-005") & rows["date"].isin(silent))]
        )

    one = studied(gap([502]), ONE).tables["event_car"].set_index("entity")
    assert one.loc["firm-005", "days"] == 6
    assert reasons(studied(gap([501, 502]), ONE))[("crash", "firm-005")] == "few_days"
    late = studied(gap([505]), ONE).tables["event_car"].set_index("entity")
    assert late.loc["firm-005", "date"] == SESSIONS[506], "known once it trades again"


def test_each_event_that_cannot_be_studied_has_its_reason():
    stated = [
        ("a", "firm-001", "2009-06-01 15:00"),
        ("b", None, "2009-06-01 15:00"),
        ("c", "nobody", f"{DAY:%Y-%m-%d} 15:00"),
        ("d", "firm-001", f"{SESSIONS[60]:%Y-%m-%d} 15:00"),
        ("e", "firm-002", f"{SESSIONS[-3]:%Y-%m-%d} 15:00"),
        ("f", "firm-039", f"{SESSIONS[800]:%Y-%m-%d} 15:00"),
        ("g", None, "2040-01-01 15:00"),
    ]
    found = reasons(studied(TABLES, listed(stated)))
    assert found[("a", "firm-001")] == "before_first_price"
    assert {why for (event, _), why in found.items() if event == "b"} == {"before_first_price"}
    assert found[("c", "nobody")] == "unknown_firm"
    assert found[("d", "firm-001")] == "short_estimation"
    assert found[("e", "firm-002")] == "window_not_over"
    assert found[("f", "firm-039")] == "left_before"
    assert {why for (event, _), why in found.items() if event == "g"} == {"window_not_over"}


def test_a_late_first_price_and_still_returns_drop_a_firm():
    def late(rows):
        rows = rows.loc[~((rows["entity"] == "firm-003") & (rows["date"] < SESSIONS[600]))].copy()
        rows.loc[(rows["entity"] == "firm-004"), "return"] = 0.0
        return rows

    found = reasons(studied(with_returns(late), ONE))
    assert found[("crash", "firm-003")] == "before_first_price"
    assert found[("crash", "firm-004")] == "no_variation"


def test_a_named_firm_that_is_no_member_then_is_left_out():
    rows = TABLES["signal_memberships"].copy()
    rows.loc[rows["entity"] == "firm-002", "known_at"] = SESSIONS[700]
    event = listed([("own", "firm-002", f"{DAY:%Y-%m-%d} 15:00")])
    found = studied({**TABLES, "signal_memberships": rows}, event)
    assert reasons(found) == {("own", "firm-002"): "not_a_member"}


def test_a_firm_named_twice_or_with_two_events_of_a_day_counts_once():
    stated = [
        ("crash", None, f"{DAY:%Y-%m-%d} 15:00"),
        ("crash", "firm-001", f"{DAY:%Y-%m-%d} 15:00"),
        ("other", "firm-001", f"{DAY:%Y-%m-%d} 16:00"),
    ]
    for overlaps in ("first", "all"):
        found = studied(TABLES, listed(stated), rules=EventRules(overlaps=overlaps))
        assert (found.tables["event_car"]["entity"] == "firm-001").sum() == 1
        assert reasons(found) == {("other", "firm-001"): "same_session"}


def test_overlapping_windows_of_a_firm_are_told_and_the_first_is_kept_or_all():
    at = [500, 504, 507, 540]
    stated = [(f"e{one}", "firm-001", f"{SESSIONS[one]:%Y-%m-%d} 15:00") for one in at]
    first = studied(TABLES, listed(stated))
    assert first.tables["event_car"]["event"].tolist() == ["e500", "e507", "e540"]
    assert reasons(first) == {("e504", "firm-001"): "overlapping_window"}
    assert first.tables["event_car"]["flags"].tolist() == ["", "", "earlier_event"]
    every = studied(TABLES, listed(stated), rules=EventRules(overlaps="all"))
    assert every.about.sharing == (1 + 2 + 1 + 0) / 4 and every.about.days == 4
    assert len(every.tables["event_car"]) == 4 and every.tables["event_drops"].empty


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"estimation": (-120, 0)}, "the days of estimation end on day 0, the window begins on day -1"),
        ({"estimation": (-40, -11)}, "30 days of estimation cannot hold the least of 60"),
        ({"window": (5, -1)}, "the window ends before it begins"),
    ],
)
def test_rules_that_let_the_estimation_see_the_event_are_refused(rules, said):
    with pytest.raises(InputError, match=said):
        EventRules(**rules)


def test_the_order_of_rows_changes_nothing(study):
    mixed = {name: frame.sample(frac=1.0, random_state=3) for name, frame in TABLES.items()}
    other = studied(mixed, ONE, grouping=Grouping(controls=("size", "beta")))
    for name, frame in study.tables.items():
        pd.testing.assert_frame_equal(frame, other.tables[name], check_exact=True)


def test_without_an_index_the_market_is_the_mean_of_the_firms_and_that_is_said():
    found = studied(TABLES, ONE, benchmark="nothing of that name")
    said = page.faults(found, origins=["generated"], listed="list", benchmark="nothing of that name")
    assert any("The index nothing of that name has no returns" in one for one in said)
    assert_allclose(found.tables["event_car"]["beta"].mean(), 1.0, atol=0.05)


def test_the_other_models_find_the_same_planted_fall():
    def fall(rows):
        rows.loc[rows["date"] == DAY, "return"] -= 0.05
        return rows

    for model in ("mean", "market_adjusted"):
        mean = (
            studied(with_returns(fall), ONE, model=model)
            .tables["event_tests"]
            .query("test == 'boehmer' and first_day == 0")["mean"]
        )
        market = TABLES["signal_benchmarks"].set_index("date")["return"].loc[DAY]
        expected = -0.05 + (market if model == "mean" else 0.0)
        assert abs(mean.iloc[0] - expected) < 0.01


def test_controls_may_be_facts_known_before():
    facts = pd.DataFrame(
        {
            "entity": WORLD.entities,
            "item": "leverage",
            "value": np.random.default_rng(1).random(40),
            "period_end": SESSIONS[0],
            "known_at": SESSIONS[5].tz_localize("UTC"),
        }
    )
    found = studied({**TABLES, "signal_facts": facts}, ONE, grouping=Grouping(controls=("leverage",)))
    gaps = found.tables["event_differences"].set_index("test")
    plain = gaps.loc["slope", "df"]
    assert gaps.loc["slope_controls", "df"] == plain - 1
    later = facts.assign(known_at=SESSIONS[600].tz_localize("UTC"))
    found = studied({**TABLES, "signal_facts": later}, ONE, grouping=Grouping(controls=("leverage",)))
    row = found.tables["event_differences"].set_index("test").loc["slope_controls"]
    assert np.isnan(row["p"]) and row["reason"] == "few_values"


def test_thousands_of_events_are_grouped_on_their_own_days():
    draw = np.random.default_rng(8)
    days = SESSIONS[draw.integers(150, 880, 1500)]
    firms = draw.choice(WORLD.entities, 1500)
    stated = [
        (f"n{i}", firm, f"{day:%Y-%m-%d} 15:00")
        for i, (firm, day) in enumerate(zip(firms, days, strict=True))
    ]
    found = studied(TABLES, listed(stated), rules=EventRules(overlaps="all"))
    assert len(found.tables["event_car"]) + len(found.tables["event_drops"]) == 1500
    assert found.about.clustered and found.about.events > 1000
    assert set(found.tables["event_quartiles"]["group"]) == {1.0, 2.0, 3.0, 4.0}


@pytest.mark.parametrize("events", [ONE, ONE.iloc[:0], listed([("own", "firm-001", f"{DAY} 15:00"[:10])])])
def test_the_page_speaks_of_any_list(events):
    found = studied(TABLES, events)
    assert all(one.passed for one in page.checks(found))
    said = [page.verdict(found), page.path_sentence(found), event_tables.failures_sentence()]
    said += [one.sentence for one in page.key_figures(found)]
    for name in ("tests", "daily", "groups", "differences", "placebo", "drops"):
        said.append(getattr(event_tables, f"{name}_sentence")(found))
    assert all(one and "nan" not in one.lower().split() for one in said)
    figures.paths_with_bands(*page.path_frames(found))
    figures.histogram_with_marks(*event_tables.placebo_marks(found), bins=30)
    for frame in (event_tables.tests, event_tables.differences, event_tables.drops, event_tables.daily):
        frame(found)


def test_a_difference_that_is_there_without_an_event_is_told(study):
    assert event_tables.leaning(study) == ""
    drawn = study.tables["event_placebos"]
    leaning = replace(study, tables={**study.tables, "event_placebos": drawn.assign(difference=-0.013)})
    assert "without an event that difference was \u22121.3%" in page.verdict(leaning)
    few = replace(study, tables={**study.tables, "event_placebos": drawn.assign(difference=-0.013).head(5)})
    assert event_tables.leaning(few) == ""


def test_p_values_of_the_page_are_called_so(study):
    found = {one.name: one.unit for one in page.key_figures(study)}
    assert found["p_of_mean"] == found["p_of_difference"] == "p_value"
