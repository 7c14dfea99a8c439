"""The generated banks in the form of the tables of signals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.signals.sample.banks import BANKS, CASH, CRISIS, FACTORS, SEED, WEIGHTS, Banks, banks
from lib.tables.signals import TOTAL

UNIVERSE, BENCHMARK, FACTOR_SET = "banks", "Generated bank market", "banks"
DESIGN, DESIGN_EFFECT = "bank-reporting", 0.02
SOURCE = {"source": "sample", "origin": "generated"}
SECTORS = ("regional", "money centre", "thrift", "custody")


def tables() -> dict[str, pd.DataFrame]:
    """Raw tables by name; everything is generated and says so."""
    world = banks()
    return {
        "signal_entities": _entities(world),
        "signal_memberships": _memberships(world),
        "signal_returns": _returns(world),
        "signal_delistings": _delistings(world),
        "signal_facts": _facts(world),
        "signal_benchmarks": _benchmark(world),
        "factor_sets": _factors(world),
        "signal_events": _events(world),
        "designs": _design(),
        "signal_values": _values(world),
    }


def _entities(world: Banks) -> pd.DataFrame:
    sectors = [SECTORS[number % len(SECTORS)] for number in range(BANKS)]
    named = {"symbol": [name.upper().replace("-", "") for name in world.names], "sector": sectors}
    days = {"valid_from": world.sessions[world.first], "known_at": world.sessions[world.first]}
    name = [f"Generated bank {number}" for number in range(1, BANKS + 1)]
    return pd.DataFrame({"entity": world.names, **named, **days, "name": name}).assign(
        universe=UNIVERSE, **SOURCE
    )


def _memberships(world: Banks) -> pd.DataFrame:
    into = pd.DataFrame({"entity": world.names, "date": world.sessions[world.first], "member": True})
    gone = np.flatnonzero(world.last < len(world.sessions))
    out = pd.DataFrame({"entity": np.array(world.names)[gone], "date": world.sessions[world.last[gone]]})
    both = pd.concat([into, out.assign(member=False)], ignore_index=True)
    return both.assign(universe=UNIVERSE, known_at=both["date"], **SOURCE)


def _returns(world: Banks) -> pd.DataFrame:
    day = np.arange(len(world.sessions))[:, None]
    alive = (day >= world.first) & (day < world.last)
    at, bank = np.nonzero(alive)
    return pd.DataFrame(
        {
            "entity": np.array(world.names)[bank],
            "date": world.sessions[at],
            "return": world.returns[alive],
            "market_cap": world.market_cap[alive],
            "traded_value": world.traded_value[alive],
        }
    ).assign(**SOURCE)


def _delistings(world: Banks) -> pd.DataFrame:
    gone = np.flatnonzero(world.last < len(world.sessions))
    days = world.sessions[world.last[gone]]
    return pd.DataFrame(
        {
            "entity": np.array(world.names)[gone],
            "date": days,
            "reason": np.where(world.failed[gone], "failed", "merged"),
            "return": world.final[gone],
            "known_at": days,
        }
    ).assign(**SOURCE)


def _reports(world: Banks, values: np.ndarray) -> pd.DataFrame:
    """A row a bank and quarter that was filed while the bank was there."""
    quarter, bank = np.divmod(np.arange(values.size), BANKS)
    filed = world.filed.to_numpy().ravel()
    frame = pd.DataFrame(
        {
            "entity": np.array(world.names)[bank],
            "known_at": pd.DatetimeIndex(filed).as_unit("us").tz_localize("UTC"),
            "value": values.ravel(),
            "period_end": world.quarters[quarter],
        }
    )
    closes = calendar.closes(world.sessions[0], world.sessions[-1]).to_numpy()
    end = np.append(closes, np.datetime64("2100-01-01"))[world.last[bank]]
    return frame.loc[(filed >= closes[world.first[bank]]) & (filed < end)]


def _facts(world: Banks) -> pd.DataFrame:
    parts = [_reports(world, values).assign(item=name) for name, values in world.facts.items()]
    return pd.concat(parts, ignore_index=True).assign(**SOURCE)


def _values(world: Banks) -> pd.DataFrame:
    parts = [
        _reports(world, world.opacity).assign(signal="bank-opacity", component=TOTAL),
        *(
            _reports(world, world.components[:, :, place]).assign(signal="bank-opacity", component=name)
            for place, name in enumerate(WEIGHTS)
        ),
        _reports(world, world.noise).assign(signal="bank-noise", component=TOTAL),
    ]
    return pd.concat(parts, ignore_index=True).assign(predicts_from=pd.NaT, **SOURCE)


def _benchmark(world: Banks) -> pd.DataFrame:
    level = np.round(world.factors[:, 0] + CASH, 7)
    frame = pd.DataFrame({"benchmark": BENCHMARK, "date": world.sessions, "return": level})
    return frame.assign(**SOURCE)


def _factors(world: Banks) -> pd.DataFrame:
    wide = pd.DataFrame(world.factors, index=world.sessions, columns=list(FACTORS)).assign(RF=CASH)
    long = wide.rename_axis("date").reset_index().melt("date", var_name="factor", value_name="return")
    return long.assign(factor_set=FACTOR_SET, frequency="daily", **SOURCE)


def _events(world: Banks) -> pd.DataFrame:
    """The crisis of all banks, and restatements of single ones, public after the close before."""
    bank, year = world.restated % BANKS, world.restated // BANKS
    at = 300 + 250 * year + bank
    there = (at > world.first[bank]) & (at < world.last[bank])
    before = world.sessions[at[there] - 1] + pd.Timedelta(hours=22)
    restated = pd.DataFrame(
        {
            "event_list": "bank-restatements",
            "event": [f"restatement-{number:02d}" for number in range(1, int(there.sum()) + 1)],
            "entity": np.array(world.names)[bank[there]],
            "known_at": before.tz_localize("UTC"),
            "detail": "a generated restatement of earnings",
        }
    )
    crisis = pd.DataFrame(
        {
            "event_list": ["bank-crisis"],
            "event": ["crisis"],
            "entity": [None],
            "known_at": [pd.Timestamp(CRISIS)],
            "detail": ["a generated day on which all banks lose, opaque ones more"],
        }
    )
    return pd.concat([crisis, restated], ignore_index=True).assign(**SOURCE)


def _design() -> pd.DataFrame:
    """Deposit growth by bank and quarter; three cohorts adopt a reporting rule, a fourth never does.

    The effect grows from a fourth of ``DESIGN_EFFECT`` in the first treated quarter to all of it in the
    fourth.
    """
    draw = np.random.default_rng(SEED + 1)
    cohorts = np.array([2016 * 4, 2017 * 4, 2018 * 4 + 2, 0])[np.arange(BANKS) % 4].astype("float64")
    cohorts[cohorts == 0.0] = np.nan
    periods = np.arange(2014 * 4, 2020 * 4)
    unit, common = 0.01 * draw.standard_normal(BANKS), 0.005 * draw.standard_normal(len(periods))
    since = periods[:, None] - cohorts
    effect = DESIGN_EFFECT * np.clip((np.nan_to_num(since, nan=-1.0) + 1.0) / 4.0, 0.0, 1.0)
    outcome = 0.02 + unit + common[:, None] + effect + 0.01 * draw.standard_normal(since.shape)
    bank = np.tile(np.arange(BANKS), len(periods))
    names = [f"bank-{number + 1:03d}" for number in bank]
    return pd.DataFrame(
        {
            "design": DESIGN,
            "unit": names,
            "period": np.repeat(periods, BANKS).astype("float64"),
            "outcome": "deposit_growth",
            "value": np.round(outcome.ravel(), 6),
            "first_treated": cohorts[bank],
            "weight": 1.0,
            "cluster": names,
        }
    ).assign(**SOURCE)
