"""What every provider is asked and what it answers: the six raw tables, in one order, up to one day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import pandas as pd

from lib.contracts import conform, empty
from lib.conventions import BASE_CURRENCY
from lib.errors import InputError
from lib.market import calendar, occ
from lib.prepare_request import PrepareRequest
from lib.tables import TABLES

CLOSED_LONG_AGO = pd.Timedelta(days=14)
"""No exchange goes longer without a session, so that its calendar need not be asked."""
ORDER = {
    "raw_prices": ["symbol", "date"],
    "raw_yields": ["tenor", "date"],
    "raw_implied_vols": ["symbol", "expiry", "strike", "right", "date"],
    "raw_instruments": ["symbol"],
    "raw_sync_events": ["symbol", "date", "event", "last_date"],
}


@dataclass(frozen=True, kw_only=True)
class Request(PrepareRequest):
    """Of the market, the symbols as the portfolio files write them."""

    symbols: tuple[str, ...]

    @classmethod
    def of(cls, request: dict[str, Any], **more: Any) -> Self:
        """From the hook's plain request; symbols become upper case without spaces, each once."""
        symbols = {"".join(symbol.split()).upper() for symbol in request["symbols"]}
        underlyings = {underlying for one in symbols if (underlying := _underlying(one))}
        return super().of(request, symbols=tuple(sorted(symbols | underlyings)), **more)

    @property
    def options(self) -> list[occ.Option]:
        """The options among the symbols."""
        return [one for symbol in self.symbols if isinstance(one := occ.parse(symbol), occ.Option)]

    @property
    def stocks(self) -> list[str]:
        """Everything else, the underlyings of the options included."""
        return [symbol for symbol in self.symbols if occ.parse(symbol) is None]


@dataclass
class Raw:
    """Frames as a provider found them; columns that it does not know may be left out.

    ``reasons`` say by symbol why it is missing should it have no bar, ``notes`` what to know of it if it has,
    ``states`` how the request ended where that is not ``ok`` or ``missing``. A live provider also says how
    long the answer holds (``validity``), what happened (``log``), and facts of this very fetch (``moment``).
    """

    prices: list[pd.DataFrame] = field(default_factory=list)
    yields: list[pd.DataFrame] = field(default_factory=list)
    implied_vols: list[pd.DataFrame] = field(default_factory=list)
    instruments: list[pd.DataFrame] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    events: list[pd.DataFrame] = field(default_factory=list)
    warnings: list[InputError] = field(default_factory=list)
    validity: dict[str, Any] | None = None
    log: list[dict] = field(default_factory=list)
    moment: dict[str, Any] = field(default_factory=dict)

    def tables(self, request: Request) -> dict[str, pd.DataFrame]:
        """The six raw tables, each conforming to its schema and in a fixed order."""
        found = {
            "raw_prices": _gather("raw_prices", self.prices),
            "raw_yields": _gather("raw_yields", self.yields),
            "raw_implied_vols": _gather("raw_implied_vols", self.implied_vols),
            "raw_instruments": _gather("raw_instruments", self.instruments),
            "raw_sync_events": _gather("raw_sync_events", self.events),
        }
        return {**found, "raw_sync_log": self._sync_log(found["raw_prices"], request)}

    def _sync_log(self, prices: pd.DataFrame, request: Request) -> pd.DataFrame:
        log = prices.groupby("symbol")["date"].agg(rows="size", first_date="min", last_date="max")
        log = log.reindex(pd.Index(request.symbols, name="symbol")).reset_index()
        found = log["rows"].notna()
        state = log["symbol"].map(self.states).astype("str")
        log["status"] = state.fillna(found.map({True: "ok", False: "missing"}))
        log["rows"] = log["rows"].fillna(0).astype("int64")
        missing = {symbol: self._reason(symbol) for symbol in log.loc[~found, "symbol"]}
        log["detail"] = log["symbol"].map({**self.notes, **missing}).astype("str")
        return conform(log, TABLES["raw_sync_log"])

    def _reason(self, symbol: str) -> str:
        found = occ.parse(symbol)
        return found if isinstance(found, str) else self.reasons.get(symbol, "not in the data")


def option_instruments(
    options: list[occ.Option], known: pd.DataFrame, source: str, origin: str
) -> pd.DataFrame:
    """Instrument rows of options: sector, industry and currency are those of the underlying in ``known``.

    The currency is the base currency where the underlying is unknown.
    """
    rows = pd.DataFrame(
        [(one.symbol, one.name, one.underlying) for one in options], columns=["symbol", "name", "underlying"]
    )
    parts = known.set_index("symbol")[["sector", "industry", "currency"]]
    rows = rows.join(parts, on="underlying").drop(columns="underlying")
    currency = rows["currency"].astype("str").fillna(BASE_CURRENCY)
    return rows.assign(currency=currency, kind="option", source=source, origin=origin)


def refuse_before(first: pd.Timestamp, request: Request) -> None:
    """InputError when the as-of date lies before the first day of the data."""
    if request.as_of < first:
        raise InputError(
            f"{request.as_of:%Y-%m-%d} lies before the data",
            mend=f"the first date possible is {first:%Y-%m-%d}",
            file=request.params_file,
            field="as_of",
        )


def refuse_unclosed(request: Request, last: pd.Timestamp | None = None) -> None:
    """InputError when the as-of date lies after the last closed session; ``last`` is the data's last day."""
    now = pd.Timestamp(request.now or "NaT")
    now = now if now.tzinfo is None else now.tz_convert(None)
    if pd.isna(now) or request.as_of < now - CLOSED_LONG_AGO:
        return
    closed = calendar.last_closed_session(now, request.exchange)
    if request.as_of > closed:
        reach = "" if last is None else f"; the data reach to {last:%Y-%m-%d}"
        raise InputError(
            f"{request.as_of:%Y-%m-%d} lies after the last closed session, {closed:%Y-%m-%d}",
            mend=f"take that day or an earlier one, or `latest`{reach}",
            file=request.params_file,
            field="as_of",
        )


def _underlying(symbol: str) -> str | None:
    option = occ.parse(symbol)
    return option.underlying if isinstance(option, occ.Option) else None


def _gather(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """All frames as one, unknown columns null, sorted; equal keys stay in the order of the file."""
    none = empty(TABLES[name])
    filled = [_completed(frame, none) for frame in frames if len(frame)]
    if not filled:
        return none
    table = pd.concat(filled, ignore_index=True)
    return conform(table.sort_values(ORDER[name], kind="stable", na_position="first"), TABLES[name])


def _completed(frame: pd.DataFrame, none: pd.DataFrame) -> pd.DataFrame:
    """The frame with the columns that it lacks, null and of the declared type."""
    absent = {
        name: pd.Series(None, index=frame.index, dtype=none[name].dtype) for name in none if name not in frame
    }
    return frame.assign(**absent)
