"""Which holdings move together, and to how many independent positions the book amounts."""

from __future__ import annotations

from lib import wording
from lib.review.drivers import closest_pair, correlation_map
from lib.review.pages.portfolio.review import NOT_NAMED, Review
from lib.review.section import Section
from lib.tables.columns import count, fraction, ratio, text


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


SECTIONS = (
    Section(
        "groups",
        "correlations",
        "Correlations of the holdings, groups side by side",
        spread_sentence,
        "position_correlations",
        lambda review: correlation_map(review.tables),
        chart=True,
        alt=map_sentence,
    ),
    Section(
        "groups",
        "groups",
        "Groups that move together",
        groups_sentence,
        "clusters",
        "cluster",
        (
            text("item", label="Group"),
            text("note", label="Members"),
            count("members", label="How many"),
            fraction("weight", label="Of the money"),
            ratio("average_correlation", label="Mean correlation"),
        ),
    ),
)
