"""What the page of ``signals/robustness`` says of chance and of the sample; choices have a page beside it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, holds, none, ordered, within
from lib.contracts import Column, KeyFigure
from lib.signals.pages import universe
from lib.signals.pages.robustness_choices import (
    SURE,
    best_sentence,
    noted,
    outlook_sentence,
    percent,
    spa_sentence,
    specifications_sentence,
)
from lib.signals.robust_study import RobustStudy
from lib.tables.columns import text

FEW = 60
"""Periods under which the tests of the best of many are weak."""
TRUSTED = 0.07
"""Share of false alarms of a 5 % test above which it is said to cry wolf."""
WAYS = {
    "within_dates": "Values handed out within dates",
    "whole_paths": "Whole paths handed to other firms",
    "placebo": "Values without meaning, as slow",
}
PORTFOLIOS = {"long_short": "Spread", "net": "Spread after costs"}

BOOTSTRAP: tuple[str | Column, ...] = (
    text("words", label="Figure"),
    text("value", label="Observed"),
    text("interval", label="95%, percentiles"),
    text("studentised", label="95%, studentised"),
    "at_or_below_zero",
)
PERMUTED: tuple[str | Column, ...] = (
    text("words", label="How"),
    "observed",
    "low",
    "high",
    "p",
    "alarms",
    text("why", label="Note"),
)
PARTS: tuple[str | Column, ...] = (
    text("words", label="Part"),
    "mean_annual",
    "t",
    "p",
    "p_holm",
    "difference_annual",
    "difference_holm",
    "periods",
    text("why", label="Note"),
)


def faults(study: RobustStudy, origins: list[str], *, left: bool = True) -> list[str]:
    """What is wrong with the data or could not be answered; ``left``: some firm left the market."""
    there = study.formed.there
    usual = float(np.median(there.sum(axis=1))) if len(there) else 0.0
    generated = universe.generated(origins)
    found = generated + universe.survivors(int(there.any(axis=0).sum()), usual, left=left, real=not generated)
    periods = len(study.formed.dates)
    if periods < FEW:
        found.append(
            f"There are {wording.plural(periods, 'period')}: under {FEW} the tests of the best of many say "
            "little."
        )
    alarms = study.tables["signal_permutations"]["alarms"].max()
    if alarms > TRUSTED:
        found.append(
            f"On these data the usual 5% test cries wolf in up to {wording.percent(alarms)} of draws "
            "without an "
            "effect, so that its p-values are too small."
        )
    if not study.benchmark:
        found.append("No index is named: the sample is not parted by what the market did.")
    if study.tables["signal_permutations"]["code"].ne("").all():
        found.append("Too few firms to sort: nothing is permuted.")
    return found


def verdict(study: RobustStudy) -> str:
    """Whether chance, the sample or a choice made the spread."""
    return f"{permuted_sentence(study)} {best_sentence(study)} {specifications_sentence(study)}"


def bootstrap(study: RobustStudy) -> pd.DataFrame:
    """Table ``signal_bootstrap`` in words; means in percent."""
    table = study.tables["signal_bootstrap"]
    rows = []
    for row in table.itertuples():
        write = percent if row.figure == "mean" else wording.ratio
        name = {"mean": "mean a period", "t": "t of the mean", "sharpe": "Sharpe ratio a period"}[row.figure]
        reason = codes.words(row.code) if row.code else ""
        rows.append(
            {
                "words": f"{PORTFOLIOS[row.portfolio]}, {name}",
                "value": write(row.observed, reason=reason),
                "interval": f"{write(row.low)} to {write(row.high)}" if not reason else "",
                "studentised": ""
                if wording.is_missing(row.studentised_low)
                else f"{write(row.studentised_low)} to {write(row.studentised_high)}",
                "at_or_below_zero": row.at_or_below_zero,
            }
        )
    return pd.DataFrame(rows)


def bootstrap_sentence(study: RobustStudy) -> str:
    """Whether the mean's interval holds zero when dates are drawn anew."""
    table = study.tables["signal_bootstrap"]
    row = table.loc[(table["portfolio"] == "net") & (table["figure"] == "mean")].iloc[0]
    if row["code"]:
        return f"Dates cannot be drawn anew: {codes.words(row['code'])}."
    low, high = float(row["studentised_low"]), float(row["studentised_high"])
    told = "zero is not in it" if low > 0 or high < 0 else "zero is in it"
    return (
        f"After costs the mean a period is {percent(row['observed'])}; drawn anew in blocks of "
        f"{wording.number(row['block'], 1)} periods its studentised 95% interval is {percent(low)} to "
        f"{percent(high)}: {told}."
    )


