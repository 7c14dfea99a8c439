"""The page of signals/report: the question, the answer, how sure, what would overturn it, what was tried."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, holds
from lib.contracts import Column, KeyFigure, MadeUp
from lib.signals.evidence import Sort
from lib.signals.pages import universe
from lib.signals.registration import CHANGED, NONE, Registration
from lib.tables.columns import count, number, ratio, text

MOST_NAMED = 4
GENERATED = "The data are generated: the answer shows how the tests work and tells of no market."
WORDS = {
    "passed": "passed ✓",
    "failed": "failed ✗",
    "unknown": "not known",
    "yes": "overturned ✗",
    "no": "stands ✓",
}
EVIDENCE: tuple[str | Column, ...] = (
    text("test", label="Test"),
    text("size", label="Size"),
    "t",
    "p",
    text("said", label="What it says"),
    "stage",
)
BAR: tuple[str | Column, ...] = (
    text("criterion", label="Asked for"),
    text("asked", label="Bar"),
    text("shown", label="Found"),
    text("said", label="Verdict"),
)
OVERTURN: tuple[str | Column, ...] = (
    text("doubt", label="If it were otherwise"),
    text("now", label="As it stands"),
    text("then", label="Worst case"),
    text("said", label="The answer"),
)
TRIED: tuple[str | Column, ...] = (
    "stage",
    text("changed", label="Settings other than here"),
    count("observations", label="Periods"),
    ratio("sharpe", label="Sharpe ratio a period", null=True, absent="no result"),
    "specification",
)
STAGES: tuple[str | Column, ...] = ("stage", number("trials", label="Specifications", unit="count"))


@dataclass(frozen=True)
class Report:
    """What the page speaks of: the tables, the question, its registration, and the other trials."""

    evidence: pd.DataFrame
    bar: pd.DataFrame
    overturn: pd.DataFrame
    trials: pd.DataFrame
    registration: Registration
    sort: Sort
    name: str
    origins: tuple[str, ...]
    firms: float
    usual: float | None = None
    left: bool = True

    @property
    def generated(self) -> bool:
        """Whether any of the data are generated."""
        return "generated" in self.origins


def firms(dates: pd.DataFrame, panel: pd.DataFrame) -> tuple[float, float, bool]:
    """Firms ever compared, those sorted on a usual date, and whether any left the market while sorted.

    ``dates`` is ``signal_sort_dates``, ``panel`` is ``signal_panel``.
    """
    usual = float(dates["sorted"].median())
    ever = float(panel["n_entities"].max())
    left = bool((dates["delisted"] + dates["vanished"]).sum() > 0)
    return (usual if np.isnan(ever) else ever), usual, left


def question(report: Report) -> str:
    """The hypothesis in words."""
    return (
        f"The question: do firms with higher values of {report.name} earn {report.sort.hypothesis} returns "
        "than the others, after costs, beyond known factors and beyond luck?"
    )


def registered_sentence(report: Report) -> str:
    """Whether the question was put before its answer was known."""
    found = report.registration
    if found.state == NONE:
        return (
            "The question was not registered before its answer was looked at, so that nobody can say what it "
            "was then; the command register freezes one."
        )
    day = wording.date(pd.Timestamp(found.registered).tz_localize(None))
    before = (
        f", after {wording.plural(found.tried_before, 'specification')} had been tried"
        if found.tried_before
        else ", before anything of it had been tried"
    )
    if found.state == CHANGED:
        changes = wording.named(found.changes, MOST_NAMED, "other change")
        return f"The question was registered on {day}{before}, and was changed since: {changes}."
    return f"The question is answered as it was registered on {day}{before}."


def answer(report: Report) -> str:
    """Whether the signal passes its bar, and what it fails."""
    verdicts = report.bar["verdict"]
    failed = report.bar.loc[verdicts == "failed", "criterion"]
    unknown = report.bar.loc[verdicts == "unknown", "criterion"]
    if len(failed):
        named = wording.named(failed, MOST_NAMED)
        return f"The answer is no: it fails {len(failed)} of {len(report.bar)} criteria ({named})."
    if len(unknown):
        named = wording.named(unknown, MOST_NAMED)
        return f"The answer is open: it fails nothing, but {named} could not be measured."
    return f"The answer is yes: it passes all {len(report.bar)} criteria."


def sure(report: Report) -> str:
    """How far the tests agree."""
    said = report.evidence["direction"].value_counts()
    measured = int((~report.evidence["direction"].isin(["not_measured", "not_asked"])).sum())
    return (
        f"Of {wording.plural(measured, 'test')} that could be made {said.get('as_expected', 0)} say what the "
        f"hypothesis says, {said.get('against', 0)} the opposite, and {said.get('not_told', 0)} cannot be "
        "told from nothing."
    )


def overturned(report: Report) -> str:
    """Which doubts change the answer."""
    hit = report.overturn.loc[report.overturn["overturns"] == "yes", "doubt"]
    known = int(report.overturn["overturns"].ne("unknown").sum())
    if hit.empty:
        return f"None of {wording.plural(known, 'doubt')} brings the spread to nothing."
    return f"{len(hit)} of {wording.plural(known, 'doubt')} would overturn it: {wording.joined(hit)}."


def tried(report: Report) -> str:
    """How many other specifications the ledger of trials knows."""
    others = len(report.trials)
    if not others:
        return (
            "The ledger knows no other specification of this signal; what was tried outside the workbench it "
            "cannot know."
        )
    by_stage = report.trials["stage"].value_counts()
    parts = wording.joined(f"{number} of {stage}" for stage, number in by_stage.items())
    return (
        f"{wording.plural(others, 'other specification')} of this signal carried out, "
        f"{parts}, whether their results are still there or not; tries elsewhere are not known."
    )


def evidence(report: Report) -> pd.DataFrame:
    """The evidence with sizes and directions in words."""
    return _said(report.evidence, "direction").assign(
        size=[wording.figure(one.estimate, one.unit) for one in report.evidence.itertuples()]
    )


def bar(report: Report) -> pd.DataFrame:
    """The bar with its rule in words."""
    rule = report.bar["rule"].map({"at_least": "at least", "at_most": "at most"})
    return report.bar.assign(
        asked=[f"{words} {wording.figure(one.bar, one.unit)}" for words, one in _pairs(rule, report.bar)],
        shown=[wording.figure(one.found, one.unit) for one in report.bar.itertuples()],
        said=report.bar["verdict"].map(WORDS).astype("str"),
    )


def overturn(report: Report) -> pd.DataFrame:
    """Doubts with their figures in words."""
    return report.overturn.assign(
        now=[_figure(one.usual, one.unit) for one in report.overturn.itertuples()],
        then=[_figure(one.worst, one.unit) for one in report.overturn.itertuples()],
        said=report.overturn["overturns"].map(WORDS).astype("str"),
    )


def dots(report: Report) -> dict[str, list]:
    """t-values of the evidence with a band of two about each, for a figure."""
    known = report.evidence.dropna(subset="t").query("direction != 'not_asked'")
    return {
        "labels": list(known["test"]),
        "values": list(known["t"]),
        "low": list(known["t"] - 1.96),
        "high": list(known["t"] + 1.96),
    }


def dots_sentence(report: Report) -> str:
    """What the figure of t-values shows."""
    known = report.evidence.dropna(subset="t").query("direction != 'not_asked'")
    if known.empty:
        return "No test gives a size over its error."
    top, low = known.loc[known["t"].idxmax()], known.loc[known["t"].idxmin()]
    return (
        f"Above zero is as the hypothesis says. Strongest: {top['test']} ({wording.ratio(top['t'])}); "
        f"weakest: {low['test']} ({wording.ratio(low['t'])}). The tests share their data: they are no "
        "independent votes."
    )


def trials(report: Report, own: dict[str, dict]) -> pd.DataFrame:
    """Every other specification, with the settings that are not those of this run."""
    here = {f"{stage}.{name}": value for stage, found in own.items() for name, value in found.items()}
    changed = [_changed(json.loads(one), here) for one in report.trials["settings"]]
    return report.trials.assign(
        changed=pd.Series(changed, index=report.trials.index, dtype="str"),
        observations=report.trials["observations"].astype("int64"),
    )


def faults(report: Report) -> list[str]:
    """What is wrong with the data, to be read before all else."""
    told: list[str] = []
    if report.generated:
        told.append(MadeUp(GENERATED))
    told += universe.survivors(report.firms, report.usual, left=report.left, real=not report.generated)
    if report.registration.state != "as_registered":
        told.append(registered_sentence(report))
    return told


def verdict(report: Report) -> str:
    """The page in one sentence, after its faults."""
    return f"{answer(report)} {sure(report)} {overturned(report)}"


def checks(report: Report) -> list[Check]:
    """What must hold of this page."""
    judged = report.bar.assign(
        met=np.where(
            report.bar["rule"] == "at_least",
            report.bar["found"] >= report.bar["bar"],
            report.bar["found"] <= report.bar["bar"],
        )
    )
    known = judged[judged["found"].notna()]
    right = bool((known["met"] == known["verdict"].eq("passed")).all())
    return [
        holds("Every criterion is judged by its own figures", right, f"{len(known)} judged"),
        holds(
            "What was not measured passes nothing",
            bool((judged.loc[judged["found"].isna(), "verdict"] == "unknown").all()),
            f"{int(judged['found'].isna().sum())} not measured",
        ),
    ]


def key_figures(report: Report) -> list[KeyFigure]:
    """What the run's front page shows of the signal."""
    passed = int((report.bar["verdict"] == "passed").sum())
    spread = report.evidence.set_index("test")["estimate"].iloc[0]
    said = f"{passed} of {len(report.bar)} criteria passed."
    earned = f"The spread earned {wording.percent(spread)} a year before costs."
    return [
        KeyFigure("criteria_passed", passed, "count", "higher", said),
        KeyFigure("spread", float(spread), "fraction", "higher", earned),
        KeyFigure("other_trials", len(report.trials), "count", "lower", tried(report)),
    ]


def _said(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(said=frame[column].map(codes.words).astype("str"))


def _pairs(words: pd.Series, frame: pd.DataFrame) -> zip:
    return zip(words, frame.itertuples(), strict=True)


def _figure(value: float, unit: str) -> str:
    if np.isinf(value):
        return "more than 10,000"
    return wording.figure(value, unit)


def _changed(then: dict, here: dict) -> str:
    parts = [
        f"{name.partition('.')[2]} = {value}"
        for name, value in then.items()
        if here.get(name, value) != value
    ]
    return ", ".join(parts) or "as here"
