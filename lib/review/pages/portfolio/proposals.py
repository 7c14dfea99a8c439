"""What the trades tried and suggested would change, and which they are."""

from __future__ import annotations

import pandas as pd

from lib import codes, wording
from lib.review.pages.portfolio.review import NOT_NAMED, Review
from lib.review.section import Section
from lib.tables.columns import difference, figure, money, number, text

RAISES_RISK = "RAISES_RISK"
STATES = ("base", "modified", "change")


def what_if(review: Review) -> pd.DataFrame:
    """The measures that the trades change, with the ``unit`` of each."""
    table = review.figures("what_if", ["item", *STATES])
    rows = review.report[review.report["section"] == "what_if"]
    return table.assign(unit=rows.drop_duplicates("item")["unit"].to_numpy())


def what_if_sentence(review: Review) -> str:
    """Whether trades were asked for, and how many are suggested."""
    items = review.figures("what_if_trade")["item"].astype("str")
    asked = int(items.str.startswith("asked").sum())
    suggested = len(items) - asked - sum(_left_out(review, item) for item in items)
    more = f" {wording.sentence_case(wording.plural(suggested, 'trade'))} suggested." if suggested else ""
    if not asked:
        return f"{NOT_NAMED}no trades were given to try.{more}"
    return f"{wording.plural(asked, 'trade')} tried, with the same market data before and after.{more}"


def _left_out(review: Review, item: str) -> bool:
    return RAISES_RISK in review.note("what_if_trade", item, "notional").split(",")


def proposed(review: Review) -> pd.DataFrame:
    """The trades that were asked for and those that are suggested, with remarks in words."""
    table = review.figures("what_if_trade", ["item", "note", "quantity", "notional"])
    kinds = table["item"].astype("str").str.split(" ").str[0]
    notes = [codes.all_words(review.note("what_if_trade", item, "notional")) for item in table["item"]]
    remarks = pd.Series(notes, index=table.index, dtype="str").str.lower()
    return table.assign(item=kinds.map(wording.sentence_case), remark=remarks)


def proposed_sentence(review: Review) -> str:
    """Which trade moves most money, and how many carry a remark."""
    table = proposed(review)
    known = table.dropna(subset="notional")
    if known.empty:
        return "No trade has a price." if len(table) else "No trade is tried or suggested."
    top, remarks = known.loc[known["notional"].abs().idxmax()], int((table["remark"] != "").sum())
    told = f"{remarks or 'none'} of {wording.plural(len(table), 'trade')} came with a remark"
    return f"{top['note'].split(':')[0]} moves most money, {review.money(abs(top['notional']))}; {told}."


PROPOSALS = (
    Section("what_if", "What the trades that were asked for would change", what_if_sentence, "what_if",
        (text("item", label="Measure"), figure("base", label="Today"), figure("modified", label="After"),
         difference("change", label="Change")), what_if),
    Section("what_if_trade", "Trades tried and suggested", proposed_sentence, "what_if_trades",
        (text("item", label="Kind"), text("note", label="Trade"),
         number("quantity", label="Shares or contracts"),
         money("notional", label="Money, {currency}", absent="no price"), text("remark", label="Remark")),
        proposed, first=6),
)  # fmt: skip
