"""What can go wrong on purpose: in the place of an answer, in its form, in its rows."""

from dataclasses import dataclass, field

import pandas as pd

REPLACING = {
    "limited", "server_error", "forbidden", "html", "right_back", "truncated", "empty_body", "unknown",
    "hang", "slow", "drop",
}  # fmt: skip
FORM = {"no_adjclose", "no_meta", "no_bars", "wrong_timezone", "wrong_symbol", "weekly"}
PRICES = ["open", "high", "low", "close"]


@dataclass
class Fault:
    """One fault of one symbol (``*`` for all); ``left`` is how often it still happens, None for ever."""

    symbol: str
    kind: str
    left: int | None = None
    endpoint: str | None = None
    options: dict = field(default_factory=dict)

    def meets(self, symbol, endpoint):
        """Whether it happens to this request."""
        if self.left == 0 or self.symbol not in (symbol, "*"):
            return False
        return endpoint == self.endpoint if self.endpoint else endpoint != "crumb"


def fault_of(symbol, kind, times=None, endpoint=None, **options):
    """The fault by name, ``_once`` and ``_always`` understood; ValueError for a name that is none."""
    for ending, left in (("_once", 1), ("_always", None)):
        if kind.endswith(ending):
            kind, times = kind.removesuffix(ending), left
    if kind not in REPLACING | FORM | set(ROWS):
        raise ValueError(f"no fault {kind!r}; there are {', '.join(sorted(REPLACING | FORM | set(ROWS)))}")
    return Fault(symbol, kind, times, endpoint, options)


def _at(bars, date):
    found = bars.index[bars["date"] == pd.Timestamp(date)]
    if not len(found):
        raise ValueError(f"no bar on {date}")
    return found[0]


def null_rows(bars, dates=None):
    """Null prices and volume on some days, by default on the last but one."""
    days = pd.DatetimeIndex(dates) if dates is not None else [bars["date"].iloc[-2]]
    bars.loc[bars["date"].isin(days), [*PRICES, "volume"]] = float("nan")
    return bars


def gap(bars, first, last):
    """No rows from first to last; dividends and splits of these days are still listed."""
    bars.loc[bars["date"].between(pd.Timestamp(first), pd.Timestamp(last)), "hidden"] = True
    return bars


def changed_close(bars, date, factor=1.01):
    """The close of one day in the past, restated."""
    bars.loc[_at(bars, date), "close"] = round(bars.loc[_at(bars, date), "close"] * factor, 2)
    bars["high"] = bars[["high", "close"]].max(axis=1)
    bars["low"] = bars[["low", "close"]].min(axis=1)
    return bars


def added_split(bars, date, ratio=2.0):
    """A split that takes place: prices as traded fall from its day on."""
    since = bars["date"] >= pd.Timestamp(date)
    bars.loc[_at(bars, date), "split"] = ratio
    bars.loc[since, PRICES] = (bars.loc[since, PRICES] / ratio).round(4)
    bars.loc[since, "volume"] *= ratio
    return bars


def duplicated_day(bars, date, factor=1.0):
    """A day twice; with a factor the second row has other prices."""
    again = bars.loc[[_at(bars, date)]].copy()
    again[PRICES] *= factor
    again[["dividend", "split"]] = [0.0, 1.0]
    return pd.concat([bars, again]).sort_values("date", kind="stable")


def swapped(bars, date):
    """High and low in each other's place."""
    bars.loc[_at(bars, date), ["high", "low"]] = bars.loc[_at(bars, date), ["low", "high"]].tolist()
    return bars


def tenfold(bars, date, factor=10):
    """A day of ten times the price."""
    bars.loc[_at(bars, date), PRICES] *= factor
    return bars


def negative(bars, date):
    """A day with a close below nothing."""
    bars.loc[_at(bars, date), "close"] *= -1
    return bars


def weekend(bars, date):
    """A row on the Saturday after the day, as on the day itself."""
    again = bars.loc[[_at(bars, date)]].copy()
    again["date"] = pd.Timestamp(date) + pd.offsets.Week(weekday=5)
    again[["dividend", "split"]] = [0.0, 1.0]
    return pd.concat([bars, again]).sort_values("date", kind="stable")


def open_session(bars):
    """A row of the weekday after the last day, in the middle of its session."""
    again = bars.iloc[[-1]].copy()
    again["date"] += pd.offsets.BDay()
    again[["dividend", "split"]] = [0.0, 1.0]
    return pd.concat([bars, again])


ROWS = {
    one.__name__: one
    for one in (
        null_rows, gap, changed_close, added_split, duplicated_day, swapped, tenfold, negative, weekend,
        open_session,
    )
}  # fmt: skip
