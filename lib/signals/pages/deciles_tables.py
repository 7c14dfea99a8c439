"""What the page of ``signals/deciles`` shows of paths, tests, other sorts, dates and the newest list."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.contracts import Column
from lib.signals.pages.deciles import PERIOD, PORTFOLIOS
from lib.signals.sort_study import SortStudy
from lib.tables.columns import text
from lib.tables.signal_sorts import BASE

METHODS = {
    "newey_west": "Newey-West",
    "percentile": "Bootstrap, percentiles",
    "studentised": "Bootstrap, studentised",
}
TESTS: tuple[str | Column, ...] = (
    text("words", label="Of"),
    text("how", label="By"),
    text("shown", label="Figure"),
    text("interval", label="95% interval"),
    "t",
    text("chance", label="p"),
)
DATES: tuple[str | Column, ...] = (
    "date",
    "members",
    "not_traded",
    "without_value",
    "sorted",
    "groups",
    "delisted",
    "assumed",
    text("notes", label="Notes"),
)
SORTS: tuple[str | Column, ...] = (
    text("sorted_by", label="Sorted by"),
    text("weights", label="Weights"),
    "mean",
    "low",
    "high",
    "t",
    "sharpe",
    "turnover",
    "periods",
)
TODAY: tuple[str | Column, ...] = ("name", "symbol", "value", "group", "side", "position")


def wealth(study: SortStudy) -> pd.DataFrame:
    """Value of 1 in the lowest, middle and highest group of dates with the usual number of groups."""
    rows = study.tables["group_returns"]
    rows = rows.loc[(rows["sort"] == BASE) & (rows["weighting"] == study.choice.weighting)]
    if rows.empty:
        return pd.DataFrame(index=pd.DatetimeIndex([]))
    usual = rows["groups"].mode().max()
    own = rows.loc[rows["groups"] == usual]
    wide = own.pivot_table(index="date", columns="group", values="return")
    chosen = sorted({1.0, float((usual + 1) // 2), float(usual)}, reverse=study.higher)
    path = (1.0 + wide[[one for one in chosen if one in wide]].fillna(0.0)).cumprod()
    return path.rename(columns=lambda one: f"Group {int(one)}")


def wealth_sentence(study: SortStudy) -> str:
    """What 1 became in the end groups."""
    path = wealth(study)
    if path.empty:
        return "There is no period with both sides."
    ends_of = wording.joined(f"{wording.number(path[name].iloc[-1])} in {name.lower()}" for name in path)
    return f"1 became {ends_of} by {wording.date(path.index[-1])}, before costs."


def spread_wealth(study: SortStudy) -> pd.DataFrame:
    """Summed difference before and after costs, in decimals of the money on one side."""
    rows = study.tables["long_short"]
    rows = rows.loc[(rows["sort"] == BASE) & (rows["weighting"] == study.choice.weighting)]
    path = rows.set_index("date")[["return", "net"]].cumsum()
    return path.rename(columns={"return": "Before costs", "net": "After costs"})


def spread_sentence(study: SortStudy) -> str:
    """How steady it was."""
    row = study.row("long_short")
    if wording.is_missing(row["mean"]):
        return "There is no period with both sides."
    every = PERIOD[study.choice.every]
    return (
        f"{wording.percent(row['hit_rate'], 0)} of {wording.plural(study.periods, every)} were above zero; a "
        "line that rises in one stretch only speaks of that stretch."
    )


def tests(study: SortStudy) -> pd.DataFrame:
    """The tests of the difference in words."""
    table = study.tables["signal_sort_tests"]
    own = table.loc[table["weighting"] == study.choice.weighting]
    rule = own.loc[own["by_rule"] & (own["method"] == "newey_west"), "lags"].max()
    own = own.loc[own["by_rule"] | (own["lags"] != rule)]
    rows = own.to_dict("records")
    return own.assign(
        chance=["" if wording.is_missing(row["p"]) else wording.p_value(row["p"]) for row in rows],
        words=own["portfolio"].map(PORTFOLIOS),
        how=[_how(row) for row in rows],
        shown=[_written(row["value"], row["figure"]) for row in rows],
        interval=[
            f"{_bare(row['low'], row['figure'])} to {_bare(row['high'], row['figure'])}" for row in rows
        ],
    )


def _how(row: dict) -> str:
    name = METHODS[row["method"]]
    if row["method"] != "newey_west":
        return f"{name}, blocks of {row['lags']}"
    rule = ", by the rule" if row["by_rule"] else ""
    return f"{name}, {wording.plural(row['lags'], 'lag')}{rule}"


def _written(value: float, figure: str) -> str:
    return _bare(value, figure) if figure == "mean" else f"Sharpe {_bare(value, figure)}"


def _bare(value: float, figure: str) -> str:
    return wording.percent(value, 2, signed=True) if figure == "mean" else wording.ratio(value)


def sorts(study: SortStudy) -> pd.DataFrame:
    """The difference of every sort and weighting."""
    table = study.tables["signal_sort_summary"]
    own = table.loc[table["portfolio"] == "long_short"]
    named = own["sort"].where(own["sort"] != BASE, "the signal itself")
    return own.assign(sorted_by=named, weights=own["weighting"])


def sorts_sentence(study: SortStudy) -> str:
    """What is left within sectors, and how far the sides differ in sectors."""
    row = study.row("long_short", sort="within sectors")
    if wording.is_missing(row["mean"]):
        return "The sectors of firms are not known."
    every = PERIOD[study.choice.every]
    tilt = ""
    if not wording.is_missing(study.sector_tilt):
        share = wording.percent(study.sector_tilt, 0)
        tilt = f" The plain sort's sides differ by {share} in one sector on average."
    return (
        f"Compared within sectors the difference is {wording.percent(row['mean'], 2, signed=True)} a {every} "
        f"(t {wording.ratio(row['t'])}).{tilt}"
    )


def dates(study: SortStudy) -> pd.DataFrame:
    """Formation dates, newest first, with notes in words."""
    table = study.tables["signal_sort_dates"].sort_values("date", ascending=False)
    return table.assign(notes=table["flags"].map(codes.all_words))


def dates_sentence(study: SortStudy) -> str:
    """How many firms are sorted, and why others are not."""
    table = study.tables["signal_sort_dates"]
    if table.empty:
        return "No period is over yet."
    members, lost = int(table["members"].sum()), int(table["without_value"].sum())
    halted = int(table["not_traded"].sum())
    return (
        f"Over {wording.plural(len(table), 'formation date')} {wording.count(members)} times a firm was a "
        f"member; {wording.count(lost)} times it had no usable value and {wording.count(halted)} times it "
        "did not trade."
    )


def today_sentence(study: SortStudy) -> str:
    """How many firms are on each side."""
    table = study.tables["signal_today"]
    if table.empty:
        return "Too few firms have a value today for two groups."
    sides = table["side"].value_counts()
    return (
        f"At the close of {wording.date(table['date'].iloc[0])}: "
        f"{wording.plural(int(sides.get('long', 0)), 'firm')} on the long side, "
        f"{wording.count(sides.get('short', 0))} on the short one, by values known "
        f"{wording.plural(study.choice.lag, 'session')} before."
    )
