"""The regressions as a table of a paper: models side by side, t in brackets, as frame and as LaTeX."""

from __future__ import annotations

import pandas as pd

from lib import wording

COLUMNS = {
    "pooled": "Pooled",
    "entity_effects": "Firm effects",
    "period_effects": "Time effects",
    "both_effects": "Both effects",
    "fama_macbeth": "Fama-MacBeth",
}
TERMS = {"roa": "ROA", "roe": "ROE"}
FIRM_EFFECTS = ("entity_effects", "both_effects")
TIME_EFFECTS = ("period_effects", "both_effects", "fama_macbeth")
SPECIAL = {"&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "$": r"\$", "−": "$-$"}


def term_words(term: str) -> str:
    """A regressor for people."""
    return TERMS.get(term, wording.sentence_case(term.replace("_", " ")))


def publication(table: pd.DataFrame, regressors: str, *, scale: float = 100.0) -> pd.DataFrame:
    """Texts by row and model, with the errors that speak: coefficient, t below it, then what is in a model.

    ``table`` is ``signal_panel``; coefficients are multiplied by ``scale`` (100: percent of return).
    """
    own = table.loc[(table["regressors"] == regressors) & table["speaks"]]
    terms = [term for term in dict.fromkeys(own["term"]) if term != "constant"]
    rows: list[dict[str, str]] = []
    for term in terms:
        cells = own.loc[own["term"] == term].set_index("model")
        rows.append({"row": term_words(term), **_cells(cells, "coef", scale)})
        rows.append({"row": "", **_cells(cells, "t", 1.0)})
    first = own.drop_duplicates("model").set_index("model")
    rows.append({"row": "Firm effects", **{one: _yes(one in FIRM_EFFECTS) for one in COLUMNS}})
    rows.append({"row": "Time effects", **{one: _yes(one in TIME_EFFECTS) for one in COLUMNS}})
    for name, column in (("Observations", "n"), ("Firms", "n_entities"), ("Periods", "n_periods")):
        rows.append({"row": name, **{one: wording.count(first[column].get(one)) for one in COLUMNS}})
    within = {one: wording.number(first["r2_within"].get(one), 3) for one in COLUMNS}
    return pd.DataFrame([*rows, {"row": "R² within", **within}]).astype("str")


def latex(frame: pd.DataFrame, *, caption: str, note: str) -> str:
    """The frame of ``publication`` as a LaTeX table (booktabs), its note below."""
    head = " & ".join(["", *(COLUMNS[name] for name in frame.columns[1:])])
    lines = [" & ".join(_escaped(cell) for cell in row) + r" \\" for row in frame.itertuples(index=False)]
    effects = int((frame["row"] == "Firm effects").to_numpy().argmax())
    body = [*lines[:effects], r"\midrule", *lines[effects:]]
    parts = [
        r"% needs \usepackage{booktabs}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_escaped(caption)}}}",
        rf"\begin{{tabular}}{{l{'r' * (frame.shape[1] - 1)}}}",
        r"\toprule",
        head + r" \\",
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        "",
        rf"\footnotesize {_escaped(note)}",
        r"\end{table}",
    ]
    return "\n".join(parts) + "\n"


def _cells(cells: pd.DataFrame, column: str, scale: float) -> dict[str, str]:
    written: dict[str, str] = {}
    for model in COLUMNS:
        value = float(cells[column].get(model, float("nan")))
        number = wording.number(value * scale, 3 if column == "coef" else 2)
        shown = number if column == "coef" else f"({number})"
        written[model] = "" if wording.is_missing(value) else shown
    return written


def _yes(true: bool) -> str:
    return "yes" if true else "no"


def _escaped(text: str) -> str:
    """Text that LaTeX prints as it is."""
    plain = text.replace("\\", r"\textbackslash{}").replace("R²", "$R^2$")
    kept = plain.split("$R^2$")
    return "$R^2$".join("".join(SPECIAL.get(one, one) for one in part) for part in kept)
