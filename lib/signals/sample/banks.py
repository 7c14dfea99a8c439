"""Two hundred generated banks over eleven years, whose returns follow factors and a planted effect.

The truth is in ``bank_truth``. Everything is drawn from one seed in a fixed order and rounded, so that the
same tables come out everywhere.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from lib.market import calendar
from lib.signals.sample import bank_truth as truth
from lib.signals.sample.bank_reports import Reports, reports, standard
from lib.signals.sample.long_form import long
from lib.signals.sample.stocks import EXCHANGE
from lib.tables.signals import TOTAL

SOURCE = {"source": "sample", "origin": "generated"}
FACTORS = {
    "Mkt-RF": (0.00030, 0.0095),
    "SMB": (0.00003, 0.0045),
    "HML": (0.00005, 0.0050),
    "RMW": (0.00008, 0.0032),
    "CMA": (0.00004, 0.0030),
    "MOM": (0.00010, 0.0060),
}
"""Mean and standard deviation of a day."""
LOADINGS = {
    "Mkt-RF": (1.0, 0.20),
    "SMB": (0.3, 0.30),
    "HML": (0.5, 0.30),
    "RMW": (0.0, 0.30),
    "CMA": (0.0, 0.25),
    "MOM": (0.0, 0.20),
}
"""Mean and standard deviation across banks; small banks load more on SMB."""
RATE_DAYS = ("2012-01-01", "2015-12-01", "2018-12-31", "2020-04-01", "2022-03-01", "2022-12-31")
RATES = (0.001, 0.001, 0.024, 0.001, 0.001, 0.043)
"""Rate of cash a year on these days, straight lines between."""
SECTORS = ("Community banks", "Regional banks", "Large banks")
LOWEST = -0.90


class Bank(NamedTuple):
    """Arrays by bank: positions of the first session and of that after the last one, and how it ended."""

    names: list[str]
    size: np.ndarray
    born: np.ndarray
    gone: np.ndarray
    reason: np.ndarray
    final: np.ndarray


class Banks(NamedTuple):
    """All that is drawn: sessions, who there was, reports, factors and returns (sessions x banks)."""

    sessions: pd.DatetimeIndex
    who: Bank
    told: Reports
    factors: pd.DataFrame
    returns: np.ndarray
    caps: np.ndarray
    traded: np.ndarray
    restated: pd.DataFrame


@cache
def drawn() -> Banks:
    """The banks, drawn once."""
    draw = np.random.default_rng(truth.SEED)
    sessions = calendar.sessions(truth.FIRST_DAY, truth.LAST_DAY, EXCHANGE)
    who = _who(draw, len(sessions))
    told = reports(draw, sessions, EXCHANGE, who.size)
    factors, spread = _factors(draw, sessions)
    restated = _restated(draw, who, sessions)
    returns = _returns(draw, who, told, factors, spread, restated, sessions)
    step = np.arange(len(sessions))[:, None]
    there = (step >= who.born) & (step < who.gone)
    grown = np.cumprod(np.where(there, 1.0 + returns, 1.0), axis=0)
    caps = np.round(np.exp(np.log(2.0e9) + 1.2 * who.size) * grown, -4)
    share = np.exp(draw.normal(np.log(0.0025), 0.35, returns.shape)) * (1.0 + 10.0 * np.abs(returns))
    alive = np.where(there, returns, np.nan)
    return Banks(sessions, who, told, factors, alive, caps, np.round(caps * share, -2), restated)


def _who(draw: np.random.Generator, sessions: int) -> Bank:
    n = truth.BANKS
    size = draw.standard_normal(n).round(6)
    fate = draw.permutation(n)
    failed = fate[: truth.FAILED]
    merged = fate[truth.FAILED : truth.FAILED + truth.MERGED]
    late = fate[-truth.LATE :]
    born, gone = np.zeros(n, dtype=int), np.full(n, sessions)
    born[late] = draw.integers(sessions // 10, sessions // 2, len(late))
    gone[failed] = draw.integers(sessions // 5, sessions - 60, len(failed))
    gone[merged] = draw.integers(sessions // 5, sessions - 60, len(merged))
    reason = np.full(n, "", dtype=object)
    reason[failed] = "failed"
    reason[merged] = np.where(np.arange(len(merged)) % 2 == 0, "merged", "taken_over")
    final = np.full(n, np.nan)
    final[failed] = -draw.uniform(0.45, 0.98, len(failed)).round(3)
    final[failed[::2]] = np.nan
    final[merged] = draw.uniform(-0.01, 0.03, len(merged)).round(4)
    return Bank([f"bank-{i:03d}" for i in range(1, n + 1)], size, born, gone, reason, final)


def _factors(draw: np.random.Generator, sessions: pd.DatetimeIndex) -> tuple[pd.DataFrame, np.ndarray]:
    """Daily factors and cash, and how wild each day is against the mean of all (volatility clusters)."""
    steps = draw.standard_normal(len(sessions)) * 0.10
    level = np.zeros(len(sessions))
    for day in range(1, len(level)):
        level[day] = 0.985 * level[day - 1] + steps[day]
    spread = np.exp(0.6 * level)
    spread /= np.sqrt((spread**2).mean())
    days = sessions.to_numpy().astype("datetime64[D]").astype("float64")
    nodes = np.array(RATE_DAYS, dtype="datetime64[D]").astype("float64")
    paths = {
        name: (mean + sd * spread * draw.standard_normal(len(sessions))).round(6)
        for name, (mean, sd) in FACTORS.items()
    }
    paths["RF"] = (np.interp(days, nodes, RATES) / 252.0).round(7)
    return pd.DataFrame(paths, index=sessions), spread


def _restated(draw: np.random.Generator, who: Bank, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Restatements of single banks while they are listed, after the close of the day before they count."""
    bank = draw.choice(truth.BANKS, truth.RESTATED, replace=False)
    low, high = who.born[bank] + 260, np.minimum(who.gone[bank], len(sessions)) - 40
    at = low + np.floor(draw.random(len(bank)) * np.maximum(high - low, 1)).astype(int)
    keep = high > low
    bank, at = bank[keep], at[keep]
    evening = pd.DatetimeIndex(sessions[at - 1]) + pd.Timedelta(hours=22, minutes=15)
    table = pd.DataFrame({"bank": bank, "at": at, "known_at": evening.tz_localize("UTC")})
    return table.sort_values(["at", "bank"], ignore_index=True)


