"""Fund scores: 10,000 funds with ten years of NAVs end to end, and their measures against empyrical."""

from __future__ import annotations

import importlib.util
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "funds"))

import worlds
from report import head, line

from lib.funds import measures
from lib.funds.measured import inputs_of
from lib.funds.nav_panel import day_number
from lib.funds.score_rules import Rules
from lib.funds.scores import fund_scores
from lib.market.calendar import sessions

FUNDS = int(os.environ.get("BENCH_FUNDS", "10000"))
START, AS_OF = "2013-01-01", "2022-12-28"
CATEGORIES = ("Large Cap Fund", "Mid Cap Fund", "Small Cap Fund", "Flexi Cap Fund", "Value Fund")
OF_PEER = 60
"""Funds that the slow peer is timed on; its time is scaled up to all of them."""
HISTORY = 12


def main() -> None:
    """Print the time end to end, the memory, and the ratio of the measures."""
    tables = world()
    rows = len(tables["fund_navs"])
    head(f"Fund scores, {FUNDS:,} funds, {rows / 1e6:.1f} million NAVs, one thread")
    before = _memory()
    rules = Rules(exchange="XNYS")
    sessions(START, AS_OF, rules.exchange)
    start = time.perf_counter()
    scores, _ = fund_scores(tables, as_of=AS_OF, rules=rules, months=1)
    once = time.perf_counter() - start
    line("score the last month end and the as-of date", once, None, "", f"{len(scores):,} scores")
    start = time.perf_counter()
    inputs = inputs_of(tables, rules)
    arranged = time.perf_counter() - start
    line(
        "of that the long table as an array", arranged, None, "", f"{inputs.navs.levels.nbytes / 1e9:.2f} GB"
    )
    start = time.perf_counter()
    scores, _ = fund_scores(tables, as_of=AS_OF, rules=rules, months=HISTORY)
    several = time.perf_counter() - start
    each = (several - once) / (scores["score_date"].nunique() - 2)
    line("each further date", each, None, "", f"{scores['score_date'].nunique()} dates in {several:.1f} s")
    note = f"peak {_memory():.1f} GB, {before:.1f} GB of it the tables themselves"
    line("memory", several, None, "", note)
    _against_empyrical(inputs)


def world() -> dict[str, pd.DataFrame]:
    """Tables of generated funds; only the columns that scoring reads."""
    rng = np.random.default_rng(5)
    small = worlds.world(dict.fromkeys(CATEGORIES, 1), start=START, end=AS_OF)
    days = worlds.days(START, AS_OF)
    ids = np.array([f"F{n:05d}" for n in range(FUNDS)], dtype=object)
    index = np.log(small.benchmark_levels["level"]).diff().fillna(0.0).to_numpy()
    nav = np.empty((FUNDS, len(days)))
    for first in range(0, FUNDS, 500):
        own = rng.normal(0, 0.004, (min(500, FUNDS - first), len(days)))
        nav[first : first + 500] = 100 * np.exp(np.cumsum(own + index, axis=1))
    date = np.tile(days.to_numpy().astype("datetime64[us]"), FUNDS)
    names = pd.Series(ids, dtype="str")
    navs = pd.DataFrame(
        {"fund_id": names.repeat(len(days)).array, "date": date, "nav": nav.ravel(), "known_at": date},
        copy=False,
    )
    said = [
        worlds.attributes(
            *((one, "category", CATEGORIES[n % len(CATEGORIES)], START) for n, one in enumerate(ids))
        )
    ]
    said.append(worlds.attributes(*((one, "benchmark", worlds.BENCHMARK, START) for one in ids)))
    told = worlds.facts(
        *(
            (one, "expense_ratio", float(value), START)
            for one, value in zip(ids, rng.uniform(0.003, 0.02, FUNDS), strict=True)
        ),
        *(
            (one, "assets", float(value), START)
            for one, value in zip(ids, rng.uniform(1e10, 3e11, FUNDS), strict=True)
        ),
    )
    return {
        **vars(small),
        "funds": worlds.funds(ids, inception=START),
        "fund_attributes": pd.concat(said, ignore_index=True),
        "fund_facts": told,
        "fund_navs": navs.assign(origin="generated") if FUNDS <= 1000 else _with_origin(navs),
        "fund_holdings": small.fund_holdings.head(0),
    }


