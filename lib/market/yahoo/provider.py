"""The yahoo provider: brings the price store up to date with Yahoo, then answers from the store alone.

What a run gets depends on the content of the store up to its as-of date, never on when it was fetched. A
symbol that could not be brought up to date is left out, with its reason in the sync log, unless the setting
``stale`` (or an offline run) asks for the older answer, which is then marked ``stale``.
"""

from __future__ import annotations

import hashlib
import time
from datetime import UTC
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from lib.errors import InputError, StoreError
from lib.market import calendar, occ, raw, sync
from lib.market.store import PriceStore
from lib.market.store.index import INDEX
from lib.market.yahoo import oddities, profiles, quotes, slices
from lib.market.yahoo.conversation import Conversation
from lib.market.yahoo.yields import TICKERS
from lib.policy import Policy

SOURCE = "yahoo"
TIMEZONES = {"XNYS": "America/New_York", "XNSE": "Asia/Kolkata"}


def fetch(request: raw.Request) -> raw.Raw:
    """The raw tables for the request; InputError when as-of lies in the future or before ``start``."""
    need = _need(request)
    store, conversation = (
        PriceStore(Path(request.store)),
        Conversation(_policy(request), TIMEZONES[need.exchange], need, request.progress),
    )
    began = time.monotonic()
    try:
        answer, digest = _answer(store, request, need, conversation)
    except StoreError:
        if request.offline or not give_up_damaged(store, conversation):
            raise
        answer, digest = _answer(store, request, need, conversation)
    answer.validity = {"until": _until(store, request, need), "watch": {str(store.folder / INDEX): digest}}
    seconds = round(time.monotonic() - began, 3)
    told = {"source": SOURCE, "requests": conversation.requests, "seconds": seconds}
    state = "offline" if request.offline else "done"
    answer.log = [*conversation.events, {"event": "sync", "state": state, **told}]
    answer.moment = {**told, "yfinance": version("yfinance")}
    return answer


def _answer(
    store: PriceStore, request: raw.Request, need: sync.Need, conversation: Conversation
) -> tuple[raw.Raw, str]:
    if not request.offline:
        bring_up(store, request, need, conversation)
    elif not request.look:
        _refuse_empty(store, request)
    return _cut(store, request, need)


def _refuse_empty(store: PriceStore, request: raw.Request) -> None:
    """InputError when nothing may be asked and the store holds no bar of any symbol."""
    asked = [*wanted(request), *quoted(request)]
    held = store.series()["last_date"].notna().any()
    if asked and not held:
        raise InputError(
            f"the price store is empty, and with --offline Yahoo is not asked for the {len(asked)} symbols "
            f"that {request.as_of:%Y-%m-%d} needs",
            mend="run once without --offline, or name a `store` that has been filled",
            file=request.params_file,
            field="data",
        )


def give_up_damaged(store: PriceStore, conversation: Conversation) -> bool:
    """Take damaged files out of the store, so that what they held is fetched anew; whether there were any."""
    with store.writing(wait=conversation.policy.deadline, told=conversation.tell) as writer:
        lost = writer.discard_damaged()
    for one in lost.itertuples():
        conversation.tell(
            f"{one.file} was damaged ({one.reason}) and is fetched anew: {one.holds}", state="damaged"
        )
    return len(lost) > 0


def bring_up(store: PriceStore, request: raw.Request, need: sync.Need, conversation: Conversation) -> None:
    """Fetch what the store lacks for the request, in one commit; no request where nothing is lacking."""
    for status, symbols, since in sync.believed(store.series(), wanted(request), need):
        conversation.tell(
            f"{', '.join(symbols)}: answered {since:%Y-%m-%d %H:%M} UTC, which is believed for "
            f"{need.refresh / pd.Timedelta(hours=1):g} hours; --refresh asks anew",
            state="remembered",
            reason=status,
        )
    if not _lacking(store, request, need):
        return
    with store.writing(wait=conversation.policy.deadline, told=conversation.tell) as writer:
        asks = sync.due(store.series(), wanted(request), need)
        options = quotes.due(store.series(), quoted(request), need)
        conversation.later = quotes.asks(options)
        if len(asks):
            sync.bring_up(store, asks, need, conversation.bars).write(writer)
            writer.add_events(oddities.events_of(conversation.oddities, conversation.repairs, need))
        else:
            conversation.ask([])
        if options:
            bars, series = quotes.found(options, conversation.quotes, conversation.outcomes("chain"), need)
            kept = store.bars([one.symbol for one in options])
            writer.put(bars)
            writer.set_series(sync.with_spans(series, pd.concat([kept, bars])))
        unpriced = conversation.failed | _unpriced(store, request, need)
        if profiled := profiles.due(store.instruments(), request.stocks, unpriced, need):
            conversation.ask(profiles.asks(profiled))
            writer.set_instruments(profiles.found(conversation.profiles, need))