def known_score(told: Reports, scores: np.ndarray, sessions: int) -> np.ndarray:
    """Of each session and bank the score that was known at the close of the session before; 0 before any."""
    marks = np.full((sessions + 1, scores.shape[1]), np.nan)
    row, bank = np.nonzero(told.first < sessions)
    marks[told.first[row, bank] + 1, bank] = scores[row, bank]
    return pd.DataFrame(marks[:sessions]).ffill().fillna(0.0).to_numpy()


def _returns(
    draw: np.random.Generator,
    who: Bank,
    told: Reports,
    factors: pd.DataFrame,
    spread: np.ndarray,
    restated: pd.DataFrame,
    sessions: pd.DatetimeIndex,
) -> np.ndarray:
    """Cash, factors times loadings, the planted effects, and noise of each bank with fat tails."""
    days, n = len(sessions), truth.BANKS
    total = np.repeat(factors["RF"].to_numpy()[:, None], n, axis=1)
    for name, (mean, sd) in LOADINGS.items():
        loading = mean + sd * draw.standard_normal(n) - (0.2 * who.size if name == "SMB" else 0.0)
        total += factors[name].to_numpy()[:, None] * loading
    opacity = known_score(told, told.score, days)
    total += truth.EFFECT_A_MONTH / truth.SESSIONS_A_MONTH * opacity
    own = 0.013 * np.exp(0.25 * draw.standard_normal(n) - 0.15 * who.size)
    noise = draw.standard_t(6, (days, n)) * np.sqrt(4.0 / 6.0)
    total += noise * own * np.sqrt(spread)[:, None]
    day = sessions.get_loc(pd.Timestamp(truth.CRISIS_MOMENT).normalize())
    uninsured = known_score(told, standard(told.facts["uninsured_deposits"]), days)
    total[day] += (
        truth.CRISIS_ALL + truth.CRISIS_OPACITY * opacity[day] + truth.CRISIS_UNINSURED * uninsured[day]
    )
    total[restated["at"], restated["bank"]] += truth.RESTATEMENT
    return np.clip(total, LOWEST, None).round(6)


