"""Which rows of a source of signal data can be used, and what was set aside.

A row is judged by what was known on its day alone: of two rows of one key the one known first counts. What
would make every number wrong, percent where decimals are meant, stops the run; what concerns single
rows is set aside and told.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.errors import QualityError
from lib.tables import TABLES
from lib.tables.signals import PARTS

OF_UNIVERSES = ("signal_memberships", "signal_returns", "signal_delistings", "signal_facts")
NUMBERS = {
    "signal_returns": "return",
    "signal_facts": "value",
    "signal_benchmarks": "return",
    "factor_sets": "return",
    "test_portfolios": "return",
    "given_signal_values": "value",
}
LARGEST_DEVIATION = {"daily": 0.25, "monthly": 0.75, "quarterly": 1.0, "annual": 2.0}
"""Standard deviation above which returns of a factor can only be percent; no factor of any market had it."""
SEVERITY = {"error": 0, "warning": 1, "info": 2}


@dataclass
class Checked:
    """The tables that passed, every issue, and how many rows of each table were received."""

    tables: dict[str, pd.DataFrame]
    issues: pd.DataFrame
    received: dict[str, int] = field(default_factory=dict)

    def set_aside(self, table: str) -> int:
        """Rows of a table that were received and did not pass."""
        return self.received[table] - len(self.tables[table])


class Issues:
    """The rows of the table ``signal_data_issues``, as they are found: one an entity and check."""

    def __init__(self) -> None:
        self.parts: list[pd.DataFrame] = []

    def rows(self, bad: pd.DataFrame, check: str, table: str, severity: str, action: str, told: str) -> None:
        """Rows that a check speaks about, told together for each firm or series."""
        if bad.empty:
            return
        who = next((name for name in ("entity", "benchmark", "factor", "portfolio") if name in bad), None)
        day = next((name for name in ("date", "valid_from", "known_at") if name in bad), None)
        names = bad[who].astype("str") if who else pd.Series("all", index=bad.index)
        last = bad.assign(who=names).drop_duplicates("who", keep="last")
        many = names.value_counts().reindex(last["who"]).to_numpy()
        days = pd.to_datetime(last[day]).dt.tz_localize(None).dt.normalize() if day else pd.NaT
        self.parts.append(
            pd.DataFrame(
                {
                    "table": table,
                    "entity": last["who"].to_numpy(),
                    "date": days if not day else days.to_numpy(),
                    "check": check,
                    "severity": severity,
                    "detail": [f"{told}: {count:,}" for count in many],
                    "action": action,
                }
            )
        )

    def frame(self) -> pd.DataFrame:
        """All of them, the gravest first."""
        schema = TABLES["signal_data_issues"]
        if not self.parts:
            return pd.DataFrame({name: pd.Series([], dtype="str") for name in schema.column_names}).assign(
                date=pd.Series([], dtype="datetime64[us]")
            )
        found = pd.concat(self.parts, ignore_index=True)
        rank = found["severity"].map(SEVERITY)
        return found.loc[rank.sort_values(kind="stable").index]


def check(raw: dict[str, pd.DataFrame], *, jump: float = 1.0) -> Checked:
    """Every raw table (by its name without ``raw_``) with its faulty rows taken out.

    ``jump`` is the size of a daily return above which it is named. Raises QualityError, with the name and the
    size, where the returns of a factor can only be percent.
    """
    issues, received = Issues(), {name: len(frame) for name, frame in raw.items()}
    tables = dict(raw)
    for name, column in NUMBERS.items():
        tables[name] = _finite(tables[name], column, name, issues)
    refuse_percent(tables["factor_sets"], "factor", "return")
    refuse_percent(tables["test_portfolios"], "portfolio", "return")
    known = pd.Index(tables["signal_entities"]["entity"].unique())
    for name in OF_UNIVERSES:
        strangers = ~tables[name]["entity"].isin(known)
        told = "rows of a firm that signal_entities lacks"
        issues.rows(tables[name][strangers], "ENTITY_UNKNOWN", name, "error", "dropped", told)
        tables[name] = tables[name][~strangers]
    tables["signal_returns"] = _returns(tables["signal_returns"], jump, issues)
    for name, key in _keys().items():
        tables[name] = _first_known(tables[name], key, name, issues)
    tables["signal_returns"] = _living(tables["signal_returns"], tables["signal_delistings"], issues)
    clean = {name: conform(frame, TABLES[name]) for name, frame in tables.items()}
    return Checked(clean, conform(issues.frame(), TABLES["signal_data_issues"]), received)


def refuse_percent(frame: pd.DataFrame, who: str, column: str) -> None:
    """QualityError for a series whose returns are too large to be decimals."""
    groups = frame.groupby(["frequency", who], sort=True)[column].std()
    limits = groups.index.get_level_values("frequency").map(LARGEST_DEVIATION)
    wrong = groups[groups > limits]
    if len(wrong):
        frequency, name = wrong.index[0]
        others = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise QualityError(
            f"{who} {name}{others}: {frequency} returns deviate by {wrong.iloc[0]:.2f} (that is "
            f"{100 * wrong.iloc[0]:,.0f} %); they are percent where decimals are meant: divide them by 100"
        )


def _keys() -> dict[str, list[str]]:
    parts = {name: list(key) for name, (_, _, key, _) in PARTS.items()}
    return {**parts, "given_signal_values": list(TABLES["given_signal_values"].key)}


def _finite(frame: pd.DataFrame, column: str, table: str, issues: Issues) -> pd.DataFrame:
    good = np.isfinite(frame[column].to_numpy("float64"))
    issues.rows(frame[~good], "VALUE_NOT_FINITE", table, "error", "dropped", "values that are not finite")
    return frame[good]


def _returns(returns: pd.DataFrame, jump: float, issues: Issues) -> pd.DataFrame:
    """Returns without two that differ on one day: nobody can say which is right."""
    twice = returns.duplicated(["entity", "date"], keep=False)
    differ = twice & (returns.groupby(["entity", "date"])["return"].transform("nunique") > 1)
    told = "returns of a day that has another one"
    issues.rows(returns[differ], "RETURN_TWICE", "signal_returns", "error", "dropped", told)
    kept = returns[~differ]
    large = kept["return"].abs() > jump
    told = f"returns above {100 * jump:.0f} % either way in a day"
    issues.rows(kept[large], "RETURN_LARGE", "signal_returns", "warning", "kept", told)
    return kept


def _first_known(frame: pd.DataFrame, key: list[str], table: str, issues: Issues) -> pd.DataFrame:
    """Of the rows of one key the one that was known first."""
    if not frame.duplicated(key).any():
        return frame
    clock = next((name for name in ("known_at", "date") if name in frame), key[0])
    order = frame.sort_values(clock, kind="stable")
    again = order.duplicated(key)
    same = order.duplicated([name for name in frame if name not in ("known_at", "source")])
    issues.rows(order[again & same], "ROW_TWICE", table, "info", "dropped", "rows that were given twice")
    told = "rows of a key that was given before with another value"
    issues.rows(order[again & ~same], "ROW_CONFLICT", table, "warning", "dropped", told)
    return order[~again].sort_index()


def _living(returns: pd.DataFrame, delistings: pd.DataFrame, issues: Issues) -> pd.DataFrame:
    """Returns before the day on which a firm could no longer be traded."""
    end = returns["entity"].map(delistings.set_index("entity")["date"])
    late = returns["date"] >= end
    told = "returns on or after the day on which trading ended"
    issues.rows(returns[late], "AFTER_DELISTING", "signal_returns", "warning", "dropped", told)
    return returns[~late]
