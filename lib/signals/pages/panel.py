"""What the page of ``signals/panel`` says: whether the models agree, and how much the errors matter."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lib import codes, wording
from lib.checks import Check, close, equal, none, nothing, ordered, within
from lib.contracts import Column, KeyFigure
from lib.signals.pages import universe
from lib.signals.pages.panel_paper import COLUMNS, publication, term_words
from lib.signals.panel_rows import SIGNAL
from lib.signals.panel_study import LONG_FOR_KERNELS, PanelStudy
from lib.tables.columns import number, text

BP = 10_000.0
WHOLE_FROM = 20.0
"""Basis points from which a figure shows whole ones."""
LOST = 0.3
"""A larger share of lost rows is told first."""
MODEL_WORDS = {**COLUMNS, "random_effects": "Random effects", "between": "Between firms"}
ERROR_WORDS = {
    "classical": "Classical",
    "hc1": "White",
    "cluster_entity": "Clusters of firms",
    "cluster_period": "Clusters of periods",
    "cluster_both": "Clusters of both",
    "driscoll_kraay": "Driscoll-Kraay",
    "plain": "Plain",
    "newey_west": "Newey-West",
    "wild_entity": "Wild bootstrap of firms",
    "wild_period": "Wild bootstrap of periods",
    "none": "",
}
UNIT_WORDS = {
    "standardised": "one standard deviation more of the signal",
    "ranked": "the whole way from the lowest to the highest rank of the signal",
    "raw": "one unit more of the signal",
}


def _basis_points(name: str, label: str) -> Column:
    return number(name, label=label, null=True, unit="bp", absent="flag")


ALL: tuple[str | Column, ...] = (
    text("words", label="Model"),
    text("error", label="Error"),
    _basis_points("coef", "Coefficient"),
    _basis_points("se", "Its error"),
    "t",
    "p",
    _basis_points("low", "From"),
    _basis_points("high", "To"),
    "n",
    text("flavour", label="How the error is made"),
    text("flag", label="Note"),
)
PAPER: tuple[str | Column, ...] = (
    text("row", label="Term"),
    *(text(name, label=words) for name, words in COLUMNS.items()),
)
LOSSES: tuple[str | Column, ...] = (text("words", label="What became of them"), "rows", "share")


def faults(study: PanelStudy, origins: list[str], *, left: bool = True) -> list[str]:
    """What is wrong with the data, a sentence each; ``left``: some firm of the universe left the market."""
    rows = study.made.rows
    firms, periods = rows["entity"].nunique(), rows["date"].nunique()
    usual = rows.groupby("date").size().median() if len(rows) else 0.0
    generated = universe.generated(origins)
    found = generated + universe.survivors(firms, usual, left=left, real=not generated)
    if periods < LONG_FOR_KERNELS:
        few = wording.plural(periods, "period")
        found.append(f"{few} are too few for errors that allow for time; read the wild bootstrap instead.")
    losses = study.made.losses.set_index("cause")["share"]
    lost = 1.0 - losses["used"] - losses["no_control"]
    if lost > LOST:
        found.append(f"{wording.percent(lost)} of the firms and periods have no usable row.")
    if study.made.assumed:
        rows = wording.plural(study.made.assumed, "return")
        found.append(f"What holders got at a delisting is assumed in {rows}.")
    if study.made.absent:
        names = wording.joined(term_words(name) for name in study.made.absent)
        found.append(f"Of no firm of the universe is this known, so that it is no control: {names}.")
    return found


def verdict(study: PanelStudy, *, hypothesis: str, scaling: str, period: str) -> str:
    """The agreement of the models, then the number of one of them."""
    return f"{agreement_sentence(study, hypothesis)} {size_sentence(study, scaling, period)}"


def agreement_sentence(study: PanelStudy, hypothesis: str) -> str:
    """How many models see the sign that the hypothesis says, and how many leave zero out."""
    spoken = study.spoken(study.richest).dropna(subset="coef")
    if spoken.empty:
        table = study.spoken(study.richest)
        reasons = codes.all_words(",".join(dict.fromkeys(table["flag"])))
        return f"No regression could be made: {reasons or 'no row'}."
    sign = 1.0 if hypothesis == "higher" else -1.0
    along, sure = spoken["coef"] * sign > 0.0, spoken["p"] < 0.05
    count, beside = len(spoken), " beside the controls" if study.richest == "with_controls" else ""
    if (along & sure).all():
        return f"All {wording.plural(count, 'model')} see the effect that the hypothesis says{beside}."
    if not sure.any():
        return f"None of {wording.plural(count, 'model')} tells the effect from zero{beside}."
    if (~along & sure).any():
        against = int((~along & sure).sum())
        return f"{against} of {wording.plural(count, 'model')} see the opposite of the hypothesis{beside}."
    return (
        f"The models do not agree{beside}: {int((along & sure).sum())} of {count} tell the effect that the "
        f"hypothesis says from zero, {int(along.sum())} have its sign."
    )


def size_sentence(study: PanelStudy, scaling: str, period: str) -> str:
    """Fama and MacBeth's mean slope with its interval."""
    spoken = study.spoken(study.richest).set_index("model")
    if "fama_macbeth" not in spoken.index or wording.is_missing(spoken.loc["fama_macbeth", "coef"]):
        return "There is no mean of cross-sections."
    row = spoken.loc["fama_macbeth"]
    low, high = (wording.percent(row[name], 2, signed=True) for name in ("low", "high"))
    return (
        f"By Fama and MacBeth {UNIT_WORDS[scaling]} goes with {wording.percent(row['coef'], 2, signed=True)} "
        f"of return over the next {period} (95% interval {low} to {high}, t {wording.ratio(row['t'])})."
    )


