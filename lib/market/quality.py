"""Which bars can be trusted: every rule over all symbols at once.

A bar that cannot be right is quarantined: it is left out of ``prices`` and never repaired. A bar that is
only unusual is kept and reported, since great moves do happen. Moves are measured on adjusted closes, so
that a split or a dividend that the provider knows is no jump. The options among the symbols are not tested
for jumps, since a fifth of their price is an ordinary day.

Codes: ``DUP_KEY`` the row is there twice; ``BAD_PRICE`` a price that is missing, not finite or not positive;
``BAD_RANGE`` open, high, low and close contradict each other; ``BAD_VOLUME`` negative or not finite;
``NOT_TRADING_DAY`` the exchange was closed; ``PRICE_SPIKE`` an extreme move that the next bar takes back;
``PRICE_JUMP`` a large move; ``STALE_REPEAT`` the same close many times over; ``STALE_LAST`` the last bar is
older than the as-of session; ``MISSING_SYMBOL`` no bar at all.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import wording
from lib.conventions import STALE_AFTER_DAYS
from lib.market import calendar, occ

ISSUE = ["date", "symbol", "check", "severity", "detail", "action"]
SPIKE_LIMIT = 1.0
"""Log move (a factor of 2.7) that counts as an error when the next bar returns to where it was."""


def check_bars(
    bars: pd.DataFrame, *, as_of: str | pd.Timestamp, jump_limit: float, stale_repeats: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The bars that passed (unique by symbol and day, sorted) and the table of issues.

    ``bars`` is raw_prices. ``jump_limit`` is a log move a day, ``stale_repeats`` a number of equal closes
    in a row.
    """
    bars = bars.sort_values(["symbol", "date"], kind="stable", ignore_index=True)
    twice = bars.duplicated()
    found = [_issues(bars[twice], "DUP_KEY", "info", "identical row, one kept", "dropped")]
    bars = bars[~twice].reset_index(drop=True)
    bad = pd.Series("", index=bars.index, dtype="str")
    for check, wrong in _impossible(bars).items():
        bad = bad.mask((bad == "") & wrong, check)
    found += [_quarantine(bars[bad == check], check) for check in sorted(set(bad) - {""})]
    good = bars[bad == ""].reset_index(drop=True)
    moves = _moves(good)
    spike = _spikes(good, moves, jump_limit)
    found.append(_quarantine(good[spike], "PRICE_SPIKE"))
    good = good[~spike].reset_index(drop=True)
    found += [
        _jumps(good, _moves(good), jump_limit),
        _repeats(good, stale_repeats),
        _stale(good, pd.Timestamp(as_of)),
    ]
    return good, _sorted(found)


def missing_symbols(sync_log: pd.DataFrame) -> pd.DataFrame:
    """One issue for each symbol that the provider had nothing of."""
    missing = sync_log[sync_log["status"] == "missing"].assign(date=pd.NaT)
    return _sorted(
        [_issues(missing, "MISSING_SYMBOL", "error", missing["detail"].fillna("no reason"), "missing")]
    )


def coverage(sync_log: pd.DataFrame, good: pd.DataFrame, as_of: str | pd.Timestamp) -> pd.DataFrame:
    """One row an asked symbol: bars, first and last day, origin, and whether the last is fresh enough.

    ``fresh`` means a bar within ``STALE_AFTER_DAYS`` calendar days of as-of, or up to its expiry for an
    option that has expired.
    """
    table = good.groupby("symbol").agg(
        bars=("date", "size"),
        first_date=("date", "min"),
        last_date=("date", "max"),
        origin=("origin", "last"),
    )
    table = table.reindex(pd.Index(sync_log["symbol"], name="symbol")).reset_index()
    table["bars"] = table["bars"].fillna(0).astype("int64")
    age = (_due(table["symbol"], pd.Timestamp(as_of)) - table["last_date"]).dt.days
    return table.assign(fresh=(age <= STALE_AFTER_DAYS))


def _impossible(bars: pd.DataFrame) -> dict[str, pd.Series]:
    """For each code the bars that cannot be right, in the order in which a bar gets its one reason."""
    quoted = bars[["open", "high", "low"]]
    priced = _positive(bars["close"]) & _positive(bars["adj_close"])
    priced &= (quoted.isna() | ((quoted > 0) & np.isfinite(quoted))).all(axis=1)
    top, bottom = bars[["open", "low", "close"]].max(axis=1), bars[["open", "high", "close"]].min(axis=1)
    volume = bars["volume"]
    return {
        "BAD_PRICE": ~priced,
        "BAD_RANGE": (bars["high"] < top) | (bars["low"] > bottom),
        "BAD_VOLUME": volume.notna() & ~((volume >= 0) & np.isfinite(volume)),
        "NOT_TRADING_DAY": ~calendar.trading_days(bars["date"]),
    }


