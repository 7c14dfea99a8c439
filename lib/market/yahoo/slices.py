"""The slice of the price store that a run gets: asked symbols, from ``start`` to the wanted session.

Closes are as traded; adjusted closes come from dividends and splits up to that session, so that no later one
changes an earlier run. The dividend yield is that of the twelve months before, per share of the last close.
Market capitalisation is the one that Yahoo told last, if that was no later than in that session.
"""

from __future__ import annotations

import pandas as pd

from lib.conventions import BASE_CURRENCY
from lib.market import raw
from lib.market.adjust import adjust
from lib.market.store import PriceStore
from lib.market.sync import Need, current
from lib.market.yahoo import profiles
from lib.market.yahoo.yields import TICKERS, yields_of

NO_PROFILE = f"no profile from Yahoo: taken for a stock in {BASE_CURRENCY}"
NOT_STORED = "not in the price store: run without --offline"
NOT_ASKED = "option quotes are not asked for (setting options)"
SHARE_CLASS = r"[A-Z]+\.[A-Z]"
INSTRUMENT = [
    "symbol",
    "name",
    "kind",
    "sector",
    "industry",
    "currency",
    "dividend_yield",
    "exchange",
    "country",
    "market_cap",
    "market_cap_date",
    "source",
    "origin",
]


def cut(store: PriceStore, request: raw.Request, need: Need) -> raw.Raw:
    """The raw tables of the request from what the store holds."""
    symbols = [*request.symbols, *(t for t in TICKERS.values() if t not in request.symbols)]
    bars = store.bars(symbols, start=need.start, end=need.target)
    states = _states(
        store.series(), bars, symbols, need, keep=bool(request.settings["stale"] or request.offline)
    )
    states["detail"] = _advised(states, request)
    bars = bars[~bars["symbol"].isin(states.index[states["left_out"]])].reset_index(drop=True)
    asked = bars[bars["symbol"].isin(request.symbols)].reset_index(drop=True)
    instruments, unknown = _instruments(store.instruments(), asked, request, need)
    shown = states[states.index.isin(request.symbols)]
    return raw.Raw(
        prices=[_prices(asked)],
        yields=[yields_of(bars)] if request.settings["yields"] else [],
        instruments=instruments,
        notes={**dict.fromkeys(unknown, NO_PROFILE), **_details(shown[shown["state"] == "stale"])},
        reasons=_details(shown[shown["state"] != "ok"]),
        states=shown["state"].to_dict(),
        events=[_events(store.events(), request, need)],
    )


def _states(
    series: pd.DataFrame, bars: pd.DataFrame, symbols: list[str], need: Need, *, keep: bool
) -> pd.DataFrame:
    """By symbol: ``state``, ``detail``, and whether what the store has of it is ``left_out``.

    A series that was asked for up to the wanted session is taken as it is; an older one only with ``keep``.
    """
    known = series.set_index("symbol").reindex(pd.Index(symbols, name="symbol"))
    last = bars.groupby("symbol")["date"].max().reindex(known.index)
    usable = current(known, need)
    failure = known["status"].fillna("missing").mask((known["status"] == "ok") & ~usable, "missing")
    failure = failure.mask((known["status"] == "ok") & usable, "empty")
    older = ~usable & last.notna() & keep
    state = failure.mask(usable & last.notna(), "ok").mask(older, "stale")
    day = last.dt.strftime("%Y-%m-%d")
    reason = known["detail"].mask(known["detail"] == "").fillna("").mask(known["status"].isna(), NOT_STORED)
    reason = reason.mask((failure == "missing") & last.notna(), "the store holds it up to " + day + " only")
    told = reason.mask(older, "older answer, last bar " + day + "; " + failure + ": " + reason)
    return pd.DataFrame({"state": state, "detail": told, "left_out": ~usable & ~older})


def _advised(states: pd.DataFrame, request: raw.Request) -> pd.Series:
    """The details, with what the person who asked can do about them."""
    quotes = [] if request.settings["options"] else [one.symbol for one in request.options]
    unasked = states.index.isin(quotes) & states["left_out"]
    share_class = states.index.str.fullmatch(SHARE_CLASS) & (states["state"] == "unknown")
    written = "; Yahoo writes a class of shares as " + states.index.str.replace(".", "-")
    return states["detail"].mask(unasked, NOT_ASKED).mask(share_class, states["detail"] + written)


def _details(states: pd.DataFrame) -> dict[str, str]:
    return {str(symbol): str(detail) for symbol, detail in states["detail"].items() if detail}


def _prices(bars: pd.DataFrame) -> pd.DataFrame:
    """Bars with adjusted closes, dividends and splits on their days, basis ``raw``."""
    acted = (bars["dividend"] != 0.0) | (bars["split"] != 1.0)
    actions = bars.loc[acted, ["date", "symbol", "dividend", "split"]]
    adjusted = adjust(bars.drop(columns=["dividend", "split", "fetched_at"]), actions)
    return adjusted.assign(price_basis="raw")


def _instruments(
    known: pd.DataFrame, bars: pd.DataFrame, request: raw.Request, need: Need
) -> tuple[list[pd.DataFrame], list[str]]:
    """Rows of raw_instruments, options included, and the symbols that have no profile."""
    stocks = pd.DataFrame({"symbol": request.stocks}, dtype="str")
    table = stocks.merge(known, on="symbol", how="left")
    unknown = table.loc[table["kind"].isna(), "symbol"].tolist()
    table = table.assign(
        kind=table["kind"].fillna("stock"),
        currency=table["currency"].fillna(BASE_CURRENCY),
        source=table["source"].fillna(need.source),
        origin="real",
    )
    paid = table["symbol"].map(_dividend_yields(bars, need))
    table = profiles.dated(table, need)
    table["dividend_yield"] = paid.mask(table["kind"] == "index").astype("float64")
    options = raw.option_instruments(request.options, table, need.source, "real")
    return [table[INSTRUMENT], options], unknown


def _dividend_yields(bars: pd.DataFrame, need: Need) -> pd.Series:
    """By symbol: dividends of the year up to the wanted session, in shares of that day, over its close."""
    year = bars[bars["date"] > need.target - pd.DateOffset(years=1)].sort_values(["symbol", "date"])
    shares = year[::-1].groupby("symbol")["split"].cumprod()[::-1]
    paid = (year["dividend"] / shares).groupby(year["symbol"]).sum()
    return paid / year.groupby("symbol")["close"].last()


def _events(events: pd.DataFrame, request: raw.Request, need: Need) -> pd.DataFrame:
    shown = events["symbol"].isin(request.symbols) & (events["last_date"] <= need.target)
    columns = ["date", "last_date", "symbol", "event", "rows", "detail", "source"]
    return events.loc[shown & (events["date"] >= need.start), columns].reset_index(drop=True)