def permutations(study: RobustStudy) -> pd.DataFrame:
    """Table ``signal_permutations`` in words."""
    table = study.tables["signal_permutations"]
    return noted(table.assign(words=table["way"].map(WAYS)))


def marks(study: RobustStudy) -> dict[str, float]:
    """The signal's own mean spread, for a mark on the histogram of the draws; none where there is none."""
    row = study.tables["signal_permutations"].iloc[0]
    return {} if row["code"] else {"signal": float(row["observed"])}


def permuted_sentence(study: RobustStudy) -> str:
    """How the mean spread stands beside those of values handed out anew."""
    table = study.tables["signal_permutations"].set_index("way")
    row = table.loc["within_dates"]
    if row["code"]:
        return "Nothing could be permuted, since too few firms could be sorted."
    worst = float(table["p"].max())
    told = (
        "chance is a poor explanation of the spread"
        if worst < SURE
        else "chance explains the spread well enough"
    )
    return (
        f"The spread earns {percent(row['observed'])} a period; values handed out anew earn "
        f"{percent(row['low'])} "
        f"to {percent(row['high'])} in 95% of draws (p {wording.p_value(row['p'])} within dates, "
        f"{wording.p_value(table.loc['whole_paths', 'p'])} for whole paths, "
        f"{wording.p_value(table.loc['placebo', 'p'])} beside values without meaning): {told}."
    )


def alarms_sentence(study: RobustStudy) -> str:
    """How far the usual test can be trusted here."""
    table = study.tables["signal_permutations"]
    known = table["alarms"].dropna()
    if known.empty:
        return "There are no draws to judge the usual test by."
    return (
        f"Of draws without an effect the usual test calls {wording.percent(known.min())} to "
        f"{wording.percent(known.max())} significant at 5%; the signal's rank correlation with one formation "
        f"before is {wording.ratio(table['persistence'].iloc[0])}."
    )


def subsamples(study: RobustStudy) -> pd.DataFrame:
    """Table ``signal_subsamples`` in words."""
    table = study.tables["signal_subsamples"]
    words = table["subsample"].map(wording.sentence_case).where(table["family"] != "year", table["subsample"])
    return noted(table.assign(words=words))


def subsample_dots(study: RobustStudy) -> dict[str, list]:
    """The same as arguments of dots with intervals, two errors wide."""
    rows = subsamples(study).dropna(subset=["mean_annual"])
    reach = 2.0 * rows["error_annual"]
    return {
        "labels": rows["words"].tolist(),
        "values": rows["mean_annual"].tolist(),
        "low": (rows["mean_annual"] - reach).tolist(),
        "high": (rows["mean_annual"] + reach).tolist(),
    }


def subsamples_sentence(study: RobustStudy) -> str:
    """In how many parts it is there, and whether any differs."""
    table = study.tables["signal_subsamples"]
    known = table.dropna(subset=["p_holm"])
    if known.empty:
        return "No part has enough periods."
    there = int(((known["p_holm"] < SURE) & (known["mean_annual"] > 0)).sum())
    differ = table.loc[table["difference_holm"] < SURE]
    told = "no part differs from the rest beyond chance"
    if len(differ):
        named = wording.joined(name for name in differ["subsample"].map(str))
        told = f"apart from the rest {'stands' if len(differ) == 1 else 'stand'} {named}"
    return (
        f"The spread is above zero in {there} of {wording.plural(len(known), 'part')} after Holm's "
        f"correction; {told}."
    )


