"""The spread under other choices, other draws of dates and other assignments: the tables of
``signals/robustness``.

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
from lib.signals.permuted import Permuted, whole_paths, within_dates
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
            rows += [head | {"figure": name, "code": "TOO_SHORT"} for name in ("mean", "t", "sharpe")]
            continue
        found = bootstrap_series(values, draws=draws, generator=stream(seed, f"bootstrap {portfolio}"))
        block = mean_block(len(values))
        rows += [head | one._asdict() | {"figure": name, "block": block} for name, one in found.items()]
    return _table("signal_bootstrap", rows)


def permutation_table(formed: Formations, *, sign: float, draws: int, seed: int) -> tuple[pd.DataFrame, dict]:
    """Table ``signal_permutations``, and the draws of each way."""
    found: dict[str, Permuted] = {
        "within_dates": within_dates(formed, sign=sign, draws=draws, generator=stream(seed, "within dates")),
        "whole_paths": whole_paths(formed, sign=sign, draws=draws, generator=stream(seed, "whole paths")),
    }
    lasting = persistence(np.where(formed.there, formed.values, np.nan))
    rows = []
    for way, one in found.items():
        low, high = np.quantile(one.drawn, [0.025, 0.975]) if draws else (np.nan, np.nan)
        known = not np.isnan(one.observed)
        rows.append(
            {"way": way, "observed": one.observed, "p": one.p, "draws": draws, "persistence": lasting}
            | {"low": low if known else np.nan, "high": high if known else np.nan}
            | {"code": "" if known else "FEW_FIRMS"}
        )
    return _table("signal_permutations", rows), {way: one.drawn for way, one in found.items()}


def specifications(
    formed: Formations,
    cube: Cube,
    values: pd.DataFrame,
    *,
    sign: float,
    lags: tuple[int, ...],
    groups: tuple[int, ...],
    max_age: int | None,
    seed: int,
) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """What each specification is, and its spreads (periods x specifications).

    The sort's own values come first with its number of groups and equal weights, then every combination, then
    a placebo: values without meaning that move as slowly as the signal, for the firms that had one.
    """
    number = formed.groups
    known: list[dict[str, Any]] = [_named("sort", np.nan, "equal", number, False)]
    earned = [spreads(formed.values, formed.held, groups=number, sign=sign)]
    tried = sorted({*groups, number})
    drawn_in = winsorised(formed.held, formed.there, SHARE)
    for lag in lags:
        own = values_with_lag(formed, cube, values, lag=lag, max_age=max_age)
        for weighting, many, narrow in product(("equal", "value"), tried, (False, True)):
            known.append(_named("variant", lag, weighting, many, narrow))
            cap = formed.cap if weighting == "value" else None
            held = drawn_in if narrow else formed.held
            earned.append(spreads(own, held, groups=many, sign=sign, cap=cap))
    known.append(_named("placebo", np.nan, "equal", number, False))
    earned.append(spreads(placebo(formed, stream(seed, "placebo")), formed.held, groups=number, sign=sign))
    names = [one["specification"] for one in known]
    return known, pd.DataFrame(np.column_stack(earned), index=formed.end, columns=names)


def placebo(formed: Formations, generator: np.random.Generator) -> np.ndarray:
    """Normal values (D, N) with the signal's persistence, missing where it is."""
    lasting = persistence(np.where(formed.there, formed.values, np.nan))
    rho = 0.0 if np.isnan(lasting) else float(np.clip(lasting, -0.99, 0.99))
    noise = generator.standard_normal(formed.values.shape)
    from scipy.signal import lfilter

    noise[1:] *= np.sqrt(1.0 - rho**2)
    moving = lfilter([1.0], [1.0, -rho], noise, axis=0)
    return np.where(np.isnan(formed.values), np.nan, moving)


def specification_table(
    known: list[dict[str, Any]], earned: pd.DataFrame, superior: set[str], *, periods_a_year: float
) -> pd.DataFrame:
    """Table ``signal_specifications`` from what each is and what it earned."""
    rows = []
    for one in known:
        values = earned[one["specification"]].dropna().to_numpy()
        row = one | {"periods": len(values), "superior": one["specification"] in superior, "code": ""}
        if len(values) < LEAST or not values.std() > 0.0:
            rows.append(row | {"code": "TOO_SHORT" if len(values) else "NOTHING_SORTED"})
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
    known: list[dict[str, Any]], earned: pd.DataFrame, earlier: pd.DataFrame, *, draws: int, seed: int
) -> tuple[pd.DataFrame, set[str]]:
    """Table ``signal_best_of_many``, and which specifications stand apart from nothing.

    All specifications but the placebo, and ``earlier`` tries (periods x tries), on the periods that nearly
    all of them have; one that lacks more than a tenth of the periods is left out.
    """
    real = [one["specification"] for one in known if one["kind"] != "placebo"]
    whole = pd.concat([earned[real], earlier.reindex(earned.index)], axis=1)
    whole = whole.loc[:, whole.notna().mean() > 0.9].dropna()
    whole = whole.loc[:, whole.std() > 0.0] if len(whole) > 1 else whole.iloc[:, :0]
    tries = [name for name in whole if name in earlier.columns]
    head = {"strategies": whole.shape[1], "earlier": len(tries), "periods": len(whole), "draws": draws}
    if len(whole) < LEAST or not whole.shape[1]:
        code = "TOO_SHORT" if len(whole) < LEAST else "TOO_FEW_TRIALS"
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
    anew = spreads(formed.values, formed.held, groups=formed.groups, sign=sign)
    frame = pd.DataFrame({"date": formed.end, "given": held["return"].to_numpy("float64")})
    computed = np.where((formed.position != 0.0).any(axis=1), computed, np.nan)
    return conform(frame.assign(computed=computed, cut_anew=anew), TABLES["signal_reproduced"])


def _named(kind: str, lag: float, weighting: str, groups: int, narrow: bool) -> dict[str, Any]:
    """A specification and its name."""
    spoken = {"sort": "as sorted, ", "placebo": "placebo, "}.get(kind, f"lag {lag:.0f}, ")
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