def _with_origin(navs: pd.DataFrame) -> pd.DataFrame:
    """The column ``origin`` of one word for millions of rows."""
    import pyarrow as pa

    words = pa.array(["generated"] * len(navs), type=pa.large_string())
    navs["origin"] = pd.Series(words.to_pandas(), dtype="str")
    return navs


def _against_empyrical(inputs: Any) -> None:
    day = day_number(AS_OF)
    view = inputs.navs.view(day)
    other = inputs.benchmarks.view(day)

    start = time.perf_counter()
    found = measures.period_returns(view)
    returns, of, path = measures.daily_returns(view, inputs.sessions, 36)
    found["std_dev_3y"] = measures.volatility(returns, 1)
    found["std_dev_1y"] = measures.volatility(returns[of > day - 365], 1)
    found["max_drawdown"] = measures.drawdown(path)
    daily = time.perf_counter() - start
    start = time.perf_counter()
    own, market = (measures.monthly_levels(one, 36) for one in (view, other))
    own, market = own[1:] / own[:-1] - 1, np.broadcast_to(market[1:] / market[:-1] - 1, (36, FUNDS))
    found["capture_3y"] = measures.capture(own, market).spread
    found["capture_1y"] = measures.capture(own[-12:], market[-12:]).spread
    monthly = time.perf_counter() - start
    if importlib.util.find_spec("empyrical") is None:
        line(
            "ten measures",
            daily + monthly,
            None,
            ">= 60x",
            "empyrical is not installed, nothing was compared",
        )
        return
    returns, of, _ = measures.daily_returns(view, inputs.sessions, 60)
    days = pd.DatetimeIndex(of.astype("datetime64[D]"))
    frame = pd.DataFrame(returns[:, :OF_PEER], index=days)
    level = measures.daily_returns(other, inputs.sessions, 60).returns
    index = pd.Series(level[:, 0], index=days)
    start = time.perf_counter()
    theirs = pd.DataFrame([_by_empyrical(frame[fund], day) for fund in frame])
    peer = (time.perf_counter() - start) * FUNDS / OF_PEER
    gap = max(
        float(np.max(np.abs(found[one][:OF_PEER] / theirs[one] - 1)))
        for one in ("std_dev_3y", "max_drawdown")
    )
    note = f"empyrical fund by fund; volatility, drawdown within {gap:.0e} rel"
    line("returns, volatilities, drawdown of every fund", daily, peer, ">= 60x", note)
    start = time.perf_counter()
    for fund in frame:
        _capture_by_empyrical(frame[fund], index, day)
    peer = (time.perf_counter() - start) * FUNDS / OF_PEER
    line("capture of 1 and 3 years of every fund", monthly, peer, ">= 60x", "empyrical annualises, so no gap")


def _since(returns: pd.Series, day: int, months: int) -> pd.Series:
    return returns[returns.index > pd.Timestamp(np.datetime64(day, "D")) - pd.DateOffset(months=months)]


def _by_empyrical(returns: pd.Series, day: int) -> dict[str, float]:
    import empyrical

    since = {months: _since(returns, day, months) for months in (3, 6, 12, 36, 60)}
    found = {f"return_{months}": empyrical.cum_returns_final(since[months]) for months in (3, 6, 12)}
    found |= {f"return_{months}": empyrical.annual_return(since[months]) for months in (36, 60)}
    found["std_dev_1y"] = empyrical.annual_volatility(since[12])
    found["std_dev_3y"] = empyrical.annual_volatility(since[36])
    found["max_drawdown"] = empyrical.max_drawdown(since[36])
    return found


def _capture_by_empyrical(returns: pd.Series, market: pd.Series, day: int) -> list[float]:
    import empyrical

    found = []
    for months in (12, 36):
        pair = [empyrical.aggregate_returns(_since(one, day, months), "monthly") for one in (returns, market)]
        up, down = empyrical.up_capture, empyrical.down_capture
        found.append(up(*pair, period="monthly") - down(*pair, period="monthly"))
    return found


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()
