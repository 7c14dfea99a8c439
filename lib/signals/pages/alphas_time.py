"""What the page of ``signals/alphas`` shows and says of time and risk: moving alphas, parts, measures."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.signals.alpha_study import AlphaStudy, attributed
from lib.tables.columns import fraction, text

NO_WINDOW = "There is no window of days or of months in which all factors of a model are known."
PORTFOLIOS = ("long_short", "net", "long", "short")
SERIES_WORDS = {"holding": "holding periods", "month": "calendar months", "day": "days"}
PARTS: tuple[str | Column, ...] = (
    text("words", label="Part"),
    fraction("a_year", label="Return a year"),
    fraction("total", label="Sum over all periods"),
)
RISK: tuple[str | Column, ...] = (
    text("words", label="Measure"),
    text("long_short", label="Spread"),
    text("net", label="After costs"),
    text("long", label="Long side"),
    text("short", label="Short side"),
)


def _moving(study: AlphaStudy) -> pd.DataFrame:
    """The moving windows that are shown: of days where there are any, else of calendar months."""
    table = study.tables["signal_rolling"]
    days = table.loc[table["series"] == "day"]
    return days if len(days) else table


def rolling_frame(study: AlphaStudy, alpha: bool) -> pd.DataFrame:
    """Moving alpha, or moving betas, by date."""
    table = _moving(study)
    own = table.loc[(table["term"] == "alpha") == alpha]
    wide = own.pivot_table(index="date", columns="term", values="value", sort=False)
    return wide.rename(columns={"alpha": "Alpha a year"})


def rolling_sentence(study: AlphaStudy) -> str:
    """How much alpha moved."""
    table = _moving(study)
    own = table.loc[table["term"] == "alpha"]
    if own.empty:
        return NO_WINDOW
    above = float((own["value"] > 0).mean())
    low, high = (wording.percent(edge(own["value"]), signed=True) for edge in (min, max))
    return (
        f"Over windows of {wording.count(own['window'].iloc[0])} periods alpha ran from {low} to {high} a "
        "year and "
        f"was above zero in {wording.percent(above, 0)} of them; neighbouring windows share most of their "
        f"periods.{_models_told(own)}"
    )


def _models_told(own: pd.DataFrame) -> str:
    """Which model each window has, where they have not all the same."""
    counts = own["model"].value_counts()
    if len(counts) < 2:
        return ""
    told = wording.joined(f"{name} in {wording.count(count)}" for name, count in counts.items())
    return f" A window has the richest model whose factors it knows throughout: {told}."


def rolling_betas_sentence(study: AlphaStudy) -> str:
    """Which beta moved most."""
    table = _moving(study)
    own = table.loc[table["term"] != "alpha"]
    if own.empty:
        return NO_WINDOW
    reach = own.groupby("term")["value"].agg(["min", "max"])
    widest = (reach["max"] - reach["min"]).idxmax()
    low, high = (wording.ratio(reach.loc[widest, edge], signed=True) for edge in ("min", "max"))
    return f"The beta on {widest} moved most, from {low} to {high}: a constant beta is a simplification."


def parts(study: AlphaStudy) -> pd.DataFrame:
    """The spread's return in parts, a year and in all."""
    wide = attributed(study)
    if wide.empty or study.best is None:
        return pd.DataFrame({"words": pd.Series(dtype="str"), "a_year": [], "total": []})
    total = wide.iloc[-1]
    a_year = total / len(wide) * float(study.best["periods_a_year"])
    words = [
        name if name not in ("alpha", "residual") else wording.sentence_case(name) for name in total.index
    ]
    return pd.DataFrame({"words": words, "a_year": a_year.to_numpy(), "total": total.to_numpy()})


def parts_lines(study: AlphaStudy) -> pd.DataFrame:
    """The parts summed over time in lines that can be told apart: the largest factor, the others as one."""
    wide = attributed(study)
    factors = wide.drop(columns=["alpha", "residual"], errors="ignore")
    if factors.empty:
        return wide
    first = factors.iloc[-1].abs().idxmax()
    lines = {"Alpha": wide["alpha"], str(first): factors[first]}
    others = factors.drop(columns=first)
    if len(others.columns):
        lines["Other factors"] = others.sum(axis=1)
    return pd.DataFrame({**lines, "Residual": wide["residual"]})


def parts_sentence(study: AlphaStudy) -> str:
    """How much of the return is alpha and how much is pay for factors."""
    table = parts(study)
    if table.empty:
        return "There is no regression to attribute the return by."
    by_name = table.set_index("words")["a_year"]
    alpha = float(by_name["Alpha"])
    premia = float(by_name.drop(["Alpha", "Residual"]).sum())
    return (
        f"A year the spread returned {wording.percent(alpha + premia, signed=True)}, of which "
        f"{wording.percent(premia, signed=True)} is what its betas earned and "
        f"{wording.percent(alpha, signed=True)} "
        "is alpha; the residual adds up to nothing over all periods by construction."
    )


def largest_sentence(study: AlphaStudy) -> str:
    """Which factor paid or cost most."""
    table = parts(study)
    if table.empty:
        return "There is no regression to attribute the return by."
    paid = table.set_index("words")["a_year"].drop(["Alpha", "Residual"])
    if paid.empty:
        return "No factor has a part in it."
    first = paid.abs().idxmax()
    return f"Of the factors {first} has the largest part, {wording.percent(paid[first], signed=True)} a year."


def risk(study: AlphaStudy) -> pd.DataFrame:
    """Measures side by side, in the units of each, on the first series there is."""
    table = study.tables["signal_risk"]
    if table.empty:
        return pd.DataFrame(columns=["words", *PORTFOLIOS], dtype="str")
    own = table.loc[table["series"] == table["series"].iloc[0]]
    shown = [
        wording.figure(row.value, row.unit, reason=codes.words(row.code) if row.code else "")
        for row in own.itertuples()
    ]
    wide = own.assign(shown=shown).pivot_table(
        index="metric", columns="portfolio", values="shown", aggfunc="first", sort=False
    )
    return wide.reset_index().assign(words=lambda rows: rows["metric"].map(wording.measure))


def risk_sentence(study: AlphaStudy) -> str:
    """Return, risk and deepest fall after costs."""
    table = study.tables["signal_risk"]
    if table.empty:
        return "There is no spread to measure."
    first = table.iloc[0]
    periods = f"{wording.count(first['observations'])} {SERIES_WORDS[first['series']]}"
    return (
        f"After costs the spread has a Sharpe ratio of {wording.ratio(study.risk('sharpe', 'net'))} a year "
        f"({wording.ratio(study.risk('sharpe'))} before them) and fell by "
        f"{wording.percent(-study.risk('max_drawdown', 'net'))} at the deepest, over {periods}."
    )
