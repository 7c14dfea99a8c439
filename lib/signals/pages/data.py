"""The page of signals/data: what signals can be tested on, what is made up, what was set aside and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.checks import Check, counts_add_up, none
from lib.contracts import KeyFigure, MadeUp
from lib.found_issues import Checked
from lib.signals.raw import CLOCK, VALUES, end_of
from lib.source_report import MADE, MEANING, failures
from lib.tables.columns import count, date, fraction, text

FEW_FIRMS = 50
"""Firms below which groups of five are thin, and a result says little."""
UNIVERSES = (
    text("universe", label="List"),
    count("firms"),
    count("members", label="In it now"),
    count("ended", label="Left the market"),
    count("unknown_end", label="End unknown"),
    date("first_date", label="First return", null=True, absent="no return"),
    date("last_date", label="Last return", null=True, absent="no return"),
    fraction("sized", label="Returns with a market value", null=True, absent="no return"),
    text("origin"),
)
SIGNALS = (
    text("signal"),
    count("values"),
    count("firms"),
    count("parts", label="Components"),
    date("first_date", label="First known"),
    date("last_date", label="Last known"),
    text("origin"),
)
COLLECTIONS = (
    text("collection"),
    text("frequency"),
    text("series", label="Factor"),
    count("periods"),
    date("first_date", label="First"),
    date("last_date", label="Last"),
    fraction("mean", label="Mean a year"),
    fraction("volatility", label="Volatility a year", null=True, absent="one period"),
    text("origin"),
)
EXPERIMENTS = (
    text("name"),
    text("kind"),
    count("rows"),
    count("units", label="Firms or units"),
    text("treated", label="Units treated"),
    text("origin"),
)
FOUND = (MEANING, "action", "severity", count("issues"), count("subjects"), text("example"), "check")
NOUNS = {"signal_returns": "return", "given_signal_values": "value", "signal_facts": "figure"}
"""Tables whose rows are told, and what a row is."""
ISSUES = ("table", "entity", "date", MEANING, "action", "detail", "severity", "check")


def universes_sentence(universes: pd.DataFrame) -> str:
    """How many firms each list holds, and since when."""
    if universes.empty:
        return "No list of firms came."
    parts = [
        f"{row.universe} holds {wording.plural(int(row.firms), 'firm')} "
        f"({row.origin}), {wording.count(row.members)} of them now in it"
        for row in universes.itertuples()
    ]
    return f"{wording.joined(parts)}."


def firms_sentence(firms: pd.DataFrame) -> str:
    """When each list has the most firms with returns."""
    if firms.empty:
        return "No firm has a return."
    parts = [f"{name} {_span(column.dropna())}" for name, column in firms.items()]
    return f"Firms with a return in the month: {wording.joined(parts)}. A firm that left is in it until then."


def _span(counts: pd.Series) -> str:
    low, high = wording.count(counts.min()), wording.count(counts.max())
    return f"{high} throughout" if low == high else f"between {low} and {high}"


def signals(given: pd.DataFrame) -> pd.DataFrame:
    """The signals that the source gives, with the days of their first and last value."""
    days = {
        name: given[column].dt.tz_localize(None).dt.normalize()
        for name, column in (("first_date", "first_known"), ("last_date", "last_known"))
    }
    return given.assign(**days)


def signals_sentence(given: pd.DataFrame) -> str:
    """How many signals came, and which are made up."""
    if given.empty:
        return "The source gives no signal of its own; each must come from a file."
    made = given.loc[given["origin"].isin(MADE), "signal"]
    more = f"; {wording.joined(made)} {'is' if len(made) == 1 else 'are'} generated" if len(made) else ""
    values = wording.count(given["values"].sum())
    return f"{wording.plural(len(given), 'signal')} came with {values} values{more}."


def collections_sentence(collections: pd.DataFrame) -> str:
    """Which collections end when."""
    if collections.empty:
        return "Neither factors nor sorted portfolios came, so that no alpha can be told."
    last = collections.groupby("collection", sort=True)["last_date"].min()
    parts = [f"{name} to {wording.date(day)}" for name, day in last.items()]
    return f"All series of a collection reach: {wording.joined(parts)}. Later returns have no factors."


def experiments(found: pd.DataFrame) -> pd.DataFrame:
    """Lists of events and designs, the number of treated units as text."""
    treated = found["treated"].map(lambda one: "" if pd.isna(one) else wording.count(one)).astype("str")
    return found.assign(treated=treated.where(found["kind"] == "design", "-"))


def experiments_sentence(found: pd.DataFrame) -> str:
    """How many lists of events and designs there are."""
    kinds = found["kind"].value_counts()
    lists, designs = int(kinds.get("events", 0)), int(kinds.get("design", 0))
    return f"{wording.plural(lists, 'list')} of events and {wording.plural(designs, 'natural experiment')}."


def checks(checked: Checked, as_of: str) -> list[Check]:
    """What must hold of the tables that are handed on, whatever the source gave."""
    returns = checked.tables["signal_returns"]
    name, day = pd.factorize(returns["entity"])[0], returns["date"].to_numpy().astype("int64")
    order = np.lexsort((day, name))
    twice = int(((np.diff(name[order]) == 0) & (np.diff(day[order]) == 0)).sum())
    late = sum(_late(frame, table, as_of) for table, frame in checked.tables.items())
    told = {"received": checked.received["signal_returns"]}
    parts = {"kept": len(returns), "set aside": checked.set_aside("signal_returns")}
    ids = checked.tables["signal_entities"]["entity"]
    strange = int((~returns["entity"].isin(ids)).sum())
    bad = int((~(returns["return"] >= -1.0) | np.isinf(returns["return"])).sum())
    return [
        counts_add_up("Every return received is kept or accounted for", told, parts),
        none("One return a firm and day", twice, "repeated"),
        none("Every return kept is finite and no less than -100%", bad, "are not"),
        none("Nothing is known after the as-of date", late, "rows known later"),
        none("Every return is of a firm in the list", strange, "are not"),
    ]


def _late(frame: pd.DataFrame, table: str, as_of: str) -> int:
    clock = CLOCK[VALUES if table == "given_signal_values" else f"raw_{table}"]
    return int((frame[clock] >= end_of(pd.Timestamp(as_of), frame[clock])).sum()) if clock else 0


def faults(checked: Checked, universes: pd.DataFrame, log: pd.DataFrame) -> list[str]:
    """What is wrong with the data, to be read before all else."""
    told = []
    failed = log[log["status"] != "ok"]
    if len(failed):
        told.append(f"The source did not give all: {failures(failed)}.")
    if len(made := universes.loc[universes["origin"].isin(MADE), "universe"]):
        told.append(
            MadeUp(f"Generated, not observed: {wording.joined(made)}; no result on them is one of markets.")
        )
    few = universes[~universes["origin"].isin(MADE) & (universes["firms"] < FEW_FIRMS)]
    if len(few):
        parts = [f"{row.universe} has {wording.plural(int(row.firms), 'firm')}" for row in few.itertuples()]
        told.append(f"{wording.joined(parts)}: too few to prove anything.")
    if len(alive := universes[~universes["origin"].isin(MADE) & (universes["ended"] == 0)]):
        names = wording.joined(alive["universe"])
        told.append(f"No firm of {names} ever left: those that failed are missing (survivorship).")
    if len(old := universes[~universes["fresh"]]):
        told.append(f"Old or no returns: {wording.joined(old['universe'])}.")
    aside = {name: checked.set_aside(name) for name in checked.tables}
    if total := sum(aside.values()):
        parts = [f"{wording.count(rows)} of {name}" for name, rows in aside.items() if rows]
        told.append(f"{wording.plural(total, 'row')} set aside: {wording.joined(parts)}.")
    return told


def verdict(checked: Checked, universes: pd.DataFrame) -> str:
    """The page in one sentence, after its faults."""
    returns = len(checked.tables["signal_returns"])
    firms = int(universes["firms"].sum())
    head = f"{wording.count(returns)} daily returns of {wording.plural(firms, 'firm')}"
    lists = f"in {wording.plural(len(universes), 'list')} can be used"
    unusual = checked.issues["action"].eq("kept") & checked.issues["severity"].ne("info")
    doubt = (
        f"; kept but in doubt: {wording.plural(int(unusual.sum()), 'series', 'series')}"
        if unusual.any()
        else ""
    )
    return f"{head} {lists}{doubt}."


def key_figures(checked: Checked, universes: pd.DataFrame) -> list[KeyFigure]:
    """What the run's front page shows of this stage."""
    firms = int(universes["firms"].sum())
    real = int(universes.loc[~universes["origin"].isin(MADE), "firms"].sum())
    aside = sum(checked.set_aside(name) for name in checked.tables)
    serious = int(checked.issues["severity"].eq("error").sum())
    return [
        KeyFigure("firms", firms, "count", "neither", f"{wording.plural(firms, 'firm')} in all lists."),
        KeyFigure("real_firms", real, "count", "higher", f"{wording.count(real)} of the firms are real."),
        KeyFigure(
            "rows_set_aside",
            aside,
            "count",
            "lower",
            f"{wording.plural(aside, 'row')} set aside in all tables.",
        ),
        KeyFigure(
            "serious_issues", serious, "count", "lower", f"{wording.plural(serious, 'issue')} that cost rows."
        ),
    ]
