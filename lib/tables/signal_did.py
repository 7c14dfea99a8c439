"""Tables of natural experiments: estimates, paths, comparisons, tests of trends, bounds and placebos."""

from __future__ import annotations

from typing import Any

from lib.contracts import Column, Table
from lib.conventions import ORIGINS
from lib.tables.columns import flag, fraction, number, ratio, text

ROLES = ("own", "check")
ESTIMATORS = ("two_by_two", "two_way_effects", "staggered", "staggered_by_group", "event_study")
RESTRICTIONS = ("relative_magnitudes", "smoothness")


def _missing(name: str, meaning: str, **more: Any) -> Column:
    return number(name, meaning, True, absent="flag", **more)


WHICH = (
    text("role", "own: the signal's design; check: published data for the same estimators", values=ROLES),
    text("design", "name of the natural experiment"),
    text("outcome", "what is measured"),
    text("origin", "real, constructed, generated or manual", values=ORIGINS),
)
ESTIMATE = (
    _missing("estimate", "effect in units of the outcome"),
    _missing("se", "its standard error, by cluster", low=0.0),
    _missing("p", "two-sided probability under the null", low=0.0, high=1.0, unit="p_value"),
    _missing("low", "lower end of the 95 % interval"),
    _missing("high", "upper end of the 95 % interval"),
)

DIFFERENCES = (
    Table(
        "did_estimates",
        "The effect of each treatment by estimator.",
        (
            *WHICH,
            text("estimator", "how it is estimated", values=ESTIMATORS),
            text("term", "all, or the first treated period of a group"),
            *ESTIMATE,
            number("units", "units in it", unit="count", low=0.0),
            number("treated", "units that are treated at some time", unit="count", low=0.0),
            number("clusters", "clusters of errors", unit="count", low=0.0),
            flag("weighted", "whether units count by their weights"),
            text("flavour", "how the error is made"),
            text("flag", "codes, comma separated; empty when none", label="Note"),
        ),
        ("role", "estimator", "term"),
        may_be_empty=True,
    ),
    Table(
        "did_paths",
        "Effects by distance to the first treated period; the period before it is zero by definition.",
        (
            *WHICH,
            text("estimator", "how it is estimated", values=ESTIMATORS),
            number("distance", "periods since the first treated one", unit="count"),
            *ESTIMATE,
            _missing("band_low", "lower end of the band that holds all distances at once"),
            _missing("band_high", "upper end of that band"),
            number("cells", "groups in it", unit="count", low=0.0),
            flag("binned", "whether it stands for all periods beyond it too"),
            text("flag", "codes, comma separated; empty when none", label="Note"),
        ),
        ("role", "estimator", "distance"),
        may_be_empty=True,
    ),
    Table(
        "did_group_times",
        "Effects by group and period, with units not yet treated as controls.",
        (
            *WHICH,
            number("group", "first treated period"),
            number("period", "period"),
            *ESTIMATE,
            number("treated", "units of the group", unit="count", low=0.0),
            number("controls", "units not yet treated", unit="count", low=0.0),
            text("flag", "codes, comma separated; empty when none", label="Note"),
        ),
        ("role", "group", "period"),
        may_be_empty=True,
    ),
    Table(
        "did_comparisons",
        "The comparisons of two groups that two-way effects are made of, with Goodman-Bacon's weights.",
        (
            *WHICH,
            text("kind", "treated_never, earlier_later, or later_earlier with units treated already"),
            number("treated", "first treated period of the treated group"),
            number("control", "that of the control group", null=True, absent="never"),
            number("estimate", "its two by two"),
            fraction("weight", "its weight", low=0.0),
        ),
        may_be_empty=True,
    ),
    Table(
        "did_pretrends",
        "Joint tests of the periods before the treatment, and what trends they would have found.",
        (
            *WHICH,
            text("estimator", "whose effects are tested", values=ESTIMATORS),
            ratio("statistic", "F", null=True, absent="flag"),
            _missing("p", "probability under the null", low=0.0, high=1.0, unit="p_value"),
            number("leads", "effects tested", unit="count", low=0.0),
            _missing("slope_50", "trend a period found in 50 % of samples"),
            _missing("slope_80", "trend a period found in 80 % of samples"),
            fraction(
                "power",
                "chance to find a trend as steep as would make the effect",
                null=True,
                low=0.0,
                high=1.0,
                absent="flag",
            ),
            text("flag", "codes, comma separated; empty when none", label="Note"),
        ),
        ("role", "estimator"),
        may_be_empty=True,
    ),
    Table(
        "did_bounds",
        "The mean effect when trends are not parallel, by how far they may part.",
        (
            *WHICH,
            text("restriction", "how trends may part", values=RESTRICTIONS),
            number("m", "times the largest change before, or change of slope a period", low=0.0, label="M"),
            number("set_low", "lower end without error", null=True, absent="not given"),
            number("set_high", "upper end without error", null=True, absent="not given"),
            number("low", "lower end of the 95 % interval"),
            number("high", "upper end of the 95 % interval"),
        ),
        ("role", "restriction", "m"),
        may_be_empty=True,
    ),
    Table(
        "did_placebos",
        "The effect of treatments that never were: the true one moved back, treated periods left out.",
        (
            *WHICH,
            number("shift", "periods that it is moved back by", unit="count", low=1.0),
            *ESTIMATE,
            text("flag", "codes, comma separated; empty when none", label="Note"),
        ),
        ("role", "shift"),
        may_be_empty=True,
    ),
)
