"""Tables of the panel regressions: returns of the next period on what was known before it."""

from __future__ import annotations

from typing import Any

from lib.contracts import Table
from lib.tables.columns import date, flag, fraction, number, ratio, text

REGRESSORS = ("alone", "with_controls")
MODELS = (
    "pooled",
    "entity_effects",
    "period_effects",
    "both_effects",
    "fama_macbeth",
    "random_effects",
    "between",
)
ERROR_TYPES = (
    "classical",
    "hc1",
    "cluster_entity",
    "cluster_period",
    "cluster_both",
    "driscoll_kraay",
    "plain",
    "newey_west",
    "wild_entity",
    "wild_period",
    "none",
)
TOGETHER = "together"
CONTENDERS = (
    "signal",
    "fog",
    "flesch_ease",
    "flesch_kincaid_grade",
    "smog",
    "words",
    "complex_share",
    "words_per_sentence",
    TOGETHER,
)
NONE: dict[str, Any] = {"null": True, "absent": "none"}
NOT: dict[str, Any] = {"null": True, "absent": "flag"}

PANEL = (
    Table(
        "signal_panel",
        "Coefficients of panel regressions by model, kind of error and regressor.",
        (
            text("regressors", "the signal alone or with the controls", values=REGRESSORS),
            text("model", "model of the regression", values=MODELS),
            text("se_type", "kind of error", values=ERROR_TYPES),
            text("flavour", "small-sample factor, lags or weights that the error has"),
            text("term", "regressor, or constant"),
            number("coef", "return of the period, decimal, for one unit of the regressor", **NOT),
            number("se", "its standard error", low=0.0, **NOT),
            ratio("t", "t-statistic", label="t", **NOT),
            number(
                "p",
                "two-sided probability under the null",
                low=0.0,
                high=1.0,
                unit="p_value",
                label="p",
                **NOT,
            ),
            number("low", "lower end of the 95 % interval", **NOT),
            number("high", "upper end of the 95 % interval", **NOT),
            number("n", "observations", unit="count", low=0.0, label="Observations"),
            number("n_entities", "firms", unit="count", low=0.0, label="Firms"),
            number("n_periods", "periods", unit="count", low=0.0, label="Periods"),
            ratio("r2_within", "R² within effects; of Fama-MacBeth the mean", label="R² within", **NOT),
            ratio("r2", "R² with the effects", label="R²", **NOT),
            number("freedom", "degrees of freedom of t", low=0.0, unit="count", **NOT),
            flag("speaks", "whether the page's answer takes this kind of error of the model"),
            text("flag", "codes, comma separated; empty when none", label="Note"),
        ),
        ("regressors", "model", "se_type", "term"),
    ),
    Table(
        "signal_panel_slopes",
        "The cross-section of each period, from which Fama and MacBeth take means.",
        (
            text("regressors", "the signal alone or with the controls", values=REGRESSORS),
            date("date", "close at which signal and controls are known", label="Formed"),
            text("term", "regressor, or constant"),
            number("slope", "return of the period, decimal, for one unit of the regressor"),
            number("n", "firms", unit="count", low=0.0, label="Firms"),
            ratio("r2", "R² of the cross-section", null=True, label="R²", absent="no variation"),
        ),
        ("regressors", "date", "term"),
        may_be_empty=True,
        dated="date",
    ),
    Table(
        "signal_panel_losses",
        "Rows that the regressions cannot use, by cause, in the order in which they are lost.",
        (
            text("cause", "why rows are lost; kept for those that are not", label="Code"),
            number("rows", "firms and periods", unit="count", low=0.0),
            fraction("share", "share of all of the universe", null=True, absent="no row"),
        ),
        ("cause",),
    ),
    Table(
        "signal_horse_race",
        "The signal against how readable notes are: each alone, and the signal beside it.",
        (
            text("contender", "the signal, a measure, or measures together", values=CONTENDERS),
            text("measures", "measures in it, comma separated; empty for the signal itself"),
            number("coef", "return of the period, decimal, for one unit of it alone", **NONE),
            number("se", "its standard error, clusters of firms and periods", low=0.0, **NONE),
            ratio("t", "its t-statistic", label="t", **NONE),
            number("p", "its two-sided probability", low=0.0, high=1.0, unit="p_value", label="p", **NONE),
            number("beside_coef", "the same beside the signal", **NONE),
            number("beside_se", "its standard error", low=0.0, **NONE),
            ratio("beside_t", "its t-statistic", **NONE),
            number("beside_p", "its two-sided probability", low=0.0, high=1.0, unit="p_value", **NONE),
            number("signal_coef", "return for one unit of the signal beside it", **NONE),
            number("signal_se", "its standard error", low=0.0, **NONE),
            ratio("signal_t", "its t-statistic", label="Its t", **NONE),
            number("signal_p", "its two-sided probability", low=0.0, high=1.0, **NONE),
            ratio("correlation", "with the signal across firms, mean of dates", label="Correlation", **NONE),
            ratio("r2_within", "R² within dates of it alone, with the controls", label="R² within", **NONE),
            ratio("r2_added", "R² within dates that it adds to the signal", label="R² added", **NONE),
            number("wald", "F of what it adds, clustered errors", unit="ratio", low=0.0, **NONE),
            number("wald_p", "its probability", low=0.0, high=1.0, label="p of what it adds", **NONE),
            number("n", "observations", unit="count", low=0.0, label="Observations"),
            number("n_entities", "firms", unit="count", low=0.0, label="Firms"),
            number("n_periods", "periods", unit="count", low=0.0, label="Periods"),
            text("flag", "code where nothing was found or to be minded; empty when none", label="Note"),
        ),
        ("contender",),
        may_be_empty=True,
    ),
)
