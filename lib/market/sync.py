"""Bring series of the price store up to date with the fewest requests, and notice what the source changed.

A source is a function from asks to answers; what it is asked follows from what the store already knows. New
bars are asked for with an overlap of a few sessions. Where a close, a dividend or a split inside the overlap
differs from the store, or where a new split appears, the whole series is fetched anew and the difference is
recorded. Sessions missing inside a series are asked for once more and recorded as filled or open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.market.quality.gaps import on_sessions
from lib.market.restatements import EVENT, differences, of_symbol, restated, steady

OVERLAP = 5
"""Sessions before the last stored bar that are asked for again."""
SETTLED = ("unknown", "empty", "invalid")
"""Answers that are not asked for again before ``refresh`` has passed."""
SERIES = ["symbol", "source", "status", "detail", "asked_from", "asked_through", "checked_at"]
SPAN = ["first_date", "last_date", "rows"]


@dataclass(frozen=True)
class Need:
    """What is wanted of each symbol: bars from ``start`` to ``target``, the last session that the run uses.

    ``closed`` is the last session that has closed at ``now`` (UTC without a zone); bars are asked for up to
    it, whatever the run uses, since the source restates earlier ones by later splits. ``refresh`` is how long
    an answer without bars for ``target`` is believed. ``recheck`` asks for every series from its first day,
    so that a restatement before the overlap is found too.
    """

    start: pd.Timestamp
    target: pd.Timestamp
    closed: pd.Timestamp
    now: pd.Timestamp
    refresh: pd.Timedelta
    exchange: str
    source: str
    recheck: bool = False


class Stored(Protocol):
    """What the sync reads of the store."""

    def bars(self, symbols: Sequence[str] | None = None) -> pd.DataFrame:
        """Bars of the symbols."""

    def series(self) -> pd.DataFrame:
        """What is known of each symbol."""

    def events(self) -> pd.DataFrame:
        """What happened to the series."""


Source = Callable[[pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]
"""Asks (``symbol start``) to bars and outcomes (``symbol status detail``)."""


@dataclass
class Found:
    """What a sync found: bars to put, symbols whose series is replaced, what to record of each symbol."""

    put: pd.DataFrame
    series: pd.DataFrame
    events: pd.DataFrame
    replaced: list[str] = field(default_factory=list)

    def write(self, writer: Any) -> None:
        """Hand everything to the store's writer."""
        anew = self.put["symbol"].isin(self.replaced)
        if self.replaced:
            writer.replace(self.replaced, self.put[anew])
        if len(rest := self.put[~anew]):
            writer.put(rest)
        if len(self.series):
            writer.set_series(self.series)
        if len(self.events):
            writer.add_events(self.events)


def due(series: pd.DataFrame, symbols: Sequence[str], need: Need) -> pd.DataFrame:
    """The asks (``symbol start whole``) that are needed for bars up to ``need.target``; often none."""
    known = series.set_index("symbol").reindex(pd.Index(list(symbols), name="symbol"))
    whole = ~(known["asked_from"] <= need.start) | known["last_date"].isna()
    lately = known["checked_at"] > need.now - need.refresh
    settled = known["status"].isin(SETTLED) & _after_close(known, need) & lately
    late = (known["status"] == "ok") & _after_close(known, need) & lately & ~whole
    wanted = ~(settled | late | reached(known, need)) | need.recheck
    begin = known["asked_from"] if need.recheck else _back(known["last_date"], OVERLAP, need.exchange)
    start = begin.mask(whole, need.start)
    asks = pd.DataFrame({"start": start, "whole": whole}).loc[wanted].reset_index()
    return asks.astype({"start": "datetime64[us]", "whole": "bool"})


