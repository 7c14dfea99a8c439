"""The page of signals/data: what the source gave, what was set aside, and which of it is real."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.checks import Check, none
from lib.contracts import KeyFigure
from lib.signals.cleaning import Checked
from lib.tables.columns import count, date, fraction, text

MOST_NAMED = 3
MEANING = text("meaning", label="What was found")
ASKED = (
    text("item", label="Asked for"),
    text("status", label="How it ended"),
    count("rows"),
    count("skipped"),
    "last_date",
    "detail",
)
UNIVERSES = (
    text("universe", label="Universe"),
    count("firms", label="Firms"),
    count("members", label="In it today"),
    count("gone", label="Left the market"),
    count("unknown", label="End not known"),
    date("first", label="First return", null=True, absent="no return"),
    date("last", label="Last return", null=True, absent="no return"),
    fraction("capitalised", label="Returns with a market value", null=True, absent="no return"),
    text("origin", label="Origin"),
)
SERIES = (
    text("collection", label="Collection"),
    text("frequency"),
    count("series", label="Series"),
    date("first", label="From"),
    date("last", label="To"),
    count("observations", label="Periods"),
    text("names", label="Which"),
    text("origin", label="Origin"),
)
FOUND = (MEANING, "table", "entity", "date", "detail", "action", "severity", "check")
ROWS = (
    text("table"),
    count("received"),
    count("kept"),
    count("aside", label="Set aside"),
    text("origin", label="Origins"),
)


def asked(log: pd.DataFrame) -> pd.DataFrame:
    """The log of the source as it stands, its words for how each request ended."""
    words = log["status"].map(codes.words).astype("str")
    return log.assign(status=words, rows=log["rows"].astype("int64"), skipped=log["skipped"].astype("int64"))


def asked_sentence(log: pd.DataFrame) -> str:
    """Whether all that was asked for came."""
    failed = log[log["status"] != "ok"]
    if failed.empty:
        return f"All {wording.plural(len(log), 'table')} that were asked for came."
    return f"{wording.named(failed['item'], MOST_NAMED)} did not come as asked."


def universes(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a universe: its firms, how many left the market, from when to when there are returns."""
    firms = tables["signal_entities"].drop_duplicates(["universe", "entity"])[
        ["universe", "entity", "origin"]
    ]
    moves = tables["signal_memberships"].sort_values("date", kind="stable")
    now = moves.drop_duplicates(["universe", "entity"], keep="last").rename(columns={"member": "in_it"})
    gone = tables["signal_delistings"][["entity", "return"]].assign(left=True)
    spans = (
        tables["signal_returns"]
        .groupby("entity")
        .agg(
            first=("date", "min"),
            last=("date", "max"),
            days=("return", "size"),
            valued=("market_cap", "count"),
        )
    )
    rows = firms.merge(now[["universe", "entity", "in_it"]], "left").merge(gone, "left", on="entity")
    rows = rows.join(spans, on="entity")
    left = rows["left"].eq(True)
    rows = rows.assign(members=rows["in_it"].eq(True), left=left, unknown=left & rows["return"].isna())
    table = rows.groupby("universe", as_index=False).agg(
        firms=("entity", "size"),
        members=("members", "sum"),
        gone=("left", "sum"),
        unknown=("unknown", "sum"),
        first=("first", "min"),
        last=("last", "max"),
        days=("days", "sum"),
        valued=("valued", "sum"),
        origin=("origin", lambda origins: ", ".join(sorted(set(origins)))),
    )
    return table.assign(capitalised=table["valued"] / table["days"].where(table["days"] > 0))


def universes_sentence(tables: dict[str, pd.DataFrame]) -> str:
    """How many firms there are and how many of them left the market."""
    table = universes(tables)
    if table.empty:
        return "The source has no universe, so that no signal can be tested."
    said = [
        f"{row.universe} has {wording.plural(int(row.firms), 'firm')}"
        + (f", of which {wording.count(row.gone)} left the market" if row.gone else ", and none that failed")
        for row in table.itertuples()
    ]
    return f"{wording.joined(said)}. A universe in which nobody fails is one of survivors."