def dots(study: PanelStudy) -> dict[str, list[Any]]:
    """The coefficient of the signal by model in basis points, alone and with controls, for the figure."""
    labels: list[str] = []
    rows: list[pd.DataFrame] = []
    for regressors, words in (("alone", "alone"), ("with_controls", "with controls")):
        spoken = study.spoken(regressors)
        labels += [f"{MODEL_WORDS[model]}, {words}" for model in spoken["model"]]
        rows.append(spoken)
    table = pd.concat(rows)
    numbers = BP * table[["coef", "low", "high"]]
    numbers = numbers.round() if numbers["coef"].abs().max() >= WHOLE_FROM else numbers
    return {
        "labels": labels,
        "values": numbers["coef"].tolist(),
        "low": numbers["low"].tolist(),
        "high": numbers["high"].tolist(),
    }


def dots_sentence(study: PanelStudy) -> str:
    """What controls do to the coefficient."""
    with_them, alone = (study.spoken(one).set_index("model")["coef"] for one in ("with_controls", "alone"))
    if with_them.dropna().empty:
        return "Agreement of the models is the answer; a single one is not. There are no controls."
    first = "fama_macbeth" if "fama_macbeth" in with_them.dropna().index else with_them.dropna().index[0]
    before, after = (wording.percent(one[first], 2, signed=True) for one in (alone, with_them))
    return (
        "Agreement of the models is the answer; a single one is not. "
        f"Controls move the coefficient of {MODEL_WORDS[first]} from {before} to {after}."
    )


def paper(study: PanelStudy) -> pd.DataFrame:
    """The table of a paper, with all regressors."""
    return publication(study.tables["signal_panel"], study.richest)


def paper_sentence(study: PanelStudy) -> str:
    """What the numbers of the table are."""
    dropped = {MODEL_WORDS[name]: count for name, count in study.singletons.items() if count}
    told = wording.joined(f"{count} of {name.lower()}" for name, count in dropped.items())
    return (
        "Coefficients in percent of return, t in brackets; errors are clustered by firm and period at once, "
        "those of Fama-MacBeth are Newey-West's. "
        + (f"Rows seen once were dropped: {told}." if told else "No row had to be dropped as seen once.")
    )


def by_error(study: PanelStudy) -> pd.DataFrame:
    """The signal's coefficient under every kind of error."""
    table = study.tables["signal_panel"]
    own = table.loc[(table["term"] == SIGNAL) & (table["regressors"] == study.richest)]
    return own.assign(
        words=own["model"].map(MODEL_WORDS),
        error=own["se_type"].map(ERROR_WORDS),
        flag=[codes.all_words(one) for one in own["flag"]],
    ).reset_index(drop=True)


def by_error_sentence(study: PanelStudy) -> str:
    """How far the size of t depends on the kind of error, and what the bootstrap says."""
    own = by_error(study).dropna(subset="t")
    pooled = own.loc[own["model"] == "pooled"]
    if pooled.empty:
        return "There is no pooled regression."
    kinds = pooled.loc[~pooled["se_type"].str.startswith("wild")]
    least, most = kinds.loc[kinds["t"].abs().idxmin()], kinds.loc[kinds["t"].abs().idxmax()]
    said = (
        f"By the kind of error alone the pooled t lies between {wording.ratio(least['t'])} "
        f"({ERROR_WORDS[least['se_type']]}) and {wording.ratio(most['t'])} ({ERROR_WORDS[most['se_type']]})."
    )
    wild = pooled.loc[pooled["se_type"].str.startswith("wild")]
    if wild.empty:
        return said
    row = wild.loc[wild["p"].idxmax()]
    return f"{said} With few clusters the bootstrap counts: p {wording.number(row['p'], 3)}."


