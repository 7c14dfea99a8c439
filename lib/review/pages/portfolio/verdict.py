"""The portfolio in one sentence, the figures to be seen first, and the sums that must hold."""

from __future__ import annotations

from lib import checks as check
from lib import wording
from lib.book import rows_left_out
from lib.checks import Check
from lib.contracts import KeyFigure
from lib.review.pages.portfolio.losses import failed_test, known_stress
from lib.review.pages.portfolio.review import NOT_NAMED, Review, starting
from lib.review.pages.portfolio.value import cash_words, profit_words

SUM_TOLERANCE = 1e-9
"""Relative to gross exposure."""


def faults(review: Review) -> list[str]:
    """What is wrong with the data of this book, to be read before its value; nothing where all is sound."""
    counts = review.figures("quality").iloc[0]
    rejected, aside = int(counts["rejected_rows"]), int(counts["data_errors"])
    rows = len(review.tables.positions) + rejected
    told = rows_left_out(rejected, rows, int(counts["unpriced_positions"]))
    if aside:
        verb = "was" if aside == 1 else "were"
        told.append(f"{wording.plural(aside, 'fault')} in the prices of its holdings {verb} set aside.")
    return told


def verdict(review: Review) -> str:
    """The portfolio in one sentence, after its faults: value, basis, profit, a bad day."""
    basis = review.note("value", "book", "nav")
    text = f"{review.name} is worth {review.text('value', 'book', 'nav')} on {wording.date(review.as_of)}"
    text += f", {basis}" if basis else ""
    if moved := profit_words(review):
        text += f"; {moved}"
    loss = review.value("risk", "1y", "var_95_money")
    if not wording.is_missing(loss):
        text += f"; one day in twenty could cost {review.money(loss)} or more"
        left = review.left_out_of_risk.values()
        text += f", {wording.joined(left)} not counted" if left else ""
        failed = failed_test(review)
        text += f"; that figure is {failed}" if failed else ""
    return f"{text}."


def key_figures(review: Review) -> list[KeyFigure]:
    """Value, profit, a bad day, the worst scenario, and what rests on observed prices."""
    cash = f"Cash: {cash_words(review)}."
    return [
        KeyFigure("nav", review.value("value", "book", "nav"), "money", "higher", cash),
        _profit(review),
        _bad_day(review),
        _worst(review),
        _observed(review),
    ]


def _profit(review: Review) -> KeyFigure:
    profit = review.value("change", "snapshot", "profit")
    words = profit_words(review)
    told = starting(words) or f"{NOT_NAMED}no price of the day before"
    if not wording.is_missing(profit):
        return KeyFigure("profit", profit, "money", "higher", f"{told}.")
    alone = "; no snapshot before to compare with" if words else ""
    day = review.value("value", "book", "daily_pnl")
    return KeyFigure("last_day_profit", day, "money", "higher", f"{told}{alone}.")


def _bad_day(review: Review) -> KeyFigure:
    loss = review.value("risk", "1y", "var_95_money")
    told = f"One day in twenty could cost {review.money(loss)} or more."
    if wording.is_missing(loss):
        told = f"{NOT_NAMED}{review.reason('risk', '1y', 'var_95') or 'not measured'}."
    return KeyFigure("var_95_money", loss, "money", "lower", told)


def _worst(review: Review) -> KeyFigure:
    table, loss = known_stress(review), float("nan")
    told = f"{NOT_NAMED}no stress scenario."
    if len(table):
        worst = table.iloc[0]
        loss = float(worst["conditional_pnl"])
        told = f"{worst['note']}, of {wording.plural(len(table), 'stress scenario')} that may speak."
    return KeyFigure("worst_stress_money", loss, "money", "higher", told)


def _observed(review: Review) -> KeyFigure:
    parts = review.figures("origin", ["item", "gross_share"]).set_index("item")["gross_share"]
    real = float(parts.reindex(["real", "cash"]).sum(min_count=1))
    told = f"{wording.percent(real)} of gross exposure and cash is cash or rests on observed prices."
    if wording.is_missing(real):
        told = f"{NOT_NAMED}nothing is held."
    return KeyFigure("real_share", real, "fraction", "higher", told)


def checks(review: Review) -> list[Check]:
    """Sums that must hold on the page."""
    nav, net, long, short, gross = (
        review.value("value", "book", name) for name in ("nav", "net", "long", "short", "gross")
    )
    profit, other, moved = (
        review.value("change", "snapshot", name) for name in ("profit", "other", "nav_change")
    )
    origins, kinds = (_sum(review, section, "exposure") for section in ("origin", "split"))
    return [
        _same("Long and short add up to net exposure", long + short, net, gross),
        _same("Long less short is gross exposure", long - short, gross, gross),
        _same("Parts by origin and cash add up to net asset value", origins, nav, gross),
        _same("Stocks, options, manual values and cash add up to net asset value", kinds, nav, gross),
        _same("Profit and the rest add up to the change of value", profit + other, moved, gross),
        _same("Parts of the variance add up to one", _sum(review, "beta_share", "share"), 1.0, 1.0),
    ]


def _sum(review: Review, section: str, measure: str) -> float:
    return float(review.figures(section, [measure])[measure].sum(min_count=1))


def _same(name: str, one: float, other: float, scale: float) -> Check:
    """Close relative to ``scale``; where a side is not known there is nothing to compare."""
    if wording.is_missing(one) or wording.is_missing(other):
        return check.nothing(name)
    return check.close(name, one, other, tolerance=SUM_TOLERANCE, scale=scale, words=wording.number)
