"""The stage signals/did: planted effects, refusals, the check on published data, and what its page says."""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from lib.contracts import conform
from lib.signals.did_study import Method, design_study, tables
from lib.signals.pages import did as page
from lib.tables import TABLES
from tests.opened_notebook import carry_out

QUICK = Method(smooth=(), draws=199)
NONE = float("nan")


def designs(*, first=(4.0, 7.0, NONE), effect=0.5, units=20, periods=11, seed=1, trend=0.0, **columns):
    """A generated design in the form of the table: as many units of each first treated period."""
    draw = np.random.default_rng(seed)
    begun = np.repeat(first, units)
    time = np.arange(float(periods))
    value = (
        draw.standard_normal((len(begun), 1)) + 0.2 * time + 0.3 * draw.standard_normal((len(begun), periods))
    )
    value += np.where(time >= begun[:, None], effect, 0.0)
    value += np.where(np.isfinite(begun)[:, None], trend * time, 0.0)
    names = [f"bank-{one:03d}" for one in range(len(begun))]
    frame = pd.DataFrame(
        {
            "design": "bank-reporting",
            "unit": np.repeat(names, periods),
            "period": np.tile(time, len(begun)),
            "outcome": "spread",
            "value": value.ravel(),
            "first_treated": np.repeat(begun, periods),
            "weight": 1.0,
            "cluster": np.repeat(names, periods),
            "source": "world",
            "origin": "generated",
        }
    )
    return conform(frame.assign(**columns), TABLES["designs"])


def study_of(frame, name="bank-reporting", role="own", method=QUICK):
    return design_study(frame, name, "", method, role=role)


NOTHING = study_of(designs(units=1), name=None, role="check")


def test_the_planted_effect_is_inside_the_interval_of_every_estimator_and_trends_are_parallel():
    study = study_of(designs())
    for estimator in ("two_by_two", "two_way_effects", "staggered"):
        row = study.estimate(estimator)
        assert row["low"] < 0.5 < row["high"]
    assert (study.frame("did_pretrends")["p"] > 0.05).all()
    assert "told from zero" in page.verdict(study, NOTHING)
    assert page.faults(study, NOTHING)[0].startswith("The outcomes of the signal's own design are generated")


def test_a_trend_of_the_treated_is_found_and_the_effect_called_doubtful():
    study = study_of(designs(trend=0.3))
    assert "did not run parallel" in page.trend_sentence(study)
    assert study.frame("did_placebos")["p"].min() < 0.01


def test_no_effect_is_not_told_from_zero_and_a_test_without_power_clears_nothing():
    study = study_of(designs(effect=0.0))
    assert "not to be told from zero" in page.verdict(study, NOTHING)
    assert "it clears nothing" in page.trend_sentence(study)
    assert "even if trends ran exactly parallel" in page.bounds_sentence(study)


@pytest.mark.parametrize(
    ("first", "code"),
    [((0.0, NONE), "NO_PRE_PERIOD"), ((NONE,), "NO_TREATED"), ((5.0,), "NO_CONTROLS")],
)
def test_a_design_that_has_no_answer_has_a_sentence_and_no_numbers(first, code):
    own = study_of(designs(first=first))
    assert own.code == code
    assert all(table.empty for table in tables([own]).values())
    assert page.faults(own, NOTHING) == [page.REFUSALS[code]]
    assert page.verdict(own, NOTHING).startswith("No effect of this signal is estimated")
    assert all(one.passed for one in page.checks(own, NOTHING))
    assert np.isnan(page.key_figures(own, NOTHING)[0].value)


def test_one_cluster_is_refused():
    assert study_of(designs(cluster="all")).code == "ONE_CLUSTER"


def test_a_signal_without_a_design_says_so_and_shows_the_check():
    check = study_of(designs(), role="check")
    own = study_of(designs(), name=None)
    assert own.code == "NO_DESIGN"
    assert "published data: in the study of generated banks' reporting" in page.verdict(own, check)
    assert set(tables([own, check])["did_estimates"]["role"]) == {"check"}


