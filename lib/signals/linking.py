"""From the rows of a signal to values that a test can use, and what is lost on the way by cause.

A row is linked to its firm by the id or else by the symbol that the firm had then; it counts when the firm is
in the universe at the session at whose close the value was known.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib import codes
from lib.contracts import conform
from lib.errors import QualityError
from lib.signals import files
from lib.signals.cube import Cube, session_of
from lib.tables import TABLES
from lib.tables.signals import TOTAL

KEPT = "VALUE_KEPT"
STEPS = (
    files.TWICE,
    files.AFTER,
    "VALUE_EMPTY",
    "ENTITY_UNKNOWN",
    "NO_SESSION_YET",
    "NOT_MEMBER",
    "PART_WITHOUT_TOTAL",
    KEPT,
)
LATER = (files.AFTER, "NO_SESSION_YET")
"""Causes that are no loss: such a row can be used later."""


@dataclass(frozen=True)
class Linked:
    """``frame`` (table signal_values) and ``losses`` (table signal_losses)."""

    frame: pd.DataFrame
    losses: pd.DataFrame


def given(
    source: pd.DataFrame, own: Path | None, name: str | None, *, signal: str, as_of: str
) -> files.Given:
    """The rows of the signal: those of its own file where it has one, else those that the source gives.

    Raises InputError for a fault of the file, QualityError where the source gives what no test can use.
    """
    if own is not None:
        found = files.read_values(own, name or own.name, as_of)
        return files.Given(found.frame.assign(source=name, origin="real"), found.rows, found.lost)
    rows = source.loc[source["signal"] == signal].drop(columns="signal")
    if rows.empty:
        mend = "name a file in `values:` or another id"
        raise QualityError(f"the source gives no values of a signal {signal}; {mend}")
    if late := int(files.too_late(rows).sum()):
        found_late = f"{late:,} values of {signal} known after the return that they foretell"
        raise QualityError(f"{found_late}; correct known_at or predicts_from at the source")
    return files.sorted_out(rows.assign(symbol=None).astype({"symbol": "str"}), signal, as_of)


def link(given: files.Given, entities: pd.DataFrame, firms: Cube, *, universe: str, exchange: str) -> Linked:
    """Values with firm, symbol and session, and the count of each cause; every row is counted once."""
    names = entities.loc[entities["universe"] == universe]
    rows = given.frame.assign(entity=_firm(given.frame, names))
    session = session_of(rows["known_at"], firms.sessions, exchange=exchange)
    at = firms.sessions.get_indexer(session)
    who = firms.entities.get_indexer(rows["entity"])
    inside = firms.member[at, who] if len(rows) else np.zeros(0, dtype=bool)
    tests = [rows["value"].isna(), who < 0, session.isna(), ~inside]
    cause = np.select([np.asarray(one, dtype=bool) for one in tests], STEPS[2:6], default="")
    usable = rows.assign(cause=cause, session=session)
    whole = usable.loc[(usable["cause"] == "") & (usable["component"] == TOTAL), ["entity", "known_at"]]
    has_total = pd.MultiIndex.from_frame(usable[["entity", "known_at"]]).isin(pd.MultiIndex.from_frame(whole))
    alone = usable["cause"].eq("") & ~has_total
    usable["cause"] = usable["cause"].mask(alone, "PART_WITHOUT_TOTAL").replace("", KEPT)
    kept = usable.loc[usable["cause"] == KEPT]
    kept = kept.assign(symbol=_symbols(kept, names)).sort_values(["entity", "known_at", "component"])
    shown = usable.assign(entity=given.frame["entity"])
    losses = _losses(pd.concat([given.lost, shown], ignore_index=True), given.rows)
    return Linked(
        conform(
            kept.drop(columns=["cause", "predicts_from"]).reset_index(drop=True), TABLES["signal_values"]
        ),
        losses,
    )


def refuse_loss(losses: pd.DataFrame, max_loss: float, signal: str) -> None:
    """QualityError when more than ``max_loss`` of the rows that could be used by now is lost."""
    share = lost_share(losses)
    if share > max_loss:
        lost = _lost(losses).sort_values("rows", ascending=False, kind="stable")
        causes = [f"{codes.words(row.cause)} {row.rows:,.0f}" for row in lost.itertuples()]
        raise QualityError(
            f"{share:.1%} of the rows of {signal} are lost, more than the "
            f"{max_loss:.1%} allowed: {', '.join(causes)}; "
            f"such as {lost['example'].iloc[0]}; "
            "mend the file, or raise max_loss when this is meant"
        )


def lost_share(losses: pd.DataFrame) -> float:
    """Lost rows as a share of those that were known by the last close, a repeated row no loss."""
    known = losses.loc[~losses["cause"].isin((*LATER, files.TWICE)), "rows"].sum()
    return float(_lost(losses)["rows"].sum() / known) if known else 0.0


def _lost(losses: pd.DataFrame) -> pd.DataFrame:
    return losses.loc[~losses["cause"].isin((*LATER, KEPT, files.TWICE)) & (losses["rows"] > 0)]


def _firm(rows: pd.DataFrame, names: pd.DataFrame) -> pd.Series:
    """The firm of each row: by its id, else by the symbol that it had when the value was known."""
    unknown = ~rows["entity"].isin(names["entity"])
    wanted = rows["symbol"].fillna(rows["entity"])[unknown]
    if not len(wanted):
        return rows["entity"]
    clock = rows["known_at"].dt.tz_localize(None)[unknown]
    left = pd.DataFrame({"row": wanted.index, "symbol": wanted.array, "clock": clock.array})
    right = names[["symbol", "entity", "valid_from"]].dropna(subset="symbol").sort_values("valid_from")
    left = left.dropna(subset="symbol").sort_values("clock")
    found = pd.merge_asof(left, right, left_on="clock", right_on="valid_from", by="symbol")
    by_symbol = found.dropna(subset="entity").set_index("row")["entity"]
    return rows["entity"].where(~rows.index.isin(by_symbol.index), by_symbol.reindex(rows.index))


def _symbols(rows: pd.DataFrame, names: pd.DataFrame) -> pd.Series:
    """The symbol of each row's firm at its session."""
    right = names[["entity", "symbol", "valid_from"]].sort_values("valid_from")
    left = rows[["entity", "session"]].rename_axis("row").reset_index().sort_values("session")
    found = pd.merge_asof(left, right, left_on="session", right_on="valid_from", by="entity")
    return found.set_index("row")["symbol"].reindex(rows.index).fillna(rows["symbol"])


def _losses(rows: pd.DataFrame, total: int) -> pd.DataFrame:
    """Rows by cause in the order of the steps, those of no row with none."""
    counts = rows["cause"].value_counts().reindex(STEPS, fill_value=0)
    first = rows.drop_duplicates("cause").set_index("cause").reindex(STEPS)
    example = (
        first["entity"] + " " + first["component"] + " known " + first["known_at"].dt.strftime("%Y-%m-%d")
    )
    table = pd.DataFrame(
        {
            "step": np.arange(1.0, len(STEPS) + 1),
            "cause": list(STEPS),
            "rows": counts.to_numpy("float64"),
            "share": counts.to_numpy("float64") / max(total, 1),
            "example": example.array,
        }
    )
    return conform(table, TABLES["signal_losses"])
