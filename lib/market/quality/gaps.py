"""Sessions without a bar, found by the exchange's calendar: never nights, weekends or holidays.

A gap lies inside a symbol's first and last bar; what is missing after the last one is staleness. Options are
left out, since their quotes are taken on the days of a sync and no session is owed. Bars on days that the
calendar does not know fill nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.conventions import EXCHANGE
from lib.market import calendar
from lib.market.quality.jumps import options

ALL = "all symbols"
GAP = ["symbol", "gap_start", "gap_end", "sessions", "status", "detail"]


def on_sessions(prices: pd.DataFrame, exchange: str = EXCHANGE) -> pd.DataFrame:
    """Bars on sessions by symbol and day: ``symbol date source``, ``place`` of the session, ``missing``.

    ``missing`` is the number of sessions without a bar between the symbol's bar before and this one, so it
    belongs to the source that goes on after the gap.
    """
    owed = prices.loc[~prices["symbol"].isin(options(prices["symbol"])), ["symbol", "date", "source"]]
    known = _calendar(exchange)
    bars = owed[owed["date"].isin(known)].sort_values(["symbol", "date"], ignore_index=True)
    bars["place"] = known.get_indexer(pd.DatetimeIndex(bars["date"]))
    step = bars["place"].groupby(bars["symbol"]).diff().fillna(1.0)
    return bars.assign(missing=(step - 1).astype("int64"))


def find_gaps(
    prices: pd.DataFrame, issues: pd.DataFrame, events: pd.DataFrame, exchange: str = EXCHANGE
) -> pd.DataFrame:
    """The table ``gaps``: one row a run of sessions with one reason, the ones that a sync filled among them.

    ``quarantined`` where a rule set the bar aside, ``open`` where none came, ``filled`` where ``events``
    (raw_sync_events) say so and every bar is there. A gap that is recorded as filled and is not stays open.
    """
    bars = on_sessions(prices, exchange)
    days = missing_days(bars, exchange).merge(_quarantined(issues), on=["symbol", "date"], how="left")
    runs = _runs(days)
    aside = runs["rule"].notna()
    detail = ("set aside: " + runs["rule"]).where(aside, _asked_again(runs, events))
    runs = runs.assign(status=aside.map({True: "quarantined", False: "open"}), detail=detail)
    found = [part[GAP] for part in (runs, _filled(bars, events, exchange)) if len(part)]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=GAP)
    types = {"gap_start": "datetime64[us]", "gap_end": "datetime64[us]", "sessions": "int64"}
    table = table.astype(types | dict.fromkeys(["symbol", "status", "detail"], "str"))
    return table.sort_values(["symbol", "gap_start"], ignore_index=True)


def missing_days(bars: pd.DataFrame, exchange: str = EXCHANGE) -> pd.DataFrame:
    """Every session without a bar, from ``on_sessions``: ``symbol date place``, by symbol and day."""
    after = bars[bars["missing"] > 0]
    width = after["missing"].to_numpy()
    inside = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
    place = np.repeat(after["place"].to_numpy() - width, width) + inside
    return pd.DataFrame(
        {
            "symbol": np.repeat(after["symbol"].to_numpy(), width),
            "date": _calendar(exchange)[place],
            "place": place,
        }
    ).astype({"symbol": "str"})


def bars_within(bars: pd.DataFrame, spans: pd.DataFrame) -> np.ndarray:
    """How many bars (from ``on_sessions``) lie in each span ``symbol gap_start gap_end``, ends included."""
    number = pd.Index(bars["symbol"].unique()).sort_values()
    codes, origin = number.get_indexer(bars["symbol"]), pd.Timestamp(calendar.FIRST)
    reach = 10**6

    def place(code: np.ndarray, days: pd.Series) -> np.ndarray:
        return code * reach + (days - origin).dt.days.to_numpy()

    known, asked = place(codes, bars["date"]), number.get_indexer(spans["symbol"])
    first = np.searchsorted(known, place(asked, spans["gap_start"]), "left")
    last = np.searchsorted(known, place(asked, spans["gap_end"]), "right")
    return np.where(asked >= 0, last - first, 0)


def sessions_by_period(
    bars: pd.DataFrame, freq: str, exchange: str = EXCHANGE
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sessions owed and bars there, symbols by periods (``freq`` "M" or "Y"), from ``on_sessions``.

    Owed are the sessions from a symbol's first to its last bar.
    """
    known = _calendar(exchange)
    reach = bars.groupby("symbol")["place"].agg(["min", "max"])
    if reach.empty:
        return pd.DataFrame(), pd.DataFrame()
    low, high = int(reach["min"].min()), int(reach["max"].max())
    periods = known[low : high + 1].to_period(freq)
    names = periods.unique()
    starts = low + np.searchsorted(periods.asi8, names.asi8)
    ends = np.append(starts[1:], high + 1)
    first, last = reach["min"].to_numpy()[:, None], reach["max"].to_numpy()[:, None]
    owed = np.clip(np.minimum(last + 1, ends) - np.maximum(first, starts), 0, None)
    period = names.get_indexer(pd.DatetimeIndex(bars["date"]).to_period(freq))
    there = np.zeros(owed.shape, dtype="int64")
    np.add.at(there, (reach.index.get_indexer(bars["symbol"]), period), 1)
    table = {"index": reach.index, "columns": names}
    return pd.DataFrame(owed, **table), pd.DataFrame(there, **table)


