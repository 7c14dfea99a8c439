"""What the page of ``portfolio/positions`` says of the companies held: sector, listing, country and size."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.tables.columns import date, money, text

OF_COMPANY = ("sector", "industry", "country", "market_cap")
OF_ALL = ("exchange", "currency")
SELDOM_TOLD = ("exchange", "country", "market_cap")
WORDS = {"market_cap": "market capitalisation"}
MOST_NAMED = 5
SHOWN = (
    text("symbol", label="Held"),
    text("name", null=True, absent="not told"),
    text("kind", label="What it is", null=True, absent="not in the data"),
    *(text(name, null=True, absent="not told") for name in ("sector", "industry", "exchange", "country")),
    money("market_cap", null=True, label="Market capitalisation", absent="not told of that day"),
    text("currency", null=True, label="Money", absent="not told"),
    date("market_cap_date", null=True, label="Capitalisation of", absent="no day told"),
    text("lacking", label="Not told"),
)


def described(positions: pd.DataFrame, instruments: pd.DataFrame) -> pd.DataFrame:
    """A row a share, fund or index that is held or underlies an option, those that lack most first.

    ``lacking`` names what the source does not tell: of a stock all that is shown, of anything else, which has
    no country, industry or capitalisation of its own, exchange and currency. Among equals the largest gross
    exposure stands first. Holdings valued by hand are left out.
    """
    held = positions[(positions["quantity"] != 0) & (positions["kind"] != "manual")]
    sizes = held["exposure"].abs().groupby(held["underlying"]).sum().rename("size")
    table = sizes.rename_axis("symbol").reset_index().merge(instruments, on="symbol", how="left")
    company = table["kind"].fillna("stock") == "stock"
    absent = {name: table[name].isna() & company for name in OF_COMPANY}
    absent |= {name: table[name].isna() for name in OF_ALL}
    gaps = pd.DataFrame(absent, index=table.index)
    words = pd.Series([WORDS.get(name, name) + ", " for name in gaps], index=gaps.columns)
    lacking = gaps.astype("object").dot(words).astype("str").str.removesuffix(", ").replace("", "nothing")
    ranked = table.assign(lacking=lacking, gaps=gaps.sum(axis=1))
    order = ranked.sort_values(["gaps", "size", "symbol"], ascending=[False, False, True], kind="stable")
    return order.drop(columns=["gaps", "size"]).reset_index(drop=True)


def told(table: pd.DataFrame) -> bool:
    """Whether the source tells exchange, country or size of any holding; else there is no exhibit."""
    return bool(table[list(SELDOM_TOLD)].notna().any(axis=None))


def sentence(table: pd.DataFrame) -> str:
    """Of how many holdings something is lacking, which, and which company is the smallest."""
    if not told(table):
        return "The source tells no exchange, country or market capitalisation of what is held."
    short = table[table["lacking"] != "nothing"]
    whole = wording.plural(len(table), "name")
    lack = f"Of {whole} held everything is told"
    if len(short):
        names = wording.named(short["symbol"] + " (" + short["lacking"] + ")", MOST_NAMED)
        lack = f"Of {whole} held, {wording.count(len(short))} with something that is not told: {names}"
    known = table.dropna(subset="market_cap")
    if known.empty:
        return f"{lack}; no market capitalisation is known of a day that the as-of date allows."
    if (known["currency"] != known["currency"].iloc[0]).any():
        return f"{lack}; sizes are in the money of each row and not to be compared across them."
    least = known.loc[known["market_cap"].idxmin()]
    worth = wording.money(least["market_cap"], least["currency"])
    return f"{lack}; the smallest company with a known size is {least['symbol']}, at {worth}."