def path(study: PanelStudy) -> pd.DataFrame:
    """The cross-section slopes of the signal, summed from the first period on."""
    table = study.tables["signal_panel_slopes"]
    own = table.loc[(table["term"] == SIGNAL) & (table["regressors"] == study.richest)]
    return own.set_index("date")[["slope"]].cumsum().rename(columns={"slope": "Sum of slopes"})


def path_sentence(study: PanelStudy) -> str:
    """How many periods had a positive slope, and which part of the sum one period made."""
    table = study.tables["signal_panel_slopes"]
    own = table.loc[(table["term"] == SIGNAL) & (table["regressors"] == study.richest)]
    if own.empty:
        return "No period had a cross-section that could be solved."
    largest = own.loc[own["slope"].abs().idxmax()]
    return (
        f"The slope was above zero in {wording.percent((own['slope'] > 0).mean())} of "
        f"{wording.plural(len(own), 'period')}; the largest was "
        f"{wording.percent(largest['slope'], 2, signed=True)}, formed on {wording.date(largest['date'])}."
    )


def losses(study: PanelStudy) -> pd.DataFrame:
    """Lost rows in words."""
    table = study.made.losses
    return table.assign(words=[wording.sentence_case(codes.words(one)) for one in table["cause"]])


def losses_sentence(study: PanelStudy) -> str:
    """How many rows there are and what most are lost by."""
    table = study.made.losses
    lost = table.loc[table["cause"] != "used"]
    used = int(table.loc[table["cause"] == "used", "rows"].sum())
    if not lost["rows"].sum():
        return f"All {wording.count(used)} rows are used."
    first = lost.loc[lost["rows"].idxmax()]
    return (
        f"{wording.count(used)} of {wording.count(table['rows'].sum())} rows are used; most others are "
        f"lost for: {codes.words(first['cause'])} ({wording.count(first['rows'])}). "
        f"{wording.plural(study.made.delisted, 'row')} hold a delisting."
    )


def checks(study: PanelStudy, scaling: str) -> list[Check]:
    """What must hold of this very result."""
    table, slopes = study.tables["signal_panel"], study.tables["signal_panel_slopes"]
    rows = study.made.rows
    means = slopes.groupby(["regressors", "term"])["slope"].mean()
    macbeth = table.loc[(table["model"] == "fama_macbeth") & (table["se_type"] == "plain")]
    own = macbeth.set_index(["regressors", "term"])["coef"]
    inside = rows.groupby("date")[SIGNAL].mean()
    used = int(study.made.losses.set_index("cause").loc[["used", "no_control"], "rows"].sum())
    known, centred = table.dropna(subset="se"), "The signal of a date has mean zero"
    return [
        equal("Rows are those counted", len(rows), used),
        none("Every period ends after it starts", int((rows["until"] <= rows["date"]).sum()), "not"),
        close("Fama-MacBeth is the mean of its slopes", own, means.reindex(own.index)),
        ordered("Intervals are in order", table["low"], table["high"]),
        within("Probabilities lie between 0 and 1", table["p"], 0.0, 1.0),
        close("t is coefficient over error", known["t"], known["coef"] / known["se"], tolerance=1e-6),
        nothing(centred) if scaling == "raw" else close(centred, inside, inside * 0.0),
    ]


def key_figures(study: PanelStudy, *, hypothesis: str, scaling: str, period: str) -> list[KeyFigure]:
    """The mean slope, its t, and how many models agree."""
    spoken = study.spoken(study.richest)
    row = spoken.set_index("model").reindex(["fama_macbeth"]).iloc[0]
    sign = 1.0 if hypothesis == "higher" else -1.0
    sure = spoken.loc[(spoken["p"] < 0.05) & (spoken["coef"] * sign > 0)]
    size = size_sentence(study, scaling, period)
    return [
        KeyFigure("panel_slope", float(row["coef"]), "return", hypothesis, size),
        KeyFigure("panel_t", float(row["t"]), "ratio", hypothesis, _t_sentence(row)),
        KeyFigure(
            "panel_models_agreeing",
            float(len(sure)),
            "count",
            "higher",
            agreement_sentence(study, hypothesis),
        ),
    ]


def _t_sentence(row: pd.Series) -> str:
    """Which error the slope is divided by, and how probable so large a t is without an effect."""
    if wording.is_missing(row["t"]):
        return "There is no slope to be divided by its error."
    return (
        f"That slope over its error, Newey-West over {wording.plural(int(row['n_periods']), 'period')}: p "
        f"{wording.p_value(row['p'])}."
    )