def coverage_by_month(bars: pd.DataFrame, exchange: str = EXCHANGE) -> pd.Series:
    """Share of the owed bars that are there, by month (its first day), from ``on_sessions``."""
    owed, there = sessions_by_period(bars, "M", exchange)
    if owed.empty:
        return pd.Series(dtype="float64", index=pd.DatetimeIndex([]), name="coverage")
    share = (there.sum() / owed.sum().replace(0, np.nan)).dropna().rename("coverage")
    return share.set_axis(share.index.to_timestamp())


def missing_by_year(
    bars: pd.DataFrame, exchange: str = EXCHANGE, *, symbols: int = 11, years: int = 12
) -> pd.DataFrame:
    """Share of the owed sessions without a bar by year: of ``ALL``, then of those that lack the most.

    From ``on_sessions``; null where no session is owed. At most so many symbols and the last ``years``.
    """
    owed, there = sessions_by_period(bars, "Y", exchange)
    if owed.empty:
        return pd.DataFrame(np.nan, index=[ALL], columns=["none"])
    lacking = owed - there
    total = lacking.sum(axis=1)
    worst = total[total > 0].sort_values(ascending=False, kind="stable").index[:symbols]
    share = (lacking / owed.where(owed > 0)).loc[worst]
    share = pd.concat([(lacking.sum() / owed.sum()).to_frame(ALL).T, share]).iloc[:, -years:]
    return share.set_axis(share.columns.astype("str"), axis=1)


def overlapping(gaps: pd.DataFrame, exchange: str = EXCHANGE) -> int:
    """Gaps that begin before the end of the one before, or whose length is not that of the calendar."""
    known = _calendar(exchange)
    length = known.searchsorted(gaps["gap_end"], "right") - known.searchsorted(gaps["gap_start"], "left")
    before = gaps["gap_end"].groupby(gaps["symbol"]).shift()
    return int(((gaps["gap_start"] <= before) | (length != gaps["sessions"])).sum())


def bridged(gaps: pd.DataFrame, bars: pd.DataFrame) -> int:
    """Bars (from ``on_sessions``) on days of gaps that are said to be without one."""
    return int(bars_within(bars, gaps[gaps["status"] != "filled"]).sum())


def _calendar(exchange: str) -> pd.DatetimeIndex:
    return calendar.sessions(calendar.FIRST, calendar.LAST, exchange)


def _quarantined(issues: pd.DataFrame) -> pd.DataFrame:
    """Days of which a bar was set aside, with the rule: ``symbol date rule``."""
    aside = issues[issues["action"] == "quarantined"]
    return aside.groupby(["symbol", "date"], as_index=False).agg(rule=("check", "first"))


def _runs(days: pd.DataFrame) -> pd.DataFrame:
    """Sessions that follow each other in one symbol and for one reason, as one row each."""
    follows = days["symbol"].eq(days["symbol"].shift()) & days["place"].diff().eq(1)
    alike = days["rule"].fillna("").eq(days["rule"].fillna("").shift())
    return days.groupby((~(follows & alike)).cumsum()).agg(
        symbol=("symbol", "first"),
        gap_start=("date", "min"),
        gap_end=("date", "max"),
        sessions=("date", "size"),
        rule=("rule", "first"),
    )


def _asked_again(runs: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """What the provider says of each run: that it asked again, or nothing."""
    told = events[events["event"].isin(["gap_open", "gap_filled"])]
    pairs = runs.reset_index(names="run").merge(told, on="symbol")
    inside = (pairs["date"] <= pairs["gap_start"]) & (pairs["last_date"] >= pairs["gap_end"])
    pairs = pairs[inside].drop_duplicates("run", keep="last").set_index("run")
    words = pairs["detail"].where(pairs["event"] == "gap_open", "recorded as filled, and no bar is there")
    return words.reindex(runs.index).fillna("no bar came")


def _filled(bars: pd.DataFrame, events: pd.DataFrame, exchange: str) -> pd.DataFrame:
    """Gaps that the provider recorded as filled and of which every session has its bar."""
    told = events[events["event"] == "gap_filled"].drop_duplicates(["symbol", "date"], keep="last")
    known = _calendar(exchange)
    begin, end = known.searchsorted(told["date"], "left"), known.searchsorted(told["last_date"], "right")
    told = told.rename(columns={"date": "gap_start", "last_date": "gap_end"}).assign(sessions=end - begin)
    return told[bars_within(bars, told) == told["sessions"]].assign(status="filled")