def tables() -> dict[str, pd.DataFrame]:
    """Everything of the banks but the natural experiment, as raw tables."""
    all_ = drawn()
    sessions, who = all_.sessions, all_.who
    returns = long(
        sessions,
        who.names,
        "date",
        "entity",
        **{"return": all_.returns, "market_cap": all_.caps, "traded_value": all_.traded},
    )
    market = (all_.factors["Mkt-RF"] + all_.factors["RF"]).round(7)
    factors = long(
        sessions, list(all_.factors), "date", "factor", **{"return": all_.factors.to_numpy()}
    ).assign(factor_set=truth.FACTOR_SET, frequency="daily")
    found = {
        "raw_signal_entities": _entities(all_),
        "raw_signal_memberships": _memberships(all_),
        "raw_signal_returns": returns,
        "raw_signal_delistings": _delistings(all_),
        "raw_signal_facts": _reported(all_, {}, all_.told.facts).rename(columns={"name": "item"}),
        "raw_signal_benchmarks": pd.DataFrame(
            {"benchmark": truth.BENCHMARK, "date": sessions, "return": market.to_numpy()}
        ),
        "raw_factor_sets": factors,
        "raw_signal_events": _events(all_),
        "raw_signal_values": pd.concat(
            [
                _reported(
                    all_, {"signal": truth.OPACITY}, {TOTAL: all_.told.opacity, **all_.told.components}
                ),
                _reported(all_, {"signal": truth.NOISE}, {TOTAL: all_.told.noise}),
            ],
            ignore_index=True,
        ).rename(columns={"name": "component"}),
    }
    return {name: table.assign(**SOURCE) for name, table in found.items()}


def _entities(all_: Banks) -> pd.DataFrame:
    who = all_.who
    tier = np.digitize(who.size, np.quantile(who.size, [1 / 3, 2 / 3]))
    listed = all_.sessions[who.born]
    return pd.DataFrame(
        {
            "universe": truth.UNIVERSE,
            "entity": who.names,
            "valid_from": listed,
            "symbol": [name.replace("bank-", "GB") for name in who.names],
            "name": [name.replace("bank-", "Generated Bank ") for name in who.names],
            "sector": np.array(SECTORS, dtype=object)[tier],
            "known_at": listed,
        }
    )


def _memberships(all_: Banks) -> pd.DataFrame:
    who, sessions = all_.who, all_.sessions
    left = np.flatnonzero(who.gone < len(sessions))
    joined = pd.DataFrame({"entity": who.names, "date": sessions[who.born], "member": True})
    gone = pd.DataFrame(
        {"entity": np.array(who.names)[left], "date": sessions[who.gone[left]], "member": False}
    )
    rows = pd.concat([joined, gone], ignore_index=True)
    return rows.assign(universe=truth.UNIVERSE, known_at=rows["date"])


def _delistings(all_: Banks) -> pd.DataFrame:
    who = all_.who
    left = np.flatnonzero(who.gone < len(all_.sessions))
    day = all_.sessions[who.gone[left]]
    return pd.DataFrame(
        {
            "entity": np.array(who.names)[left],
            "date": day,
            "reason": who.reason[left],
            "return": who.final[left],
            "known_at": day,
        }
    )


def _reported(all_: Banks, constants: dict[str, str], parts: dict[str, np.ndarray]) -> pd.DataFrame:
    """Rows (entity, name, value, period_end, known_at) of arrays quarters x banks, while a bank is listed."""
    told, who = all_.told, all_.who
    row, bank = np.nonzero((told.first >= who.born) & (told.first < who.gone))
    one = pd.DataFrame(
        {
            "entity": pd.Series(np.array(who.names, dtype=object)[bank], dtype="str"),
            "period_end": told.quarters[row],
            "known_at": pd.DatetimeIndex(told.known[row, bank]).tz_localize("UTC"),
        }
    )
    return pd.concat(
        [one.assign(name=name, value=wide[row, bank], **constants) for name, wide in parts.items()],
        ignore_index=True,
    )


def _events(all_: Banks) -> pd.DataFrame:
    crisis = pd.DataFrame(
        {
            "event_list": [truth.CRISIS],
            "event": ["run"],
            "entity": pd.Series([None], dtype="str"),
            "known_at": pd.DatetimeIndex([truth.CRISIS_MOMENT]).as_unit("us").tz_localize("UTC"),
            "detail": ["Generated: depositors run on the banks of which little is known"],
        }
    )
    names = np.array(all_.who.names)[all_.restated["bank"]]
    single = pd.DataFrame(
        {
            "event_list": truth.RESTATEMENTS,
            "event": [f"restatement-{i:02d}" for i in range(1, len(names) + 1)],
            "entity": names,
            "known_at": all_.restated["known_at"],
            "detail": "Generated: the bank restates its accounts",
        }
    )
    return pd.concat([crisis, single], ignore_index=True)
