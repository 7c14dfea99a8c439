"""The signal against readability: a planted signal keeps its slope, measures that mean nothing have none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS

from lib.contracts import conform, empty
from lib.signals.cube import cube
from lib.signals.horse_race import apart, horse_race, with_measures
from lib.signals.pages import panel_race as page
from lib.signals.panel_rows import SIGNAL, Timing, panel_rows
from lib.signals.readability import COLUMNS, of_notes
from lib.signals.sample import bank_texts, banks
from lib.tables import TABLES
from tests.signals.worlds import EXCHANGE, SOURCE, world

PLAIN, HEAVY = "We made a loan.", "Considerable uncertainties necessitate judgement regarding collateral."
LONG = "We made a loan to the man who runs the shop next door and then a loan to the firm across the road."
WORDS = {"scaling": "standardised", "period": "month"}
NO_FACTS = empty(TABLES["signal_facts"])


@pytest.fixture(scope="module")
def made():
    return world(days=756)


def arrays(made):
    tables = (made.tables[f"signal_{name}"] for name in ("returns", "memberships", "delistings"))
    return cube(*tables, universe="world", as_of="2049-12-31")


def notes_of(made, *, seed=4, share=None):
    """A note of each firm every half year: sentences that are heavy by chance or by ``share``, or long."""
    draw = np.random.default_rng(seed)
    days = made.sessions[5::126]
    rows = []
    for place, entity in enumerate(made.entities):
        for day in days:
            odds = draw.uniform(0.1, 0.9) if share is None else share[place]
            long, many = draw.uniform(0.1, 0.9), 10 + draw.integers(0, 20)
            other = np.where(draw.random(many) < long, LONG, PLAIN)
            text = " ".join(np.where(draw.random(many) < odds, HEAVY, other))
            rows.append({"entity": entity, "known_at": day + pd.Timedelta(hours=12), "text": text, **SOURCE})
    frame = pd.DataFrame(rows)
    frame["known_at"] = pd.DatetimeIndex(frame["known_at"]).tz_localize("UTC")
    return conform(frame, TABLES["signal_texts"])


def panel(made, own):
    timing = Timing("month", 2, 200)
    return panel_rows(made.tables["signal_values"], NO_FACTS, own, timing, controls=[], exchange=EXCHANGE)


def raced(made, texts):
    own = arrays(made)
    readings = conform(of_notes(texts, pd.Series(list(made.entities))), TABLES["universe_readability"])
    return horse_race(panel(made, own), readings, own, max_age=400, exchange=EXCHANGE)


@pytest.fixture(scope="module")
def race(made):
    return raced(made, notes_of(made))


def test_a_planted_signal_keeps_its_slope_and_readability_has_none(race):
    rows = race.set_index("contender")
    alone, beside = rows.loc[SIGNAL], rows.loc["together"]
    assert abs(alone["t"]) > 4.0
    assert beside["signal_coef"] == pytest.approx(alone["coef"], rel=0.05)
    assert abs(beside["signal_t"]) > 4.0
    assert rows.loc[list(COLUMNS), "p"].min() > 0.01 and beside["wald_p"] > 0.05
    assert rows.loc[list(COLUMNS), "correlation"].abs().max() < 0.1
    assert (race["flag"] == "").all() and set(race["n"]) == {race["n"].iloc[0]}


def test_readability_that_is_the_cause_is_found_beside_the_signal(made):
    quality = made.tables["signal_values"].groupby("entity")["value"].mean().reindex(made.entities)
    share = quality.rank(pct=True).to_numpy() * 0.9
    found = raced(made, notes_of(made, share=share)).set_index("contender")
    assert abs(found.loc["fog", "correlation"]) > 0.4
    assert found.loc["fog", "p"] < 0.05
    assert abs(found.loc["fog", "beside_t"]) < abs(found.loc["fog", "t"])


def test_slopes_and_the_wald_test_are_those_of_linearmodels(made, race):
    own = arrays(made)
    readings = of_notes(notes_of(made), pd.Series(list(made.entities)))
    one = panel(made, own)
    rows = with_measures(one, readings, own, max_age=400, exchange=EXCHANGE).set_index(["entity", "date"])
    measures = apart(rows)
    assert len(measures) >= 4
    names = [SIGNAL, *measures, *one.controls]
    fitted = PanelOLS(rows["return"], rows[names], time_effects=True).fit(
        cov_type="clustered", cluster_entity=True, cluster_time=True, group_debias=True
    )
    last = race.set_index("contender").loc["together"]
    assert last["signal_coef"] == pytest.approx(fitted.params[SIGNAL], rel=1e-8)
    ours, theirs = last["signal_t"], fitted.tstats[SIGNAL]
    assert ours == pytest.approx(theirs, rel=0.02)
    inner = rows[["return", *names]] - rows[["return", *names]].groupby("date").transform("mean")
    full, short = (sm.OLS(inner["return"], inner[keep]).fit() for keep in (names, [SIGNAL, *one.controls]))
    assert last["r2_added"] == pytest.approx(full.rsquared - short.rsquared, abs=1e-10)
    wald = fitted.wald_test(formula=", ".join(f"{name} = 0" for name in measures))
    assert last["wald"] == pytest.approx(wald.stat / len(measures), rel=0.04)
    single = race.set_index("contender").loc["fog"]
    assert single["wald"] == pytest.approx(single["beside_t"] ** 2, rel=1e-8)
    assert single["wald_p"] == pytest.approx(single["beside_p"], rel=1e-6)


def test_a_note_counts_from_its_close_and_not_when_it_is_old(made):
    own = arrays(made)
    first = made.entities[0]
    texts = notes_of(made)
    late = made.sessions[300] + pd.Timedelta(hours=23)
    texts.loc[texts["entity"] == first, "known_at"] = [
        late.tz_localize("UTC") + pd.Timedelta(days=one) for one in range((texts["entity"] == first).sum())
    ]
    readings = of_notes(texts, pd.Series(list(made.entities)))
    rows = with_measures(panel(made, own), readings, own, max_age=60, exchange=EXCHANGE)
    seen = rows.loc[rows["entity"] == first, "date"]
    assert seen.min() > made.sessions[300]
    assert seen.max() <= late + pd.Timedelta(days=70)


def test_measures_are_standardised_within_their_date(made):
    own = arrays(made)
    readings = of_notes(notes_of(made), pd.Series(list(made.entities)))
    rows = with_measures(panel(made, own), readings, own, max_age=400, exchange=EXCHANGE)
    inside = rows.groupby("date")[list(COLUMNS)]
    assert np.allclose(inside.mean(), 0.0) and np.allclose(inside.std(), 1.0)


def test_without_notes_there_is_no_race_and_with_one_way_to_write_no_answer(made):
    none = raced(made, notes_of(made).iloc[:0])
    assert none.empty
    assert page.race(none).empty and page.race_sentence(none, **WORDS, origins=[]) == page.NO_NOTES
    alike = raced(made, notes_of(made).assign(text=PLAIN)).set_index("contender")
    assert set(alike.loc[list(COLUMNS), "flag"]) == {"NO_VARIATION"}
    assert alike.loc["fog", "signal_t"] == pytest.approx(alike.loc[SIGNAL, "t"])
    assert alike.loc["together", "flag"] == "NO_VARIATION"
    said = page.race_sentence(alike.reset_index(), **WORDS, origins=["real"])
    assert said.startswith("The notes decide nothing: ") and "nan" not in said
    few = raced(made, notes_of(made).query("entity == @made.entities[0]"))
    assert set(few["flag"]) == {"TOO_FEW_PERIODS"}
    assert page.race_sentence(few, **WORDS, origins=[]).startswith("The notes decide nothing: ")


def test_the_sentence_says_what_the_numbers_say_and_that_notes_are_generated(race):
    said = page.race_sentence(race, **WORDS, origins=["generated"])
    assert said.startswith("The notes are generated. Beside the measures together")
    assert "add nothing to it that is told from zero" in said and "None of 7 measures alone" in said
    strong = race.assign(wald_p=0.001, p=0.001)
    told = page.race_sentence(strong, **WORDS, origins=["real"])
    assert "The measures add to it: " in told and "Told from zero alone" in told
    assert page.race(race)["words"].notna().all()


def test_generated_notes_are_called_generated_are_small_and_leave_all_else_as_it_was():
    table = conform(bank_texts.table(), TABLES["raw_signal_texts"])
    assert set(table["origin"]) == {"generated"} and 1500 < len(table) < 2500
    assert not table.duplicated(["entity", "known_at"]).any()
    assert len(table.to_parquet()) < 300_000
    assert table.equals(conform(bank_texts.table(), TABLES["raw_signal_texts"]))
    reports = banks.tables()["raw_signal_values"][["entity", "known_at"]].drop_duplicates()
    assert len(table.merge(reports, on=["entity", "known_at"])) == len(table)
    reading = of_notes(table, table["entity"])
    assert reading["fog"].std() > 4.0
    opacity = banks.tables()["raw_signal_values"].query("component == 'total' and signal == 'bank-opacity'")
    both = reading.merge(opacity[["entity", "known_at", "value"]], on=["entity", "known_at"])
    assert abs(both["fog"].corr(both["value"])) < 0.15