def wanted(request: raw.Request) -> list[str]:
    """Symbols whose bars are kept up to date: what is not an option, and the Treasury indices."""
    yields = TICKERS.values() if request.settings["yields"] else []
    return [*request.stocks, *(ticker for ticker in yields if ticker not in request.stocks)]


def quoted(request: raw.Request) -> list[occ.Option]:
    """Options whose chains are asked for."""
    return request.options if request.settings["options"] else []


def _lacking(store: PriceStore, request: raw.Request, need: sync.Need) -> bool:
    series = store.series()
    return bool(
        len(sync.due(series, wanted(request), need))
        or quotes.due(series, quoted(request), need)
        or profiles.due(store.instruments(), request.stocks, _unpriced(store, request, need), need)
    )


def _unpriced(store: PriceStore, request: raw.Request, need: sync.Need) -> set[str]:
    """Symbols without a price by an answer that is still believed."""
    answers = sync.believed(store.series(), wanted(request), need)
    return {symbol for status, symbols, _ in answers if status != "ok" for symbol in symbols}


def _need(request: raw.Request) -> sync.Need:
    now = pd.Timestamp(request.now).tz_convert(None).as_unit("us")
    exchange = calendar.known_exchange(request.exchange)
    raw.refuse_unclosed(request)
    start = pd.Timestamp(request.settings["start"]).as_unit("us")
    raw.refuse_before(start, request)
    closed = calendar.last_closed_session(now, exchange)
    return sync.Need(
        start=start,
        target=min(calendar.last_session(request.as_of, exchange), closed),
        closed=closed,
        now=now,
        refresh=pd.Timedelta(hours=0.0 if request.refresh else float(request.settings["refresh_hours"])),
        exchange=exchange,
        source=SOURCE,
        recheck=bool(request.settings.get("recheck", False)),
    )


def _policy(request: raw.Request) -> Policy:
    named = ("attempts", "deadline", "calls_per_second", "batch", "timeout", "breaker", "repair")
    given = {name: request.settings[name] for name in named}
    return Policy(**given)


def _cut(store: PriceStore, request: raw.Request, need: sync.Need) -> tuple[raw.Raw, str]:
    """The slice, and the digest of the store's index that it was cut from."""
    while True:
        digest = _digest(store.folder / INDEX)
        answer = slices.cut(store, request, need)
        if _digest(store.folder / INDEX) == digest:
            return answer, digest


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _until(store: PriceStore, request: raw.Request, need: sync.Need) -> str | None:
    """The moment (ISO, UTC) from which Yahoo would be asked again; null when never for this as-of date."""
    known = store.series().set_index("symbol").reindex([*wanted(request), *_quotable(request, need)])
    open_ = known[~sync.reached(known, need)]
    believed = open_["status"].isin(["ok", *sync.SETTLED])
    moments = [need.now] if need.recheck or not believed.all() else []
    moments += [open_["checked_at"].min() + need.refresh] if believed.any() else []
    session = calendar.last_session(request.as_of, need.exchange)
    if need.target < session:
        moments.append(calendar.closes(session, session, need.exchange).iloc[0])
    return min(moments).tz_localize(UTC).isoformat() if moments else None


def _quotable(request: raw.Request, need: sync.Need) -> list[str]:
    return [one.symbol for one in quotes.quotable(quoted(request), need)]
