"""The spread under other choices, other draws of dates and other assignments of values to firms.

Everything random comes from one seed, a stream of its own for each test, so that a test that is left out
changes no other. Returns are before costs but where it is said.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lib.contracts import conform
from lib.signals.cube import Cube
from lib.signals.permuted import WAYS
from lib.signals.resorted import Formations, persistence, spreads, values_with_lag, winsorised
from lib.stats.best_of_many import best_of_many
from lib.stats.date_bootstrap import bootstrap_series, compounded_paths, mean_block
from lib.stats.hac import mean_test
from lib.tables import TABLES

SHARE = 0.01
"""Share of returns that winsorising draws in at each end."""
LEAST = 10
"""Periods that any figure needs."""
TESTS = ("spa_lower", "spa_consistent", "spa_upper", "reality_check")


def stream(seed: int, name: str) -> np.random.Generator:
    """The generator of one test."""
    return np.random.default_rng([seed, *name.encode()])


def bootstrap_table(held: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Table ``signal_bootstrap`` of the spread before and after costs, from rows of ``long_short``."""
    rows: list[dict[str, Any]] = []
    for portfolio, column in (("long_short", "return"), ("net", "net")):
        values = held[column].dropna().to_numpy("float64")
        head = {"portfolio": portfolio, "periods": len(values), "draws": draws, "code": ""}
        if len(values) < LEAST:
            rows += [head | {"figure": name, "code": "FEW_PERIODS"} for name in ("mean", "t", "sharpe")]
            continue
        found = bootstrap_series(values, draws=draws, generator=stream(seed, f"bootstrap {portfolio}"))
        block = mean_block(len(values))
        rows += [head | one._asdict() | {"figure": name, "block": block} for name, one in found.items()]
    return _table("signal_bootstrap", rows)


