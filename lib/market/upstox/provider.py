"""The upstox provider: asks for the whole series of each symbol, keeps the answers, answers a run from them.

A run up to a day that a kept answer reaches asks nothing. A symbol that cannot be brought up to date is
left out, and the sync log says why; with ``--offline`` its older answer is taken and marked ``stale``. Each
session of questions is counted to the person whose token asked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from lib.broker_tokens.access import access_token
from lib.broker_tokens.broker import address, upstox
from lib.broker_tokens.store import TokenStore
from lib.errors import InputError
from lib.market import calendar, raw
from lib.market.upstox.bucket import Bucket
from lib.market.upstox.candles import fetch_bars
from lib.market.upstox.client import Client
from lib.market.upstox.instruments import Instrument, instruments_of
from lib.market.upstox.kept import Kept, Need
from lib.policy import Policy, Refused
from lib.progress import tell

SOURCE, EXCHANGE, CURRENCY = "upstox", "XNSE", "INR"
POLICY = ("attempts", "base_wait", "max_wait", "deadline", "timeout", "breaker")
NOTES = {
    "adjusted": "closes taken as adjusted for splits, which Upstox does not say; returns leave dividends out",
    "raw": "closes taken as printed; no actions: returns leave dividends out and show splits as jumps",
}


def fetch(request: raw.Request) -> raw.Raw:
    """The raw tables for the request. Raises InputError, and ReauthRequired where a new grant is needed."""
    need, known = _need(request), instruments_of(request.settings["instruments"], request.params_file)
    wanted = [known[symbol] for symbol in request.symbols if symbol in known]
    kept, found, began = Kept(Path(request.store)), raw.Raw(), time.monotonic()
    due = [one for one in wanted if request.refresh or not need.serves(kept.get(one))]
    asked = _Asked()
    if due and not request.offline:
        asked = _ask(due, kept, found, need, request)
    for one in wanted:
        state = _take(found, one, kept, asked.refused.get(one.symbol), need, request.settings["basis"])
        found.states |= {} if state == "ok" else {one.symbol: state}
    lacking = [symbol for symbol in request.symbols if symbol not in known]
    found.reasons |= {one: f"no line in data.instruments: add `{one} = <key>`" for one in lacking}
    found.instruments = _instruments(request, known)
    told = {"source": SOURCE, "requests": asked.requests, "seconds": round(time.monotonic() - began, 3)}
    found.log.append({"event": "sync", "state": "offline" if request.offline else "done", **told})
    found.moment = told
    ends = [end for one in wanted if (end := need.until(kept.get(one))) is not None]
    ends += [need.now] if asked.refused else []
    until = min(ends).tz_localize(UTC).isoformat() if ends else None
    found.validity = {"until": until, "watch": {str(kept.path(one)): kept.digest(one) for one in wanted}}
    return found


@dataclass
class _Asked:
    """How the questions of a run ended: what was refused by symbol, and the number of requests."""

    refused: dict[str, Refused] = field(default_factory=dict)
    requests: int = 0


def _need(request: raw.Request) -> Need:
    """What is wanted of each symbol. Raises InputError for what the provider cannot have."""
    if request.exchange != EXCHANGE:
        raise InputError(
            f"the sessions of {request.exchange} are not those of the upstox provider",
            mend=f"set `exchange: {EXCHANGE}`",
            file=request.params_file,
            field="exchange",
        )
    raw.refuse_unclosed(request)
    start = pd.Timestamp(request.settings["start"]).as_unit("us")
    raw.refuse_before(start, request)
    return Need(
        start=start,
        through=calendar.last_session(request.as_of, EXCHANGE),
        now=pd.Timestamp(request.now).tz_convert(None).as_unit("us"),
        refresh=pd.Timedelta(hours=float(request.settings["refresh_hours"])),
        exchange=EXCHANGE,
    )


def _ask(due: list[Instrument], kept: Kept, found: raw.Raw, need: Need, request: raw.Request) -> _Asked:
    """Ask for what is due and keep the answers."""
    settings, user, started = request.settings, request.settings["user"], datetime.now(UTC)
    tokens = TokenStore.of_environment()
    token = access_token(tokens, user, upstox())
    policy = Policy(section="data", **{name: settings[name] for name in POLICY})
    bucket = Bucket(settings["burst"], settings["calls_per_minute"])
    client = Client(address(), token, user, policy, bucket, found.log.append)
    closed, asked = calendar.last_closed_session(need.now, EXCHANGE), _Asked()
    try:
        for done, one in enumerate(due):
            tell(request.progress, done, len(due))
            try:
                kept.put(one, need.answered(fetch_bars(client, one.symbol, one.key, need.start, closed)))
            except Refused as fault:
                asked.refused[one.symbol] = fault
    finally:
        asked.requests = client.requests
        tokens.count(user, started=started, calls=client.requests)
    return asked


def _take(found: raw.Raw, one: Instrument, kept: Kept, fault: Refused | None, need: Need, basis: str) -> str:
    """Add the bars of a symbol, or the reason why there are none; how its request ended."""
    answer = kept.get(one)
    if fault is not None or answer is None:
        found.reasons[one.symbol] = fault.detail if fault else "never asked for: run without --offline"
        return fault.status if fault else "missing"
    bars = answer.bars[answer.bars["date"].between(need.start, need.through)].reset_index(drop=True)
    if bars.empty:
        found.reasons[one.symbol] = (
            f"Upstox has no bars from {need.start:%Y-%m-%d} to {need.through:%Y-%m-%d}"
        )
        return "empty"
    found.prices.append(bars.assign(adj_close=bars["close"], price_basis=basis, source=SOURCE, origin="real"))
    stale = not need.serves(answer) and answer.through < need.through
    older = f"an older answer, up to {answer.through:%Y-%m-%d}; " if stale else ""
    found.notes[one.symbol] = older + NOTES[basis]
    return "stale" if stale else "ok"


def _instruments(request: raw.Request, known: dict[str, Instrument]) -> list[pd.DataFrame]:
    """Rows of raw_instruments for the asked symbols, options with what is known of their underlying."""
    symbols = pd.Series(request.stocks, dtype="str")
    kinds = symbols.map({one.symbol: one.kind for one in known.values()}).astype("str").fillna("stock")
    rows = pd.DataFrame({"symbol": symbols, "kind": kinds}).assign(
        sector=None, industry=None, currency=CURRENCY, source=SOURCE, origin="real"
    )
    rows = rows.astype({"sector": "str", "industry": "str"})
    return [rows, raw.option_instruments(request.options, rows, SOURCE, "real")]
