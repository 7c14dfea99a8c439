"""The embedded sample of signals as a provider: see ``README.md`` beside this for what is real in it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.errors import InputError
from lib.prepare_request import PrepareRequest
from lib.signals import raw
from lib.signals.sample import bank_tables, stocks

DATA = Path(__file__).parent / "data"
REAL = {"source": "sample", "origin": "real"}
FRENCH, CREDIT = "french-us", "us-credit"
CREDIT_SPREAD = "BAA-AAA"


def fetch(request: PrepareRequest) -> raw.Raw:
    """Everything of the sample; ``Raw`` cuts it at the as-of date. InputError before its first day."""
    first = stocks.closes().index[0]
    if request.as_of < first:
        raise InputError(
            f"{request.as_of:%Y-%m-%d} lies before the sample of signals",
            mend=f"the first date possible is {first:%Y-%m-%d}",
            file=request.params_file,
            field="as_of",
        )
    found = raw.Raw()
    for tables in (stocks.tables(), bank_tables.tables(), real_tables()):
        for name, frame in tables.items():
            found.add(f"raw_{name}", frame)
    for name, frames in found.frames.items():
        clock = raw.CLOCKS[name]
        kept = [raw.up_to(frame, clock, request.as_of) for frame in frames]
        days = [frame[clock].dt.tz_localize(None).max() for frame in kept if clock and len(frame)]
        last = max(days).normalize() if days else pd.NaT
        found.tell(name.removeprefix("raw_"), rows=sum(map(len, kept)), last_date=last)
    return found


def real_tables() -> dict[str, pd.DataFrame]:
    """Factors, sorted portfolios and the natural experiment that the repository keeps."""
    factors = pd.read_parquet(DATA / "factors.parquet")
    named = factors.assign(
        factor_set=factors["factor"].eq(CREDIT_SPREAD).map({True: CREDIT, False: FRENCH}).astype("str")
    )
    portfolios = pd.read_parquet(DATA / "portfolios.parquet")
    given = pd.read_parquet(DATA / "castle.parquet")
    states = ("state-" + given["sid"].astype("int64").astype("str").str.zfill(2)).astype("str")
    return {
        "factor_sets": named.assign(frequency="monthly", **REAL),
        "test_portfolios": portfolios.assign(frequency="monthly", excess=False, **REAL),
        "designs": pd.DataFrame(
            {
                "design": "castle",
                "unit": states,
                "period": given["year"],
                "outcome": "homicide",
                "value": given["homicide"],
                "first_treated": given["first_treated"],
                "weight": given["popwt"],
                "cluster": states,
            }
        ).assign(**REAL),
    }
