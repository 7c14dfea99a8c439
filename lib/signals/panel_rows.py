"""Rows for panel regressions: what a firm earned over a period, and what was known of it at its start.

A period runs from the close of the last session of one month or quarter to that of the next. Signal and facts
are those known at the first close; returns include what holders got at a delisting, and cash earns nothing
after it. Nothing is filled in: a row that lacks something is counted by what it lacks first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.signals.cube import LAG, MAX_AGE, Cube, as_known, session_of

LETTER = {"month": "M", "quarter": "Q"}
SIZE = "log_market_cap"
SIGNAL = "signal"
SCALINGS = ("standardised", "ranked", "raw")


@dataclass(frozen=True)
class Timing:
    """How rows are made: the period, the lag in sessions, ages in calendar days, the signal's scale."""

    period: str = "quarter"
    lag: int = LAG
    max_age: int = MAX_AGE
    facts_max_age: int = 400
    scaling: str = "standardised"


@dataclass(frozen=True)
class PanelRows:
    """Long rows (date, until, entity, return, signal and a column for each control), and the losses.

    ``controls`` are the columns of controls that are there; ``absent`` were asked for and are not known of
    any firm. ``delisted`` counts rows that hold a delisting, ``assumed`` those whose final return is assumed.
    """

    rows: pd.DataFrame
    controls: tuple[str, ...]
    absent: tuple[str, ...]
    losses: pd.DataFrame
    delisted: int
    assumed: int

    def lost(self, cause: str) -> int:
        """Rows of one cause of the losses."""
        return int(self.losses.set_index("cause")["rows"][cause])


def formation(sessions: pd.DatetimeIndex, period: str) -> np.ndarray:
    """Positions of the last sessions of whole months or quarters; a period that is not over has none."""
    label = sessions.to_period(LETTER[period])
    return np.flatnonzero(np.append(label[1:] != label[:-1], False)) if len(sessions) else np.empty(0, int)


def compounded(returns: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Returns (len(at) - 1, N) from each close of ``at`` to the next; NaN where there is none at all."""
    if len(at) < 2:
        return np.empty((0, returns.shape[1]))
    inside = returns[: at[-1] + 1]
    growth = np.multiply.reduceat(1.0 + np.nan_to_num(inside), at[:-1] + 1, axis=0)
    seen = np.add.reduceat(np.isfinite(inside).astype("int64"), at[:-1] + 1, axis=0)
    return np.where(seen > 0, growth - 1.0, np.nan)


def panel_rows(
    values: pd.DataFrame,
    facts: pd.DataFrame,
    cube: Cube,
    timing: Timing,
    *,
    controls: list[str],
    exchange: str,
) -> PanelRows:
    """Rows of the regressions from ``signal_values``, ``signal_facts`` and the arrays of the universe.

    ``controls`` names items of facts and ``log_market_cap``; all that are known where it is empty.
    """
    at = formation(cube.sessions, timing.period)
    start = at[:-1]
    earned = compounded(cube.returns, at)
    known = as_known(values, cube, start, lag=timing.lag, max_age=timing.max_age)
    member = cube.member[start] if len(start) else np.zeros((0, len(cube.entities)), dtype=bool)
    columns = _controls(facts, cube, start, timing, exchange, controls)
    names = tuple(name for name, one in columns.items() if np.isfinite(one[member]).any())
    usable = member & np.isfinite(known) & np.isfinite(earned)
    scaled, thin, constant = _scaled(known, usable, timing.scaling)
    kept = usable & ~thin[:, None] & ~constant[:, None]
    complete = kept.copy()
    for name in names:
        complete &= np.isfinite(columns[name])
    day, who = np.nonzero(kept)
    rows = pd.DataFrame(
        {
            "date": cube.sessions[start][day],
            "until": cube.sessions[at[1:]][day],
            "entity": cube.entities.to_numpy()[who],
            "return": earned[kept],
            SIGNAL: scaled[kept],
            **{name: columns[name][kept] for name in names},
        }
    )
    causes = {
        "no_value": member & ~np.isfinite(known),
        "no_later_return": member & np.isfinite(known) & ~np.isfinite(earned),
        "thin_date": usable & thin[:, None],
        "constant_date": usable & ~thin[:, None] & constant[:, None],
        "no_control": kept & ~complete,
        "used": complete,
    }
    gone = np.add.reduceat(cube.delisted[: at[-1] + 1], at[:-1] + 1, axis=0) > 0 if len(start) else kept
    return PanelRows(
        rows,
        names,
        tuple(name for name in (controls or columns) if name not in names),
        _losses(causes, int(member.sum())),
        int((gone & kept).sum()),
        int((gone & kept & cube.assumed[None]).sum()),
    )


def _controls(
    facts: pd.DataFrame,
    cube: Cube,
    at: np.ndarray,
    timing: Timing,
    exchange: str,
    asked: list[str],
) -> dict[str, np.ndarray]:
    """Controls (len(at), N) by name; a fact that nobody has is all NaN."""
    own = facts.loc[facts["entity"].isin(cube.entities)]
    names = asked or [SIZE, *sorted(own["item"].unique())]
    found: dict[str, np.ndarray] = {}
    timed = own.rename(columns={"item": "component"})
    timed = timed.assign(session=session_of(own["known_at"], cube.sessions, exchange=exchange))
    timed = timed.dropna(subset="session").sort_values(["known_at", "period_end"], kind="stable")
    newest = timed.groupby(["entity", "component"])["period_end"].cummax() == timed["period_end"]
    for name in names:
        if name == SIZE:
            cap = cube.market_cap[at]
            found[name] = np.log(np.where(cap > 0.0, cap, np.nan))
        else:
            chosen = timed.loc[newest & (timed["component"] == name)]
            found[name] = as_known(chosen, cube, at, max_age=timing.facts_max_age, component=name)
    return found


def _scaled(known: np.ndarray, usable: np.ndarray, scaling: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The signal in its scale among the usable firms of each date; which dates are thin, which constant."""
    inside = pd.DataFrame(np.where(usable, known, np.nan))
    thin = usable.sum(axis=1) < 3
    spread = inside.std(axis=1).to_numpy()
    size = inside.abs().max(axis=1).to_numpy()
    constant = ~thin & ~(spread > 1e-12 * size)
    if scaling == "raw":
        return inside.to_numpy(), thin, np.zeros(len(thin), dtype=bool)
    if scaling == "ranked":
        inside = inside.rank(axis=1)
    centred = inside.sub(inside.mean(axis=1), axis=0)
    if scaling == "ranked":
        return centred.div(inside.count(axis=1), axis=0).to_numpy(), thin, constant
    return centred.div(inside.std(axis=1).where(~constant), axis=0).to_numpy(), thin, constant


def _losses(causes: dict[str, np.ndarray], whole: int) -> pd.DataFrame:
    counts = [int(mask.sum()) for mask in causes.values()]
    return pd.DataFrame(
        {
            "cause": list(causes),
            "rows": counts,
            "share": [one / whole if whole else np.nan for one in counts],
        }
    )
