"""What each position's figures need, and whether it is there: table ``readiness``, one row a need.

Every position needs a price; what has a market history needs returns beside those of the factors, and betas
from them; an option needs the price of its underlying, a volatility, a rate and a dividend yield. What is
lacking is named by its codes in words, what is there by its date, days, source or size.
"""

from __future__ import annotations

import pandas as pd

from lib import codes
from lib.review.drivers import METHOD
from lib.review.sources import Tables
from lib.tables.readiness import NEEDS

OLD_PRICES = ("STALE", "MANUAL_STALE")
VOLATILITY_FROM = {
    "price": "from its own price",
    "implied_vols": "from the table of volatilities",
    "implied_vols_by_strike": "from the table of volatilities, by its strike",
    "prices_by_strike": "from prices of other options, by its strike",
    "realised_60d": "realised over 60 days",
}
OF_OPTIONS = {
    "underlying_price": ("underlying_price", "NO_UNDERLYING_PRICE"),
    "volatility": ("implied_vol", "NO_VOLATILITY"),
    "rate": ("rate", "NO_RATE"),
    "dividend": ("dividend_yield", "NO_DIVIDEND_YIELD"),
}
NOT_COMPUTED = "not computed"


def readiness(tables: Tables) -> pd.DataFrame:
    """Table ``readiness`` of today's book: position_id, symbol, requirement, met, detail.

    In the order of the positions, the needs of each in that of ``NEEDS``.
    """
    held = tables.held[["position_id", "symbol", "kind", "price", "price_date", "flags"]]
    parts = [_price(held), *_fitted(held, tables.position_betas), *_of_options(held, tables.greeks)]
    every = pd.concat(parts, ignore_index=True)
    place = every["position_id"].map({name: place for place, name in enumerate(held["position_id"])})
    need = every["requirement"].map({name: place for place, name in enumerate(NEEDS)})
    order = every.assign(place=place, need=need).sort_values(["place", "need"], kind="stable").index
    return every.loc[order].reset_index(drop=True)


def _rows(held: pd.DataFrame, need: str, met: pd.Series, detail: pd.Series) -> pd.DataFrame:
    made = held[["position_id", "symbol"]].reset_index(drop=True)
    return made.assign(
        requirement=need,
        met=met.to_numpy(dtype=bool),
        detail=pd.array(detail.to_numpy(dtype=object), dtype="str"),
    )


def _price(held: pd.DataFrame) -> pd.DataFrame:
    """A price of the day; an old one, or none, is named."""
    old = codes.has_any(held["flags"], OLD_PRICES)
    of_day = "of " + pd.to_datetime(held["price_date"]).dt.strftime("%Y-%m-%d").astype("str")
    flagged = held["flags"].fillna("").map(codes.all_words)
    detail = of_day.where(~old, of_day + ": " + flagged).fillna("")
    return _rows(held, "price", held["price"].notna() & ~old, detail.where(held["price"].notna(), flagged))


def _fitted(held: pd.DataFrame, betas: pd.DataFrame) -> list[pd.DataFrame]:
    """Returns beside the factors' and the betas from them, of what has a market history."""
    market = held[held["kind"] != "manual"]
    first = betas[betas["method"] == METHOD].drop_duplicates("position_id").set_index("position_id")
    found = first.reindex(market["position_id"])
    quality = found["quality"].fillna(NOT_COMPUTED).map(codes.words)
    known = found["beta"].notna()
    days = found["observations"].fillna(0).astype("int64").astype("str") + " days: "
    history = (days + quality).where(found["observations"].notna(), NOT_COMPUTED)
    return [
        _rows(market, "history", known, history),
        _rows(market, "betas", known, pd.Series("", index=known.index).where(known, quality)),
    ]


def _of_options(held: pd.DataFrame, greeks: pd.DataFrame) -> list[pd.DataFrame]:
    """What goes into the Greeks of an option."""
    options = held[held["kind"] == "option"]
    found = greeks.set_index("position_id").reindex(options["position_id"])
    flags = found["flags"].fillna("")
    sized = {
        "underlying_price": found["underlying_price"].map("{:,.2f}".format),
        "volatility": found["implied_vol_source"].map(VOLATILITY_FROM),
        "rate": found["rate"].map("{:.2%}".format),
        "dividend": found["dividend_yield"].map("{:.2%}".format),
    }
    parts = []
    for need, (column, code) in OF_OPTIONS.items():
        met = found[column].notna() & ~codes.has(flags, code)
        lacking = flags.map(lambda text, code=code: codes.words(code) if codes.has(text, code) else "")
        why = lacking.where(lacking != "", flags.map(codes.all_words))
        why = why.mask(why == "", NOT_COMPUTED)
        parts.append(_rows(options, need, met, sized[need].where(met, why)))
    return parts
