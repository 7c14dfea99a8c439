"""What the page of ``signals/alphas`` says of luck: how many tries, and what they leave."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.signals.alpha_study import AlphaStudy
from lib.tables.columns import text

KINDS = {"own": "this spread", "neighbour": "neighbour", "earlier": "earlier try"}
ENOUGH = 0.95
"""Probability from which a deflated Sharpe ratio is taken for skill."""
COIN = 0.5
FIGURES = {
    "sharpe": "Sharpe ratio a period",
    "sharpe_annual": "Sharpe ratio a year",
    "sharpe_error": "Its standard error a period",
    "skewness": "Skewness",
    "kurtosis": "Kurtosis (3 for the normal)",
    "observations": "Periods",
    "probabilistic_sharpe": "Probability that the true ratio is above zero",
    "trials": "Sorts to choose among, earlier tries included",
    "earlier_trials": "of them earlier tries",
    "trials_without_returns": "of them without returns, counted one each",
    "effective_by_eigenvalues": "Independent tries, by eigenvalues",
    "effective_by_clusters": "Independent tries, by clusters",
    "effective_trials": "Independent tries, the larger",
    "variance_of_trials": "Variance of the ratios over tries",
    "best_by_luck": "Best ratio a period by luck",
    "best_by_luck_annual": "Best ratio a year by luck",
    "deflated_sharpe": "Probability that the true ratio is above that",
    "needed_periods": "Periods needed to be 95% sure",
    "overfitting": "Probability of overfitting",
    "loss_outside": "Probability that the chosen one loses outside",
    "slope_outside": "Ratio outside on ratio inside, slope",
}
LUCK: tuple[str | Column, ...] = (text("words", label="Figure"), text("shown", label="Value"))
CANDIDATES: tuple[str | Column, ...] = (
    "candidate",
    text("words", label="What it is"),
    "sharpe",
    "cluster",
    "observations",
    text("why", label="Note"),
)


def deflated_sentence(study: AlphaStudy) -> str:
    """What is left of the Sharpe ratio after as many tries."""
    left = study.figure("deflated_sharpe")
    if wording.is_missing(left):
        return "The spread does not vary, so that it has no Sharpe ratio."
    tries = wording.plural(round(study.figure("trials")), "sort")
    alone = wording.number(study.figure("effective_trials"), 1)
    said = (
        f"Of {tries} by the signal (its parts, other weights and groups, earlier tries), worth {alone} "
        "independent tries, luck alone would show a best Sharpe ratio of "
        f"{wording.ratio(study.figure('best_by_luck_annual'))} a year; this one has "
        f"{wording.ratio(study.figure('sharpe_annual'))}, and is above it with a probability of "
        f"{wording.probability(left)}"
    )
    return f"{said}: {'luck is a poor explanation' if left >= ENOUGH else 'luck explains it well enough'}."


def overfitting_sentence(study: AlphaStudy) -> str:
    """What choosing the best by its past is worth."""
    value = study.figure("overfitting")
    if wording.is_missing(value):
        return f"Overfitting cannot be judged: {codes.words(study.code('overfitting'))}."
    splits = wording.count(len(study.tables["signal_overfitting"]))
    said = (
        f"In {wording.percent(value)} of {splits} splits of time the sort that was best in one half was "
        "no better "
        "than the middle one in the other"
    )
    if value >= COIN:
        return (
            f"{said}: choosing by the past is worth nothing here, which also holds where all sorts are alike."
        )
    return f"{said}; chance alone gives {wording.percent(COIN, 0)}."


def luck(study: AlphaStudy) -> pd.DataFrame:
    """Table ``signal_deflation`` in words."""
    table = study.tables["signal_deflation"]
    shown = [_figure(row.figure, row.value, row.unit, row.code) for row in table.itertuples()]
    return pd.DataFrame({"words": table["figure"].map(FIGURES), "shown": pd.Series(shown, dtype="str")})


def luck_sentence(study: AlphaStudy) -> str:
    """How long a record would be needed."""
    needed, have = study.figure("needed_periods"), study.figure("observations")
    if wording.is_missing(needed):
        return "The ratio is under what luck shows at its best, so that no record is long enough."
    if needed <= have:
        return (
            f"{wording.count(needed)} periods would have been enough to be 95% sure, and there are "
            f"{have:.0f}."
        )
    return f"To be 95% sure {wording.count(needed)} periods like these are needed, and there are {have:.0f}."


def candidates(study: AlphaStudy) -> pd.DataFrame:
    """Table ``signal_candidates`` in words, the best ratio first."""
    table = study.tables["signal_candidates"].sort_values("sharpe", ascending=False, kind="stable")
    return table.assign(
        words=table["kind"].map(KINDS),
        why=[codes.words(code) if code else "" for code in table["code"]],
        code="",
    )


def candidates_sentence(study: AlphaStudy) -> str:
    """Where this spread stands among all sorts."""
    table = study.tables["signal_candidates"]
    own = table.loc[table["kind"] == "own", "sharpe"]
    if own.empty or wording.is_missing(own.iloc[0]):
        return "The spread itself has no Sharpe ratio."
    better = int((table["sharpe"] > float(own.iloc[0])).sum())
    kinds = table["kind"].value_counts()
    return (
        f"{wording.count(better)} of the other {wording.count(len(table) - 1)} did better than this one; "
        f"{wording.plural(int(kinds.get('neighbour', 0)), 'neighbour')} and "
        f"{wording.plural(int(kinds.get('earlier', 0)), 'earlier try', 'earlier tries')} are counted."
    )


def ranks(study: AlphaStudy) -> pd.Series:
    """Where the chosen sort stood in the other half of each split."""
    return study.tables["signal_overfitting"]["relative_rank"]


def _figure(name: str, value: float, unit: str, code: str) -> str:
    """A figure in its unit; small numbers with the digits that they need."""
    reason = codes.words(code) if code else ""
    if name == "variance_of_trials":
        return wording.number(value, 4, reason=reason)
    if unit == "number":
        return wording.number(value, 1, reason=reason)
    return wording.figure(value, unit, reason=reason)
