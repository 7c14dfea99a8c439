"""Which rows of a source of signals can be used: every check, and what was set aside.

A row is judged by itself and by rows with its own key, so that a run of an earlier day sets the same rows
aside. Of two rows of one key that are alike one counts; where they contradict each other none does, unless
one was known before the other. Percent in place of decimals is no fault of a row: it stops the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.errors import InputError
from lib.found_issues import Checked, FoundIssues
from lib.signals import raw as given
from lib.tables import TABLES
from lib.tables.signals import GIVEN_VALUES

VALUES = GIVEN_VALUES.name
SOURCE = ("source", "origin")
LARGEST_MEDIAN = {"daily": 0.05, "monthly": 0.25, "quarterly": 0.5, "annual": 1.0}
"""Median size of a return over a period above which it is taken for percent: factors in decimals are ten
times below it and in percent ten times above it."""
LARGEST_CASH = {"daily": 0.002, "monthly": 0.04, "quarterly": 0.12, "annual": 0.5}
"""The same for the rate of cash, RF."""
SUBJECTS = {
    "signal_benchmarks": ("benchmark",),
    "factor_sets": ("factor_set", "factor"),
    "test_portfolios": ("portfolio_set", "portfolio"),
    "designs": ("design", "unit"),
}
"""What a row is about, where it is not about an entity."""
OF_ENTITIES = (
    "signal_memberships",
    "signal_returns",
    "signal_delistings",
    "signal_facts",
    "signal_events",
    "signal_texts",
    VALUES,
)
SIZES = {"signal_returns": ("market_cap", "traded_value"), "designs": ("weight",)}
RETURNS = ("signal_returns", "signal_delistings", "signal_benchmarks", "test_portfolios")


class Issues(FoundIssues):
    """The rows of the table ``signal_data_issues``, as they are found."""

    SUBJECT = "entity"
    DATES = ("date", "period_end", "known_day")
    SHOWN: ClassVar[Mapping[str, str]] = {
        "signal_returns": "return",
        "signal_benchmarks": "return",
        "factor_sets": "return",
        "test_portfolios": "return",
        "signal_facts": "value",
        VALUES: "value",
    }


@dataclass(frozen=True)
class Limits:
    """Bounds of the checks: size of a day's return that is named, sessions that a price may stand still."""

    large_return: float = 0.5
    still: int = 10


def check(raw: dict[str, pd.DataFrame], limits: Limits, *, as_of: str) -> Checked:
    """Every raw table by the name of its clean twin, with the faulty rows taken out.

    InputError where factors or portfolios are in percent.
    """
    issues = Issues()
    received = {name: len(frame) for name, frame in raw.items()}
    for name in ("factor_sets", "test_portfolios"):
        refuse_percent(raw[name], *SUBJECTS[name])
    tables = {name: _rows(frame, name, as_of, issues) for name, frame in raw.items()}
    ids = pd.Index(tables["signal_entities"]["entity"].unique())
    for name in OF_ENTITIES:
        tables[name] = _of_entities(tables[name], ids, name, issues)
    tables["signal_returns"] = _before_end(tables["signal_returns"], tables["signal_delistings"], issues)
    _unusual(tables["signal_returns"], limits, issues)
    _absent(tables["signal_memberships"], tables["signal_returns"], issues)
    sound = {name: conform(frame, TABLES[name]) for name, frame in tables.items()}
    return Checked(sound, conform(issues.frame(), TABLES["signal_data_issues"]), received)


def refuse_percent(frame: pd.DataFrame, *names: str) -> None:
    """InputError where the returns of a series are as large as percent, not decimals, would be."""
    if frame.empty:
        return
    series = frame.assign(size=frame["return"].abs()).groupby([*names, "frequency"], sort=True)["size"]
    median = series.median().reset_index()
    limit = median["frequency"].map(LARGEST_MEDIAN)
    if "factor" in median:
        limit = limit.mask(median["factor"] == "RF", median["frequency"].map(LARGEST_CASH))
    wrong = median[median["size"] > limit]
    if wrong.empty:
        return
    worst = wrong.iloc[0]
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    series_name = " ".join(str(worst[name]) for name in names)
    raise InputError(
        f"{series_name}, {worst['frequency']}{more}: half of the returns are larger than "
        f"{worst['size']:.4g}, that is {worst['size']:.0%}: percent where decimals are meant",
        mend="divide by 100",
        field=names[0],
    )


def _rows(frame: pd.DataFrame, table: str, as_of: str, issues: Issues) -> pd.DataFrame:
    """The rows that hold numbers, are within their bounds, were known by then, and stand once."""
    for check_ in (_finite, _bounds):
        frame = check_(frame, table, issues)
    clock = given.CLOCK[_raw(table)]
    if clock:
        late = frame[clock] >= given.end_of(pd.Timestamp(as_of), frame[clock])
        frame = _drop(frame, late, "KNOWN_LATER", table, "error", "rows known after the as-of date", issues)
    return _once(frame, table, issues)


def _raw(table: str) -> str:
    return given.VALUES if table == VALUES else f"raw_{table}"


def _finite(frame: pd.DataFrame, table: str, issues: Issues) -> pd.DataFrame:
    """A number that must be there is finite; one that may be missing is null where it is not finite."""
    told = "rows without a finite number"
    for column in TABLES[table].columns:
        if column.type != "float":
            continue
        value = frame[column.name].to_numpy()
        if not column.null:
            bad = pd.Series(~np.isfinite(value), index=frame.index)
            frame = _drop(frame, bad, "NOT_FINITE", table, "error", f"{told} in {column.name}", issues)
        elif (endless := np.isinf(value)).any():
            _tell(
                frame[endless], "NOT_FINITE", table, "warning", "corrected", f"infinite {column.name}", issues
            )
            frame = frame.assign(**{column.name: np.where(endless, np.nan, value)})
    return frame


