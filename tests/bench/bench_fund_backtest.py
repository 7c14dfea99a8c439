"""A fund backtest of 2,000 funds over 40 quarters, with its yardstick and its neighbouring settings.

Run: ``.venv/bin/python tests/bench/bench_fund_backtest.py``. The peer is the same backtest written fund by
fund in units and lots; both must come to the same wealth, costs and loads included.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "funds"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import head, line

from lib.funds import random_choice, score_skill, trials
from lib.funds.backtest import carried_out
from lib.funds.backtest_inputs import BacktestInputs, backtest_inputs
from lib.funds.choosing import Choice

FUNDS, YEARS, TOP, DRAWS = 2_000, 11, 20, 1_000
START = "2015-09-01"
LOAD, LASTS, SWITCH = 0.01, 365.0, 0.0005


def main() -> None:
    """Print the time of each part, and of the peer for the backtest itself."""
    head(f"Backtest of {FUNDS:,} funds over 40 quarters, best {TOP}")
    scores, navs, wide, facts = _world()
    end = f"{navs['date'].max():%Y-%m-%d}"
    empty = pd.DataFrame({name: pd.Series(dtype="str") for name in ("fund_id", "event", "successor")}).assign(
        date=pd.Series(dtype="datetime64[us]"), known_at=pd.Series(dtype="datetime64[us]")
    )
    choice = Choice("quarterly", TOP)
    inputs, seconds = _timed(
        lambda: backtest_inputs(scores, navs, empty, facts, start=START, end=end, switch_cost=SWITCH), 1
    )
    line(f"tables to arrays, {len(navs):,} NAVs", seconds, None, "-")
    carried, own = _timed(lambda: inputs.carry(choice), 3)
    wealth = float((1 + carried.daily["portfolio_return"]).prod())
    theirs, peer = _timed(lambda: _by_units(inputs, wide, choice), 1)
    note = f"fund by fund in units; wealth differs {abs(wealth / theirs - 1):.0e} rel"
    line(f"{len(carried.rows)} rebalances, lots and loads", own, peer, "-", note)
    done, rows = carried_out(inputs.decide(choice), inputs.navs)
    _, seconds = _timed(
        lambda: random_choice.random_returns(done, rows, inputs.navs, inputs.ends, draws=DRAWS, seed=7), 1
    )
    line(f"{DRAWS:,} random choices by day", seconds, own * DRAWS, "-", "peer: ours once for each draw")
    _, seconds = _timed(lambda: score_skill.score_ic(inputs.scores, inputs.navs), 1)
    line("rank correlations, 3 horizons by month", seconds, None, "-")
    _, seconds = _timed(lambda: score_skill.transitions(inputs.scores, inputs.ends, inputs.navs), 1)
    line("transition tables", seconds, None, "-")
    _, seconds = _timed(lambda: trials.settings_table(inputs, choice, risk_free=0.06), 1)
    line("36 neighbouring settings", seconds, None, "-")
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def _world() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    from backtest_worlds import generated, plain_navs

    scores, wide = generated(funds=FUNDS, years=YEARS, skill=0.2, seed=7, categories=20)
    ids = np.tile(wide.columns.to_numpy(), 2)
    facts = pd.DataFrame(
        {
            "fund_id": ids,
            "item": np.repeat(["exit_load", "exit_load_days"], FUNDS),
            "value": np.repeat([LOAD, LASTS], FUNDS),
            "valid_from": pd.Timestamp("2014-01-01"),
            "known_at": pd.Timestamp("2014-01-01"),
        }
    )
    return scores, plain_navs(wide), wide, facts


def _by_units(inputs: BacktestInputs, wide: pd.DataFrame, choice: Choice) -> float:
    """Wealth at the end, kept day by day in a dictionary of lots, as a plain program would."""
    names = inputs.scores["fund_id"].to_numpy()
    done, rows = carried_out(inputs.decide(choice), inputs.navs)
    decided = dict(zip(rows, done, strict=True))
    lots: list[tuple[str, float, pd.Timestamp]] = []
    cash = wealth = 1.0
    for row in range(rows[0], len(inputs.navs.days)):
        day = inputs.navs.days[row]
        nav = wide.loc[day]
        wealth = cash + sum(units * nav[fund] for fund, units, _ in lots)
        if row not in decided:
            continue
        one = decided[row]
        held: dict[str, float] = {}
        for fund, units, _ in lots:
            held[fund] = held.get(fund, 0.0) + units * nav[fund]
        chosen = names[one.rows[one.picks]]
        target = dict(zip(chosen, one.weights * wealth, strict=True))
        sell = {fund: max(money - target.get(fund, 0.0), 0.0) for fund, money in held.items()}
        kept = []
        for fund, units, since in lots:
            part = min(units, sell[fund] / nav[fund])
            sell[fund] -= part * nav[fund]
            cash += part * nav[fund] * (1 - (LOAD if (day - since).days < LASTS else 0))
            kept.append((fund, units - part, since))
        lots = [lot for lot in kept if lot[1] > 1e-15]
        wish = {fund: max(money - held.get(fund, 0.0), 0.0) for fund, money in target.items()}
        scale = min(1.0, cash / (sum(wish.values()) * (1 + SWITCH)))
        for fund, money in wish.items():
            cash -= money * scale * (1 + SWITCH)
            lots.append((fund, money * scale / nav[fund], day))
    return cash + sum(units * wide.iloc[-1][fund] for fund, units, _ in lots)


def _timed(call, times: int):
    """What the call gives, and the least seconds of as many."""
    best, result = np.inf, None
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        best = min(best, time.perf_counter() - start)
    return result, best


if __name__ == "__main__":
    main()
