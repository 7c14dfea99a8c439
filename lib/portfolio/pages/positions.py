"""What the page of ``portfolio/positions`` shows and says: rows that count, value, origins, the last day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.book import BASE_WORDS, base, rows_left_out
from lib.checks import Check, adds_up, close, equal, same_money
from lib.contracts import KeyFigure
from lib.portfolio.files import count_rows
from lib.portfolio.market_flags import UNPRICED_REASONS
from lib.portfolio.priced_share import ANSWERED, NO_SOUND_PRICE, TODAY, priced_share, without_price
from lib.tables.columns import count, fraction, money, text

BY_ORIGIN = (
    "origin",
    count("positions"),
    "exposure",
    fraction("share", label="Of net asset value", absent="net asset value is not positive"),
)

BY_MEASURE = (
    text("measure", label="Price"),
    count("positions"),
    money("size", label="Size"),
    fraction("share", label="Of all sizes", absent="nothing is held"),
)
MEASURED = {
    "today": "price of today",
    "older price": "by an older price",
    "last snapshot": "by the price of the last snapshot",
    "entry price": "by its entry price",
}
MOST_NAMED = 5


def by_measure(sizes: pd.DataFrame) -> pd.DataFrame:
    """Positions, size and share by the price that measures them, in words; ``sizes`` as ``sized`` gives."""
    order = [one for one in MEASURED if one == TODAY or (sizes["measure"] == one).any()]
    groups = sizes.groupby("measure")["size"].agg(positions="size", size="sum").reindex(order)
    whole = sizes["size"].sum()
    table = groups.fillna(0).astype({"positions": "int64", "size": "float64"}).reset_index()
    share = table["size"] / whole if whole > 0 else np.nan
    return table.assign(share=share, measure=table["measure"].map(MEASURED).astype("str"))


def priced_sentence(sizes: pd.DataFrame) -> str:
    """How much of the book's exposure has a price; what has none, why, and its estimated share."""
    if sizes.empty:
        return "Nothing is held whose price could be missing."
    lacking, share = without_price(sizes), priced_share(sizes)
    if not len(lacking):
        return "Every holding has a price."
    part = wording.percent(share, reason="all sizes are zero")
    return f"{part} of the exposure of the book has a price; without one: {_lacking(lacking)}."


def _lacking(lacking: pd.DataFrame) -> str:
    """Holdings without a price, the largest first: "ZZZ (not known to the source), 2% by its entry price"."""
    why = lacking["status"].map(codes.words).mask(lacking["status"].isin(ANSWERED), NO_SOUND_PRICE)
    part = lacking["share"].map(lambda one: wording.percent(one, reason="share not known"))
    words = lacking["symbol"] + " (" + why + "), " + part + " " + lacking["measure"].map(MEASURED)
    return wording.named(words, MOST_NAMED)


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


def largest_first(positions: pd.DataFrame) -> pd.DataFrame:
    """Positions that are held, the largest first, with the reason where there is no price (``reason``)."""
    held = positions[positions["quantity"] != 0]
    order = held["exposure"].abs().sort_values(ascending=False, na_position="last", kind="stable").index
    reason = codes.first_words(held["flags"], UNPRICED_REASONS)
    return held.assign(reason=reason).loc[order].reset_index(drop=True)


def value_sentence(totals: pd.Series, currency: str) -> str:
    """What the book is worth, how it is divided, and what is left out of that."""
    unpriced = int(totals["unpriced_count"])
    left_out = f" In no total: {wording.plural(unpriced, 'position')} without a price." if unpriced else ""
    return (
        f"Net asset value is {wording.money(totals['nav'], currency)}: net exposure of "
        f"{wording.money(totals['net'])} in {wording.plural(int(totals['priced_count']), 'priced position')} "
        f"and {wording.money(totals['cash'])} in cash.{left_out}"
    )


def by_origin(positions: pd.DataFrame, *, cash: float) -> pd.DataFrame:
    """Signed exposure and its share of net asset value by the origin of the price, cash included.

    Shares are null where net asset value is not positive.
    """
    priced = positions[positions["exposure"].notna() & (positions["quantity"] != 0)]
    sums = priced.groupby("origin", sort=True).agg(
        positions=("exposure", "size"), exposure=("exposure", "sum")
    )
    sums.loc["cash"] = [0, cash]
    table = sums.astype({"positions": "int64"}).rename_axis("origin").reset_index()
    nav = table["exposure"].sum()
    share = table["exposure"] / nav if nav > 0 else np.nan
    order = table["exposure"].abs().sort_values(ascending=False, kind="stable").index
    return table.assign(share=share).loc[order].reset_index(drop=True)


def origin_sentence(positions: pd.DataFrame, prices: pd.DataFrame, *, cash: float) -> str:
    """On which prices the value rests."""
    table = by_origin(positions, cash=cash)
    shares = [
        f"{wording.percent(row.share)} on {row.origin}" for row in table.itertuples() if row.origin != "cash"
    ]
    basis = wording.sentence_case(_basis(prices, positions))
    return f"{basis}; of net asset value {wording.joined(shares)} prices." if shares else f"{basis}."


def profit_by_underlying(positions: pd.DataFrame) -> pd.Series:
    """Profit of the last trading day by underlying, money; positions without one are left out."""
    return positions.dropna(subset="daily_pnl").groupby("underlying")["daily_pnl"].sum().sort_values()


