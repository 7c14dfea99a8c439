"""The page of ``signals/deciles``: its notebook carried out, its first sentence, what its sentences say."""

from dataclasses import replace

import pytest

from lib.signals.pages import deciles, deciles_details, deciles_tables
from tests.opened_notebook import carry_out
from tests.signals.test_deciles import QUICK, WORLD, study
from tests.signals.worlds import world

SETTINGS = {
    "as_of": "2012-12-31",
    "universe": "world",
    "hypothesis": "higher",
    "draws": 200,
    "longest_delay": 5,
}


@pytest.fixture(scope="module")
def opened():
    return carry_out("signals/deciles", WORLD.tables, **SETTINGS)


def test_the_notebook_writes_every_table_of_its_row_and_all_checks_hold(opened):
    from lib.pipeline import PIPELINE

    assert set(opened.written) == set(PIPELINE.stage("signals/deciles").writes)
    assert opened.checks and all(one.passed for one in opened.checks), opened.checks
    assert all(reading.endswith(".") for reading in opened.readings.values())
    table = opened.written["long_short"]
    own = table.loc[(table["sort"] == "base") & (table["weighting"] == "equal")]
    assert opened.result == (list(own["date"]), list(own["return"]))


def test_the_first_sentence_says_what_is_wrong_and_the_answer_has_its_interval(opened):
    assert opened.faults[0].startswith("The data are generated: nothing here is evidence")
    row = opened.written["signal_sort_summary"].set_index(["sort", "weighting", "portfolio"])
    own = row.loc[("base", "equal", "long_short")]
    assert f"{own['mean'] * 100:+.2f}% a month" in opened.verdict and f"t {own['t']:.2f}" in opened.verdict
    assert "days" not in opened.verdict and len(opened.key_figures) == 5


def test_twenty_real_firms_are_said_to_prove_nothing_and_to_be_chosen_with_hindsight():
    tables = {
        name: frame.assign(origin="real") if "origin" in frame else frame
        for name, frame in world(firms=20, days=600, failures=0, seed=3).tables.items()
    }
    own = study(tables)
    said = deciles.faults(own)
    assert said[0] == (
        "The 20 firms are survivors, chosen with hindsight since none ever left the market, and few: they "
        "prove nothing, whatever t says."
    )
    assert any("fewer than 10 groups" in one for one in said)


def test_a_signal_against_its_hypothesis_or_without_effect_is_said_to_be_so():
    assert deciles.verdict(study(hypothesis="lower")).endswith("the opposite of the hypothesis.")
    nothing = world(effect=0.0, firms=60, days=760, seed=11)
    assert "not to be told from nothing" in deciles.verdict(study(nothing.tables))
    assert "too few to test" in deciles.verdict(study(as_of="2010-03-31"))


def test_every_sentence_can_be_written_where_nothing_could_be_sorted():
    tables = dict(WORLD.tables)
    for name in ("signal_values", "signal_memberships"):
        tables[name] = WORLD.tables[name].loc[WORLD.tables[name]["entity"] == "firm-000"]
    opened = carry_out("signals/deciles", tables, **SETTINGS)
    assert (
        opened.verdict == "The difference has 0 months: too few to test whether the signal foretells returns."
    )
    assert all(one.passed for one in opened.checks) and "nan" not in " ".join(opened.readings.values())
    assert any("could not be sorted" in one for one in opened.faults)


def test_costs_and_delay_are_read_from_the_tables():
    own = study(choice=replace(QUICK, longest_delay=20))
    row = own.tables["signal_sort_costs"].set_index(["weighting", "slippage"]).loc[("equal", "normal")]
    assert f"{round(row['break_even'] * 1e4)}\u00a0bp" in deciles_details.costs_sentence(own)
    assert "20 sessions later" in deciles_details.delays_sentence(own)
    assert "2 parts" in deciles_details.components_sentence(own)
    assert "Newey-West with Bartlett weights" in deciles.tests_sentence(own)
    shown = deciles_tables.tests(own)
    assert {"Newey-West, 4 lags", "Newey-West, 6 lags"} <= set(shown["how"])
    assert shown["how"].str.endswith("by the rule").sum() == 2
