"""Table exhibits of the client page: each a frame with its title, reading and looks.

A view is what ``Stage.show_table`` takes, so that the page and the exports are made of the same thing.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from lib import wording
from lib.review import outlook, sentences
from lib.review.page import Report, in_words, side

View = dict[str, Any]
REPORT = "portfolio_report"
SNAPSHOT_LABELS = {
    "snapshot_date": "Day",
    "nav": "Net asset value",
    "daily_pnl": "Profit",
    "daily_return": "Return",
    "cumulative_pnl": "Profit since the first",
}
SNAPSHOT_MONEY = ("nav", "daily_pnl", "cumulative_pnl")
LAST_SNAPSHOTS = 30
QUALITY_WORDS = {
    "rejected_rows": "Rows of the portfolio file that were rejected",
    "warned_rows": "Rows that carry a warning",
    "unpriced_positions": "Positions without a price, in no total",
    "stale_positions": "Positions on an old price",
    "data_errors": "Faults in the prices of these holdings, set aside",
    "data_warnings": "Remarks on the prices of these holdings",
}


def glance(report: Report, name: str) -> View:
    """The lines for the top of the page: what, how much, and what stands beside it."""
    change, loss = report.value("change", "snapshot", "return"), report.value("risk", "1y", "var_95")
    beta, worst = (
        report.value("beta", outlook.MARKET, "beta"),
        report.section("stress", ["note", "conditional_pnl"]),
    )
    worst = worst.dropna(subset="conditional_pnl").head(1)
    currency = report.currency
    lines = [
        ("Net asset value", _book(report, "nav"), f"of which cash {_book(report, 'cash')}"),
        (
            "Profit since the snapshot before",
            report.text("change", "snapshot", "profit"),
            ""
            if wording.is_missing(change)
            else f"{wording.percent(change, 2, signed=True)} of the value then",
        ),
        ("Profit of the last trading day", _book(report, "daily_pnl"), ""),
        ("Profit since entry", _book(report, "unrealized_pnl"), "of what is held"),
        ("Gross and net exposure", _book(report, "gross"), f"net {_book(report, 'net')}"),
        (
            "Long and short",
            side(report.value("value", "book", "long"), currency, "long"),
            side(report.value("value", "book", "short"), currency, "short"),
        ),
        (
            "Market beta",
            wording.ratio(beta, reason="no position has one"),
            "" if wording.is_missing(beta) else f"percent of {report.base_words} for 1% in the market",
        ),
        (
            "A bad day, one in twenty",
            report.text("risk", "1y", "var_95_money"),
            ""
            if wording.is_missing(loss)
            else f"a loss of {wording.percent(loss)} of {report.base_words}, or more",
        ),
        (
            "Worst stress scenario",
            report.money(worst["conditional_pnl"].iloc[0])
            if len(worst)
            else wording.not_available("none computed"),
            str(worst["note"].iloc[0]) if len(worst) else "",
        ),
        ("Average correlation", *_correlation(report)),
    ]
    return {
        "frame": pd.DataFrame(lines, columns=["figure", "value", "beside"], dtype="str"),
        "title": name,
        "source": REPORT,
        "labels": {"figure": "", "value": "Amount", "beside": "Beside it"},
    }


def _book(report: Report, measure: str) -> str:
    return report.text("value", "book", measure)


def _correlation(report: Report) -> tuple[str, str]:
    mean = report.value("concentration", "book", "average_correlation")
    signed = report.value("concentration", "book", "signed_average_correlation")
    shorts = not wording.is_missing(signed) and signed != mean
    beside = f"{wording.ratio(signed)} with shorts counted as opposites" if shorts else ""
    return wording.ratio(mean, reason=report.note("concentration", "book", "average_correlation")), beside


def movers(report: Report) -> View:
    """What made or lost most."""
    return {
        "frame": report.section("mover", ["item", "note", "profit"]),
        "title": "What moved the value most",
        "reading": sentences.change_sentence(report),
        "source": "snapshot_positions",
        "labels": {"item": "Holding", "note": "What it is", "profit": f"Profit, {report.currency}"},
        "formats": {"profit": "money"},
        "bars": ["profit"],
    }


def trades(report: Report) -> View:
    """What was bought and sold since the snapshot before."""
    return {
        "frame": report.section("trade", ["item", "note", "quantity"]),
        "title": "What was bought and sold",
        "reading": sentences.trades_sentence(report),
        "source": "snapshot_positions",
        "labels": {"item": "Position", "note": "What happened", "quantity": "Shares or contracts"},
        "formats": {"quantity": "number"},
    }


def history(snapshots: pd.DataFrame) -> View:
    """Value and profit at the last snapshots, newest first."""
    ordered = snapshots.sort_values("snapshot_date", ascending=False).head(LAST_SNAPSHOTS)
    return {
        "frame": ordered[list(SNAPSHOT_LABELS)],
        "title": f"Value and profit at the last {LAST_SNAPSHOTS} snapshots",
        "source": "snapshots",
        "labels": SNAPSHOT_LABELS,
        "formats": {"daily_return": "percent"} | dict.fromkeys(SNAPSHOT_MONEY, "money"),
        "missing": dict.fromkeys(("daily_pnl", "daily_return"), "first snapshot"),
        "first": 5,
    }


def split(report: Report) -> View:
    """Net asset value by kind of holding."""
    return {
        "frame": report.section("split", ["item", "exposure", "gross", "share"]),
        "title": "Stocks, options and the rest",
        "reading": sentences.split_sentence(report),
        "source": REPORT,
        "labels": {
            "item": "Kind",
            "exposure": f"Net value, {report.currency}",
            "gross": f"Gross, {report.currency}",
            "share": f"Of {report.base_words}",
        },
        "formats": {"exposure": "money", "gross": "money", "share": "percent"},
        "missing": {"gross": "no exposure", "share": "no base"},
    }


def holdings(report: Report) -> View:
    """The largest holdings, with profit since entry."""
    columns = ["item", "note", "exposure", "share", "unrealized_pnl"]
    return {
        "frame": report.section("holding", columns),
        "title": "The largest holdings",
        "reading": sentences.holdings_sentence(report),
        "source": REPORT,
        "labels": {
            "item": "Holding",
            "note": "What it is",
            "exposure": f"Value, {report.currency}",
            "share": f"Of {report.base_words}",
            "unrealized_pnl": "Profit since entry",
        },
        "formats": {"exposure": "money", "share": "percent", "unrealized_pnl": "money"},
        "bars": ["share"],
    }


def origins(report: Report) -> View:
    """On what kind of price the value rests."""
    table = report.section("origin", ["item", "exposure", "share"])
    return {
        "frame": table.assign(item=table["item"].map(sentences.ORIGIN_WORDS)),
        "title": "What the value rests on",
        "reading": sentences.origin_sentence(report),
        "source": "positions",
        "labels": {
            "item": "Kind of price",
            "exposure": f"Value, {report.currency}",
            "share": "Of net asset value",
        },
        "formats": {"exposure": "money", "share": "percent"},
        "missing": {"share": "not positive"},
    }


def quality(report: Report) -> View:
    """Counts of everything that is unusual about the data of this book."""
    rows = report.frame[report.frame["section"] == "quality"]
    counted = pd.DataFrame(
        {"item": rows["measure"].map(QUALITY_WORDS), "count": rows["value"].astype("int64")}
    )
    return {
        "frame": counted,
        "title": "What is unusual about the data",
        "reading": sentences.quality_sentence(report),
        "source": REPORT,
        "labels": {"item": "What was counted", "count": "How many"},
    }


def issues(row_issues: pd.DataFrame) -> View:
    """Rejected rows first, then warnings, by line."""
    rank = row_issues["severity"].map({"rejected": 0, "warning": 1, "info": 2})
    order = row_issues.assign(rank=rank).sort_values(["rank", "line"], kind="stable").index
    return {
        "frame": row_issues.loc[order, ["line", "severity", "code", "message"]].reset_index(drop=True),
        "title": "Remarks on the rows of the portfolio file",
        "source": "row_issues",
        "labels": {"line": "Line", "severity": "What happened", "message": "What was found"},
        "formats": {"line": "count"},
        "first": 5,
    }


def coverage(report: Report) -> View:
    """What each analysis covers and why it leaves out the rest."""
    table = report.section("coverage", ["item", "done", "asked", "note"])
    state = [
        "complete" if done == asked else "" for done, asked in zip(table["done"], table["asked"], strict=True)
    ]
    return {
        "frame": table.assign(note=table["note"].map(in_words).where(table["note"] != "", state)),
        "title": "What each analysis covers",
        "reading": sentences.coverage_sentence(report),
        "source": REPORT,
        "labels": {"item": "Analysis", "done": "Computed", "asked": "Of", "note": "Why not all"},
        "formats": {"done": "count", "asked": "count"},
    }


def assumptions(report: Report) -> View:
    """What the figures rest on, counted."""
    table = report.section("assumption", ["item", "count", "note"])
    return {
        "frame": table[["item", "count"]],
        "title": "What the figures rest on",
        "source": REPORT,
        "labels": {"item": "Assumption", "count": "Count"},
        "formats": {"count": "count"},
        "missing": {"count": "not computed"},
    }