def believed(
    series: pd.DataFrame, symbols: Sequence[str], need: Need
) -> Iterator[tuple[str, list[str], pd.Timestamp]]:
    """By status the symbols that are not asked for again yet though the store lacks them, and since when."""
    known = series.set_index("symbol").reindex(pd.Index(list(symbols), name="symbol"))
    asked = set(due(series, symbols, need)["symbol"])
    lacking = known[known["status"].isin([*SETTLED, "ok"]) & ~reached(known, need)]
    lacking = lacking[~lacking.index.isin(list(asked))]
    for status, rows in lacking.groupby("status"):
        yield str(status), rows.index.tolist(), rows["checked_at"].min()


def reached(known: pd.DataFrame, need: Need) -> pd.Series:
    """For each series whether the store holds what the source has of it from ``start`` to ``target``."""
    return (known["asked_through"] >= need.target) & (known["asked_from"] <= need.start)


def current(known: pd.DataFrame, need: Need) -> pd.Series:
    """For each series whether it can be used: reached, or the source was asked after ``target`` closed.

    The last bar of such a series may be before ``target``, since the source had no later one then.
    """
    begun = known["asked_from"] <= need.start
    return reached(known, need) | (begun & (known["status"] == "ok") & _after_close(known, need))


def bring_up(store: Stored, asks: pd.DataFrame, need: Need, source: Source) -> Found:
    """Ask the source, compare with the store, ask again where a series was restated or has gaps."""
    symbols = asks["symbol"].tolist()
    old = store.bars(symbols)
    bars, outcomes = source(asks)
    bars = bars[bars["date"] >= of_symbol(bars, asks.set_index("symbol")["start"])]
    replaced = asks.loc[asks["whole"] & asks["symbol"].isin(bars["symbol"]), "symbol"].tolist()
    if changed := restated(old, bars, asks[~asks["whole"]]):
        begin = series_start(store.series(), changed, need)
        anew, again = source(pd.DataFrame({"symbol": changed, "start": begin, "whole": True}))
        fetched = again.loc[again["status"] == "ok", "symbol"].tolist()
        bars = pd.concat([bars[~bars["symbol"].isin(changed)], anew[anew["symbol"].isin(fetched)]])
        outcomes = pd.concat([outcomes[~outcomes["symbol"].isin(changed)], again])
        replaced += fetched
    news = differences(old, bars, replaced, need.source)
    filled, gaps = _fill_gaps(store.events(), old, bars, replaced, need, source)
    came = pd.concat([bars, filled]).drop_duplicates(["symbol", "date"], keep="last", ignore_index=True)
    put = steady(came, old)
    events = [one for one in (news, gaps) if len(one)] or [news]
    series = _series(asks, outcomes, store.series(), put, need)
    return Found(
        put=put,
        series=with_spans(series, pd.concat([old[~old["symbol"].isin(replaced)], put])),
        events=pd.concat(events, ignore_index=True).assign(recorded_at=need.now),
        replaced=sorted(set(replaced)),
    )


def with_spans(series: pd.DataFrame, bars: pd.DataFrame) -> pd.DataFrame:
    """The series with first day, last day and number of their bars; ``bars`` may hold a bar twice."""
    span = bars.drop_duplicates(["symbol", "date"]).groupby("symbol")["date"].agg(["min", "max", "size"])
    span = span.set_axis(SPAN, axis=1).reindex(series["symbol"]).reset_index(drop=True)
    span["rows"] = span["rows"].fillna(0).astype("int64")
    return pd.concat([series.reset_index(drop=True), span], axis=1)


def series_start(series: pd.DataFrame, symbols: list[str], need: Need) -> pd.Series:
    """From when each series is kept: the earliest day ever asked for."""
    begun = series.set_index("symbol")["asked_from"].reindex(symbols).fillna(need.start)
    return begun.clip(upper=need.start).reset_index(drop=True).astype("datetime64[us]")


