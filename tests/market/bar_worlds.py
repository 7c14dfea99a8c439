"""Sound bars to plant faults in: made up, of the sample, and of the sample as a live source gives them."""

import numpy as np
import pandas as pd

from lib.contracts import conform, empty
from lib.market import calendar
from lib.market.providers import prepare
from lib.market.quality.bars import check_bars
from lib.tables import TABLES

AS_OF = "2022-12-28"
DAYS = calendar.sessions("2022-11-01", AS_OF)
RAW = TABLES["raw_prices"]


def bars(symbol="AAA", closes=None, **columns):
    """Bars up to AS_OF, closes only unless other columns are given."""
    closes = 100 + np.arange(len(DAYS)) * 0.1 if closes is None else closes
    frame = pd.DataFrame(
        {"date": DAYS[-len(closes) :], "symbol": symbol, "close": np.asarray(closes, dtype=float)}
    )
    frame = frame.assign(adj_close=frame["close"], price_basis="raw", source="test", origin="real")
    frame = frame.reindex(columns=RAW.column_names).astype(empty(RAW).dtypes)
    for name, value in columns.items():
        frame[name] = value
    return frame


def sample_tables(*symbols):
    """What the embedded sample gives for the symbols."""
    return prepare({"as_of": AS_OF, "settings": {"provider": "sample"}, "symbols": list(symbols)})


def sample_bars(*symbols):
    """Real closes since 1990, adjusted, without open, high, low and volume."""
    return sample_tables(*symbols)["raw_prices"]


def live_bars(*symbols):
    """The same closes as a live source gives bars: raw basis, with ranges, volume and actions."""
    frame = sample_bars(*symbols)
    before = frame.groupby("symbol")["close"].shift().fillna(frame["close"])
    both = pd.concat([before, frame["close"]], axis=1)
    volume = 1e6 + 1e3 * np.arange(len(frame))
    frame = frame.assign(open=before, high=both.max(axis=1) * 1.004, low=both.min(axis=1) * 0.996)
    return frame.assign(volume=volume, dividend=0.0, split=1.0, price_basis="raw", source="yahoo")


def check(*frames, **options):
    """Good bars and issues of the frames; the schemas and the count of bars are checked on the way."""
    checked = check_all(*frames, **options)
    return checked.prices, checked.issues


def check_all(*frames, **options):
    raw = conform(pd.concat(frames, ignore_index=True), RAW)
    settings = {"as_of": AS_OF, "jump_limit": 0.2, "stale_repeats": 5} | options
    checked = check_bars(raw, **settings)
    conform(checked.prices, TABLES["prices"])
    conform(checked.issues, TABLES["data_issues"])
    conform(checked.repairs, TABLES["repairs"])
    aside = checked.issues["action"].isin(["quarantined", "dropped"]).sum()
    assert len(raw) == len(checked.prices) + aside
    return checked


def found(issues):
    return [(row.check, row.symbol, row.action) for row in issues.itertuples()]


def sync_log(**status):
    """One row a symbol with its status."""
    rows = [(symbol, one, 0, None if one == "ok" else "not in prices.csv") for symbol, one in status.items()]
    log = pd.DataFrame(rows, columns=["symbol", "status", "rows", "detail"])
    return log.assign(first_date=pd.NaT, last_date=pd.NaT)


def sync_events(*rows):
    """Rows ``(symbol, event, date, last_date, rows, detail)`` as raw_sync_events."""
    frame = pd.DataFrame(list(rows), columns=["symbol", "event", "date", "last_date", "rows", "detail"])
    frame = frame.assign(date=pd.to_datetime(frame["date"]), last_date=pd.to_datetime(frame["last_date"]))
    return conform(frame.assign(source="yahoo"), TABLES["raw_sync_events"])
