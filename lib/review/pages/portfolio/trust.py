"""How far the figures can be trusted, and what they assume."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.review.pages.portfolio.review import Review
from lib.review.section import Section
from lib.review.trust import BETA_DAYS, LOSS_DAYS
from lib.tables.columns import count, fraction, money, number, text
from lib.tables.readiness import NEEDS

SEVERITIES = {"rejected": "rejection", "warning": "warning", "info": "note"}
ORIGIN_WORDS = {
    "real": "Observed market prices",
    "constructed": "Computed from observed prices",
    "generated": "Generated, not observed",
    "manual": "Valued by hand",
    "cash": "Cash",
}
QUALITY_WORDS = {
    "rejected_rows": "Rows of the portfolio file that were rejected",
    "warned_rows": "Rows that carry a warning",
    "unpriced_positions": "Positions without a price, in no total",
    "stale_positions": "Positions on an old price",
    "data_errors": "Faults in the prices of these holdings, set aside",
    "data_warnings": "Remarks on the prices of these holdings",
}
GRAVE = {
    "rejected_rows": ("rejected row", "rejected rows"),
    "unpriced_positions": ("position without a price", "positions without a price"),
    "data_errors": ("price set aside", "prices set aside"),
}


NEED_WORDS = {
    "price": "A price of the day",
    "history": "Returns beside the factors'",
    "betas": "Betas",
    "underlying_price": "Price of the underlying",
    "volatility": "Volatility",
    "rate": "Interest rate",
    "dividend": "Dividend yield",
}


def origins(review: Review) -> pd.DataFrame:
    """On what kind of price the value rests."""
    table = review.figures("origin", ["item", "exposure", "share", "gross_share"])
    return table.assign(item=table["item"].map(ORIGIN_WORDS))


def origins_sentence(review: Review) -> str:
    """On what kind of data the value rests."""
    table = origins(review).dropna(subset="gross_share")
    if table.empty:
        return "Nothing is held, so there is nothing to rest on."
    parts = [
        f"{wording.percent(one.gross_share)} {one.item.lower()}" for one in table.itertuples(index=False)
    ]
    return f"Of gross exposure and cash: {wording.joined(parts)}."


def quality(review: Review) -> pd.DataFrame:
    """Counts of everything that is unusual about the data of this book."""
    rows = review.report[review.report["section"] == "quality"]
    return pd.DataFrame({"item": rows["measure"].map(QUALITY_WORDS), "count": rows["value"].astype("int64")})


def quality_sentence(review: Review) -> str:
    """Whether anything about the data needs attention."""
    counts = review.figures("quality").iloc[0]
    found = [wording.plural(int(counts[name]), *nouns) for name, nouns in GRAVE.items() if counts[name]]
    remarks = int(counts["warned_rows"] + counts["data_warnings"])
    mild = wording.plural(remarks, "remark") if remarks else "no remarks"
    if found:
        return f"Needs attention: {wording.joined(found)}; besides, {mild}."
    return f"Every row of the file counts and has a price; {mild}."


def issues(review: Review) -> pd.DataFrame:
    """Rejected rows first, then warnings, by line."""
    table = review.tables.row_issues
    rank = table["severity"].map({name: place for place, name in enumerate(SEVERITIES)})
    order = table.assign(rank=rank).sort_values(["rank", "line"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def issues_sentence(review: Review) -> str:
    """How many remarks of each severity there are."""
    counts = review.tables.row_issues["severity"].value_counts()
    parts = [wording.plural(int(counts[name]), noun) for name, noun in SEVERITIES.items() if name in counts]
    return f"The file gave {wording.joined(parts) or 'no cause for a remark'}."


def coverage(review: Review) -> pd.DataFrame:
    """What each analysis covers and why it leaves out the rest."""
    table = review.figures("coverage", ["item", "done", "asked", "note"])
    state = (table["done"] == table["asked"]).map({True: "complete", False: ""})
    return table.assign(note=table["note"].map(_why).where(table["note"] != "", state))


def _why(note: str) -> str:
    """Codes in words, those before a colon with the names that follow it."""
    parts = [part.partition(": ") for part in note.split("; ")]
    return "; ".join(f"{codes.all_words(code)}{colon}{names}" for code, colon, names in parts)


def coverage_sentence(review: Review) -> str:
    """Whether every analysis covers all that it should."""
    table = review.figures("coverage")
    partly = table[table["done"] < table["asked"]]
    if partly.empty:
        return "Every analysis covers all that it should."
    return f"Not complete: {wording.joined(name.lower() for name in partly['item'])}."


def readiness(review: Review) -> pd.DataFrame:
    """What each position needs in words, what is lacking first."""
    table = review.readiness
    order = table.sort_values("met", kind="stable").index
    words = {True: "there", False: "lacking"}
    shown = table.assign(requirement=table["requirement"].map(NEED_WORDS), met=table["met"].map(words))
    return shown.loc[order].reset_index(drop=True)


def readiness_sentence(review: Review) -> str:
    """How many positions lack something, and what."""
    table = review.readiness
    lacking = table[~table["met"]]
    positions = table["position_id"].nunique()
    if lacking.empty:
        return "Nothing is held." if not positions else "Every position has what its figures need."
    counts = lacking["requirement"].value_counts()
    named = [f"{NEED_WORDS[need].lower()} ({counts[need]:,})" for need in NEEDS if need in counts]
    some = lacking["position_id"].nunique()
    verb = "lacks" if some == 1 else "lack"
    return (
        f"{wording.count(some)} of {wording.plural(positions, 'position')} {verb} something: "
        f"{wording.joined(named)}."
    )


def assumptions_sentence(review: Review) -> str:
    """On how many days losses and betas rest."""
    losses, betas = (review.value("assumption", name, "count") for name in (LOSS_DAYS, BETA_DAYS))
    rest = "no days" if wording.is_missing(losses) else wording.plural(int(losses), "day")
    most = "no days" if wording.is_missing(betas) else f"{wording.plural(int(betas), 'day')} at most"
    return f"The losses on a bad day rest on {rest}, the betas on {most}."


TRUST = (
    Section("origin", "What the value rests on", origins_sentence, "positions",
        (text("item", label="Kind of price"), money("exposure", label="Value, {currency}"),
         fraction("gross_share", label="Of gross exposure and cash", absent="nothing held"),
         fraction("share", label="Of net asset value", absent="not positive")), origins),
    Section("coverage", "What each analysis covers", coverage_sentence, "portfolio_report",
        (text("item", label="Analysis"), number("done", unit="count", label="Computed"),
         number("asked", unit="count", label="Of"), text("note", label="Why not all")), coverage),
    Section("readiness", "What each position's figures need", readiness_sentence, "readiness",
        (text("symbol", label="Position"), text("requirement", label="Need"),
         text("met", label="Is it there?"), text("detail", label="What is known")), readiness, first=5),
    Section("quality", "What is unusual about the data", quality_sentence, "portfolio_report",
        (text("item", label="What was counted"), count("count", label="How many")), quality),
    Section("row_issues", "Remarks on the rows of the portfolio file", issues_sentence, "row_issues",
        (count("line", label="Line"), text("severity", label="What happened"), text("code", label="Code"),
         text("message", label="What was found")), issues, first=5),
)  # fmt: skip
ASSUMPTIONS = (
    Section("assumption", "What the figures rest on", assumptions_sentence, "portfolio_report",
        (text("item", label="Assumption"),
         number("count", unit="count", label="Count", absent="not computed"))),
)  # fmt: skip