def permutation_table(
    formed: Formations, *, sign: float, draws: int, seed: int
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Table ``signal_permutations``, and the mean spreads of the draws by way."""
    lasting = persistence(np.where(formed.there, formed.scores, np.nan))
    rows, drawn = [], {}
    for way, test in WAYS.items():
        one = test(formed, sign=sign, draws=draws, generator=stream(seed, way))
        drawn[way] = one.drawn
        low, high = np.quantile(one.drawn, [0.025, 0.975]) if len(one.drawn) else (np.nan, np.nan)
        rows.append(
            {"way": way, "observed": one.observed, "p": one.p, "alarms": one.alarms, "draws": len(one.drawn)}
            | {"low": low, "high": high, "persistence": lasting}
            | {"code": "FEW_FIRMS" if np.isnan(one.observed) else ""}
        )
    return _table("signal_permutations", rows), drawn


def specifications(
    formed: Formations,
    cube: Cube,
    given: pd.DataFrame,
    *,
    sign: float,
    lags: tuple[int, ...],
    groups: tuple[int, ...],
    max_age: int | None,
) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """What each specification is, and its spreads (periods x specifications).

    The sort's own values come first with its number of groups and equal weights, then every combination, then
    a placebo: values without meaning that move as slowly as the signal, for the firms that had one.
    """
    number = formed.groups
    known: list[dict[str, Any]] = [_named("sort", np.nan, "equal", number, False)]
    earned = [spreads(formed.scores, formed.held, groups=number, sign=sign)]
    tried = sorted({*groups, number})
    drawn_in = winsorised(formed.held, formed.there, SHARE)
    for lag in lags:
        own = values_with_lag(formed, cube, given, lag=lag, max_age=max_age)
        for weighting, many, narrow in product(("equal", "value"), tried, (False, True)):
            known.append(_named("variant", lag, weighting, many, narrow))
            cap = formed.cap if weighting == "value" else None
            held = drawn_in if narrow else formed.held
            earned.append(spreads(own, held, groups=many, sign=sign, cap=cap))
    names = [one["specification"] for one in known]
    return known, pd.DataFrame(np.column_stack(earned), index=formed.end, columns=names)


def specification_table(
    known: list[dict[str, Any]], earned: pd.DataFrame, superior: set[str], *, periods_a_year: float
) -> pd.DataFrame:
    """Table ``signal_specifications`` from what each is and what it earned."""
    rows = []
    for one in known:
        values = earned[one["specification"]].dropna().to_numpy()
        row = one | {"periods": len(values), "superior": one["specification"] in superior, "code": ""}
        if len(values) < LEAST or not values.std() > 0.0:
            rows.append(row | {"code": "FEW_PERIODS" if len(values) else "NOTHING_SORTED"})
            continue
        fit = mean_test(values)
        mean, error = float(fit.coefficient[0]), float(fit.error[0])
        reach = float(stats.t.ppf(0.975, len(values) - 1)) * error
        rows.append(
            row
            | {"mean_annual": mean * periods_a_year, "t": float(fit.t[0]), "p": float(fit.p[0])}
            | {"low": (mean - reach) * periods_a_year, "high": (mean + reach) * periods_a_year}
        )
    return _table("signal_specifications", rows)


def compared(
    earned: pd.DataFrame, earlier: pd.DataFrame, *, draws: int, seed: int
) -> tuple[pd.DataFrame, set[str]]:
    """Table ``signal_best_of_many``, and which specifications stand apart from nothing.

    All specifications and ``earlier`` tries (periods x tries), on the periods that nearly
    all of them have; one that lacks more than a tenth of the periods is left out.
    """
    whole = pd.concat([earned, earlier.reindex(earned.index)], axis=1)
    whole = whole.loc[:, whole.notna().mean() > 0.9].dropna()
    whole = whole.loc[:, whole.std() > 0.0] if len(whole) > 1 else whole.iloc[:, :0]
    tries = [name for name in whole if name in earlier.columns]
    head = {"strategies": whole.shape[1], "earlier": len(tries), "periods": len(whole), "draws": draws}
    if len(whole) < LEAST or not whole.shape[1]:
        code = "FEW_PERIODS" if len(whole) < LEAST else "TOO_FEW_TRIALS"
        return _table("signal_best_of_many", [head | {"test": name, "code": code} for name in TESTS]), set()
    number = int(stream(seed, "best of many").integers(2**31))
    found = best_of_many(whole.to_numpy(), block=mean_block(len(whole)), draws=draws, seed=number)
    rows = [head | {"test": name, "p": getattr(found, name), "code": ""} for name in TESTS]
    return _table("signal_best_of_many", rows), {str(whole.columns[one]) for one in found.superior}


def outlook(held: pd.DataFrame, *, periods: int, draws: int, seed: int) -> pd.DataFrame:
    """Table ``signal_outlook``: quantiles of wealth by period, the spread after costs compounded."""
    values = held["net"].dropna().to_numpy("float64")
    if len(values) < LEAST:
        return _table("signal_outlook", [])
    paths = compounded_paths(values, periods=periods, draws=draws, generator=stream(seed, "outlook"))
    low, middle, high = np.quantile(paths, [0.05, 0.5, 0.95], axis=0)
    frame = pd.DataFrame({"period": np.arange(periods + 1), "low": low, "middle": middle, "high": high})
    return conform(frame.assign(loss=(paths < 1.0).mean(axis=0)), TABLES["signal_outlook"])


def reproduced(formed: Formations, held: pd.DataFrame, *, sign: float) -> pd.DataFrame:
    """Table ``signal_reproduced``: the sort's spread, and the one from its positions and the returns here."""
    inside = np.where(np.isnan(formed.held), 0.0, formed.held)
    computed = np.einsum("dn,dn->d", formed.position, inside)
    anew = spreads(formed.scores, formed.held, groups=formed.groups, sign=sign)
    frame = pd.DataFrame({"date": formed.end, "given": held["return"].to_numpy("float64")})
    computed = np.where((formed.position != 0.0).any(axis=1), computed, np.nan)
    return conform(frame.assign(computed=computed, cut_anew=anew), TABLES["signal_reproduced"])


def _named(kind: str, lag: float, weighting: str, groups: int, narrow: bool) -> dict[str, Any]:
    """A specification and its name."""
    spoken = "as sorted, " if kind == "sort" else f"lag {lag:.0f}, "
    name = f"{spoken}{weighting} weights, {groups} groups" + (", winsorised" if narrow else "")
    return {
        "specification": name,
        "kind": kind,
        "lag": lag,
        "weighting": weighting,
        "groups": groups,
        "winsorised": narrow,
    }


def _table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    return conform(pd.DataFrame(rows, columns=TABLES[name].column_names), TABLES[name])
