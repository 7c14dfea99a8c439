"""The page of funds/data: which funds can be judged, how fresh they are, what was set aside and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, counts_add_up, holds, none
from lib.contracts import KeyFigure
from lib.funds.cleaning import Checked
from lib.funds.coverage import ENDED, FRESH, LATE, NONE, fresh_share
from lib.source_report import MEANING, failures
from lib.tables.columns import count, date, days, text

MOST_NAMED, MOST_SHOWN = 3, 50
STATES = {FRESH: "fresh", LATE: "old", ENDED: "ended", NONE: "no NAV"}
FUNDS = (
    "fund_id",
    text("name", absent="not given"),
    text("category", absent="not given"),
    text("state", label="NAV"),
    date("last_date", label="Last NAV", null=True, absent="no NAV"),
    days("age", label="Days old", null=True, absent="no NAV"),
    count("navs", label="NAVs"),
    text("origin"),
)
CATEGORIES = (
    text("category"),
    count("funds"),
    count("fresh", label="With a fresh NAV"),
    count("old", label="Old or none"),
    count("ended"),
    date("first_date", label="First NAV", null=True, absent="no NAV"),
)
FOUND = (
    MEANING,
    "action",
    "severity",
    count("issues"),
    count("funds"),
    text("example", label="Example"),
    "check",
)
NOUNS = {"fund_navs": "NAV", "fund_facts": "figure", "fund_holdings": "holding"}
"""Tables whose rows are told, and what a row is."""
ISSUES = ("fund_id", "date", MEANING, "action", "detail", "severity", "check")


def funds(coverage: pd.DataFrame) -> pd.DataFrame:
    """The funds whose NAV is oldest or missing first; at most the first fifty, those that ended last."""
    rank = coverage["state"].map({NONE: 0, LATE: 1, FRESH: 2, ENDED: 3})
    order = coverage.assign(rank=rank).sort_values(["rank", "age"], ascending=[True, False], kind="stable")
    shown = order.head(MOST_SHOWN).reset_index(drop=True)
    return shown.assign(state=shown["state"].map(STATES).astype("str"))


def funds_sentence(coverage: pd.DataFrame, as_of: str, stale_after: int) -> str:
    """How many of the living funds have a fresh NAV."""
    living = coverage[coverage["state"] != ENDED]
    fresh, ended = int((living["state"] == FRESH).sum()), len(coverage) - len(living)
    over = f"; {wording.plural(ended, 'fund')} had ended" if ended else ""
    return (
        f"{wording.count(fresh)} of {wording.plural(len(living), 'fund')} that had not ended "
        f"{'has' if fresh == 1 else 'have'} a NAV within {stale_after} days of {wording.date(as_of)}{over}."
    )


def categories(coverage: pd.DataFrame) -> pd.DataFrame:
    """One row a category: its funds by how fresh their NAV is, the largest first."""
    told = coverage.assign(category=coverage["category"].fillna("(none)"))
    state = told["state"]
    told = told.assign(
        fresh=(state == FRESH).astype("int64"),
        old=state.isin([LATE, NONE]).astype("int64"),
        ended=(state == ENDED).astype("int64"),
    )
    table = told.groupby("category", as_index=False).agg(
        funds=("fund_id", "size"),
        fresh=("fresh", "sum"),
        old=("old", "sum"),
        ended=("ended", "sum"),
        first_date=("first_date", "min"),
    )
    return table.sort_values(["funds", "category"], ascending=[False, True], ignore_index=True)


def categories_sentence(coverage: pd.DataFrame) -> str:
    """How many categories there are and which is the largest."""
    table = categories(coverage)
    named = table[table["category"] != "(none)"]
    if named.empty:
        return "No fund has a category, so that none can be compared with its peers."
    largest = named.iloc[0]
    return (
        f"{wording.plural(len(named), 'category', 'categories')}; the largest is {largest['category']} "
        f"with {wording.plural(int(largest['funds']), 'fund')}."
    )


def funds_a_day(navs: pd.DataFrame) -> pd.Series:
    """Number of funds that have a NAV, by day."""
    return navs["date"].value_counts(sort=False).sort_index().astype("float64").rename("funds")


def history_sentence(navs: pd.DataFrame) -> str:
    """How far the NAVs go back, and when the most funds have one."""
    daily = funds_a_day(navs)
    if daily.empty:
        return "There is no NAV."
    most = daily.idxmax()
    return (
        f"NAVs begin on {wording.date(daily.index[0])}; the most funds, {wording.count(daily.max())}, "
        f"have one on {wording.date(most)}. Funds that ended are in it as long as they lived."
    )


def checks(raw_navs: pd.DataFrame, checked: Checked, coverage: pd.DataFrame, as_of: str) -> list[Check]:
    """What must hold of the tables that are handed on, whatever the source gave."""
    navs, end = checked.tables["fund_navs"], pd.Timestamp(as_of)
    late = sum(int((frame["known_at"] > end).sum()) for frame in checked.tables.values())
    codes_, day = pd.factorize(navs["fund_id"])[0], navs["date"].to_numpy()
    twice = int(((codes_[1:] == codes_[:-1]) & (day[1:] == day[:-1])).sum()) if len(navs) else 0
    told = {"received": len(raw_navs)}, {"kept": len(navs), "set aside": checked.set_aside("fund_navs")}
    silent = coverage.loc[coverage["state"].isin([LATE, NONE]), "fund_id"]
    aggregate = checked.issues["fund_id"].isna() & checked.issues["check"].isin(["NAV_ABSENT"])
    named = bool(silent.isin(checked.issues["fund_id"]).all() or aggregate.any())
    value = navs["nav"]
    return [
        counts_add_up("Every NAV received is kept or accounted for", *told),
        none("One NAV a fund and day", twice, "repeated"),
        none(
            "Every NAV kept is positive and finite",
            int((~((value > 0) & np.isfinite(value))).sum()),
            "are not",
        ),
        none("Nothing is known after the as-of date", late, "rows known later"),
        holds(
            "Every fund without a fresh NAV is named among the issues",
            named,
            wording.plural(len(silent), "fund"),
        ),
    ]


def faults(checked: Checked, coverage: pd.DataFrame, log: pd.DataFrame) -> list[str]:
    """What is wrong with the data, to be read before all else."""
    told, issues = [], checked.issues
    failed = log[log["status"] != "ok"]
    if len(failed):
        told.append(f"The source did not give all: {failures(failed)}.")
    if len(old := coverage[coverage["state"].isin([LATE, NONE])]):
        names = wording.named(old["name"].fillna(old["fund_id"]), MOST_NAMED)
        total = int((coverage["state"] != ENDED).sum())
        told.append(
            f"{wording.count(len(old))} of {wording.plural(total, 'fund')} without a fresh NAV: {names}."
        )
    if aside := checked.set_aside("fund_navs"):
        why = issues[issues["table"].eq("fund_navs") & issues["action"].eq("dropped")]["check"].unique()
        reasons = wording.joined(codes.words(one) for one in why)
        told.append(
            f"{wording.count(aside)} of {wording.plural(received_navs(checked), 'NAV')} set aside: {reasons}."
        )
    for check, words in (("BAD_TER", "an expense ratio"), ("HOLDINGS_TOTAL", "a list of holdings")):
        if hit := int(issues.loc[issues["check"] == check, "fund_id"].nunique()):
            told.append(f"{wording.plural(hit, 'fund')} had {words} that cannot be right; it was set aside.")
    if issues["check"].eq("NOT_POINT_IN_TIME").any():
        told.append(
            "Some texts or figures are today's, taken for the past: a backtest on them sees the future."
        )
    return told


def received_navs(checked: Checked) -> int:
    """NAVs received."""
    return checked.received["fund_navs"]


def verdict(checked: Checked, coverage: pd.DataFrame, as_of: str, stale_after: int) -> str:
    """The page in one sentence, after its faults."""
    head = funds_sentence(coverage, as_of, stale_after)[:-1]
    aside = checked.set_aside("fund_navs")
    none_was = "" if aside else f"; of {wording.plural(received_navs(checked), 'NAV')} none was set aside"
    jumps = checked.issues[checked.issues["check"].isin(["NAV_JUMP", "NAV_UNIT_CHANGE"])]
    doubt = f"; kept but in doubt: large moves of {wording.plural(len(jumps), 'fund')}" if len(jumps) else ""
    return f"{head}{none_was}{doubt}."


def key_figures(checked: Checked, coverage: pd.DataFrame) -> list[KeyFigure]:
    """What the run's front page shows of this stage."""
    share, aside = fresh_share(coverage), checked.set_aside("fund_navs")
    living = int((coverage["state"] != ENDED).sum())
    kinds = coverage["category"].nunique()
    told = f"{wording.plural(living, 'fund')} in {wording.plural(kinds, 'category', 'categories')}."
    fresh = f"{wording.percent(share)} of the funds that had not ended have a fresh NAV."
    left = f"{wording.count(aside)} of {wording.plural(received_navs(checked), 'NAV')} set aside."
    serious = checked.issues["severity"].eq("error")
    issues = f"{wording.plural(int(serious.sum()), 'issue')} that cost rows or an answer of the source."
    return [
        KeyFigure("funds", living, "count", "neither", told),
        KeyFigure("fresh_funds", share, "fraction", "higher", fresh),
        KeyFigure("navs_set_aside", aside, "count", "lower", left),
        KeyFigure("serious_issues", int(serious.sum()), "count", "lower", issues),
    ]
