"""What the page of ``funds/comparison`` shows and says: the funds side by side, and who is best in what."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, adds_up, equal, holds, within
from lib.contracts import Column, KeyFigure
from lib.funds.comparison import FEWEST, METRICS, MOST, Common
from lib.tables.columns import number, text

SHORT_DAYS = 250
"""Common days under which measures of a year are not to be trusted."""
WINDOW: tuple[str | Column, ...] = ("name", "category", "first_nav", "last_nav", "origin")
UNITS = {"fraction": wording.percent, "ratio": wording.ratio}


def side_by_side(table: pd.DataFrame, window: pd.DataFrame) -> pd.DataFrame:
    """Measures x funds, each value in its unit with its rank, or n/a with its reason."""
    cells = table.assign(cell=[_cell(row) for _, row in table.iterrows()])
    wide = cells.pivot_table(index="metric", columns="fund_id", values="cell", aggfunc="first", sort=False)
    shown = wide.reindex(columns=window["fund_id"]).rename(columns=window.set_index("fund_id")["name"])
    names = [_measure(str(metric)) for metric in shown.index]
    frame = shown.rename_axis(columns=None).reset_index(drop=True)
    frame.insert(0, "measure", names)
    return frame


def columns_of(window: pd.DataFrame) -> list[str | Column]:
    """The columns of ``side_by_side``."""
    return [text("measure"), *(text(name, label=name) for name in window["name"])]


def side_sentence(table: pd.DataFrame, window: pd.DataFrame) -> str:
    """Which fund is first in most measures."""
    firsts = firsts_of(table, window)
    best = firsts[firsts["firsts"] == firsts["firsts"].max()]
    ranked = int(table.dropna(subset="rank_in_set")["metric"].nunique())
    names = wording.joined(best["name"])
    return (
        f"{names} {'is' if len(best) == 1 else 'are'} first in {int(best['firsts'].iloc[0])} of "
        f"{wording.plural(ranked, 'ranked measure')}; they overlap, so that this is no verdict."
    )


FIRSTS: tuple[str | Column, ...] = (
    "name",
    number("firsts", label="First in", unit="count"),
    number("mean_rank", label="Mean rank", absent="no rank"),
)


def firsts_of(table: pd.DataFrame, window: pd.DataFrame) -> pd.DataFrame:
    """How often each fund is first, alone or with others, and its mean rank; the best mean rank first."""
    ranked = table.dropna(subset="rank_in_set")
    best = ranked["rank_in_set"] == ranked.groupby("metric")["rank_in_set"].transform("min")
    firsts = best.groupby(ranked["fund_id"].array).sum()
    mean = ranked.groupby("fund_id")["rank_in_set"].mean()
    ids = window["fund_id"]
    frame = pd.DataFrame(
        {
            "name": window["name"].to_numpy(),
            "firsts": firsts.reindex(ids, fill_value=0).to_numpy(dtype="float64"),
            "mean_rank": mean.reindex(ids).to_numpy(dtype="float64"),
        }
    )
    return frame.sort_values("mean_rank", kind="stable", ignore_index=True)


def firsts_sentence(table: pd.DataFrame, window: pd.DataFrame) -> str:
    """Which fund has the best mean rank."""
    first = firsts_of(table, window).iloc[0]
    return f"{first['name']} has the best mean rank, {wording.number(first['mean_rank'])} of {len(window)}."


def growth(frame: pd.DataFrame, window: pd.DataFrame) -> pd.DataFrame:
    """Value of 1 by fund, under its name."""
    return frame.rename(columns=window.set_index("fund_id")["name"])


def growth_sentence(table: pd.DataFrame, window: pd.DataFrame) -> str:
    """The best and the worst return over the common days."""
    own = table[table["metric"] == "cumulative_return"].set_index("fund_id")["value"].dropna()
    if own.empty:
        return _span(window)
    names = window.set_index("fund_id")["name"]
    best, worst = own.idxmax(), own.idxmin()
    return (
        f"{_span(window)} {names[best]} returned most, {wording.percent(own[best])}, and {names[worst]} "
        f"least, {wording.percent(own[worst])}."
    )


def window_sentence(window: pd.DataFrame) -> str:
    """The common days, and which fund limits them."""
    if (window["first_nav"] == window["first_nav"].iloc[0]).all():
        return f"{_span(window)} All have their first NAV on the same day."
    latest = window.loc[window["first_nav"].idxmax()]
    return f"{_span(window)} {latest['name']} is the youngest and sets where they begin."


def faults(window: pd.DataFrame, benchmark: str | None, table: pd.DataFrame) -> list[str]:
    """What is wrong with the data: origins, few common days, funds that ended, no benchmark."""
    found = []
    parts = [f"{row['name']} ({row['origin']})" for _, row in window.iterrows() if row["origin"] != "real"]
    if parts:
        found.append(f"NAVs that are no real record: {wording.joined(parts)}.")
    days = int(window["common_days"].iloc[0])
    if days < SHORT_DAYS:
        found.append(f"The funds have only {wording.plural(days, 'day')} in common.")
    ended = window[window["last_nav"] < window["last_nav"].max() - pd.Timedelta(days=7)]
    if len(ended):
        found.append(f"The comparison ends where {wording.joined(ended['name'])} ended.")
    without = (table["metric"] == "beta") & table["value"].isna()
    if without.any():
        found.append(f"{benchmark or 'No benchmark'} gives no levels for the common days.")
    return found


def verdict(table: pd.DataFrame, window: pd.DataFrame) -> str:
    """Who is first in most, over which days."""
    return f"{side_sentence(table, window)} {_span(window)}"


def checks(table: pd.DataFrame, window: pd.DataFrame, common: Common) -> list[Check]:
    """What must hold of this very result."""
    size = len(window)
    ranked = table.dropna(subset="rank_in_set")
    known = ranked.groupby("metric")["rank_in_set"].agg(["sum", "size"])
    expected = (known["size"] * (known["size"] + 1) / 2).sum()
    return [
        within("Two to five funds", float(size), FEWEST, MOST, noun="set", words=wording.count),
        equal("Every measure has every fund", len(table), size * table["metric"].nunique()),
        holds(
            "No NAV is missing on a common day",
            bool(common.navs.notna().to_numpy().all()),
            wording.plural(len(common.navs), "common day"),
        ),
        adds_up("Ranks add up to those of as many funds", ranked["rank_in_set"], float(expected)),
    ]


def key_figures(table: pd.DataFrame, window: pd.DataFrame) -> list[KeyFigure]:
    """Common days, and the best of the three measures that are asked for first."""
    days = window["common_days"].iloc[0]
    found = [KeyFigure("common_days", float(days), "days", "higher", _span(window))]
    names = window.set_index("fund_id")["name"]
    for metric in ("score_scaled", "cumulative_return", "expense_ratio"):
        own = table[(table["metric"] == metric) & table["rank_in_set"].notna()]
        if own.empty:
            continue
        best = own.loc[own["rank_in_set"].idxmin()]
        unit = "fraction" if best["unit"] == "fraction" else "ratio"
        words = f"{names[best['fund_id']]} is best by {wording.measure(metric).lower()}."
        found.append(KeyFigure(f"best_{metric}", float(best["value"]), unit, best["better"], words))
    return found


def _cell(row: pd.Series) -> str:
    """A value in its unit, and its rank where there is one."""
    if wording.is_missing(row["value"]):
        return wording.not_available(codes.words(row["flag"]))
    value = UNITS.get(row["unit"], wording.number)(row["value"])
    if wording.is_missing(row["rank_in_set"]):
        return value
    rank = row["rank_in_set"]
    return f"{value} (no. {wording.number(rank, 0 if rank == int(rank) else 1)})"


def _measure(name: str) -> str:
    """A measure in words, with the direction that is better."""
    better = METRICS[name].better
    mark = {"higher": ", more is better", "lower": ", less is better"}.get(better, "")
    return f"{wording.measure(name)}{mark}"


def _span(window: pd.DataFrame) -> str:
    first, last = window["first_common"].iloc[0], window["last_common"].iloc[0]
    days = wording.plural(int(window["common_days"].iloc[0]), "day")
    return f"From {wording.date(first)} to {wording.date(last)}, {days} in common."
