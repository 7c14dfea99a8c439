"""What moves the book: its factors, the holdings that its risk comes from, and which move together."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.review.drivers import closest_pair, correlation_map, intervals
from lib.review.pages.portfolio.review import HOLDING, MARKET, NOT_NAMED, Review, said, starting
from lib.review.section import Section
from lib.tables.columns import count, fraction, money, ratio, text

SPECIFIC = "specific"


def betas(review: Review) -> pd.DataFrame:
    """Betas with the ends of their 95 % intervals, and factors in ``words``."""
    table = review.figures("beta", ["item", "beta", "std_error", "dollar_exposure"])
    return intervals(table.assign(words=table["item"].map(wording.sentence_case).tolist()))


def beta_sentence(review: Review) -> str:
    """What a move of the market does, and which other factors can be told from zero."""
    beta = review.value("beta", MARKET, "beta")
    if wording.is_missing(beta):
        return f"{NOT_NAMED}no position has a beta to the market."
    table = betas(review)
    sure = table[((table["low"] > 0) | (table["high"] < 0)) & (table["item"] != MARKET)]
    others = wording.joined(words.lower() for words in sure["words"])
    told = f"besides, {others} can be told from zero" if others else "no other factor can be told from zero"
    moved = wording.percent(beta * 0.01, 2)
    return f"With a move of 1% in the market the book moves {moved}; {told}."


def factors(review: Review) -> pd.DataFrame:
    """Beta, money behind it and part of the variance of each factor."""
    shares = review.figures("beta_share", ["item", "share"])
    table = shares.merge(betas(review), on="item", how="left", sort=False)
    words = table["item"].map(wording.sentence_case).replace({"Specific": "Specific to single holdings"})
    return table.assign(item=words)


def factors_sentence(review: Review) -> str:
    """How much of the variance is the market's, and how much belongs to single holdings."""
    market, own = (review.value("beta_share", name, "share") for name in (MARKET, SPECIFIC))
    if wording.is_missing(market) or wording.is_missing(own):
        return f"{NOT_NAMED}the variance could not be split by factor."
    parts = f"{wording.percent(market)} of the variance, what is specific to single holdings"
    return f"The market makes {parts} {wording.percent(own)}."


def underlyings_sentence(review: Review) -> str:
    """Which underlying makes most of the risk, over all its positions."""
    table = review.figures("underlying", ["item", "value", "share", "positions"])
    if table.empty:
        return f"{NOT_NAMED}no factor value at risk could be split."
    top = table.iloc[0]
    verb = "makes" if top["value"] >= 0 else "takes off"
    held = f" in {wording.plural(int(top['positions']), 'position')}" if top["positions"] > 1 else ""
    return f"{top['item']}{held} {verb} {wording.percent(abs(top['share']))} of the factor value at risk."


def components_sentence(review: Review) -> str:
    """Which holding makes most of the risk."""
    table = review.figures("component", ["item", "note", "value", "share"])
    if table.empty:
        return f"{NOT_NAMED}no factor value at risk could be split."
    top = table.iloc[0]
    verb = "adds" if top["value"] >= 0 else "takes off"
    part = wording.percent(abs(top["share"]))
    return f"{starting(said(top['item'], top['note']))} {verb} most: {part} of the factor value at risk."


def spread_sentence(review: Review) -> str:
    """How many independent positions the book amounts to."""
    positions = review.value("concentration", "book", "signed_effective_positions")
    if wording.is_missing(positions):
        return f"{NOT_NAMED}too few holdings have common prices."
    spread = (
        f"The book is spread as if over {wording.number(positions, 1)} independent positions of equal size"
    )
    groups = review.figures("cluster", ["item", "weight"])
    if groups.empty:
        return f"{spread}; none of its holdings form a group."
    top = groups.loc[groups["weight"].fillna(0).idxmax()]
    part = wording.percent(top["weight"])
    return f"{spread}; the heaviest group is {top['item']} with {part} of the money."


def map_sentence(review: Review) -> str:
    """The heat map for the ear: how many holdings, and the pair that moves together most."""
    square = correlation_map(review.tables)
    pair = closest_pair(square)
    if pair is None:
        return f"{NOT_NAMED}fewer than two holdings have common prices."
    one, other, correlation = pair
    return (
        f"Of {len(square)} underlyings, {one} and {other} move together most, "
        f"with a correlation of {wording.ratio(correlation)}."
    )


def groups_sentence(review: Review) -> str:
    """How many groups there are, and which is the closest."""
    table = review.figures("cluster", ["item", "average_correlation"])
    known = table.dropna(subset="average_correlation")
    if table.empty:
        return "No holdings form a group."
    found = f"{wording.plural(len(table), 'group')} found"
    if known.empty:
        return f"{found}."
    top = known.loc[known["average_correlation"].idxmax()]
    mean = wording.ratio(top["average_correlation"])
    return f"{found}; the closest is {top['item']} with a mean correlation of {mean}."


DRIVERS = (
    Section("beta", "How the book moves with each factor", beta_sentence, "portfolio_betas",
        (text("words", label="Factor"), ratio("beta", label="Beta"), ratio("low", label="From"),
         ratio("high", label="To")), betas, chart=True),
    Section("factors", "Factors, their money and their part of the risk", factors_sentence,
        "portfolio_betas",
        (text("item", label="Factor"), ratio("beta", label="Beta", absent="no factor"),
         ratio("std_error", label="Standard error, HC1", absent="no factor"),
         money("dollar_exposure", label="Money behind it, {currency}", absent="no factor"),
         fraction("share", label="Part of the variance", absent="not computed")), factors),
    Section("underlying", "Which companies the risk comes from, stocks with their options",
        underlyings_sentence, "var_components",
        (*HOLDING, count("positions", label="Positions"),
         money("value", label="Loss one day in twenty, {currency}"),
         fraction("share", label="Of the whole")), bars=("share",)),
    Section("component", "Which holdings the risk comes from", components_sentence, "var_components",
        (*HOLDING, money("value", label="Loss one day in twenty, {currency}"),
         fraction("share", label="Of the whole")), bars=("share",)),
)  # fmt: skip
GROUPS = (
    Section("correlations", "Correlations of the holdings, groups side by side", spread_sentence,
        "position_correlations", rows=lambda review: correlation_map(review.tables), chart=True,
        alt=map_sentence),
    Section("cluster", "Groups that move together", groups_sentence, "clusters",
        (text("item", label="Group"), text("note", label="Members"), count("members", label="How many"),
         fraction("weight", label="Of the money"), ratio("average_correlation", label="Mean correlation"))),
)  # fmt: skip
