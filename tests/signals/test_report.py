"""The report on a signal: signs turned to the hypothesis, the bar judged, doubts that overturn."""

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform
from lib.signals.evidence import Bar, Sort, bar_table, best_alpha, evidence, overturn_table
from lib.signals.pages import report as page
from lib.signals.registration import CHANGED, NONE, Registration
from lib.stats.sharpe_inference import SharpeMoments, deflated_sharpe
from lib.tables import TABLES

SORT = Sort("monthly", "equal", "lower")
SUMMARY = {"sort": "base", "error": 0.002, "t": 5.0, "p": 0.001}
DEFLATION = {
    "sharpe": 0.4,
    "skewness": 0.2,
    "kurtosis": 4.0,
    "observations": 120.0,
    "variance_of_trials": 0.01,
    "effective_trials": 5.0,
    "deflated_sharpe": 0.99,
    "overfitting": 0.2,
}


def tables(**changed):
    found = {
        "signal_sort_summary": pd.DataFrame(
            [
                {**SUMMARY, "weighting": "equal", "portfolio": "long_short", "mean": 0.010},
                {**SUMMARY, "weighting": "equal", "portfolio": "net", "mean": 0.008},
                {**SUMMARY, "weighting": "value", "portfolio": "long_short", "mean": -0.001},
            ]
        ),
        "signal_ic_decay": pd.DataFrame({"horizon": [21], "mean": [-0.05], "error": [0.01]}),
        "signal_alphas": pd.DataFrame(
            {
                "portfolio": "long_short",
                "by_rule": True,
                "series": ["day", "holding", "holding"],
                "factors": [6, 3, 1],
                "alpha_annual": [0.2, 0.1, 0.3],
                "t": [4.0, 2.5, 9.0],
                "p": [0.0, 0.01, 0.0],
            }
        ),
        "signal_panel": pd.DataFrame(
            {
                "speaks": True,
                "model": "fama_macbeth",
                "term": "signal",
                "regressors": ["alone", "with_controls"],
                "coef": [-0.02, -0.01],
                "t": [-4.0, -3.0],
                "p": [0.001, 0.004],
            }
        ),
        "event_differences": pd.DataFrame(
            {
                "test": ["welch", "placebo"],
                "estimate": [0.9, 0.03],
                "p": [0.001, 0.02],
                "trusted": ["conditional", "yes"],
            }
        ),
        "did_estimates": pd.DataFrame(
            {"role": ["own"], "estimator": ["staggered"], "estimate": [-0.2], "p": [0.001]}
        ),
        "signal_permutations": pd.DataFrame(
            {"way": ["within_dates", "whole_paths", "placebo"], "observed": 0.010, "p": [0.01, 0.04, 0.9]}
        ),
        "signal_deflation": pd.DataFrame({"figure": list(DEFLATION), "value": list(DEFLATION.values())}),
        "signal_specifications": pd.DataFrame({"mean_annual": [0.1, 0.05, 0.01, -0.02, np.nan]}),
        "signal_subsamples": pd.DataFrame(
            {"family": ["year", "year", "size"], "mean_annual": [0.1, 0.02, -1.0]}
        ),
        "signal_sort_delays": pd.DataFrame({"delay": [0, 1], "mean": [0.01, 0.004]}),
        "signal_sort_delistings": pd.DataFrame({"mean": [0.01, 0.012]}),
        "signal_sort_costs": pd.DataFrame(
            {
                "weighting": ["equal"],
                "slippage": ["normal"],
                "spread": [0.001],
                "commission": [0.0005],
                "impact": [0.0005],
                "traded": [0.5],
                "break_even": [0.02],
            }
        ),
    }
    return {**found, **changed}


def test_signs_are_turned_so_that_above_zero_is_what_the_hypothesis_says():
    found = evidence(tables(), SORT).set_index("test")
    conform(evidence(tables(), SORT), TABLES["signal_evidence"])
    assert found.loc["spread of the sort, a year", "estimate"] == pytest.approx(0.12)
    assert found.loc["rank correlation with the month's return", "estimate"] == pytest.approx(0.05)
    assert found.loc["rank correlation with the month's return", "t"] == pytest.approx(5.0)
    assert found.loc["one deviation more, next quarter", ["estimate", "t"]].tolist() == [0.01, 3.0]
    event = found.loc["highest less lowest group around events"]
    assert (event["estimate"], event["direction"]) == (-0.03, "against")
    assert found.loc["effect of the natural experiment", "direction"] == "not_asked"
    higher = evidence(tables(), Sort("monthly", "equal", "higher")).set_index("test")
    assert higher.loc["one deviation more, next quarter", "direction"] == "against"
    assert higher.loc["spread of the sort, a year", "estimate"] == pytest.approx(0.12)


def test_the_alpha_is_that_of_the_most_factors_over_the_holding_periods():
    assert best_alpha(tables()["signal_alphas"])["alpha_annual"] == 0.1
    days = tables()["signal_alphas"].query("series == 'day'")
    assert best_alpha(days)["factors"] == 6