def test_everything_a_page_shows_can_be_said_of_an_answer_and_of_a_refusal():
    for study in (study_of(designs()), study_of(designs(first=(3.0,))), study_of(designs(), name="unknown")):
        for said in (
            page.effect_sentence,
            page.estimates_sentence,
            page.path_sentence,
            page.trend_sentence,
            page.bounds_sentence,
            page.comparisons_sentence,
            page.placebos_sentence,
        ):
            assert said(study).endswith(".")
        for shown in (page.estimates, page.path, page.pretrends, page.bounds, page.comparisons):
            shown(study)


def test_tables_keep_their_promises_and_do_not_depend_on_the_order_of_rows():
    frame = designs()
    one, other = (tables([study_of(part)]) for part in (frame, frame.sample(frac=1.0, random_state=2)))
    for name, table in one.items():
        assert len(table)
        assert_frame_equal(conform(table, TABLES[name]), conform(other[name], TABLES[name]))
    assert all(check.passed for check in page.checks(study_of(frame), NOTHING))


def test_few_treated_clusters_and_groups_of_one_are_told():
    study = study_of(designs(first=(4.0, NONE, NONE), units=1))
    table = study.frame("did_estimates")
    assert "FEW_TREATED_CLUSTERS" in set(table["flag"])
    assert table.loc[table["estimator"] == "staggered_by_group", "flag"].iloc[0] == "ONE_TREATED"
    assert "errors by cluster are too small" in " ".join(page.faults(study, NOTHING))


def test_without_never_treated_units_there_is_no_two_by_two_but_a_staggered_effect():
    study = study_of(designs(first=(4.0, 8.0)))
    table = study.frame("did_estimates").set_index(["estimator", "term"])
    assert table.loc[("two_by_two", "all"), "flag"] == "NO_NEVER_TREATED"
    assert table.loc[("staggered", "all"), "low"] < 0.5 < table.loc[("staggered", "all"), "high"]


def test_placebos_see_nothing_of_the_treated_periods():
    frame = designs()
    later = frame["period"] >= frame["first_treated"].fillna(99.0)
    changed = frame.assign(value=frame["value"].where(~later, 1e6))
    one, other = (study_of(part).frame("did_placebos") for part in (frame, changed))
    assert_frame_equal(one, other)


def test_one_period_before_the_treatment_gives_an_effect_and_no_test_of_trends():
    study = study_of(designs(first=(1.0, NONE)))
    assert study.estimate("staggered") is not None
    assert set(study.frame("did_pretrends")["flag"]) == {"TOO_FEW_LEADS"}
    assert "cannot be tested" in page.trend_sentence(study)
    assert study.frame("did_bounds").empty


def test_key_figures_name_what_they_are_and_each_has_its_own_sentence():
    own, check = study_of(designs()), study_of(designs(effect=-0.4), role="check")
    found = {one.name: one for one in page.key_figures(own, check)}
    assert list(found) == [
        "effect_of_treatment",
        "p_of_effect",
        "power_of_trend_test",
        "effect_in_published_data",
    ]
    assert len({one.sentence for one in found.values()}) == len(found)
    assert found["p_of_effect"].unit == "p_value"
    shown = found["effect_in_published_data"]
    assert f"{shown.value:+.3f}".replace("-", "\u2212") in shown.sentence
    alone = [one.name for one in page.key_figures(study_of(designs(), name=None), check)]
    assert alone == ["effect_of_treatment", "effect_in_published_data"]


def test_the_notebook_of_a_signal_without_a_design_shows_one_reason_and_no_empty_table():
    opened = carry_out("signals/did", {"designs": designs()}, design=None, check_design="bank-reporting")
    assert opened.readings["No effect is estimated"] == page.REFUSALS["NO_DESIGN"]
    assert not [one for one in opened.pages if "No rows" in one]
    assert len([title for title in opened.readings if "no design" in title]) == 0
    said = " ".join([opened.verdict, *opened.faults, *opened.readings, *opened.readings.values()])
    assert "bank-reporting" not in said and "_" not in said
