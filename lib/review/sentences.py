"""Sentences of the client page, written from table ``portfolio_report``, and its key figures."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.page import NO_SECTOR, ORIGIN_WORDS, Report

HALF_A_CENT = 0.005
LEFT_OUT = {
    "option_left_out": "options",
    "manual_left_out": "holdings valued by hand",
    "unpriced_left_out": "positions without a price",
    "short_history_left_out": "positions with too short a history",
}


def headline(report: Report, name: str, as_of: str) -> str:
    """The portfolio in one sentence: value, basis, profit, a bad day."""
    basis = report.note("value", "book", "nav")
    text = f"{name} is worth {report.text('value', 'book', 'nav')} on {wording.date(as_of)}"
    text += f", {basis}" if basis else ""
    unpriced = int(report.value("value", "book", "unpriced"))
    if unpriced:
        left_out = wording.plural(unpriced, "position without a price", "positions without a price")
        text += f", leaving out {left_out}"
    profit = report.value("change", "snapshot", "profit")
    if not wording.is_missing(profit):
        text += f"; {_made_or_lost(profit, report.currency)} since the snapshot before"
    loss = report.value("risk", "1y", "var_95_money")
    if not wording.is_missing(loss):
        text += f"; one day in twenty could cost {wording.money(loss, report.currency)} or more"
        left = _left_out(report)
        text += f", {wording.joined(left)} not counted" if left else ""
    return text + "."


def _left_out(report: Report) -> list[str]:
    flags = report.note("risk", "1y", "var_95").split(",")
    return [words for flag, words in LEFT_OUT.items() if flag in flags]


def change_sentence(report: Report) -> str:
    """What the time since the snapshot before brought, and from what."""
    profit = report.value("change", "snapshot", "profit")
    if wording.is_missing(profit):
        return _last_day(report)
    days = int(report.value("change", "snapshot", "days"))
    text = f"In {wording.plural(days, 'day')} the portfolio {_made_or_lost(profit, report.currency)}"
    other = report.value("change", "snapshot", "other")
    if abs(other) >= HALF_A_CENT:
        text += (
            f", and {wording.money(abs(other), report.currency)} was {'put in' if other > 0 else 'taken out'}"
        )
    return f"{text}.{_most(report)}"


def _last_day(report: Report) -> str:
    first = report.value("change", "snapshot", "snapshots") <= 1
    text = "There is no snapshot before this one." if first else "The profit since the snapshot is not known."
    profit = report.value("value", "book", "daily_pnl")
    if wording.is_missing(profit):
        return text
    moved = _made_or_lost(profit, report.currency)
    return f"{text} On the last trading day the holdings {moved}.{_most(report)}"


def _most(report: Report) -> str:
    movers = report.section("mover").head(2)
    names = [
        f"{row.item} ({wording.money(row.profit, signed=True)})" for row in movers.itertuples(index=False)
    ]
    return f" {wording.joined(names)} moved most." if names else ""


def trades_sentence(report: Report) -> str:
    """What was bought, sold and closed since the snapshot before."""
    counts = report.section("trade")["note"].value_counts()
    if counts.empty:
        return "No position was opened, changed or closed."
    words = {"new": "opened", "increased": "increased", "reduced": "reduced", "exited": "closed"}
    parts = [
        f"{wording.plural(int(counts[kind]), 'position')} {word}"
        for kind, word in words.items()
        if kind in counts
    ]
    return f"{wording.sentence_case(wording.joined(parts))}."


def holdings_sentence(report: Report) -> str:
    """How much the largest holdings weigh."""
    table = report.section("holding")
    if table.empty:
        return "Nothing with a price is held."
    gross = report.value("value", "book", "gross")
    largest = table.iloc[0]
    share = table["exposure"].abs().sum() / gross
    return (
        f"{largest['item']} is the largest holding with {wording.percent(largest['share'])} of "
        f"{report.base_words}; the {wording.count(len(table))} shown make up {wording.percent(share)} of "
        "gross exposure."
    )


def sectors_sentence(report: Report) -> str:
    """Where the book leans most."""
    table = report.section("sector")
    known = table[table["item"] != NO_SECTOR]
    if known.empty:
        return "No sector is known."
    top = known.loc[known["share"].abs().fillna(0).idxmax()]
    side = "long" if top["net"] >= 0 else "short"
    without = table.loc[table["item"] == NO_SECTOR, "share"]
    funds = f" {wording.percent(without.iloc[0])} is in funds and others without one." if len(without) else ""
    share = wording.percent(abs(top["share"]))
    return f"The book leans most on {top['item']}: net {side} {share} of {report.base_words}.{funds}"


def risk_sentence(report: Report) -> str:
    """What a bad day costs, and what these figures leave out."""
    left = _left_out(report)
    by_hand = report.value("origin", "manual", "share")
    if not wording.is_missing(by_hand):
        share = f" ({wording.percent(by_hand)} of net asset value)"
        left = [words + share if words == LEFT_OUT["manual_left_out"] else words for words in left]
    out = f" Left out are {wording.joined(left)}." if left else ""
    loss = report.value("risk", "1y", "var_95_money")
    if wording.is_missing(loss):
        return f"Risk cannot be measured: a year of common prices is missing.{out}"
    return (
        f"Today's holdings, taken through the last year, would have lost more than "
        f"{wording.money(loss, report.currency)} on one day in twenty. This is no record of the past.{out}"
    )


def drawdown_sentence(report: Report) -> str:
    """How deep today's holdings once fell, and how far below their peak they are."""
    deepest, now = (
        report.value("risk", "all", "max_drawdown"),
        report.value("risk", "all", "current_drawdown"),
    )
    if wording.is_missing(deepest):
        return "There are no past returns of these holdings to show."
    state = (
        f"at the last day they stand {wording.percent(-now)} below their peak"
        if now < 0
        else "at the last day they stand at their peak"
    )
    days = report.note("risk", "all", "deepest_days")
    when = f" ({days})" if days else ""
    return (
        f"Held throughout, today's holdings once fell {wording.percent(-deepest)} from a peak{when}; {state}."
    )


