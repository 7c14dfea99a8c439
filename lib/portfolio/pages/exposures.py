"""What the page of ``portfolio/exposures`` shows and says: totals, and the book cut by five dimensions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.book import totals_of
from lib.checks import Check, equal, holds, same_money
from lib.contracts import Column, KeyFigure
from lib.portfolio.exposure_groups import EXPIRY_BUCKETS, NOT_OPTION, OVERLAPPING
from lib.portfolio.tags import STRATEGY
from lib.tables.columns import fraction, money, text

MEASURES = {
    "nav": "Net asset value",
    "cash": "Cash",
    "free_cash": "Cash free of what is short",
    "gross": "Gross exposure",
    "net": "Net exposure",
    "long": "Long exposure",
    "short": "Short exposure",
    "stock_exposure": "Gross without options",
    "option_exposure": "Gross of options",
    "manual_exposure": "Gross of manual valuations",
    "notional": "Notional",
    "delta_adjusted_net": "Delta-adjusted net",
    "delta_adjusted_gross": "Delta-adjusted gross",
}
TOTALS = (
    "measure",
    money("value", label="Money", absent="an option has no Greeks, or its underlying no price"),
    fraction("share", label="Of net asset value", absent="not known"),
)
GROUP_LABELS = {
    "underlying": "Underlying",
    "sector": "Sector",
    "position_type": "Type",
    "expiry_bucket": "Time to expiry",
    "tag": "Tag",
    "strategy": "Strategy",
    "tag_set": "Tags together",
}
TWO_SIDED = ("sector", *OVERLAPPING)


def totals(exposures: pd.DataFrame) -> pd.DataFrame:
    """The money totals in words, with their share of net asset value (null where that is not positive)."""
    value = totals_of(exposures)
    amounts = value[list(MEASURES)]
    share = amounts / value["nav"] if value["nav"] > 0 else amounts * np.nan
    return pd.DataFrame(
        {"measure": list(MEASURES.values()), "value": amounts.to_numpy(), "share": share.to_numpy()}
    )


def totals_sentence(exposures: pd.DataFrame, currency: str) -> str:
    """Long, short and what they come to."""
    value = totals_of(exposures)
    lever = _lever(value)
    times = "" if wording.is_missing(lever) else f", {wording.ratio(lever)} times net asset value"
    short = f"short {wording.money(value['short'])}" if value["short"] else "nothing short"
    return (
        f"Long {wording.money(value['long'], currency)} and {short}: gross "
        f"{wording.money(value['gross'])}{times}, net {wording.money(value['net'])}."
        f"{_free_cash(value, currency)}"
    )


def _free_cash(value: pd.Series, currency: str) -> str:
    """What cash is worth once what is short is bought back; empty where nothing is short."""
    if not value["short"]:
        return ""
    cash, free = wording.money(value["cash"], currency), value["free_cash"]
    told = f"{wording.money(free)} would be left" if free >= 0 else f"{wording.money(-free)} would be missing"
    return f" Cash is {cash}; once all that is short is bought back at today's prices {told}."


def groups_of(groups: pd.DataFrame, dimension: str, exposures: pd.DataFrame) -> pd.DataFrame:
    """Groups of one dimension, the largest first, with their share of gross exposure (null of no gross)."""
    gross = totals_of(exposures)["gross"]
    chosen = groups[groups["dimension"] == dimension].reset_index(drop=True)
    share = chosen["gross"] / gross if gross > 0 else chosen["gross"] * np.nan
    return chosen.assign(share=share, words=chosen["group"])


def columns_of(dimension: str) -> list[str | Column]:
    """The columns of ``groups_of`` that are shown; sectors and tags with their long and short sides."""
    sides = ["long", "short"] if dimension in TWO_SIDED else []
    share = fraction("share", label="Of gross", absent="no exposure")
    name = text("words", label=GROUP_LABELS[dimension])
    return [name, "gross", "net", *sides, "delta_adjusted", share, "positions"]


def largest_sentence(shown: pd.DataFrame, noun: str) -> str:
    """Which group is the largest, and how much the three largest hold together."""
    if not len(shown):
        return f"No position has a price, so no {noun} has an exposure."
    first, three = shown.iloc[0], shown.head(3)
    together = f"; the three largest hold {wording.percent(three['share'].sum())}" if len(shown) > 3 else ""
    return f"{first['words']} is the largest {noun}, {wording.percent(first['share'])} of gross{together}."


def delta_sentence(names: pd.DataFrame, exposures: pd.DataFrame) -> str:
    """What the book comes to with options at their delta, and where that is furthest from its exposure."""
    net, gross = totals_of(exposures)[["delta_adjusted_net", "delta_adjusted_gross"]]
    apart = (names["delta_adjusted"] - names["net"]).abs()
    if wording.is_missing(net):
        return (
            "The delta-adjusted exposure of the book is not known: an option has no Greeks, or all by hand."
        )
    said = (
        f"With options at their delta the book is net {wording.money(net)} and gross {wording.money(gross)}"
    )
    if not len(names) or not apart.max() > 0:
        return f"{said}, as without them."
    most = names.loc[apart.idxmax()]
    change = wording.money(most["delta_adjusted"] - most["net"], signed=True)
    return f"{said}; delta changes {most['words']} most, by {change}."


def expiry_sentence(expiries: pd.DataFrame) -> str:
    """How much of gross is in options, and how much of that expires soon."""
    options = expiries[expiries["group"] != NOT_OPTION]
    if not len(options):
        return "The book holds no priced option."
    soon = options.loc[options["group"].isin(EXPIRY_BUCKETS[:2]), "share"].sum()
    return (
        f"Options are {wording.percent(options['share'].sum())} of gross, and "
        f"{wording.percent(soon)} of gross expires within 90 days."
    )


def overlapping_sentence(shown: pd.DataFrame, noun: str) -> str:
    """The largest tag, strategy or set of tags, and why the rows must not be added."""
    if not len(shown):
        return f"No priced position has a {noun}."
    first = shown.loc[shown["gross"].idxmax()]
    return (
        f"{first['words']} is the largest {noun}, {wording.percent(first['share'])} of gross; a position "
        f"counts in each {noun} that it belongs to, so the rows must not be added."
    )


def chosen_sentence(chosen: pd.DataFrame, tags: list[str], mode: str) -> str:
    """What the positions with the chosen tags come to."""
    bare = [tag.removeprefix(STRATEGY) for tag in tags]
    names = wording.joined(bare, last="and" if mode == "all" else "or")
    if not len(chosen):
        return f"No position has the tag {names}." if names else "No position has a tag."
    return (
        f"{wording.plural(len(chosen), 'position')} tagged {names}: net "
        f"{wording.money(chosen['exposure'].sum())}, gross {wording.money(chosen['exposure'].abs().sum())}."
    )


def checks(
    exposures: pd.DataFrame,
    groups: pd.DataFrame,
    positions: pd.DataFrame,
    greeks: pd.DataFrame | None = None,
) -> list[Check]:
    """What must hold of the tables ``exposures`` and ``exposure_groups``; ``greeks`` made them."""
    value = totals_of(exposures)
    delta = value["delta_adjusted_net"]
    parts = groups[~groups["dimension"].isin(OVERLAPPING)].groupby("dimension")[["gross", "net"]].sum().melt()
    whole = parts["variable"].map(value).astype("float64")
    counted = int(value[["priced_count", "unpriced_count"]].sum())
    by_name = groups.loc[groups["dimension"] == "underlying", "delta_adjusted"]
    return [
        *_delta_by_hand(delta, positions, greeks),
        _delta_of_names(by_name, delta),
        same_money("Gross is long less short", value["gross"], value["long"] - value["short"]),
        same_money("Net is long plus short", value["net"], value["long"] + value["short"]),
        same_money("Net asset value is net plus cash", value["nav"], value["net"] + value["cash"]),
        same_money(
            "Gross is that of options and of all else",
            value["gross"],
            value["stock_exposure"] + value["option_exposure"],
        ),
        equal(
            "Every position is priced or counted as unpriced",
            counted,
            int((positions["quantity"] != 0).sum()),
        ),
        same_money("Groups that do not overlap add up to the book", parts["value"], whole),
    ]


def key_figures(exposures: pd.DataFrame, names: pd.DataFrame, currency: str) -> list[KeyFigure]:
    """Gross, net, delta-adjusted, leverage, the largest underlying, and what rests on manual valuations."""
    value, said = totals_of(exposures), totals_sentence(exposures, currency)
    largest = float(names["share"].iloc[0]) if len(names) else float("nan")
    delta, share = value["delta_adjusted_net"], value["manual_share"]
    manual = f"{wording.percent(share)} of net asset value rests on manual valuations."
    biggest = largest_sentence(names, "underlying")
    return [
        KeyFigure("gross", value["gross"], "money", "neither", said),
        KeyFigure("net", value["net"], "money", "neither", said),
        KeyFigure("delta_adjusted_net", delta, "money", "neither", delta_sentence(names, exposures)),
        KeyFigure("leverage", _lever(value), "ratio", "neither", said),
        KeyFigure("largest_underlying", largest, "fraction", "lower", biggest),
        KeyFigure("manual_share", share, "fraction", "lower", manual),
    ]


def _lever(value: pd.Series) -> float:
    return value["gross"] / value["nav"] if value["nav"] > 0 else float("nan")


def _delta_by_hand(total: float, positions: pd.DataFrame, greeks: pd.DataFrame | None) -> list[Check]:
    """Delta x multiplier x contracts x price of the underlying, and the exposure of the rest, against it."""
    if greeks is None or wording.is_missing(total):
        return []
    held = positions[(positions["quantity"] != 0) & (positions["kind"] != "manual")]
    option = held["kind"] == "option"
    delta = held["position_id"].map(greeks.set_index("position_id")["delta"]).astype("float64")
    dollars = delta * held["multiplier"] * held["quantity"] * held["underlying_price"]
    summed = float(dollars[option].sum() + held.loc[~option, "exposure"].sum())
    return [same_money("Delta-adjusted is delta x contracts x price of the underlying", total, summed)]


def _delta_of_names(by_name: pd.Series, total: float) -> Check:
    """The underlyings add up to the book where the book's figure is known."""
    name = "Delta-adjusted exposure of the underlyings is that of the book"
    summed = by_name.sum() if by_name.notna().any() else total
    if wording.is_missing(total):
        return holds(name, True, "that of the book is not known")
    return same_money(name, summed, total)
