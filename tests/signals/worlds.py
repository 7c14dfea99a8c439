"""Small generated worlds in the form of the tables that the signal stages read; their truth is planted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.signals.cube import session_of
from lib.tables import TABLES

SOURCE = {"source": "world", "origin": "generated"}
EXCHANGE = "XNYS"


class World(NamedTuple):
    """Tables by name, and the truth: what one standard deviation of the signal adds to a month's return."""

    tables: dict[str, pd.DataFrame]
    effect: float
    sessions: pd.DatetimeIndex
    entities: list[str]


def world(
    *,
    firms: int = 60,
    start: str = "2010-01-04",
    days: int = 1260,
    effect: float = 0.02,
    seed: int = 1,
    idiosyncratic: float = 0.015,
    failures: int = 4,
    components: int = 0,
) -> World:
    """A universe ``world``: monthly values known 20:30 UTC of the last session, returns that follow them."""
    from lib.market import calendar

    draw = np.random.default_rng(seed)
    sessions = calendar.sessions(start, "2049-01-01", EXCHANGE)[:days]
    entities = [f"firm-{i:03d}" for i in range(firms)]
    month = sessions.to_period("M")
    ends = np.flatnonzero(np.append(month[1:] != month[:-1], False))
    levels = draw.standard_normal((len(ends), firms))
    for row in range(1, len(ends)):
        levels[row] = 0.8 * levels[row - 1] + 0.6 * levels[row]
    scores = (levels - levels.mean(axis=1, keepdims=True)) / levels.std(axis=1, keepdims=True)
    market = 0.0003 + 0.01 * draw.standard_normal(days)
    betas = 0.8 + 0.4 * draw.random(firms)
    drift = np.zeros((days, firms))
    for row, end in enumerate(ends):
        until = ends[row + 1] if row + 1 < len(ends) else days - 1
        drift[end + 1 : until + 1] = effect / 21.0 * scores[row]
    noise = idiosyncratic * draw.standard_normal((days, firms))
    returns = market[:, None] * betas + drift + noise
    caps = np.exp(draw.normal(22.0, 1.0, firms)) * np.cumprod(1.0 + returns, axis=0)
    gone = {entities[-1 - i]: int(days * (0.4 + 0.1 * i)) for i in range(failures)}
    long = _long(returns, "date", sessions, entities, "return")
    long["market_cap"] = caps.ravel()
    long["traded_value"] = 0.002 * caps.ravel()
    last = long["entity"].map(gone).fillna(days).to_numpy()
    long = long.loc[sessions.get_indexer(long["date"]) < last]
    known = (sessions[ends] + pd.Timedelta(hours=20, minutes=30)).tz_localize("UTC")
    values = pd.concat(
        [
            _values(scores, known, entities, "total"),
            *(
                _values(scores * 0.5 + draw.standard_normal(scores.shape), known, entities, f"part_{i}")
                for i in range(components)
            ),
        ]
    )
    values["session"] = session_of(values["known_at"], sessions, exchange=EXCHANGE)
    values = values.dropna(subset="session")
    first = sessions[0]
    sectors = [("north", "south", "west")[i % 3] for i in range(firms)]
    frames = {
        "signal_entities": pd.DataFrame(
            {"universe": "world", "entity": entities, "valid_from": first, "symbol": entities}
        ).assign(name=entities, sector=sectors, known_at=first, **SOURCE),
        "signal_memberships": pd.DataFrame(
            {"universe": "world", "entity": entities, "date": first, "member": True, "known_at": first}
        ).assign(**SOURCE),
        "signal_returns": long.assign(**SOURCE),
        "signal_delistings": pd.DataFrame(
            {
                "entity": list(gone),
                "date": sessions[list(gone.values())],
                "reason": "failed",
                "return": [-0.6, np.nan, -0.9, np.nan, -0.5, np.nan, -0.7, -0.8][: len(gone)],
                "known_at": sessions[list(gone.values())],
            }
        ).assign(**SOURCE),
        "signal_benchmarks": pd.DataFrame(
            {"benchmark": "world index", "date": sessions, "return": market}
        ).assign(**SOURCE),
        "factor_sets": pd.concat(
            [
                pd.DataFrame(
                    {"factor_set": "world", "frequency": "daily", "date": sessions, "factor": factor}
                ).assign(**{"return": path})
                for factor, path in {
                    "Mkt-RF": market - 0.0001,
                    "SMB": 0.004 * draw.standard_normal(days),
                    "HML": 0.004 * draw.standard_normal(days),
                    "MOM": 0.005 * draw.standard_normal(days),
                    "RMW": 0.003 * draw.standard_normal(days),
                    "CMA": 0.003 * draw.standard_normal(days),
                    "RF": np.full(days, 0.0001),
                }.items()
            ]
        ).assign(**SOURCE),
        "signal_values": values,
    }
    tables = {name: conform(frame, TABLES[name]) for name, frame in frames.items()}
    return World(tables, effect, sessions, entities)


def _values(scores: np.ndarray, known: pd.DatetimeIndex, entities: list[str], component: str) -> pd.DataFrame:
    long = _long(scores, "known_at", known, entities, "value")
    return long.assign(symbol=long["entity"], component=component, period_end=pd.NaT, **SOURCE)


def _long(
    wide: np.ndarray, clock: str, days: pd.DatetimeIndex, entities: list[str], name: str
) -> pd.DataFrame:
    return pd.DataFrame(
        {clock: np.repeat(days, len(entities)), "entity": entities * len(days), name: wide.ravel()}
    )
