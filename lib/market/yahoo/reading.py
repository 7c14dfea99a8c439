"""From yfinance's frames to ours: bars as traded, what a repair would change, profiles and option quotes.

Yahoo restates every close, volume and dividend for each later split, whether or not it is asked to adjust.
What was traded is got back with the splits of the same answer, which is why bars are always asked up to the
day of asking: with R(t) the product of the split ratios with an ex-date after t,

    raw price(t) = price(t) R(t),  raw dividend(t) = dividend(t) R(t),  raw volume(t) = volume(t) / R(t).

Yahoo's prices have single precision, so results are rounded to seven significant digits; its dividends have
six decimals, so a raw dividend keeps the decimals that six leave after multiplication by R. A refetch after
one more split thus gives the same numbers.
"""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from lib.market import occ
from lib.market.yahoo.asks import ODDITIES, PROFILES, QUOTES
from lib.market.yahoo.chart import PRICES, BrokenAnswer, Chart

DIGITS = 7
DIVIDEND_DECIMALS = 6
LONGEST_TEXT = 200
ODD_DAYS = {
    "no_close": "a row without a close, left out",
    "given_twice": "given twice alike, taken once",
    "moved_action": "a dividend or split on a day without a bar, put on the next bar",
}
"""What may be odd about a day of an answer that is taken all the same: event and its detail."""
KINDS = {"EQUITY": "stock", "ETF": "etf", "INDEX": "index", "MUTUALFUND": "fund", "OPTION": "option"}
HUNDREDTHS = ("GBX", "ILA", "ZAC")
"""Codes of pence, agorot and cents in which shares are priced, beside those with a small letter."""

COLUMNS = {name.capitalize(): name for name in (*PRICES, "volume")}


def later_splits(days: pd.DatetimeIndex, splits: pd.Series) -> np.ndarray:
    """For each day the product of the ratios with an ex-date after it; 1 where there is none."""
    ordered = splits.sort_index()
    products = np.append(np.cumprod(ordered.to_numpy()[::-1])[::-1], 1.0)
    return products[ordered.index.searchsorted(days, side="right")]


def significant(values: np.ndarray, digits: int = DIGITS) -> np.ndarray:
    """Values rounded to a number of significant digits, each the double nearest to that decimal number."""
    values = np.asarray(values, dtype="float64")
    size = np.where(np.isfinite(values) & (values != 0), np.abs(values), 1.0)
    places = digits - 1 - np.floor(np.log10(size))
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    return np.round(values * up / down) / up * down