def test_each_criterion_is_judged_by_its_own_bar_and_what_is_not_known_passes_nothing():
    table = bar_table(tables(), SORT, Bar())
    conform(table, TABLES["signal_bar"])
    found = table.set_index("criterion")
    assert found.loc["t of the spread", "verdict"] == "passed"
    assert found.loc["spread after costs, a year", "found"] == pytest.approx(0.096)
    assert found.loc["p-value when values are handed out anew", "found"] == 0.04
    assert found.loc["specifications above zero", ["found", "verdict"]].tolist() == [0.75, "passed"]
    strict = bar_table(tables(), SORT, Bar(t=5.1, overfitting=0.1, specifications=0.8)).set_index("criterion")
    for name in ("t of the spread", "probability of overfitting", "specifications above zero"):
        assert strict.loc[name, "verdict"] == "failed"
    empty = tables(
        signal_alphas=tables()["signal_alphas"].iloc[:0],
        signal_deflation=tables()["signal_deflation"].iloc[:0],
    )
    none = bar_table(empty, SORT, Bar()).set_index("criterion")["verdict"]
    assert none["t of what known factors leave"] == none["probability of overfitting"] == "unknown"


def test_a_doubt_overturns_where_its_worst_case_leaves_nothing():
    table = overturn_table(tables(), SORT, Bar())
    conform(table, TABLES["signal_overturn"])
    found = table.set_index("doubt")
    assert found.loc["other weights of firms", ["worst", "overturns"]].tolist() == [
        pytest.approx(-0.012),
        "yes",
    ]
    assert found.loc["the worst year", ["worst", "overturns"]].tolist() == [0.02, "no"]
    assert found.loc["purchases up to twenty sessions later", "worst"] == pytest.approx(0.048)
    assert found.loc["costs one way", ["usual", "worst", "overturns"]].tolist() == [
        pytest.approx(0.004),
        0.02,
        "no",
    ]


def test_the_tries_that_overturn_bring_the_deflated_ratio_just_under_the_bar():
    found = overturn_table(tables(), SORT, Bar()).set_index("doubt").loc["independent tries in all"]
    moments = SharpeMoments(0.4, 0.2, 4.0, 120)
    assert deflated_sharpe(moments, trials=found["worst"], variance=0.01) < 0.95
    assert deflated_sharpe(moments, trials=found["worst"] / 1.1, variance=0.01) >= 0.95
    assert (found["usual"], found["overturns"]) == (5.0, "no" if found["worst"] > 5.0 else "yes")


def report(registration=None, trials=None, **changed):
    given = tables(**changed)
    others = conform(pd.DataFrame(trials or [], columns=TABLES["trials"].column_names), TABLES["trials"])
    return page.Report(
        evidence(given, SORT),
        bar_table(given, SORT, Bar()),
        overturn_table(given, SORT, Bar()),
        others,
        registration or Registration(NONE),
        SORT,
        "Opacity",
        ("real",),
        60.0,
    )


def test_the_page_says_the_answer_how_sure_and_what_was_tried():
    own = report()
    said = [
        page.question(own), page.registered_sentence(own), page.answer(own), page.sure(own),
        page.overturned(own), page.tried(own), page.dots_sentence(own), page.verdict(own),
    ]  # fmt: skip
    assert all("nan" not in one for one in said)
    assert page.answer(own) == "The answer is yes: it passes all 7 criteria."
    assert page.sure(own).startswith("Of 8 tests that could be made 7 say")
    assert "other weights of firms" in page.overturned(own)
    assert page.faults(own)[0].startswith("The question was not registered")
    assert all(one.passed for one in page.checks(own))


def test_a_failed_criterion_is_the_answer_and_a_changed_question_is_told_first():
    changed = Registration(CHANGED, ("signals/deciles.n_groups 10 → 5",), "2026-01-02T03:04:05+00:00", 4)
    own = report(changed, signal_specifications=pd.DataFrame({"mean_annual": [-0.1, 0.1]}))
    assert page.answer(own).startswith(
        "The answer is no: it fails 1 of 7 criteria (specifications above zero)"
    )
    assert (
        "after 4 specifications had been tried, and was changed since: signals/deciles.n_groups"
        in page.faults(own)[0]
    )


def test_each_other_trial_is_listed_with_what_differs():
    row = {
        "specification": "a" * 16,
        "stage": "signals/deciles",
        "settings": '{"signals/deciles.n_groups": 5, "signals/deciles.lag": 1}',
        "observations": 12.0,
        "sharpe": 0.1,
    }
    own = report(trials=[row])
    table = page.trials(own, {"signals/deciles": {"n_groups": 10, "lag": 1}})
    assert table["changed"].tolist() == ["deciles.n_groups = 5"] or table["changed"].tolist() == [
        "n_groups = 5"
    ]
    assert "1 other specification" in page.tried(own)
