"""What pages of a signal say first of their firms, and how p-values and sums are written on all of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib import wording
from lib.signals.pages import deciles, did_words, universe
from lib.tables import TABLES
from tests.opened_notebook import carry_out
from tests.signals.test_deciles import WORLD, study
from tests.signals.worlds import world

HINDSIGHT = "are survivors, chosen with hindsight since none ever left the market"
FEW = {
    name: frame.assign(origin="real") if "origin" in frame else frame
    for name, frame in world(firms=20, days=600, failures=0, seed=3).tables.items()
}
TABLES_OF_P = [
    (table.name, column.name, column.unit)
    for table in TABLES.values()
    for column in table.columns
    if table.name.startswith(("signal_", "event_", "did_")) and column.name in ("p", "p_holm", "holm", "bh")
]


@pytest.mark.parametrize(
    ("firms", "usual", "left", "real", "said"),
    [
        (20, 20.0, False, True, f"The 20 firms {HINDSIGHT}, and few: they prove nothing, whatever t says."),
        (
            20,
            19.0,
            False,
            True,
            "The 20 firms (19 on a usual date, the others joined later or left",
        ),
        (400, None, False, True, f"The 400 firms {HINDSIGHT}: they prove nothing"),
        (20, None, True, True, "20 firms prove nothing, whatever t says."),
        (20, None, False, False, "20 firms prove nothing, whatever t says."),
    ],
)
def test_few_and_surviving_firms_are_told_in_one_sentence(firms, usual, left, real, said):
    assert universe.survivors(firms, usual, left=left, real=real)[0].startswith(said)


def test_many_firms_of_which_some_left_need_no_word():
    assert not universe.survivors(400, 390.0, left=True)
    assert not universe.survivors(200, left=False, real=False) and not universe.survivors(0, left=False)


def test_a_delisting_that_is_not_known_yet_makes_no_universe_whole():
    gone = WORLD.tables["signal_delistings"]
    assert universe.any_left(gone, "2049-01-01")
    assert not universe.any_left(gone, str(gone["known_at"].min() - pd.Timedelta(days=1))[:10])


@pytest.mark.parametrize(
    ("stage", "settings"),
    [
        ("signals/deciles", {"hypothesis": "higher", "draws": 200, "longest_delay": 5}),
        ("signals/panel", {"hypothesis": "higher", "signal_name": "world", "period": "month"}),
    ],
)
def test_survivors_are_in_the_first_sentence_of_the_page(stage, settings, monkeypatch):
    from tests.opened_notebook import OpenedStage

    monkeypatch.setattr(OpenedStage, "export", lambda *_: None, raising=False)
    monkeypatch.setattr(OpenedStage, "origins", lambda *_: ["real"], raising=False)
    opened = carry_out(stage, FEW, as_of="2012-12-31", universe="world", **settings)
    assert "The 20 firms" in opened.faults[0] and HINDSIGHT in opened.faults[0]


@pytest.mark.parametrize(("table", "column", "unit"), TABLES_OF_P)
def test_a_p_value_in_a_table_is_no_percentage(table, column, unit):
    assert unit == "p_value", f"{table}.{column}"


def test_key_figures_of_the_sort_have_two_decimals_and_costs_can_be_seen():
    found = {one.name: one for one in deciles.key_figures(study())}
    texts = [wording.figure(found[name].value, found[name].unit) for name in ("mean_spread", "mean_net")]
    assert texts == [wording.percent(found[name].value, 2) for name in ("mean_spread", "mean_net")]
    assert len(set(texts)) == 2


def test_capacity_that_is_not_known_is_no_sum_and_says_why():
    own = study()
    money, said = deciles.capacity(own)
    assert money > 0.0 and "in the currency of the source's market values" in said
    costs = own.tables["signal_sort_costs"]
    for changed, why in (
        ({"without_volume": 1.0, "capacity": 0.0}, "Not known: the money traded"),
        ({"capacity": 0.0, "without_volume": 0.0}, "None: costs that do not grow"),
        ({"capacity": np.nan, "without_volume": 0.0}, "Not known: no market impact"),
        ({"gross": np.nan}, "There is no period"),
    ):
        other = replace(own, tables={**own.tables, "signal_sort_costs": costs.assign(**changed)})
        money, said = deciles.capacity(other)
        assert np.isnan(money) and said.startswith(why)
        figure = {one.name: one for one in deciles.key_figures(other)}["capacity"]
        assert wording.figure(figure.value, figure.unit) == "n/a" and figure.sentence == said


def test_no_name_of_a_column_or_a_design_is_left_inside_a_sentence():
    for name in ("l_homicide", "funding_cost", "homicide", "some_other_outcome"):
        assert "_" not in did_words.outcome_words(name)
    assert did_words.design_words("my-own_design") == "my own design"
    assert did_words.design_words("") == "no design" and did_words.outcome_words("") == "no outcome"
