"""Natural experiments against csdid, diff-diff, and figures in print on the castle doctrine laws.

csdid 0.4.3 as recorded by ``record_csdid_castle.py``; Cunningham, "Causal Inference: The Mixtape", chapter 9,
the Bacon decomposition of log homicides; the vignette of R's bacondecomp 0.1.1; Cheng and Hoekstra (2013),
"Does Strengthening Self-Defense Law Deter Crime or Escalate Violence?", table 5, weighted by population.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from lib.stats.differences import staggered, two_way
from lib.stats.differences.design import design_of

RECORDED = json.loads((Path(__file__).parent / "csdid_castle.json").read_text())


def castle_table():
    years, first = RECORDED["years"], np.array(RECORDED["first"], dtype="float64")
    units = [f"{one:02d}" for one in RECORDED["units"]]
    frame = pd.DataFrame(RECORDED["outcome"], index=units, columns=years).rename_axis("unit")
    long = frame.reset_index().melt("unit", var_name="period", value_name="value")
    by_unit = pd.DataFrame(
        {"first_treated": np.where(first > 0, first, np.nan), "weight": RECORDED["weight"]}, index=units
    )
    long = long.join(by_unit, on="unit")
    return long.assign(cluster=long["unit"], period=long["period"].astype("float64"))


def castle(*, weighted, earlier=0.0):
    """With ``earlier`` years the laws are dated by the year in which they took effect, not by the next."""
    table = castle_table()
    return design_of(table.assign(first_treated=table["first_treated"] - earlier), weighted=weighted)


@pytest.mark.parametrize("name", ["equal", "weighted"])
def test_effects_by_group_and_time_are_those_of_csdid(name):
    design = castle(weighted=name == "weighted")
    cells = staggered.group_times(design)
    judged = staggered.judged(design, cells.effect, cells.influence, draws=0, seed=1)
    theirs = RECORDED[name]["cells"]
    known = {
        key: (att, se)
        for *key, att, se in zip(theirs["group"], theirs["year"], theirs["att"], theirs["se"], strict=True)
        for key in [tuple(key)]
    }
    keys = list(zip(design.periods[cells.group], design.periods[cells.period], strict=True))
    assert len(keys) == 50
    assert_allclose(cells.effect, [known[key][0] for key in keys], atol=1e-8)
    assert_allclose(judged.error, [known[key][1] for key in keys], atol=1e-8)


@pytest.mark.parametrize("name", ["equal", "weighted"])
@pytest.mark.parametrize(
    ("kind", "average"), [("dynamic", staggered.by_event_time), ("group", staggered.by_group)]
)
def test_averages_by_distance_and_by_group_are_those_of_csdid(name, kind, average):
    design = castle(weighted=name == "weighted")
    found = average(design, staggered.group_times(design))
    judged = staggered.judged(design, found.effect, found.influence, draws=0, seed=1)
    theirs = RECORDED[name][kind]
    labels = found.label if kind == "dynamic" else design.periods[found.label]
    places = [theirs["egt"].index(one) for one in labels]
    assert_allclose(found.effect, np.array(theirs["att_egt"])[places], atol=1e-8)
    assert_allclose(judged.error, np.array(theirs["se_egt"], dtype="float64")[places], atol=1e-8)


@pytest.mark.parametrize("name", ["equal", "weighted"])
def test_the_overall_effect_is_that_of_csdid(name):
    design = castle(weighted=name == "weighted")
    found = staggered.overall(design, staggered.group_times(design))
    judged = staggered.judged(design, found.effect, found.influence, draws=0, seed=1)
    assert found.effect[0] == pytest.approx(RECORDED[name]["simple"]["overall_att"], abs=1e-8)
    assert judged.error[0] == pytest.approx(RECORDED[name]["simple"]["overall_se"], abs=1e-8)


def test_the_comparisons_of_homicides_are_those_of_the_mixtape():
    parts = two_way.bacon(castle(weighted=False))
    printed = {
        "earlier_later": (0.077, -0.029),
        "later_earlier": (0.024, 0.046),
        "treated_never": (0.899, 0.078),
    }
    for kind, (weight, estimate) in printed.items():
        own = np.array([one == kind for one in parts.kind])
        assert parts.weight[own].sum() == pytest.approx(weight, abs=5e-4)
        assert np.average(parts.estimate[own], weights=parts.weight[own]) == pytest.approx(estimate, abs=5e-4)
    assert parts.weight @ parts.estimate == pytest.approx(0.069, abs=5e-4)


def test_laws_dated_by_the_year_they_took_effect_give_the_figures_of_bacondecomp():
    design = castle(weighted=False, earlier=1.0)
    parts = two_way.bacon(design)
    printed = {
        "earlier_later": (0.05976, -0.00554),
        "later_earlier": (0.03190, 0.07032),
        "treated_never": (0.90834, 0.08796),
    }
    for kind, (weight, estimate) in printed.items():
        own = np.array([one == kind for one in parts.kind])
        assert parts.weight[own].sum() == pytest.approx(weight, abs=1e-5)
        assert np.average(parts.estimate[own], weights=parts.weight[own]) == pytest.approx(estimate, abs=1e-5)
    assert two_way.two_way_effects(design).coefficient[0] == pytest.approx(0.0818, abs=5e-5)


def test_comparisons_are_those_of_diff_diff_and_add_up_to_two_way_effects():
    from diff_diff import BaconDecomposition

    design = castle(weighted=False)
    parts = two_way.bacon(design)
    assert parts.weight @ parts.estimate == pytest.approx(two_way.two_way_effects(design).coefficient[0])
    table = castle_table().assign(first=lambda frame: frame["first_treated"].fillna(0.0))
    theirs = BaconDecomposition().fit(table, "value", "unit", "period", "first")
    ours = sorted(zip(parts.estimate, parts.weight, strict=True))
    other = sorted((one.estimate, one.weight) for one in theirs.comparisons)
    assert_allclose(np.array(ours), np.array(other), atol=1e-8)


def test_weighted_two_way_effects_are_near_those_of_cheng_and_hoekstra():
    """In print 0.0801 (0.0342), with the share of the first year under the law; here whole years only."""
    found = two_way.two_way_effects(castle(weighted=True))
    assert found.coefficient[0] == pytest.approx(0.0801, abs=0.006)
    assert found.tested.error[0] == pytest.approx(0.0342, abs=0.002)


def test_weighted_two_way_effects_are_those_of_statsmodels():
    import statsmodels.formula.api as smf

    table = castle_table()
    table["on"] = (table["period"] >= table["first_treated"]).astype("float64")
    model = smf.wls("value ~ on + C(unit) + C(period)", table, weights=table["weight"])
    groups = {"groups": table["cluster"].astype("category").cat.codes, "use_correction": True}
    theirs = model.fit(cov_type="cluster", cov_kwds=groups)
    found = two_way.two_way_effects(castle(weighted=True))
    assert found.coefficient[0] == pytest.approx(theirs.params["on"], rel=1e-9)
    charged = (550 - len(theirs.params)) / (550 - 1 - 11)
    assert found.tested.error[0] == pytest.approx(theirs.bse["on"] * np.sqrt(charged), rel=1e-8)