def origin_sentence(report: Report) -> str:
    """On what kind of data the value rests."""
    table = report.section("origin")
    if not report.shares_of_nav:
        return "Net asset value is not positive, so its parts have no shares."
    parts = [
        f"{wording.percent(row.share)} {ORIGIN_WORDS[row.item].lower()}"
        for row in table.itertuples(index=False)
    ]
    return f"Of net asset value: {wording.joined(parts)}."


def quality_sentence(report: Report) -> str:
    """Whether anything about the data needs attention."""
    counts = report.section("quality").iloc[0]
    grave = {
        "rejected_rows": "rejected row",
        "unpriced_positions": "position without a price",
        "data_errors": "price set aside",
    }
    plurals = {"unpriced_positions": "positions without a price", "data_errors": "prices set aside"}
    found = [
        wording.plural(int(counts[name]), noun, plurals.get(name, ""))
        for name, noun in grave.items()
        if counts[name]
    ]
    remarks = int(counts["warned_rows"] + counts["data_warnings"])
    mild = wording.plural(remarks, "remark") if remarks else "no remarks"
    if found:
        return f"Needs attention: {wording.joined(found)}; besides, {mild}."
    return f"Every row of the file counts and has a price; {mild}."


def key_figures(report: Report) -> list[dict]:
    """Value, profit, a bad day and what rests on observed prices."""
    real = report.value("origin", "real", "share")
    figures = [
        (
            "nav",
            report.value("value", "book", "nav"),
            "money",
            "higher",
            f"Net asset value {report.text('value', 'book', 'nav')}.",
        ),
        ("profit", report.value("change", "snapshot", "profit"), "money", "higher", change_sentence(report)),
        ("var_95_money", report.value("risk", "1y", "var_95_money"), "money", "lower", risk_sentence(report)),
        ("real_share", real, "fraction", "higher", origin_sentence(report)),
    ]
    return [dict(zip(("name", "value", "unit", "better", "sentence"), one, strict=True)) for one in figures]


def identities(report: Report) -> list[tuple[str, bool, str]]:
    """Sums that must hold on the page: name, whether it holds, the numbers."""
    book = {name: report.value("value", "book", name) for name in ("nav", "net", "long", "short", "gross")}
    pairs = [
        ("Long and short add up to net exposure", book["long"] + book["short"], book["net"]),
        ("Long less short is gross exposure", book["long"] - book["short"], book["gross"]),
        (
            "Parts by origin and cash add up to net asset value",
            _sum(report, "origin", "exposure"),
            book["nav"],
        ),
        (
            "Profit and the rest add up to the change of value",
            report.value("change", "snapshot", "profit") + report.value("change", "snapshot", "other"),
            report.value("change", "snapshot", "nav_change"),
        ),
    ]
    return [_same(name, one, other, max(1.0, book["gross"])) for name, one, other in pairs]


def _sum(report: Report, section: str, measure: str) -> float:
    table = report.section(section)
    return float(table[measure].sum()) if measure in table else 0.0


def _same(name: str, one: float, other: float, scale: float) -> tuple[str, bool, str]:
    if pd.isna(one) or pd.isna(other):
        return name, True, "nothing to compare"
    return name, bool(abs(one - other) <= 1e-9 * scale), f"{wording.number(one)} and {wording.number(other)}"


def _made_or_lost(profit: float, currency: str) -> str:
    return f"{'made' if profit >= 0 else 'lost'} {wording.money(abs(profit), currency)}"
