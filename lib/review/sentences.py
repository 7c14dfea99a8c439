"""Sentences on what the book is worth, what changed, what is held and how far figures can be trusted."""

from __future__ import annotations

from lib import wording
from lib.review.page import Report, made_or_lost, said

HALF_A_CENT = 0.005
NO_SECTOR = "no sector"
LEFT_OUT = {
    "no_greeks_left_out": "options without sensitivities",
    "manual_left_out": "holdings valued by hand",
    "unpriced_left_out": "positions without a price",
    "short_history_left_out": "positions with too short a history",
}
ORIGIN_WORDS = {
    "real": "Observed market prices",
    "constructed": "Computed from observed prices",
    "generated": "Generated, not observed",
    "manual": "Valued by hand",
    "cash": "Cash",
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
    if moved := profit_words(report):
        text += f"; {moved}"
    loss = report.value("risk", "1y", "var_95_money")
    if not wording.is_missing(loss):
        text += f"; one day in twenty could cost {report.money(loss)} or more"
        left = left_out_of_risk(report)
        text += f", {wording.joined(left)} not counted" if left else ""
    return text + "."


def profit_words(report: Report) -> str:
    """What the book made or lost and since when; empty where it is not known."""
    profit = report.value("change", "snapshot", "profit")
    if not wording.is_missing(profit):
        since = wording.date(report.note("change", "snapshot", "profit").removeprefix("since "))
        return f"{made_or_lost(profit, report.currency)} since {since}"
    profit = report.value("value", "book", "daily_pnl")
    if wording.is_missing(profit):
        return ""
    return f"{made_or_lost(profit, report.currency)} on the last trading day"


def left_out_of_risk(report: Report) -> list[str]:
    """Kinds of holdings that the losses in past markets leave out."""
    flags = report.note("risk", "1y", "var_95").split(",")
    return [words for flag, words in LEFT_OUT.items() if flag in flags]


def change_sentence(report: Report) -> str:
    """What the time since the snapshot before brought, and from what."""
    profit = report.value("change", "snapshot", "profit")
    if wording.is_missing(profit):
        return _last_day(report)
    days = int(report.value("change", "snapshot", "days"))
    text = f"In {wording.plural(days, 'day')} the portfolio {made_or_lost(profit, report.currency)}"
    other = report.value("change", "snapshot", "other")
    if abs(other) >= HALF_A_CENT:
        text += f", and {report.money(abs(other))} was {'put in' if other > 0 else 'taken out'}"
    return f"{text}.{_most(report)}"


def _last_day(report: Report) -> str:
    first = report.value("change", "snapshot", "snapshots") <= 1
    text = "There is no snapshot before this one." if first else "The profit since the snapshot is not known."
    profit = report.value("value", "book", "daily_pnl")
    if wording.is_missing(profit):
        return text
    moved = made_or_lost(profit, report.currency)
    return f"{text} On the last trading day the holdings {moved}.{_most(report)}"


def _most(report: Report) -> str:
    movers = report.section("mover").head(2)
    named = zip(movers["item"], movers["note"], movers.get("profit", []), strict=True)
    names = [f"{said(item, note)} ({wording.money(money, signed=True)})" for item, note, money in named]
    if not names:
        return ""
    moved = wording.joined(names)
    return f" {moved[0].upper()}{moved[1:]} moved most." if names else ""


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


def split_sentence(report: Report) -> str:
    """How much of the value is in options and in cash."""
    table = report.section("split").set_index("item")
    if "Options" not in table.index:
        return "No options are held."
    return f"Options are {wording.percent(table.loc['Options', 'share'])} of {report.base_words} by value."


def holdings_sentence(report: Report) -> str:
    """How much the largest holdings weigh."""
    table = report.section("holding")
    if table.empty:
        return "Nothing with a price is held."
    largest = table.iloc[0]
    part = table["exposure"].abs().sum() / report.value("value", "book", "gross")
    return (
        f"{largest['item']} is the largest with {wording.percent(largest['share'])} of {report.base_words}; "
        f"the {wording.count(len(table))} shown make up {wording.percent(part)} of gross exposure."
    )


def sectors_sentence(report: Report) -> str:
    """Where the book leans most."""
    table = report.section("sector")
    known = table[table["item"] != NO_SECTOR]
    if known.empty:
        return "No sector is known."
    top = known.loc[known["share"].abs().fillna(0).idxmax()]
    leaning = "long" if top["net"] >= 0 else "short"
    without = table.loc[table["item"] == NO_SECTOR, "share"]
    funds = f" {wording.percent(without.iloc[0])} is in funds and others without one." if len(without) else ""
    part = wording.percent(abs(top["share"]))
    return f"The book leans most on {top['item']}: net {leaning} {part} of {report.base_words}.{funds}"


def origin_sentence(report: Report) -> str:
    """On what kind of data the value rests."""
    table = report.section("origin")
    if not report.shares_of_nav:
        return "Net asset value is not positive, so its parts have no shares."
    parts = [
        f"{wording.percent(one.share)} {ORIGIN_WORDS[one.item].lower()}"
        for one in table.itertuples(index=False)
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


def coverage_sentence(report: Report) -> str:
    """Whether every analysis covers all that it should."""
    table = report.section("coverage")
    partly = table[table["done"] < table["asked"]]
    if partly.empty:
        return "Every analysis covers all that it should."
    return f"Not complete: {wording.joined(name.lower() for name in partly['item'])}."
