"""The stage signals/panel: its rows against plain loops, what was known when, and planted effects."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from lib.contracts import conform, empty
from lib.signals.cube import cube
from lib.signals.pages import panel as page
from lib.signals.pages.panel_paper import latex
from lib.signals.panel_rows import SIGNAL, Timing, panel_rows
from lib.signals.panel_study import Inference, panel_study
from lib.tables import TABLES
from tests.signals.worlds import EXCHANGE, SOURCE, world

NO_FACTS = empty(TABLES["signal_facts"])
MONTHLY = Timing("month", 2, 200)


def arrays(made, **more):
    one = made.tables
    return cube(
        one["signal_returns"],
        one["signal_memberships"],
        one["signal_delistings"],
        universe="world",
        as_of="2049-12-31",
        **more,
    )


@pytest.fixture(scope="module")
def made():
    return world(days=756)


def rows_of_world(made, timing=MONTHLY, facts=NO_FACTS, controls=(), values=None):
    given = made.tables["signal_values"] if values is None else values
    return panel_rows(given, facts, arrays(made), timing, controls=list(controls), exchange=EXCHANGE)


def fact(entity, item, value, period_end, known):
    row = {"entity": entity, "item": item, "value": value, "period_end": period_end, "known_at": known}
    return {**row, **SOURCE}


def facts_table(*rows):
    frame = pd.DataFrame(rows)
    frame["period_end"] = pd.to_datetime(frame["period_end"]).astype("datetime64[us]")
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True)
    return conform(frame, TABLES["signal_facts"])


def test_returns_and_values_of_the_rows_are_those_of_a_plain_loop(made):
    rows = rows_of_world(made, Timing("month", 2, 200, scaling="raw")).rows
    returns = made.tables["signal_returns"]
    values = made.tables["signal_values"]
    ends = pd.Series(made.sessions).groupby(made.sessions.to_period("M")).max().tolist()
    gone = made.tables["signal_delistings"].set_index("entity")
    for row in rows.sample(25, random_state=3).itertuples():
        until = ends[ends.index(row.date) + 1]
        own = returns.loc[(returns["entity"] == row.entity)]
        own = own.loc[(own["date"] > row.date) & (own["date"] <= until), "return"].tolist()
        if row.entity in gone.index and row.date < gone.loc[row.entity, "date"] <= until:
            final = gone.loc[row.entity, "return"]
            own.append(-0.3 if np.isnan(final) else final)
        earned = 1.0
        for one in own:
            earned *= 1.0 + one
        assert row._4 == pytest.approx(earned - 1.0)
        usable = made.sessions[made.sessions.get_loc(row.date) - 2]
        known = values.loc[(values["entity"] == row.entity) & (values["session"] <= usable)]
        assert row.signal == known.sort_values("known_at")["value"].iloc[-1]


def test_every_delisting_is_in_a_return_and_assumed_ones_are_counted(made):
    found = rows_of_world(made)
    assert found.delisted == 4
    assert found.assumed == 2


def test_a_signal_is_standardised_among_the_firms_of_its_date(made):
    inside = rows_of_world(made).rows.groupby("date")[SIGNAL]
    assert_allclose(inside.mean(), 0.0, atol=1e-12)
    assert_allclose(inside.std(), 1.0, rtol=1e-12)
    ranked = rows_of_world(made, Timing("month", scaling="ranked")).rows
    assert ranked[SIGNAL].between(-0.5, 0.5).all()


def test_a_fact_counts_from_the_close_at_which_it_was_known_and_a_correction_of_an_older_one_does_not(made):
    facts = facts_table(
        fact("firm-000", "leverage", 1.0, "2009-12-31", "2010-01-04T12:00Z"),
        fact("firm-000", "leverage", 2.0, "2010-03-31", "2010-04-30T23:00Z"),
        fact("firm-000", "leverage", 9.0, "2009-12-31", "2010-06-15T12:00Z"),
    )
    rows = rows_of_world(made, facts=facts).rows
    own = rows.loc[rows["entity"] == "firm-000"].set_index("date")["leverage"]
    assert own[:"2010-04-30"].eq(1.0).all()
    assert own["2010-05-01":"2010-12-31"].eq(2.0).all()
    assert own["2011-07-01":].isna().all()


def test_a_control_that_nobody_has_is_told_and_one_that_few_have_is_counted(made):
    facts = facts_table(fact("firm-000", "leverage", 1.0, "2009-12-31", "2010-01-04T12:00Z"))
    found = rows_of_world(made, facts=facts, controls=["leverage", "roa"])
    assert (found.controls, found.absent) == (("leverage",), ("roa",))
    losses = found.losses.set_index("cause")["rows"]
    assert losses["no_control"] + losses["used"] == len(found.rows)
    assert losses["no_control"] > 0.9 * len(found.rows)


def test_the_planted_effect_is_inside_the_intervals_of_all_models_and_all_agree():
    made = world(days=2520, effect=0.02, failures=0)
    values = made.tables["signal_values"]
    same_day = values["known_at"].dt.tz_localize(None).dt.normalize().astype("datetime64[us]")
    early = values.assign(session=same_day)
    found = panel_study(rows_of_world(made, Timing("month", 0), values=early), Inference())
    macbeth = found.spoken("alone").set_index("model").loc["fama_macbeth"]
    assert macbeth["low"] < 0.02 < macbeth["high"]
    assert (found.spoken("with_controls")["p"] < 1e-6).all()
    said = page.agreement_sentence(found, "higher")
    assert said == "All 5 models see the effect that the hypothesis says beside the controls."
    against = page.agreement_sentence(found, "lower")
    assert against == "5 of 5 models see the opposite of the hypothesis beside the controls."


def test_a_signal_without_effect_is_not_called_one():
    found = panel_study(rows_of_world(world(days=1260, effect=0.0, seed=3)), Inference())
    assert "None of 5 models" in page.agreement_sentence(found, "higher")
    assert (found.spoken("with_controls")["p"] > 0.05).all()


def test_tables_keep_their_promises_and_two_computations_are_the_same(made):
    found, again = (panel_study(rows_of_world(made), Inference(bootstrap_below=60)) for _ in range(2))
    for name, table in found.tables.items():
        assert_frame_equal(conform(table, TABLES[name]), conform(again.tables[name], TABLES[name]))
    table = found.tables["signal_panel"]
    assert {"wild_period", "driscoll_kraay", "cluster_both"} <= set(table["se_type"])
    assert table.loc[table["se"].notna(), "flavour"].str.len().min() > 5
    assert all(one.passed for one in page.checks(found, "standardised"))


def test_results_do_not_depend_on_the_order_of_rows(made):
    shuffled = {name: table.sample(frac=1.0, random_state=1) for name, table in made.tables.items()}
    mixed = made._replace(tables=shuffled)
    assert_frame_equal(rows_of_world(mixed).rows, rows_of_world(made).rows)


def test_a_constant_signal_has_no_coefficient_but_a_reason(made):
    values = made.tables["signal_values"].assign(value=5.0)
    found = panel_study(rows_of_world(made, values=values), Inference())
    assert set(found.spoken("alone")["flag"]) == {"NO_VARIATION"}
    assert found.made.losses.set_index("cause").loc["constant_date", "rows"] > 0
    raw = panel_study(rows_of_world(made, Timing("month", scaling="raw"), values=values), Inference())
    assert set(raw.spoken("alone")["flag"]) == {"NO_VARIATION"}
    assert raw.spoken("alone")["coef"].isna().all()
    said = page.verdict(raw, hypothesis="higher", scaling="raw", period="month")
    assert said.startswith("No regression could be made: the signal does not vary.")


@pytest.mark.parametrize(("days", "firms"), [(45, 60), (10, 60), (300, 2)])
def test_a_world_too_small_gives_reasons_and_no_numbers(days, firms):
    made = world(days=days, firms=firms, failures=0)
    found = panel_study(rows_of_world(made), Inference())
    for name, table in found.tables.items():
        conform(table, TABLES[name])
    assert found.spoken(found.richest)["coef"].isna().all()
    words = {"hypothesis": "higher", "scaling": "standardised", "period": "month"}
    assert page.verdict(found, **words).startswith("No regression could be made")
    assert page.faults(found, ["generated"])
    page.key_figures(found, **words)
    for said in (page.paper_sentence, page.by_error_sentence, page.path_sentence, page.losses_sentence):
        assert said(found)
    page.paper(found), page.dots(found), page.by_error(found), page.checks(found, "standardised")


def test_one_firm_is_refused(made):
    alone = made.tables["signal_memberships"].query("entity == 'firm-000'")
    found = rows_of_world(made._replace(tables={**made.tables, "signal_memberships": alone}))
    assert found.losses.set_index("cause").loc["thin_date", "rows"] > 0
    assert panel_study(found, Inference()).spoken("alone")["coef"].isna().all()


def test_a_regressor_shared_by_all_is_dropped_with_effects_of_time_and_said(made):
    market = [
        fact(entity, "market", float(month), str(day.date()), f"{day.date()}T12:00Z")
        for entity in made.entities
        for month, day in enumerate(pd.date_range("2010-01-02", periods=24, freq="MS"))
    ]
    found = panel_study(rows_of_world(made, facts=facts_table(*market)), Inference())
    own = found.tables["signal_panel"]
    own = own.loc[(own["term"] == "market") & (own["regressors"] == "with_controls")]
    absorbed = own.loc[own["flag"] == "ABSORBED", "model"]
    assert set(absorbed) == {"period_effects", "both_effects"}
    signal = found.spoken("with_controls").set_index("model")["coef"]
    assert signal[["pooled", "period_effects", "both_effects"]].notna().all()


def test_the_latex_table_has_the_numbers_of_the_page(made):
    found = panel_study(rows_of_world(made), Inference())
    frame = page.paper(found)
    said = latex(frame, caption="Returns & the signal_1", note="5 % of it")
    assert r"\caption{Returns \& the signal\_1}" in said
    assert r"5 \% of it" in said
    coefficient = found.spoken("with_controls").set_index("model").loc["pooled", "coef"]
    assert f"{abs(coefficient) * 100:.3f}" in said
    lines = [line for line in said.splitlines() if line.endswith(r"\\")]
    assert {line.count("&") for line in lines} - {lines[0].count("&")} <= {5, 6}
