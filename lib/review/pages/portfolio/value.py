"""At a glance: what the book is worth, and the few figures that stand for the rest of the page."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.pages.portfolio.review import NOT_NAMED, Review, side
from lib.review.section import Section
from lib.tables.columns import text

MARKET = "market"


def glance(review: Review) -> pd.DataFrame:
    """Lines of what, how much, and what stands beside it."""
    change, loss = review.value("change", "snapshot", "return"), review.value("risk", "1y", "var_95")
    lines = [
        ("Net asset value", _book(review, "nav"), f"of which cash {_book(review, 'cash')}"),
        (
            "Profit since the snapshot before",
            review.text("change", "snapshot", "profit"),
            _unless_missing(change, f"{wording.percent(change, 2, signed=True)} of the value then"),
        ),
        ("Profit of the last trading day", _book(review, "daily_pnl"), ""),
        ("Profit since entry", _book(review, "unrealized_pnl"), "of what is held"),
        ("Gross and net exposure", _book(review, "gross"), f"net {_book(review, 'net')}"),
        ("Long and short", *(_side(review, name) for name in ("long", "short"))),
        ("Market beta", *_beta(review)),
        (
            "A bad day, one in twenty",
            review.text("risk", "1y", "var_95_money"),
            _unless_missing(loss, f"a loss of {wording.percent(loss)} of {review.base_words}, or more"),
        ),
        ("Worst stress scenario", *_worst(review)),
        ("Average correlation", *_correlation(review)),
    ]
    return pd.DataFrame(lines, columns=["figure", "value", "beside"], dtype="str")


def glance_sentence(review: Review) -> str:
    """How large the book is beside what it is worth."""
    leverage, nav = review.value("value", "book", "leverage"), review.value("value", "book", "nav")
    if wording.is_missing(leverage):
        return (
            f"{NOT_NAMED}exposure in parts of net asset value; {review.reason('value', 'book', 'leverage')}."
        )
    net = wording.ratio(review.value("value", "book", "net") / nav)
    return f"Gross exposure is {wording.ratio(leverage)} times net asset value, net exposure {net} times."


def _book(review: Review, measure: str) -> str:
    return review.text("value", "book", measure)


def _side(review: Review, name: str) -> str:
    return side(review.value("value", "book", name), review.currency, name)


def _unless_missing(value: float, words: str) -> str:
    return "" if wording.is_missing(value) else words


def _beta(review: Review) -> tuple[str, str]:
    beta = review.value("beta", MARKET, "beta")
    beside = f"percent of {review.base_words} for 1% in the market"
    return wording.ratio(beta, reason="no position has one"), _unless_missing(beta, beside)


def _worst(review: Review) -> tuple[str, str]:
    known = review.figures("stress", ["note", "conditional_pnl"]).dropna(subset="conditional_pnl")
    if known.empty:
        return wording.not_available("none computed"), ""
    return review.money(known["conditional_pnl"].iloc[0]), str(known["note"].iloc[0])


def _correlation(review: Review) -> tuple[str, str]:
    mean = review.value("concentration", "book", "average_correlation")
    signed = review.value("concentration", "book", "signed_average_correlation")
    shorts = not wording.is_missing(signed) and signed != mean
    beside = f"{wording.ratio(signed)} with shorts counted as opposites" if shorts else ""
    reason = review.reason("concentration", "book", "average_correlation")
    return wording.ratio(mean, reason=reason), beside


SECTIONS = (
    Section(
        "value",
        "glance",
        "{name}",
        glance_sentence,
        "portfolio_report",
        glance,
        (text("figure", label="Figure"), text("value", label="Amount"), text("beside", label="Beside it")),
    ),
)
