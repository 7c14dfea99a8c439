"""Sentences about positions and exposures, written from the numbers they stand beside."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.portfolio.display import basis_words, by_origin
from lib.portfolio.exposures import EXPIRY_BUCKETS, NOT_OPTION
from lib.portfolio.files import count_rows
from lib.portfolio.marks import has_flag


def rows_sentence(rows: pd.DataFrame, issues: pd.DataFrame) -> str:
    """How many rows of the file count, and what was said about the others."""
    counts = count_rows(rows, issues)
    if not counts["rows"]:
        return "The file has no rows: the book is empty."
    warned = issues.loc[issues["severity"] == "warning", "line"].nunique()
    return (
        f"Of {wording.plural(counts['rows'], 'row')}, {wording.count(counts['accepted'])} counted and "
        f"{wording.count(counts['rejected'])} rejected; {wording.count(warned)} with a warning."
    )


def value_sentence(positions: pd.DataFrame, totals: dict[str, float], currency: str) -> str:
    """What the book is worth, how it is divided, and what is left out of that."""
    held = positions[positions["quantity"] != 0]
    unpriced = int(held["exposure"].isna().sum())
    left_out = f" In no total: {wording.plural(unpriced, 'position')} without a price." if unpriced else ""
    return (
        f"Net asset value is {wording.money(totals['nav'], currency)}: net exposure of "
        f"{wording.money(totals['net'])} in {wording.plural(int(totals['priced_count']), 'priced position')} "
        f"and {wording.money(totals['cash'])} in cash.{left_out}"
    )


def origin_sentence(positions: pd.DataFrame, prices: pd.DataFrame, *, cash: float) -> str:
    """On which prices the value rests."""
    table = by_origin(positions, cash=cash)
    table = table[table["origin"] != "cash"]
    shares = [f"{wording.percent(row.share)} on {row.origin}" for row in table.itertuples()]
    basis = wording.sentence_case(basis_words(prices, positions))
    return f"{basis}; of net asset value {wording.joined(shares)} prices." if shares else f"{basis}."


def daily_sentence(positions: pd.DataFrame, currency: str) -> str:
    """What the last trading day brought, and where most of it came from."""
    known = positions.dropna(subset="daily_pnl")
    if not len(known):
        return "No position has a profit of the last trading day."
    profit = float(known["daily_pnl"].sum())
    by_name = known.groupby("underlying")["daily_pnl"].sum()
    most = by_name.abs().idxmax()
    missing = int((positions["quantity"] != 0).sum() - (known["quantity"] != 0).sum())
    without = f" Not counted: {wording.plural(missing, 'position')} without one." if missing else ""
    return (
        f"The last trading day {'brought' if profit >= 0 else 'cost'} "
        f"{wording.money(abs(profit), currency)}; {most} moved it most, by "
        f"{wording.money(by_name[most], signed=True)}.{without}"
    )


def positions_verdict(
    positions: pd.DataFrame, prices: pd.DataFrame, totals: dict[str, float], currency: str, as_of: str
) -> str:
    """The book in one sentence."""
    profit = positions["daily_pnl"].sum(min_count=1)
    moved = (
        "its profit of the day is not known"
        if wording.is_missing(profit)
        else f"{wording.money(profit, signed=True)} on the last trading day"
    )
    return (
        f"On {wording.date(as_of)} the book is worth {wording.money(totals['nav'], currency)}, {moved}, "
        f"{basis_words(prices, positions)}."
    )


def positions_figures(
    positions: pd.DataFrame, rows: pd.DataFrame, issues: pd.DataFrame, totals: dict[str, float], currency: str
) -> list[dict]:
    """Key figures of the stage portfolio/positions."""
    counts = count_rows(rows, issues)
    priced, unpriced = int(totals["priced_count"]), int(totals["unpriced_count"])
    share = priced / (priced + unpriced) if priced + unpriced else float("nan")
    gained = positions.loc[positions["exposure"].notna(), "unrealized_pnl"].sum(min_count=1)
    day = positions["daily_pnl"].sum(min_count=1)
    stale = int(has_flag(positions, "STALE").sum())
    return [
        _figure("nav", totals["nav"], "money", "higher", value_sentence(positions, totals, currency)),
        _figure("daily_pnl", day, "money", "higher", daily_sentence(positions, currency)),
        _figure(
            "unrealized_pnl",
            gained,
            "money",
            "higher",
            f"Profit of the open positions since entry: "
            f"{wording.money(gained, currency, signed=True, reason='no priced position')}.",
        ),
        _figure(
            "priced_share",
            share,
            "fraction",
            "higher",
            f"{wording.count(priced)} of {wording.plural(priced + unpriced, 'position')} priced, "
            f"{wording.count(stale)} of them on an older day.",
        ),
        _figure("rejected_rows", counts["rejected"], "count", "lower", rows_sentence(rows, issues)),
    ]


def exposure_sentence(totals: dict[str, float], currency: str) -> str:
    """Long, short and what they come to."""
    lever = totals["gross"] / totals["nav"] if totals["nav"] > 0 else float("nan")
    times = f", {wording.ratio(lever)} times net asset value" if lever == lever else ""
    short = f"short {wording.money(totals['short'])}" if totals["short"] else "nothing short"
    return (
        f"Long {wording.money(totals['long'], currency)} and {short}: gross "
        f"{wording.money(totals['gross'])}{times}, net {wording.money(totals['net'])}."
    )


def largest_sentence(shown: pd.DataFrame, noun: str) -> str:
    """Which group is the largest, and how much the three largest hold together."""
    if not len(shown):
        return f"No position has a price, so no {noun} has an exposure."
    first, three = shown.iloc[0], shown.head(3)
    together = f"; the three largest hold {wording.percent(three['share'].sum())}" if len(shown) > 3 else ""
    return f"{first['words']} is the largest {noun}, {wording.percent(first['share'])} of gross{together}."


def delta_sentence(shown: pd.DataFrame, totals: dict[str, float]) -> str:
    """What the book comes to with options at their delta, and where that is furthest from its exposure."""
    net, gross = totals["delta_adjusted_net"], totals["delta_adjusted_gross"]
    apart = (shown["delta_adjusted"] - shown["net"]).abs()
    if wording.is_missing(net):
        return (
            "The delta-adjusted exposure of the book is not known: an option has no Greeks, or all by hand."
        )
    text = (
        f"With options at their delta the book is net {wording.money(net)} and gross {wording.money(gross)}"
    )
    if not len(shown) or not apart.max() > 0:
        return f"{text}, as without them."
    most = shown.loc[apart.idxmax()]
    change = wording.money(most["delta_adjusted"] - most["net"], signed=True)
    return f"{text}; delta changes {most['words']} most, by {change}."


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


def tags_sentence(shown: pd.DataFrame) -> str:
    """The largest tag, and why the rows must not be added."""
    if not len(shown):
        return "No priced position has a tag."
    first = shown.iloc[0]
    return (
        f"{first['words']} is the largest, {wording.percent(first['share'])} of gross; a position counts in "
        "each of its tags, so the rows must not be added."
    )


def chosen_sentence(chosen: pd.DataFrame, tags: list[str], mode: str) -> str:
    """What the positions with the chosen tags come to."""
    names = wording.joined(tags, last="and" if mode == "all" else "or")
    if not len(chosen):
        return f"No position has the tag {names}." if names else "No position has a tag."
    return (
        f"{wording.plural(len(chosen), 'position')} tagged {names}: net "
        f"{wording.money(chosen['exposure'].sum())}, gross {wording.money(chosen['exposure'].abs().sum())}."
    )


def exposures_figures(totals: dict[str, float], underlyings: pd.DataFrame, currency: str) -> list[dict]:
    """Key figures of the stage portfolio/exposures."""
    largest = float(underlyings["share"].iloc[0]) if len(underlyings) else float("nan")
    lever = totals["gross"] / totals["nav"] if totals["nav"] > 0 else float("nan")
    reading = exposure_sentence(totals, currency)
    manual = f"{wording.percent(totals['manual_share'])} of net asset value rests on manual valuations."
    return [
        _figure("gross", totals["gross"], "money", "neither", reading),
        _figure("net", totals["net"], "money", "neither", reading),
        _figure(
            "delta_adjusted_net",
            totals["delta_adjusted_net"],
            "money",
            "neither",
            delta_sentence(underlyings, totals),
        ),
        _figure("leverage", lever, "ratio", "neither", reading),
        _figure(
            "largest_underlying", largest, "fraction", "lower", largest_sentence(underlyings, "underlying")
        ),
        _figure("manual_share", totals["manual_share"], "fraction", "lower", manual),
    ]


def _figure(name: str, value: float, unit: str, better: str, sentence: str) -> dict:
    return {"name": name, "value": value, "unit": unit, "better": better, "sentence": sentence}
