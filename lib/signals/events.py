"""How did firms return around dated events, and did the signal tell which of them would be hit?

What was measured of each event and firm rests on what was known when its window, or the firm's end in it, was
over; means and tests are of all of them. Method: MacKinlay (1997), "Event studies in economics and finance".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.contracts import conform
from lib.errors import InputError
from lib.signals import event_placebos
from lib.signals.cube import LAG, MAX_AGE, Cube, cube
from lib.signals.event_groups import controls_before, group_numbers, values_before
from lib.signals.event_inference import (
    TEST_COLUMNS,
    Circumstances,
    circumstances,
    difference_table,
    sides,
    test_table,
    trust,
    trust_difference,
)
from lib.signals.event_windows import EventRules, Windows, windows
from lib.stats.event_model import Abnormal, Normal, abnormal, estimate, weighted_path
from lib.tables import TABLES
from lib.tables.signal_events import EVERYONE, GAP, HIGHEST, LOWEST


@dataclass(frozen=True)
class Grouping:
    """How events are grouped by the signal: groups, lag in sessions, oldest value in days, controls."""

    groups: int = 4
    lag: int = LAG
    max_age: int = MAX_AGE
    controls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Yardstick:
    """Draws of permutations and of placebo dates, and the level of bands."""

    permutations: int = 4999
    placebos: int = 100
    level: float = 0.95
    seed: int = 7


@dataclass(frozen=True)
class EventStudy:
    """The tables of the stage by name, and what decides how they are to be read."""

    tables: dict[str, pd.DataFrame]
    rules: EventRules
    model: str
    market: str
    about: Circumstances
    placebo_dates: int
    events: int
    origins: tuple[str, ...]


def market_returns(benchmarks: pd.DataFrame, benchmark: str | None, own: Cube) -> tuple[np.ndarray, str]:
    """The market's return by session of the cube, and its name; the mean of members where it is lacking."""
    rows = benchmarks.loc[benchmarks["benchmark"] == benchmark] if benchmark else benchmarks.iloc[:0]
    found = rows.set_index("date")["return"].reindex(own.sessions).to_numpy("float64")
    if np.isfinite(found).any():
        return found, str(benchmark)
    held = own.member & np.isfinite(own.returns)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(held, own.returns, 0.0).sum(axis=1) / held.sum(axis=1)
    return mean, ""


def inputs(
    returns: pd.DataFrame,
    memberships: pd.DataFrame,
    delistings: pd.DataFrame,
    events: pd.DataFrame,
    *,
    universe: str,
    listed: str | None,
    as_of: str,
    delisting_return: float,
) -> tuple[Cube, pd.DataFrame, list[str]]:
    """The arrays of the universe, the events of the list, and where returns of the universe come from."""
    own = cube(
        returns, memberships, delistings, universe=universe, as_of=as_of, delisting_return=delisting_return
    )
    if not len(own.sessions):
        raise InputError(f"the universe {universe} has no returns up to {as_of}", field="universe")
    origins = returns.loc[returns["entity"].isin(own.entities), "origin"].unique()
    chosen = events.loc[events["event_list"] == listed] if listed else events.iloc[:0]
    return own, chosen, sorted(origins)


def event_study(
    events: pd.DataFrame,
    own: Cube,
    market: np.ndarray,
    delistings: pd.DataFrame,
    values: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    as_of: str,
    exchange: str,
    rules: EventRules,
    model: str = "market",
    market_name: str = "",
    grouping: Grouping | None = None,
    yardstick: Yardstick | None = None,
) -> EventStudy:
    """Study the ``events`` (rows of one list) that were public by ``as_of``.

    ``delistings``, ``values`` and ``facts`` are the tables of ``lib.tables.signals``; ``market`` is by
    session of the cube.
    """
    grouping, yardstick = grouping or Grouping(), yardstick or Yardstick()
    end = pd.Timestamp(as_of, tz="UTC") + pd.Timedelta(days=1)
    listed = events.loc[events["known_at"] < end]
    known = delistings.loc[delistings["known_at"] <= pd.Timestamp(as_of)]
    found = windows(listed, own, market, known, rules=rules, exchange=exchange)
    normal = estimate(found.estimation, found.market_estimation, model=model)
    around = abnormal(normal, found.window, found.market_window)
    chosen = _car(found, normal, around, values, own, rules, grouping)
    about = circumstances(found, normal, around, chosen["group"].to_numpy("float64"), rules)
    tables = {
        "event_ar": _ar(found, around, own, rules),
        "event_drops": found.drops,
        "event_tests": pd.DataFrame(columns=TEST_COLUMNS),
        "event_paths": paths(chosen, normal, around, rules, yardstick.level),
        "event_quartiles": _quartiles(chosen),
    }
    dates = 0
    if about.events >= 2:
        tables["event_tests"] = test_table(found, normal, around, rules, about)
        controls = controls_before(
            list(grouping.controls),
            own,
            facts,
            found.at,
            found.firm,
            normal.beta,
            first_day=rules.window[0],
            exchange=exchange,
        )
        gaps = difference_table(
            chosen,
            found,
            normal,
            around,
            rules,
            about,
            controls,
            permutations=yardstick.permutations,
            seed=yardstick.seed,
        )
        at = event_placebos.placebo_dates(
            len(own.sessions), found.at, rules=rules, most=yardstick.placebos, seed=yardstick.seed
        )
        pool = event_placebos.pool(
            own,
            market,
            known,
            values,
            at,
            rules=rules,
            model=model,
            groups=grouping.groups,
            lag=grouping.lag,
            max_age=grouping.max_age,
        )
        dates = len(at)
        placebos = event_placebos.placebo_table(chosen, found, pool, own, draws=999, seed=yardstick.seed)
        tables["event_placebos"] = placebos
        tables["event_tests"], gaps = _with_placebos(
            tables["event_tests"], gaps, placebos, dates, about, rules
        )
        tables["event_differences"] = gaps
    tables["event_car"] = chosen
    for name in ("event_placebos", "event_differences"):
        tables.setdefault(name, pd.DataFrame(columns=TABLES[name].column_names))
    return EventStudy(
        {name: _conformed(frame, name) for name, frame in tables.items()},
        rules,
        model,
        market_name,
        about,
        dates,
        len(listed["event"].unique()),
        tuple(sorted(set(listed["origin"]))),
    )