def _positive(values: pd.Series) -> pd.Series:
    return (values > 0) & np.isfinite(values)


def _quarantine(bars: pd.DataFrame, check: str) -> pd.DataFrame:
    shown = bars[["open", "high", "low", "close", "adj_close", "volume"]].dropna(axis=1, how="all")
    detail = pd.Series("", index=bars.index, dtype="str")
    for column in shown:
        detail = detail + f" {column} " + shown[column].map("{:.6g}".format).str.replace("-", wording.MINUS)
    severity = "warning" if check == "NOT_TRADING_DAY" else "error"
    return _issues(bars, check, severity, detail.str.strip(), "quarantined")


def _moves(bars: pd.DataFrame) -> pd.Series:
    """Log move of the adjusted close from the bar before of the same symbol; null for options."""
    moves = np.log(bars["adj_close"]).groupby(bars["symbol"]).diff()
    return moves.mask(bars["symbol"].isin(_options(bars["symbol"])))


def _spikes(bars: pd.DataFrame, moves: pd.Series, jump_limit: float) -> pd.Series:
    back = moves.groupby(bars["symbol"]).shift(-1)
    return (moves.abs() > SPIKE_LIMIT) & (back.abs() > SPIKE_LIMIT) & ((moves + back).abs() < jump_limit)


def _jumps(bars: pd.DataFrame, moves: pd.Series, jump_limit: float) -> pd.DataFrame:
    jumped = moves.abs() > jump_limit
    detail = np.expm1(moves[jumped]).map(_move_in_words).astype("str")
    return _issues(bars[jumped], "PRICE_JUMP", "warning", detail, "kept")


def _move_in_words(move: float) -> str:
    return f"{wording.percent(move, signed=True)} in a day"


def _repeats(bars: pd.DataFrame, stale_repeats: int) -> pd.DataFrame:
    """One issue a run of equal closes, dated on its last day."""
    same = bars["symbol"].eq(bars["symbol"].shift()) & bars["close"].eq(bars["close"].shift())
    run = (~same).cumsum()
    runs = bars.groupby(run).agg(
        symbol=("symbol", "first"), first=("date", "min"), date=("date", "max"), closes=("close", "size")
    )
    runs = runs[runs["closes"] >= stale_repeats]
    detail = runs["closes"].astype("str") + " equal closes since " + runs["first"].dt.strftime("%Y-%m-%d")
    return _issues(runs, "STALE_REPEAT", "warning", detail, "kept")


def _stale(bars: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Symbols whose last bar is before the session that as-of asks for, or before the option's last day."""
    last = bars.groupby("symbol", as_index=False)["date"].max()
    due = _due(last["symbol"], as_of)
    last = last[last["date"] < due]
    age = (due[last.index] - last["date"]).dt.days
    severity = age.gt(STALE_AFTER_DAYS).map({True: "error", False: "warning"})
    detail = "last bar " + age.astype("str") + " days before " + due[last.index].dt.strftime("%Y-%m-%d")
    return _issues(last, "STALE_LAST", severity, detail, "kept")


def _due(symbols: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    """The day of which a bar is due: the last session, or the expiry of an option that is earlier."""
    session = calendar.last_session(as_of)
    expiry = occ.parse_all(symbols)["expiry"]
    return expiry.where(expiry < session, session).astype("datetime64[us]")


def _options(symbols: pd.Series) -> list[str]:
    return [symbol for symbol in symbols.unique() if isinstance(occ.parse(symbol), occ.Option)]


def _issues(
    rows: pd.DataFrame, check: str, severity: str | pd.Series, detail: str | pd.Series, action: str
) -> pd.DataFrame:
    """Rows (with date and symbol) as issues."""
    return rows[["date", "symbol"]].assign(check=check, severity=severity, detail=detail, action=action)[
        ISSUE
    ]


def _sorted(found: list[pd.DataFrame]) -> pd.DataFrame:
    """All issues, by symbol, day and check; typed even when there are none."""
    filled = [one for one in found if len(one)]
    table = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=ISSUE)
    table["date"] = pd.to_datetime(table["date"]).astype("datetime64[us]")
    return table.sort_values(["symbol", "date", "check"], kind="stable", ignore_index=True)