def series(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a collection of factors or sorted portfolios, and one an index."""
    factors = tables["factor_sets"].rename(columns={"factor_set": "collection", "factor": "name"})
    sorts = tables["test_portfolios"].rename(columns={"portfolio_set": "collection", "portfolio": "name"})
    index = tables["signal_benchmarks"].assign(
        frequency="daily", name=tables["signal_benchmarks"]["benchmark"]
    )
    index = index.rename(columns={"benchmark": "collection"})
    columns = ["collection", "frequency", "name", "date", "origin"]
    both = pd.concat([part[columns] for part in (factors, sorts, index) if len(part)] or [factors[columns]])
    return both.groupby(["collection", "frequency"], as_index=False).agg(
        series=("name", "nunique"),
        first=("date", "min"),
        last=("date", "max"),
        observations=("date", "nunique"),
        names=("name", lambda names: wording.named(sorted(set(names)), 7)),
        origin=("origin", lambda origins: ", ".join(sorted(set(origins)))),
    )


def series_sentence(tables: dict[str, pd.DataFrame]) -> str:
    """Which collection ends earliest: an alpha cannot be measured after it."""
    table = series(tables)
    if table.empty:
        return "There is no factor, portfolio or index to compare with."
    ended = table.loc[table["last"].idxmin()]
    return (
        f"{wording.plural(len(table), 'collection')}; {ended['collection']} ends first, on "
        f"{wording.date(ended['last'])}: nothing after it can be held against it."
    )


def found(issues: pd.DataFrame) -> pd.DataFrame:
    """All issues in words, the gravest first."""
    return issues.assign(meaning=issues["check"].map(codes.words).astype("str"))


def found_sentence(checked: Checked) -> str:
    """How many rows were set aside."""
    aside = sum(checked.set_aside(name) for name in checked.tables)
    if not len(checked.issues):
        return "No check spoke; no row was set aside."
    return f"{wording.plural(aside, 'row')} set aside; one line tells all rows of a firm that a check found."


def rows(checked: Checked) -> pd.DataFrame:
    """Rows received, kept and set aside by table, with the origins in it."""
    kept = checked.tables
    return pd.DataFrame(
        {
            "table": list(kept),
            "received": [checked.received[name] for name in kept],
            "kept": [len(frame) for frame in kept.values()],
            "aside": [checked.set_aside(name) for name in kept],
            "origin": [", ".join(sorted(frame["origin"].unique())) or "no row" for frame in kept.values()],
        }
    )


def rows_sentence(checked: Checked) -> str:
    """Which tables hold generated rows."""
    made = [name for name, frame in checked.tables.items() if frame["origin"].eq("generated").any()]
    if not made:
        return "No row is generated."
    return f"Generated rows are in {wording.joined(made)}: what rests on them says nothing of a market."


def checks(checked: Checked, as_of: str) -> list[Check]:
    """What must hold of the tables that are handed on."""
    end = pd.Timestamp(as_of) + pd.Timedelta(days=1)
    returns = checked.tables["signal_returns"]
    late = sum(
        int((frame[name].dt.tz_localize(None) >= end).sum())
        for frame in checked.tables.values()
        for name in ("known_at",)
        if name in frame
    )
    return [
        none("Nothing is known after the as-of date", late + int((returns["date"] >= end).sum()), "rows"),
        none("No return is below -100 %", int((returns["return"] < -1.0).sum()), "are"),
        none(
            "One return a firm and session",
            int(returns.duplicated(["entity", "date"]).sum()),
            "are given twice",
        ),
    ]


def faults(checked: Checked, log: pd.DataFrame) -> list[str]:
    """What is wrong with the data, to be read before all else."""
    told = []
    failed = log[log["status"] != "ok"]
    if len(failed):
        told.append(f"The source did not give all: {wording.named(failed['item'], MOST_NAMED)}.")
    dropped = checked.issues[checked.issues["action"].eq("dropped") & checked.issues["severity"].ne("info")]
    if len(dropped):
        reasons = wording.joined(codes.words(one) for one in dropped["check"].unique())
        told.append(f"Rows were set aside: {reasons}.")
    table = universes(checked.tables)
    made = table.loc[table["origin"].str.contains("generated"), "universe"]
    if len(made):
        told.append(f"{wording.joined(made)} is generated: it shows how a test works and tells of no market.")
    alive = table.loc[(table["gone"] == 0) & ~table["origin"].str.contains("generated"), "universe"]
    if len(alive):
        told.append(f"{wording.joined(alive)} holds survivors only, so that its returns are too high.")
    return told


def verdict(checked: Checked) -> str:
    """The page in one sentence, after its faults."""
    table, returns = universes(checked.tables), checked.tables["signal_returns"]
    if returns.empty:
        return "There is no return, so that no signal can be tested."
    return (
        f"{wording.plural(len(table), 'universe')} with {wording.plural(int(table['firms'].sum()), 'firm')} "
        f"and {wording.count(len(returns))} daily returns from {wording.date(returns['date'].min())} to "
        f"{wording.date(returns['date'].max())}."
    )


def key_figures(checked: Checked) -> list[KeyFigure]:
    """What the run's front page shows of this stage."""
    firms = checked.tables["signal_entities"]["entity"].nunique()
    aside = sum(checked.set_aside(name) for name in checked.tables)
    return [
        KeyFigure("firms", firms, "count", "neither", f"{wording.plural(firms, 'firm')} can be tested on."),
        KeyFigure("rows_set_aside", aside, "count", "lower", f"{wording.plural(aside, 'row')} set aside."),
    ]
