"""The embedded sample of signals as a provider: ``README.md`` beside this says what is real in it.

Every table is cut at the as-of date by the clock of its rows.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from lib.errors import InputError
from lib.prepare_request import PrepareRequest
from lib.signals import raw
from lib.signals.sample import bank_design, bank_texts, banks, published, stocks

NOTES = {
    "raw_signal_entities": "names and sectors of the stocks are those of 2022, taken for the past",
    "raw_signal_returns": "the stocks are large companies of 2022 that were traded all the time; no "
    "market values or traded values of them",
    "raw_signal_benchmarks": "the S&P 500 is the price index, without dividends",
    "raw_signal_delistings": "none of the twenty stocks ever left; those of the banks are generated",
    "raw_signal_texts": "generated sentences of the generated banks; nobody wrote them",
    "raw_factor_sets": "momentum to March 2017, the other factors to November 2018",
}


def fetch(request: PrepareRequest) -> raw.Raw:
    """The sample as it was known at the as-of date; InputError before its first day."""
    first = stocks.closes().index[0]
    if request.as_of < first:
        raise InputError(
            f"{request.as_of:%Y-%m-%d} lies before the sample of signals",
            mend=f"the first date possible is {first:%Y-%m-%d}",
            file=request.params_file,
            field="as_of",
        )
    found = raw.Raw()
    parts = (
        _lasting(),
        published.tables(request.as_of),
        {"raw_designs": bank_design.table(request.as_of)},
    )
    for part in parts:
        for name, table in part.items():
            found.add(name, table)
    _tell(found, request.as_of)
    return found


@cache
def _lasting() -> dict[str, pd.DataFrame]:
    """What does not depend on the as-of date but by the clock of its rows."""
    real, made = stocks.tables(), {**banks.tables(), "raw_signal_texts": bank_texts.table()}
    return {
        name: pd.concat([part[name] for part in (real, made) if name in part], ignore_index=True)
        for name in {**real, **made}
    }


def _tell(found: raw.Raw, as_of: pd.Timestamp) -> None:
    """A row of the log for each table: rows known at the as-of date, and the last day in them."""
    for name, frames in found.frames.items():
        clock = raw.CLOCK[name]
        if not clock:
            found.tell(name, rows=sum(map(len, frames)), detail=NOTES.get(name))
            continue
        known = pd.concat([frame[clock] for frame in frames], ignore_index=True)
        known = known[known < raw.end_of(as_of, known)]
        last = known.max()
        day = last if last is pd.NaT else last.tz_localize(None).normalize()
        found.tell(name, rows=len(known), last_date=day, detail=NOTES.get(name))