def failures_sentence(study: RobustStudy) -> str:
    """What firms that failed carry."""
    table = study.tables["signal_subsamples"].set_index("family")
    row = table.loc["failures"]
    if row["code"] or wording.is_missing(row["mean_annual"]):
        return "The part without firms that failed has too few periods."
    if wording.is_missing(row["difference_annual"]):
        return "No firm that failed was in the groups at the ends."
    return (
        f"Without the firms that failed, which nobody knew beforehand, it would be "
        f"{wording.percent(row['mean_annual'])} a year, "
        f"{wording.percent(row['difference_annual'], signed=True)} "
        "beside all."
    )


def reproduced_sentence(study: RobustStudy) -> str:
    """Whether the sort is reproduced."""
    table = study.tables["signal_reproduced"]
    gap = (table["given"] - table["computed"]).abs().max()
    anew = (table["given"] - table["cut_anew"]).abs().max()
    if wording.is_missing(gap):
        return "Nothing could be computed anew."
    return (
        f"The sort's spread and that of its positions here differ by {wording.basis_points(gap)} at most; "
        "with groups "
        f"cut anew and equal weights by {wording.basis_points(anew)}."
    )


def checks(study: RobustStudy) -> list[Check]:
    """What must hold of this very result."""
    table = study.tables["signal_reproduced"]
    parts = study.tables["signal_subsamples"]
    rows = study.tables["signal_specifications"]
    permuted = study.tables["signal_permutations"]
    paths = study.tables["signal_outlook"]
    silent = int((rows["mean_annual"].isna() & (rows["code"] == "")).sum())
    return [
        close(
            "The sort's spread follows from its positions and these returns",
            table["given"],
            table["computed"],
            tolerance=1e-6,
        ),
        within(
            "p-values of permutations are above zero", permuted["p"], 1.0 / (study.settings.draws + 1), 1.0
        ),
        ordered("A corrected p-value is never below its own", parts["p"], parts["p_holm"]),
        ordered("Quantiles of wealth lie in order", paths["low"], paths["high"]),
        none("Whatever has no mean has a reason", silent, "without one"),
        holds(
            "Every way of handing out was drawn as often as asked",
            bool(permuted.loc[permuted["code"] == "", "draws"].eq(study.settings.draws).all()),
            wording.plural(study.settings.draws, "draw"),
        ),
    ]


def key_figures(study: RobustStudy) -> list[KeyFigure]:
    """p by permutation, p of the best of many, specifications clearly above zero, chance of a loss."""
    permuted = study.tables["signal_permutations"].set_index("way")
    anew = permuted.loc[["within_dates", "whole_paths"], "p"]
    best_table = study.tables["signal_best_of_many"].set_index("test")
    rows = study.tables["signal_specifications"].dropna(subset=["mean_annual"])
    paths = study.tables["signal_outlook"]
    share = float((rows["low"] > 0).mean()) if len(rows) else float("nan")
    return [
        KeyFigure("permutation_p", float(anew.max()), "p_value", "lower", _larger(permuted)),
        KeyFigure(
            "spa_p",
            float(best_table.loc["spa_consistent", "p"]),
            "p_value",
            "lower",
            spa_sentence(study),
        ),
        KeyFigure("clearly_above_zero", share, "fraction", "higher", specifications_sentence(study)),
        KeyFigure(
            "chance_of_loss",
            float(paths["loss"].iloc[-1]) if len(paths) else float("nan"),
            "probability",
            "lower",
            outlook_sentence(study),
        ),
    ]


def _larger(permuted: pd.DataFrame) -> str:
    """Which way of handing out values gives the larger p, and what values without meaning give."""
    if permuted["p"].isna().all():
        return "Nothing could be permuted, since too few firms could be sorted."
    named = WAYS[str(permuted.loc[["within_dates", "whole_paths"], "p"].idxmax())]
    placebo = wording.p_value(permuted.loc["placebo", "p"])
    return (
        f"The larger of two: {named[:1].lower()}{named[1:]}. Values that have no meaning and move as slowly "
        f"give p {placebo}."
    )
