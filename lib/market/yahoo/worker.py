"""One process that asks Yahoo by yfinance, and ends: ``python -P -m lib.market.yahoo.worker FOLDER``.

A fresh process for each batch and attempt, since yfinance keeps session, crumb and answers for the life of
its process, the bad ones too. ``FOLDER/request.json`` says what to ask. Each answer is written as soon as it
is there, tables first and ``<n>.json`` last, so that a process that is killed leaves what it had.
``FOLDER/journal.jsonl`` has a line when a question begins, a request is sent and a call ends.

The process ends when its standard input does, so that it never outlives the one that asked.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import yfinance
from yfinance.cache import get_tz_cache

from lib.market.yahoo.answer_status import AnswerStatus, Call, status_of
from lib.market.yahoo.asks import Ask
from lib.market.yahoo.chart import BrokenAnswer, chart_of
from lib.market.yahoo.reading import bars_of, profile_of, quotes_of, repairs_of
from lib.market.yahoo.session import CountingSession, NotSent
from lib.policy import Pace

UNANSWERED_IN_A_ROW = 3
"""Questions without any answer after which the process gives up; they are asked again later."""

Answer = tuple[AnswerStatus, dict[str, pd.DataFrame]]


class Worker:
    """Asks one question after the other in one session."""

    def __init__(self, folder: Path, request: dict[str, Any]):
        self.folder, self.zone, self.repair = folder, request["exchange_timezone"], request["repair"]
        self.asks = [Ask.of(parts) for parts in request["asks"]]
        self.session = CountingSession(
            pace=Pace(request["calls_per_second"]),
            refusals_left=request["refusals_left"],
            timeout=request["timeout"],
            told=self._told,
        )
        self.tickers: dict[str, yfinance.Ticker] = {}

    def run(self) -> None:
        """All questions, until Yahoo refuses one, or does not answer several in a row."""
        silent = 0
        for number, ask in enumerate(self.asks):
            self._journal(begun=number)
            self.session.begin()
            ended, tables = self.answer(ask)
            self._write(number, ended, tables)
            last = self.session.last
            silent = silent + 1 if last and last.fault else 0
            if ended.status == "limited" or (last and last.status == 429) or silent >= UNANSWERED_IN_A_ROW:
                return

    def answer(self, ask: Ask) -> Answer:
        """The status of one question, and the tables of its answer."""
        if ask.symbol not in self.tickers:
            get_tz_cache().store(ask.symbol, self.zone)
            self.tickers[ask.symbol] = yfinance.Ticker(ask.symbol, session=self.session)
        ticker = self.tickers[ask.symbol]
        question = {"bars": self._bars, "profile": self._profile, "chain": self._chain}[ask.kind]
        try:
            return question(ask, ticker)
        except BrokenAnswer as fault:
            return AnswerStatus("invalid", str(fault)), {}

    def _bars(self, ask: Ask, ticker: yfinance.Ticker) -> Answer:
        """Asked up to today, whatever the last day wanted, since the splits up to today are needed."""
        start, end = ask.start, ask.end
        assert start and end  # Ask holds to it
        past_end = max(pd.Timestamp(end), pd.Timestamp.now(self.zone).tz_localize(None)).normalize()
        options = {
            "start": f"{start:%Y-%m-%d}",
            "end": f"{past_end + pd.Timedelta(days=1):%Y-%m-%d}",
            **{"interval": "1d", "auto_adjust": False, "actions": True, "timeout": self.session.seconds},
        }
        history, fault = _attempt(lambda: ticker.history(**options))
        ended = self._status()
        if ended.status != "ok":
            return ended, {}
        now = pd.Timestamp.now("UTC").tz_localize(None).as_unit("us")
        chart = chart_of(ended.payload, ask.symbol, self.zone, now)
        if chart.rows.empty:
            return AnswerStatus("empty", "Yahoo has no bars"), {}
        _refuse(fault)
        bars, oddities = bars_of(history, chart, ask.symbol, start, end, now)
        if bars.empty:
            told = [f"{len(days)} days: {detail}" for detail, days in oddities.groupby("detail")]
            return AnswerStatus("empty", "; ".join([f"no bar from {start} to {end}", *told])), {}
        tables, notes = {"bars": bars, "oddities": oddities}, []
        if self.repair:
            self.session.replaying = True
            repaired, fault = _attempt(lambda: ticker.history(**options, repair=True))
            if fault:
                notes.append(f"not repaired: yfinance failed ({fault})")
            else:
                tables["repairs"] = repairs_of(history, repaired, chart, ask.symbol, start, end)
        return AnswerStatus("ok", "; ".join(notes)), tables

    def _profile(self, ask: Ask, ticker: yfinance.Ticker) -> Answer:
        info, fault = _attempt(lambda: ticker.info)
        if fault == NotSent.__name__:
            # Everything but the one ratio that is not asked for is there; it is kept for the second look.
            info, fault = _attempt(lambda: ticker.info)
        ended = self._status()
        if ended.status != "ok":
            return ended, {}
        _refuse(fault)
        if not info or set(info) <= {"trailingPegRatio", "symbol", "maxAge"}:
            return AnswerStatus("unknown", "Yahoo has no profile"), {}
        return AnswerStatus("ok"), {"profiles": profile_of(info, ask.symbol)}

    def _chain(self, ask: Ask, ticker: yfinance.Ticker) -> Answer:
        assert ask.expiry  # Ask holds to it
        expiry = ask.expiry.isoformat()
        known, fault = _attempt(lambda: ticker.options)
        if fault or self.session.last:
            ended = self._status()
            if ended.status != "ok":
                return ended, {}
            _refuse(fault)
            if not _first(ended.payload):
                return AnswerStatus("unknown", "Yahoo knows no such underlying"), {}
        if expiry not in known:
            return AnswerStatus(
                "empty", f"Yahoo lists no expiry {expiry}" if known else "Yahoo lists no options"
            ), {}
        chain, fault = _attempt(lambda: ticker.option_chain(expiry))
        ended = self._status()
        if ended.status != "ok":
            return ended, {}
        _refuse(fault)
        quotes = quotes_of(chain.calls, chain.puts, ask.symbol, ask.expiry, self.zone)
        if quotes.empty:
            return AnswerStatus("empty", f"Yahoo quotes nothing for {expiry}"), {}
        return AnswerStatus("ok"), {"quotes": quotes}

    def _status(self) -> AnswerStatus:
        if self.session.stopped:
            return AnswerStatus("limited", "not asked: Yahoo refuses more requests for now (429)")
        if self.session.last is None:
            return AnswerStatus("transport", "the question did not go out")
        return status_of(self.session.last, refused=self.session.refused)

    def _told(self, path: str, call: Call | None) -> None:
        if call is None:
            self._journal(sent=path)
        else:
            self._journal(path=path, status=call.status, fault=call.fault, retry_after=call.retry_after)

    def _journal(self, **line: Any) -> None:
        with open(self.folder / "journal.jsonl", "a") as journal:
            journal.write(json.dumps(line) + "\n")

    def _write(self, number: int, ended: AnswerStatus, tables: dict[str, pd.DataFrame]) -> None:
        for name, frame in tables.items():
            frame.to_parquet(self.folder / f"{number}-{name}.parquet", index=False)
        wait = self.session.last.retry_after if self.session.last else 0.0
        parts = {"status": ended.status, "detail": ended.detail, "retry_after": wait, "tables": [*tables]}
        made = self.folder / f"{number}.json.new"
        made.write_text(json.dumps(parts))
        made.replace(self.folder / f"{number}.json")


def _attempt(call: Callable[[], Any]) -> tuple[Any, str]:
    """What a call of yfinance gives, or the class of what it raised: the wire says what to make of it."""
    try:
        return call(), ""
    except Exception as fault:  # yfinance raises whatever its parsing runs into
        return None, type(fault).__name__


def _refuse(fault: str) -> None:
    """BrokenAnswer where yfinance failed on an answer that came over the wire as it should."""
    if fault:
        raise BrokenAnswer(f"yfinance cannot read the answer ({fault})")


def _first(payload: Any) -> Any:
    """The first result of an option chain's answer."""
    chain = payload.get("optionChain") if isinstance(payload, dict) else None
    results = chain.get("result") if isinstance(chain, dict) else None
    return results[0] if isinstance(results, list) and results else None


def _end_with_the_parent() -> None:
    """Past ``sys.stdin``, whose lock an ending interpreter would want while this thread holds it."""
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """Answers the request in the folder named on the command line."""
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    folder = Path(sys.argv[1])
    warnings.simplefilter("ignore")
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    yfinance.config.debug.hide_exceptions = False
    yfinance.set_tz_cache_location(str(folder / "cache"))
    Worker(folder, json.loads((folder / "request.json").read_text())).run()


if __name__ == "__main__":
    main()