def day_sentence(positions: pd.DataFrame, currency: str) -> str:
    """What the last trading day brought, and where most of it came from."""
    known = positions.dropna(subset="daily_pnl")
    if not len(known):
        return "No position has a profit of the last trading day."
    profit, by_name = float(known["daily_pnl"].sum()), profit_by_underlying(positions).sort_index()
    most = by_name.abs().idxmax()
    missing = int((positions["quantity"] != 0).sum() - (known["quantity"] != 0).sum())
    without = f" Not counted: {wording.plural(missing, 'position')} without one." if missing else ""
    return (
        f"The last trading day {'brought' if profit >= 0 else 'cost'} "
        f"{wording.money(abs(profit), currency)}; {most} moved it most, by "
        f"{wording.money(by_name[most], signed=True)}.{without}"
    )


def checks(
    positions: pd.DataFrame,
    rows: pd.DataFrame,
    issues: pd.DataFrame,
    *,
    data_rows: int,
    cash: float,
    as_of: str,
) -> list[Check]:
    """What must hold of the table ``positions``; ``data_rows`` is counted from the file by itself."""
    counts = count_rows(rows, issues)
    held = positions[positions["quantity"] != 0]
    worth = held["quantity"] * held["multiplier"] * held["price"]
    gained = held["exposure"] - held["cost_basis"]
    net, gross = positions["exposure"].sum(), positions["exposure"].abs().sum()
    whole, kind = base(net + cash, gross)
    late = positions["price_date"] > pd.Timestamp(as_of)
    unpriced, flagged = held["exposure"].isna(), codes.has(positions["flags"], "UNPRICED")
    return [
        equal("Accepted and rejected rows are all rows", counts["accepted"] + counts["rejected"], data_rows),
        equal("Every accepted row is a position", len(positions), counts["accepted"]),
        same_money("Exposure is quantity x multiplier x price", held["exposure"], worth),
        same_money("Unrealised profit is exposure less cost", held["unrealized_pnl"], gained),
        close(
            f"Weights add up to net exposure over {BASE_WORDS[kind]}",
            positions["weight"].sum(),
            net / whole if whole > 0 else 0.0,
            scale=gross / whole if whole > 0 else None,
        ),
        adds_up("Weights by gross add up to one", positions["weight_gross"], 1.0 if gross > 0 else 0.0),
        equal("What is unpriced is flagged", int(unpriced.sum()), int(flagged.sum())),
        equal("No price is later than the as-of date", int(late.sum()), 0),
    ]


def verdict(
    positions: pd.DataFrame, prices: pd.DataFrame, totals: pd.Series, currency: str, as_of: str
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
        f"{_basis(prices, positions)}."
    )


def faults(
    positions: pd.DataFrame, rows: pd.DataFrame, issues: pd.DataFrame, sizes: pd.DataFrame
) -> list[str]:
    """What is wrong with the file and its prices, to be read before any value; nothing where all counts."""
    counts, unpriced = count_rows(rows, issues), codes.has(positions["flags"], "UNPRICED").sum()
    told = rows_left_out(counts["rejected"], counts["rows"], int(unpriced))
    return [*told, priced_sentence(sizes)] if len(without_price(sizes)) else told


def key_figures(
    positions: pd.DataFrame,
    rows: pd.DataFrame,
    issues: pd.DataFrame,
    totals: pd.Series,
    sizes: pd.DataFrame,
    currency: str,
) -> list[KeyFigure]:
    """Value, profits, the shares of positions and of exposure that are priced, and rejected rows."""
    rejected = count_rows(rows, issues)["rejected"]
    priced, unpriced = int(totals["priced_count"]), int(totals["unpriced_count"])
    share = priced / (priced + unpriced) if priced + unpriced else float("nan")
    gained = positions.loc[positions["exposure"].notna(), "unrealized_pnl"].sum(min_count=1)
    stale = int(codes.has(positions["flags"], "STALE").sum())
    since_entry = (
        "Profit of the open positions since entry: "
        f"{wording.money(gained, currency, signed=True, reason='no priced position')}."
    )
    counted = (
        f"{wording.count(priced)} of {wording.plural(priced + unpriced, 'position')} priced, "
        f"{wording.count(stale)} of them on an older day."
    )
    day, said = positions["daily_pnl"].sum(min_count=1), day_sentence(positions, currency)
    return [
        KeyFigure("nav", totals["nav"], "money", "higher", value_sentence(totals, currency)),
        KeyFigure("daily_pnl", day, "money", "higher", said),
        KeyFigure("unrealized_pnl", gained, "money", "higher", since_entry),
        KeyFigure("priced_share", share, "fraction", "higher", counted),
        KeyFigure("priced_exposure", priced_share(sizes), "fraction", "higher", priced_sentence(sizes)),
        KeyFigure("rejected_rows", rejected, "count", "lower", rows_sentence(rows, issues)),
    ]


def _basis(prices: pd.DataFrame, positions: pd.DataFrame) -> str:
    """On which prices the book is valued: "valued on adjusted prices", or on raw ones, or on both."""
    held = positions.loc[positions["exposure"].notna(), "symbol"]
    bases = sorted(prices.loc[prices["symbol"].isin(held), "price_basis"].unique())
    return f"valued on {wording.joined(bases)} prices" if bases else "without market prices"
