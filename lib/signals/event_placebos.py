"""The same study on dates on which nothing happened: where does the real result lie among them?

Dates are drawn from a seed; their windows overlap neither each other nor a window of the list. Of a list of
one date each draw is a date; of a list of several each real date gets one of them. Groups are by the value
that was known before that date. No assumption on the correlation between firms is needed, only that the days
are like others but for the event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.signals.cube import Cube
from lib.signals.event_groups import group_numbers, values_before
from lib.signals.event_windows import Ends, EventRules, Windows, gathered, returns_around
from lib.stats import event_model

ENOUGH = 50
"""Dates without an event that a probability needs."""
BLOCK = 2_000
"""Events whose windows are gathered at once."""
AT_ONCE = 2_000_000
"""Numbers of draws that are gathered at once."""


@dataclass(frozen=True)
class Pool:
    """Dates without an event: positions (P,), CAR and group of each firm (P, N), NaN where none."""

    at: np.ndarray
    car: np.ndarray
    group: np.ndarray
    groups: np.ndarray


def placebo_dates(sessions: int, taken: np.ndarray, *, rules: EventRules, most: int, seed: int) -> np.ndarray:
    """Positions of event days whose windows overlap neither each other nor those of ``taken``; in order.

    At most ``most``, drawn from ``seed``; the days of estimation and of the window lie inside the sessions.
    """
    span = len(rules.days)
    generator = np.random.default_rng(seed)
    first = -rules.estimation[0] + int(generator.integers(span))
    grid = np.arange(first, sessions - rules.window[1], span)
    order = np.sort(np.asarray(taken, dtype="int64"))
    if len(order):
        after = np.minimum(np.searchsorted(order, grid), len(order) - 1)
        before = np.maximum(np.searchsorted(order, grid) - 1, 0)
        away = np.minimum(np.abs(order[after] - grid), np.abs(order[before] - grid))
        grid = grid[away >= span]
    return np.sort(generator.permutation(grid)[:most])


def pool(
    own: Cube,
    market: np.ndarray,
    delistings: pd.DataFrame,
    values: pd.DataFrame,
    at: np.ndarray,
    *,
    rules: EventRules,
    model: str,
    groups: int,
    lag: int,
    max_age: int,
) -> Pool:
    """Measure every member on every date of ``at`` in the way of the real study."""
    before = at + rules.window[0] - 1
    member = own.member[before] if len(at) else np.zeros((0, len(own.entities)), dtype=bool)
    day, firm = np.nonzero(member)
    car = np.full(member.shape, np.nan)
    end = Ends(own, delistings)
    for begin in range(0, len(day), BLOCK):
        part = slice(begin, begin + BLOCK)
        car[day[part], firm[part]] = _cars(own, market, end, at[day[part]], firm[part], rules, model)
    known = values_before(values, own, at, first_day=rules.window[0], lag=lag, max_age=max_age)
    group, number = group_numbers(known, member, groups=groups)
    return Pool(at, car, group, number)


def placebo_table(
    chosen: pd.DataFrame, events: Windows, dates: Pool, own: Cube, *, draws: int, seed: int
) -> pd.DataFrame:
    """The table ``event_placebos``: the real list as draw 0, then the draws.

    ``chosen`` holds car, group and groups of ``events``. An event that concerned all firms is set against all
    members of the drawn date, so that firms that left before the real one are in; one of named firms against
    the same firms.
    """
    day, which = np.unique(events.at, return_inverse=True)
    one = len(day) == 1
    count = len(dates.at) if len(day) else 0
    place = np.arange(count)[:, None]
    if count and not one:
        place = _drawn(np.random.default_rng(seed), draws, count, len(day))
    whole = np.zeros(len(day), dtype=bool)
    whole[which[~events.named]] = True
    sides = _side(dates.group, dates.groups[:, None])
    sums = _sums(dates.car, sides)[place[:, whole]].sum(axis=1)
    alone = np.flatnonzero(~whole[which])
    step = max(1, AT_ONCE // max(len(alone), 1))
    for begin in range(0, len(place) if len(alone) else 0, step):
        part = slice(begin, begin + step)
        pick, firm = place[part][:, which[alone]], events.firm[alone]
        sums[part] += _sums(dates.car[pick, firm], sides[pick, firm])
    side = _side(chosen["group"].to_numpy(), chosen["groups"].to_numpy())
    sums = np.concatenate([_sums(chosen["car"].to_numpy()[None], side[None]), sums])
    session = [own.sessions[day[0]], *own.sessions[dates.at]] if one else [pd.NaT] * len(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        n, mean, high, low = sums[:, 0], *(sums[:, at + 1] / sums[:, at] for at in (0, 2, 4))
    return pd.DataFrame(
        {
            "draw": np.arange(len(n), dtype="float64"),
            "session": pd.Series(pd.to_datetime(session)).astype("datetime64[us]"),
            "n": n,
            "mean_car": mean,
            "difference": high - low,
        }
    )


def place_among(table: pd.DataFrame, column: str, dates: int) -> tuple[float, float]:
    """Distance of the real result from the mean of the draws in their deviations, and its probability.

    p = (1 + draws as far from their mean) / (1 + draws); NaN with fewer than 50 dates.
    """
    real, others = float(table[column].iloc[0]), table[column].iloc[1:].dropna().to_numpy()
    if dates < ENOUGH or len(others) < ENOUGH or np.isnan(real):
        return np.nan, np.nan
    middle, deviation = float(others.mean()), float(others.std())
    far = int((np.abs(others - middle) >= abs(real - middle) - 1e-15).sum())
    return (real - middle) / deviation if deviation > 0 else np.nan, (1.0 + far) / (1.0 + len(others))


def _cars(
    own: Cube,
    market: np.ndarray,
    end: Ends,
    at: np.ndarray,
    firm: np.ndarray,
    rules: EventRules,
    model: str,
) -> np.ndarray:
    got = returns_around(own, end, at, firm, rules)
    normal = event_model.estimate(
        gathered(own.returns, at, rules.estimation_days, firm),
        gathered(market, at, rules.estimation_days, None),
        model=model,
    )
    car = event_model.abnormal(normal, got.window, gathered(market, at, rules.days, None)).cumulative[:, -1]
    usable = (normal.observations >= rules.least) & np.isfinite(normal.sigma) & ~got.still
    usable &= got.held.mean(axis=1) >= rules.least_share
    return np.where(usable, car, np.nan)


def _side(group: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """1 in the highest group, -1 in the lowest, 0 between or without one."""
    return np.where(group == groups, 1.0, 0.0) - np.where(group == 1.0, 1.0, 0.0)


def _sums(car: np.ndarray, side: np.ndarray) -> np.ndarray:
    """By row: how many CARs and their sum, of all, of side 1 and of side -1: (rows, 6)."""
    known = np.isfinite(car)
    value = np.where(known, car, 0.0)
    parts = [known, known & (side == 1.0), known & (side == -1.0)]
    columns = [total for part in parts for total in (part.sum(axis=1), (value * part).sum(axis=1))]
    return np.column_stack(columns).astype("float64")


def _drawn(generator: np.random.Generator, draws: int, count: int, needed: int) -> np.ndarray:
    """Positions in the pool for each draw, different ones within a draw where there are enough."""
    if needed <= count:
        return np.argsort(generator.random((draws, count)), axis=1)[:, :needed]
    return generator.integers(count, size=(draws, needed))