def _car(
    found: Windows,
    normal: Normal,
    around: Abnormal,
    values: pd.DataFrame,
    own: Cube,
    rules: EventRules,
    grouping: Grouping,
) -> pd.DataFrame:
    """The table ``event_car``."""
    day, which = np.unique(found.at, return_inverse=True)
    first = rules.window[0]
    known = values_before(values, own, day, first_day=first, lag=grouping.lag, max_age=grouping.max_age)
    member = own.member[np.maximum(day + first - 1, 0)]
    group, number = group_numbers(known, member, groups=grouping.groups)
    group = group[which, found.firm]
    variance = around.cumulative_variance[:, -1]
    return found.rows.drop(columns="origin").assign(
        days=np.isfinite(around.returns).sum(axis=1).astype("float64"),
        car=around.cumulative[:, -1],
        error=np.sqrt(variance),
        standardised=around.standardised_cumulative[:, -1],
        alpha=normal.alpha,
        beta=normal.beta,
        sigma=normal.sigma,
        observations=normal.observations,
        value=known[which, found.firm],
        group=group,
        groups=np.where(np.isfinite(group), number[which], np.nan),
    )


def _ar(found: Windows, around: Abnormal, own: Cube, rules: EventRules) -> pd.DataFrame:
    """The table ``event_ar``."""
    count = len(rules.days)
    place = np.repeat(np.arange(len(found.at)), count)
    day = np.tile(rules.days, len(found.at))
    rows = found.rows.iloc[place]
    session = np.minimum(np.repeat(found.at, count) + day, len(own.sessions) - 1)
    return pd.DataFrame(
        {
            "event": rows["event"].to_numpy(),
            "entity": rows["entity"].to_numpy(),
            "day": day.astype("float64"),
            "session": own.sessions[session],
            "date": rows["date"].to_numpy(),
            "abnormal_return": around.returns.ravel(),
            "error": np.sqrt(around.variance).ravel(),
        }
    )


def paths(
    chosen: pd.DataFrame, normal: Normal, around: Abnormal, rules: EventRules, level: float
) -> pd.DataFrame:
    """The table ``event_paths``: all, the highest and lowest group of each day, and their difference."""
    count = len(chosen)
    weights = {EVERYONE: np.full(count, 1.0 / max(count, 1))} if count else {}
    side = sides(chosen)
    high, low = (side > 0) / max((side > 0).sum(), 1), (side < 0) / max((side < 0).sum(), 1)
    if high.any() and low.any():
        weights |= {HIGHEST: high, LOWEST: low, GAP: high - low}
    rows = []
    for name, weight in weights.items():
        mean, low, high = weighted_path(normal, around, weight, level=level)
        part = {"group": name, "day": rules.days.astype("float64"), "mean": mean, "low": low, "high": high}
        rows.append(pd.DataFrame(part).assign(n=float((weight != 0).sum())))
    return pd.concat(rows) if rows else pd.DataFrame(columns=TABLES["event_paths"].column_names)


def _quartiles(chosen: pd.DataFrame) -> pd.DataFrame:
    """The table ``event_quartiles``."""
    own = chosen.loc[chosen["group"].notna()]
    own = own.assign(gone=own["flags"].str.contains("ended_in_window", regex=False).astype("float64"))
    found = own.groupby(["groups", "group"]).agg(
        n=("car", "size"),
        mean_car=("car", "mean"),
        median_car=("car", "median"),
        sd=("car", "std"),
        lowest=("value", "min"),
        highest=("value", "max"),
        ended=("gone", "sum"),
    )
    return found.reset_index().astype({"n": "float64"})


def _with_placebos(
    tests: pd.DataFrame,
    gaps: pd.DataFrame,
    placebos: pd.DataFrame,
    dates: int,
    about: Circumstances,
    rules: EventRules,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with the row of the placebo dates."""
    draws = float(len(placebos) - 1)
    far, p = event_placebos.place_among(placebos, "mean_car", dates)
    trusted, reason = trust("placebo", about) if not np.isnan(p) else ("no", "few_placebos")
    row = {"test": "placebo", "first_day": rules.window[0], "last_day": rules.window[1], "n": draws}
    row |= {"mean": placebos["mean_car"].iloc[0], "statistic": far, "p": p, "df": np.nan}
    tests = pd.concat(
        [tests, pd.DataFrame([row | {"correlation": np.nan, "trusted": trusted, "reason": reason}])]
    )
    far, p = event_placebos.place_among(placebos, "difference", dates)
    trusted, reason = trust_difference("placebo", about, missing=bool(np.isnan(p)))
    row = {"test": "placebo", "estimate": placebos["difference"].iloc[0], "statistic": far, "df": np.nan}
    row |= {"p": p, "n": draws, "trusted": trusted, "reason": reason}
    return tests, pd.concat([gaps, pd.DataFrame([row])])


def _conformed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    table = TABLES[name]
    texts = {c.name: "str" for c in table.columns if c.type == "str"}
    floats = {c.name: "float64" for c in table.columns if c.type == "float"}
    return conform(frame.astype({**texts, **floats}), table)