def _bounds(frame: pd.DataFrame, table: str, issues: Issues) -> pd.DataFrame:
    """Returns of at least -100 %; sizes that are not negative."""
    if table in RETURNS:
        bad = frame["return"] < -1.0
        told = "returns below -100 %: in percent?"
        frame = _drop(frame, bad, "BELOW_TOTAL_LOSS", table, "error", told, issues)
    for name in SIZES.get(table, ()):
        bad = frame[name] < 0
        told = f"{name} below 0"
        if name == "weight":
            frame = _drop(frame, bad, "NEGATIVE_SIZE", table, "error", told, issues)
        elif bad.any():
            _tell(frame[bad], "NEGATIVE_SIZE", table, "warning", "corrected", told, issues, shown=name)
            frame = frame.assign(**{name: frame[name].mask(bad)})
    return frame


def _once(frame: pd.DataFrame, table: str, issues: Issues) -> pd.DataFrame:
    """One row a key: of those alike the first, of others the one known first, none where that is open."""
    key = list(TABLES[table].key)
    repeated = frame.duplicated(key, keep=False)
    if not repeated.any():
        return frame
    own = frame[repeated]
    again = own.duplicated([name for name in own if name not in SOURCE])
    frame = _drop(frame, _spread(again, frame), "ROW_TWICE", table, "info", "rows given twice alike", issues)
    clock = TABLES[table].known_at
    if clock and clock not in key:
        first = frame.groupby(key, dropna=False)[clock].transform("min")
        later = (frame[clock] > first) & frame.duplicated(key, keep=False)
        told = "rows restated later; what was known first stands"
        frame = _drop(frame, later, "ROW_CONFLICT", table, "warning", told, issues)
    torn = frame.duplicated(key, keep=False)
    return _drop(frame, torn, "KEY_CONFLICT", table, "error", "rows that contradict each other", issues)


def _spread(mask: pd.Series, frame: pd.DataFrame) -> pd.Series:
    return mask.reindex(frame.index, fill_value=False)


def _of_entities(frame: pd.DataFrame, ids: pd.Index, table: str, issues: Issues) -> pd.DataFrame:
    """The rows of firms that are in the list; a row of no firm in particular is one of all."""
    stranger = frame["entity"].notna() & ~frame["entity"].isin(ids)
    told = "rows of a firm that the list lacks"
    return _drop(frame, stranger, "ENTITY_UNKNOWN", table, "error", told, issues)


def _before_end(returns: pd.DataFrame, delistings: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Returns of days before the firm left."""
    gone = delistings.drop_duplicates("entity").set_index("entity")["date"]
    end = gone.reindex(returns["entity"]).set_axis(returns.index)
    told = "returns on or after the day on which the firm had left"
    return _drop(
        returns, returns["date"] >= end, "RETURN_AFTER_END", "signal_returns", "warning", told, issues
    )


def _unusual(returns: pd.DataFrame, limits: Limits, issues: Issues) -> None:
    """Names large returns, and runs of zeros; all are kept."""
    large = returns["return"].abs() > limits.large_return
    told = f"returns beyond {limits.large_return:.0%} in a day"
    _tell(returns[large], "RETURN_LARGE", "signal_returns", "warning", "kept", told, issues)
    code = pd.factorize(returns["entity"])[0]
    order = np.lexsort((returns["date"].to_numpy(), code))
    code, still = code[order], returns["return"].to_numpy()[order] == 0.0
    place = np.arange(len(still))
    broken = ~still
    broken[1:] |= code[1:] != code[:-1]
    start = np.maximum.accumulate(np.where(broken, place, 0))
    long_run = np.zeros(len(still), dtype=bool)
    long_run[order] = still & (place - start + still[start] == limits.still + 1)
    told = f"times that the price stood still for more than {limits.still} sessions"
    _tell(returns[long_run], "RETURN_STILL", "signal_returns", "warning", "kept", told, issues)


def _absent(memberships: pd.DataFrame, returns: pd.DataFrame, issues: Issues) -> None:
    """Names members of a universe that have no return at all."""
    missing = memberships[~memberships["entity"].isin(returns["entity"].unique())]
    told = "memberships of a firm without any return"
    _tell(missing, "RETURNS_ABSENT", "signal_memberships", "warning", "kept", told, issues)


def _drop(
    frame: pd.DataFrame, bad: pd.Series, code: str, table: str, severity: str, told: str, issues: Issues
) -> pd.DataFrame:
    """The frame without the bad rows, which are told."""
    if not bad.any():
        return frame
    _tell(frame[bad], code, table, severity, "dropped", told, issues)
    return frame[~bad].reset_index(drop=True)


def _tell(
    rows: pd.DataFrame,
    code: str,
    table: str,
    severity: str,
    action: str,
    told: str,
    issues: Issues,
    *,
    shown: str = "",
) -> None:
    """The issue of some rows, by what they are about."""
    if rows.empty:
        return
    about = rows[list(SUBJECTS.get(table, ("entity",)))].astype("str").agg(" ".join, axis=1)
    named = rows.assign(entity=about.where(about != "nan", "all"))
    if "known_at" in rows and "date" not in rows:
        known = rows["known_at"]
        bare = known.dt.tz_localize(None) if getattr(known.dtype, "tz", None) else known
        named = named.assign(known_day=bare.dt.normalize())
    issues.rows(named, code, table, severity, action, told, shown=shown)