def missing_sessions(bars: pd.DataFrame, exchange: str) -> pd.DataFrame:
    """Runs of sessions without a bar inside each symbol's first and last: ``symbol date last_date rows``."""
    known = calendar.sessions(*calendar.bounds(exchange), exchange)
    found = on_sessions(bars, exchange)
    after = found[found["missing"] > 0]
    return pd.DataFrame(
        {
            "symbol": after["symbol"].to_numpy(),
            "date": known[after["place"] - after["missing"]],
            "last_date": known[after["place"] - 1],
            "rows": after["missing"].to_numpy(),
        }
    )


def _after_close(known: pd.DataFrame, need: Need) -> pd.Series:
    closing = calendar.closes(need.target, need.target, need.exchange).iloc[0]
    return known["checked_at"] >= closing


def _back(days: pd.Series, sessions: int, exchange: str) -> pd.Series:
    """So many sessions before each day; null stays null."""
    known = calendar.sessions(*calendar.bounds(exchange), exchange)
    place = np.maximum(known.searchsorted(days.fillna(known[0]).to_numpy()) - sessions, 0)
    return pd.Series(known[place], index=days.index).where(days.notna())


def _fill_gaps(
    known: pd.DataFrame, old: pd.DataFrame, new: pd.DataFrame, replaced: list[str], need: Need, source: Source
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Bars for missing sessions, asked for once more, and the events that say how that ended."""
    kept = old[~old["symbol"].isin(replaced) & old["symbol"].isin(new["symbol"])]
    there = pd.concat([kept, new]).drop_duplicates(["symbol", "date"])
    gaps = missing_sessions(there, need.exchange)
    told = known.loc[known["event"] == "gap_open", ["symbol", "date", "last_date"]].drop_duplicates()
    gaps = gaps.merge(told, how="left", indicator=True)
    gaps = gaps[gaps["_merge"] == "left_only"].drop(columns="_merge")
    if gaps.empty:
        return new.iloc[:0], pd.DataFrame(columns=EVENT)
    bars, _ = source(gaps.groupby("symbol", as_index=False)["date"].min().rename(columns={"date": "start"}))
    wanted = bars.merge(gaps.rename(columns={"date": "gap", "last_date": "gap_end"}), on="symbol")
    wanted = wanted[(wanted["date"] >= wanted["gap"]) & (wanted["date"] <= wanted["gap_end"])]
    came = wanted.groupby(["symbol", "gap"])["date"].nunique().rename("came").reset_index()
    gaps = gaps.merge(came, left_on=["symbol", "date"], right_on=["symbol", "gap"], how="left")
    whole = gaps["came"].fillna(0) >= gaps["rows"]
    count = gaps["came"].fillna(0).astype("int64").astype("str") + " of " + gaps["rows"].astype("str")
    events = gaps.assign(
        event=whole.map({True: "gap_filled", False: "gap_open"}),
        detail="asked again, " + count + " sessions came",
        source=need.source,
    )
    return wanted[new.columns], events[EVENT]


def _series(
    asks: pd.DataFrame, outcomes: pd.DataFrame, known: pd.DataFrame, bars: pd.DataFrame, need: Need
) -> pd.DataFrame:
    """What the store is to know of the symbols that were asked for."""
    table = asks[["symbol", "start", "whole"]].merge(outcomes[["symbol", "status", "detail"]], on="symbol")
    before = known.set_index("symbol").reindex(table["symbol"]).reset_index()
    ok = table["status"] == "ok"
    begun = before["asked_from"].mask(table["whole"] & ok, table["start"])
    return table.assign(
        source=need.source,
        asked_from=begun,
        asked_through=before["asked_through"].mask(ok, _through(bars, table["symbol"], need)),
        checked_at=need.now,
    ).reindex(columns=SERIES)


def _through(bars: pd.DataFrame, symbols: pd.Series, need: Need) -> pd.Series:
    """Up to which session an answer speaks: a source may still be late with the last few of them."""
    last = of_symbol(symbols.to_frame("symbol"), bars.groupby("symbol")["date"].max())
    late = _back(pd.Series([need.closed]), OVERLAP, need.exchange)[0]
    return last.clip(lower=late)
