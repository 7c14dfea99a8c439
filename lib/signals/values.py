"""From the rows of a signal to the values that can be used, with what is lost on the way, by cause.

Each step says how many rows it costs and why; nothing is filtered in silence. A value belongs to the first
session at whose close it was known.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib import codes
from lib.errors import QualityError
from lib.signals.cube import Cube, as_known, session_of
from lib.signals.files import KEY, read_values
from lib.tables.signals import TOTAL

STEPS = (
    "VALUE_ABSENT",
    "GIVEN_TWICE",
    "ANOTHER_UNIVERSE",
    "AFTER_LAST_SESSION",
    "BEFORE_RETURNS",
    "NOT_A_MEMBER",
)
EXPECTED = ("AFTER_LAST_SESSION", "BEFORE_RETURNS", "NOT_A_MEMBER")
"""Losses that a sound file has too: what a universe does not yet, or no longer, hold."""


@dataclass(frozen=True)
class Usable:
    """The table ``signal_values``, the table ``signal_losses``, and how many rows the source had."""

    kept: pd.DataFrame
    losses: pd.DataFrame
    received: int

    @property
    def lost(self) -> float:
        """Share of rows lost for a cause that a sound file does not have."""
        bad = ~self.losses["cause"].isin([*EXPECTED, "KEPT"])
        return float(self.losses.loc[bad, "share"].sum())


def given(rows: pd.DataFrame, path: Path | None, name: str, signal: str) -> pd.DataFrame:
    """The rows of the signal: of its own file where there is one, else those of the source of the data."""
    if path is not None:
        own = read_values(path, name).rows
        return own.assign(source=name, origin="real")
    return rows.loc[rows["signal"] == signal].drop(columns="signal").reset_index(drop=True)


def usable(rows: pd.DataFrame, cube: Cube, entities: pd.DataFrame, *, exchange: str) -> Usable:
    """The rows that can be used in the universe of ``cube``; ``entities`` are those of the universe."""
    cause = pd.Series("", index=rows.index, dtype="str")

    def lose(bad: np.ndarray | pd.Series, why: str) -> None:
        cause[(cause == "") & np.asarray(bad)] = why

    lose(~np.isfinite(rows["value"].to_numpy("float64")), "VALUE_ABSENT")
    lose(rows.duplicated(KEY), "GIVEN_TWICE")
    lose(~rows["entity"].isin(cube.entities), "ANOTHER_UNIVERSE")
    session = session_of(rows["known_at"], cube.sessions, exchange=exchange)
    lose(session.isna(), "AFTER_LAST_SESSION")
    opened = cube.sessions[0].tz_localize("UTC")
    lose(rows["known_at"] < opened, "BEFORE_RETURNS")
    at = cube.sessions.get_indexer(session)
    who = cube.entities.get_indexer(rows["entity"])
    lose(~cube.member[at, who], "NOT_A_MEMBER")
    kept = rows.assign(session=session)[cause == ""]
    named = entities.sort_values("valid_from", kind="stable").drop_duplicates("entity", keep="last")
    symbols = named.set_index("entity")["symbol"]
    values = kept.assign(symbol=kept["entity"].map(symbols).astype("str")).sort_values(
        KEY, kind="stable", ignore_index=True
    )
    return Usable(values.drop(columns="predicts_from", errors="ignore"), _losses(rows, cause), len(rows))


def _losses(rows: pd.DataFrame, cause: pd.Series) -> pd.DataFrame:
    """The table ``signal_losses``: every cause in the order of the steps, and what was kept."""
    many = cause.value_counts()
    first = cause.drop_duplicates().pipe(lambda one: pd.Series(one.index, index=one.to_numpy()))

    def example(why: str) -> str | None:
        if why not in first.index:
            return None
        row = rows.loc[first[why]]
        return f"{row['entity']}, {row['known_at']:%Y-%m-%d %H:%M}: {row['value']:g}"

    names = [*STEPS, ""]
    counts = [int(many.get(name, 0)) for name in names]
    return pd.DataFrame(
        {
            "step": np.arange(1.0, len(names) + 1.0),
            "cause": [name or "KEPT" for name in names],
            "rows": np.array(counts, dtype="float64"),
            "share": np.array(counts) / max(len(rows), 1),
            "example": pd.Series([example(name) for name in names], dtype="str"),
        }
    )


def require(found: Usable, *, most: float) -> None:
    """QualityError where more rows are lost than ``most`` for causes that a sound file does not have."""
    if found.received == 0:
        raise QualityError("the signal has no value: name a file, or a signal that the source gives")
    if found.kept.empty:
        worst = found.losses.loc[found.losses["cause"] != "KEPT"].nlargest(1, "rows").iloc[0]
        raise QualityError(
            f"no value can be used: {codes.words(worst['cause'])} (all {found.received:,} rows)"
        )
    if found.lost > most:
        bad = found.losses[~found.losses["cause"].isin([*EXPECTED, "KEPT"]) & (found.losses["rows"] > 0)]
        told = ", ".join(f"{codes.words(one.cause)} {one.rows:,.0f}" for one in bad.itertuples())
        raise QualityError(
            f"{found.lost:.1%} of {found.received:,} rows are lost ({told}); "
            f"at most {most:.1%} may be: mend the file, or allow more by max_loss"
        )


def coverage(values: pd.DataFrame, cube: Cube, *, max_age: int) -> pd.DataFrame:
    """The table ``signal_coverage``: at each month's last session how many members have a value, how old."""
    months = cube.sessions.to_period("M")
    at = np.flatnonzero(np.append(months[1:] != months[:-1], True))
    dated = values.loc[values["component"] == TOTAL]
    days = cube.sessions.to_numpy().astype("datetime64[D]").astype("int64")
    place = cube.sessions.get_indexer(dated["session"])
    born = as_known(dated.assign(value=days[place].astype("float64")), cube, at, max_age=max_age)
    member = cube.member[at]
    age = np.where(member, days[at][:, None] - born, np.nan)
    members, covered = member.sum(axis=1), np.isfinite(age).sum(axis=1)
    some = covered > 0
    middle, newest = np.full(len(at), np.nan), np.full(len(at), np.nan)
    middle[some], newest[some] = np.nanmedian(age[some], axis=1), np.nanmin(age[some], axis=1)
    return pd.DataFrame(
        {
            "date": cube.sessions[at],
            "members": members.astype("float64"),
            "covered": covered.astype("float64"),
            "coverage": np.where(members > 0, covered / np.maximum(members, 1), np.nan),
            "median_age": middle,
            "newest_age": newest,
        }
    )


def weighted_total_gaps(values: pd.DataFrame, weights: dict[str, float], *, tolerance: float) -> int:
    """How many totals are not the weighted sum of their components to within ``tolerance``."""
    if not weights:
        return 0
    wide = values.pivot_table("value", ["entity", "known_at"], "component")
    if any(name not in wide for name in (*weights, TOTAL)):
        return len(wide)
    made = sum(wide[name] * weight for name, weight in weights.items())
    return int(((made - wide[TOTAL]).abs() > tolerance).sum())