def bars_of(
    history: pd.DataFrame, chart: Chart, symbol: str, start: date, end: date, fetched_at: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bars as traded from start to end, and the days that were odd (``ODD_DAYS``).

    ``history`` is yfinance's frame, unadjusted, one row a day; ``chart`` the answer that it was made from,
    through the day of asking. A row without a close is left out, an action on such a day goes to the next
    bar; the row of a session that has not ended is left out too.
    """
    rows = _days(history)
    kept = rows[np.isfinite(rows["close"]) & (rows.index < chart.open_day)]
    factor = later_splits(kept.index, chart.splits)
    bars = pd.DataFrame({"symbol": symbol, "date": kept.index}, index=kept.index)
    bars[list(PRICES)] = significant(kept[list(PRICES)].to_numpy() * factor[:, None])
    silent = chart.rows.loc[chart.rows["volume"].isna(), "date"]
    volume = kept["volume"].mask(kept.index.isin(silent))
    bars["volume"] = significant(volume.to_numpy() / factor)
    since = pd.Timestamp(start)
    paid = _on_bars(as_paid(chart.dividends, chart.splits)[since:], kept.index).groupby(level=0).sum()
    ratios = _on_bars(chart.splits[since:], kept.index).groupby(level=0).prod()
    bars["dividend"] = significant(paid.reindex(kept.index, fill_value=0.0).to_numpy())
    bars["split"] = ratios.reindex(kept.index, fill_value=1.0)
    bars = bars.assign(source="yahoo", origin="real", fetched_at=fetched_at)
    window = slice(pd.Timestamp(start), pd.Timestamp(end))
    return bars.loc[window].reset_index(drop=True), _oddities(chart, kept.index, window, symbol)


def as_paid(dividends: pd.Series, splits: pd.Series) -> pd.Series:
    """Dividends a share as they were paid, from restated ones."""
    factor = later_splits(pd.DatetimeIndex(dividends.index), splits)
    left = np.where(factor == 1, DIVIDEND_DECIMALS, np.ceil(DIVIDEND_DECIMALS - np.log10(factor)) - 1)
    scale = 10.0 ** np.clip(left, 0, DIVIDEND_DECIMALS)
    return pd.Series(np.round(dividends.to_numpy() * factor * scale) / scale, index=dividends.index)


def repairs_of(
    history: pd.DataFrame, repaired: pd.DataFrame, chart: Chart, symbol: str, start: date, end: date
) -> pd.DataFrame:
    """Cells that yfinance's repair would change, on the basis of the bars: date, column, before, after."""

    def cells(frame: pd.DataFrame) -> pd.Series:
        frame = frame.sort_index()
        days = _days(frame)
        factor = later_splits(days.index, chart.splits)
        values = days[list(PRICES)].mul(factor, axis=0)
        values["volume"] = days["volume"] / factor
        values["dividend"] = frame["Dividends"].to_numpy(dtype="float64") * factor
        values["split"] = frame["Stock Splits"].replace(0.0, 1.0).to_numpy(dtype="float64")
        long = values.melt(var_name="column", ignore_index=False).set_index("column", append=True)["value"]
        return pd.Series(significant(long.to_numpy()), index=long.index)

    pairs = pd.concat({"before": cells(history), "after": cells(repaired)}, axis=1)
    same = np.isclose(pairs["before"], pairs["after"], rtol=1e-6, atol=0.0, equal_nan=True)
    found = pairs[~same].rename_axis(["date", "column"]).reset_index()
    found = found[found["date"].between(pd.Timestamp(start), pd.Timestamp(end))]
    return found.assign(symbol=symbol)[["symbol", "date", "column", "before", "after"]]


def profile_of(info: dict[str, Any], symbol: str) -> pd.DataFrame:
    """One row from ``Ticker.info``; BrokenAnswer for a kind of instrument that we do not hold."""
    kind = plain(info.get("quoteType"))
    if kind not in KINDS:
        raise BrokenAnswer(f"Yahoo calls it {kind or 'nothing'}, which the workbench does not hold")
    row = {
        "symbol": symbol,
        "name": plain(info.get("longName")) or plain(info.get("shortName")),
        "kind": KINDS[kind],
        "sector": plain(info.get("sector")),
        "industry": plain(info.get("industry")),
        "currency": plain(info.get("currency")),
        "exchange": plain(info.get("exchange")),
        "timezone": plain(info.get("exchangeTimezoneName")) or plain(info.get("timeZoneFullName")),
        "country": plain(info.get("country")),
        "market_cap": _market_cap(info),
    }
    return pd.DataFrame([row]).astype(PROFILES)


def _market_cap(info: dict[str, Any]) -> float:
    """What a company is worth in the currency of its prices; NaN where Yahoo's figure is not that.

    Of prices in pence Yahoo gives pounds, and of a fund its shares rather than a company.
    """
    said, currency = info.get("marketCap"), plain(info.get("currency"))
    if isinstance(said, bool) or not isinstance(said, int | float) or info.get("quoteType") != "EQUITY":
        return math.nan
    whole = currency is not None and re.fullmatch(r"[A-Z]{3}", currency) and currency not in HUNDREDTHS
    return float(said) if whole and 0 < said < math.inf else math.nan


def quotes_of(
    calls: pd.DataFrame | None, puts: pd.DataFrame | None, underlying: str, expiry: date, zone: str
) -> pd.DataFrame:
    """Quotes of one expiry from ``Ticker.option_chain``; money a share, ``last_trade_date`` exchange-local.

    Contracts whose symbol is no option of that expiry are left out; BrokenAnswer when none is left.
    """
    sides = [side for side in (calls, puts) if side is not None and len(side)]
    if not sides:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in QUOTES.items()})
    chain = pd.concat(sides, ignore_index=True)
    options = occ.parse_all(chain["contractSymbol"].astype("str"))
    traded = pd.to_datetime(chain["lastTradeDate"], utc=True).dt.tz_convert(zone).dt.tz_localize(None)
    numbers = {"bid": "bid", "ask": "ask", "last": "lastPrice", "volume": "volume"}
    numbers["open_interest"] = "openInterest"
    quotes = pd.DataFrame(
        {
            "contract": options["symbol"],
            "underlying": underlying,
            "expiry": options["expiry"],
            "strike": options["strike"],
            "right": options["right"],
            "last_trade_date": traded.dt.normalize(),
            **{name: pd.to_numeric(chain[given], errors="coerce") for name, given in numbers.items()},
        }
    )
    quotes = quotes[quotes["expiry"] == pd.Timestamp(expiry)].drop_duplicates("contract")
    if quotes.empty:
        raise BrokenAnswer("the answer has no option of the expiry asked")
    return quotes[list(QUOTES)].astype(QUOTES).reset_index(drop=True)


def plain(text: Any) -> str | None:
    """Text on one line without control characters, at most 200 long; None for anything else or nothing."""
    if not isinstance(text, str):
        return None
    clean = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+", " ", text)
    return " ".join(clean.split())[:LONGEST_TEXT] or None


def _days(history: pd.DataFrame) -> pd.DataFrame:
    """open to volume by exchange-local day, without a time zone, in order."""
    days = history.index.tz_localize(None).normalize().as_unit("us")
    rows = history[list(COLUMNS)].rename(columns=COLUMNS).astype("float64")
    return rows.set_axis(pd.DatetimeIndex(days, name="date")).sort_index()


def _on_bars(actions: pd.Series, bars: pd.DatetimeIndex) -> pd.Series:
    """Actions by the first bar on or after their day; those after the last bar are left out."""
    at = bars.searchsorted(pd.DatetimeIndex(actions.index), side="left")
    inside = at < len(bars)
    return pd.Series(actions.to_numpy()[inside], index=bars[at[inside]])


def _oddities(chart: Chart, bars: pd.DatetimeIndex, window: slice, symbol: str) -> pd.DataFrame:
    """What was left out or moved, inside the window, a row for each day and oddity."""
    rows = chart.rows[chart.rows["date"] < chart.open_day].set_index("date").sort_index().loc[window]
    actions = chart.dividends.index.union(chart.splits.index)
    actions = actions[(actions >= window.start) & (actions <= window.stop) & (actions < chart.open_day)]
    days = {
        "no_close": rows.index.difference(bars),
        "given_twice": rows.index[rows.index.duplicated()],
        "moved_action": actions[~actions.isin(bars)],
    }
    found = pd.DataFrame([(day, event) for event, those in days.items() for day in those.unique()])
    found = found.reindex(columns=[0, 1]).set_axis(["date", "event"], axis=1)
    return found.assign(symbol=symbol, detail=found["event"].map(ODD_DAYS))[list(ODDITIES)].astype(ODDITIES)
