"""One fund backtest with all that is asked of it: record, measures, yardstick, skill, other settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.funds import backtest_measures, neighbours, random_choice, score_skill
from lib.funds.backtest import Carried, carried_out
from lib.funds.backtest_inputs import BacktestInputs
from lib.funds.choosing import Choice, Decision, positions
from lib.funds.holding_costs import exit_terms
from lib.funds.known_navs import levels_on
from lib.market.calendar import EXCHANGE


@dataclass(frozen=True)
class Yardstick:
    """How luck is measured: random choices, their seed, the categories they come from, and known tries."""

    draws: int
    seed: int
    among: str = "picked"
    tries: int = 1


@dataclass(frozen=True)
class Study:
    """The result: ``tables`` by name as lib/tables declares them, and what sentences need beside them.

    ``loads_unknown`` counts purchases (of ``purchases``) of funds whose exit load was not known; ``origins``
    is the mean weight by the worst origin of the NAVs that it rests on.
    """

    inputs: BacktestInputs
    choice: Choice
    carried: Carried
    decisions: list[Decision]
    tables: dict[str, pd.DataFrame]
    benchmark: str | None
    benchmark_known: bool
    random_from: str
    tries: int
    purchases: int
    loads_unknown: int
    origins: dict[str, float]

    def metric(self, name: str, series: str = "portfolio", method: str = "") -> float:
        """A measure of ``fund_backtest_metrics``, NaN where there is none."""
        table = self.tables["fund_backtest_metrics"]
        own = table[(table["metric"] == name) & (table["series"] == series)]
        own = own[own["method"] == method] if method else own
        return float(own["value"].iloc[0]) if len(own) else float("nan")

    def by_luck(self, measure: str = "cumulative_return") -> float:
        """Share of random choices at least as good, as ``lib.funds.random_choice`` counts them."""
        return random_choice.share_at_least_as_good(self.tables["fund_backtest_random"], measure)

    @property
    def by_luck_of_tries(self) -> float:
        """The same for the best of as many tries: 1 - (1 - share) ** tries (Sidak)."""
        return 1.0 - (1.0 - self.by_luck()) ** self.tries


def study(
    inputs: BacktestInputs,
    choice: Choice,
    levels: pd.DataFrame,
    navs: pd.DataFrame,
    others: pd.DataFrame,
    *,
    benchmark: str | None,
    risk_free: float,
    yardstick: Yardstick,
    exchange: str = EXCHANGE,
) -> Study:
    """Carry the backtest out and measure it; ``levels`` and ``navs`` are the tables.

    ``others`` are the other choices of settings that were ever carried out, the table ``trials``.
    """
    decisions = inputs.decide(choice)
    carried = inputs.carry(choice, decisions)
    done, rows = carried_out(decisions, inputs.navs)
    own_levels = levels_on(levels, benchmark, inputs.navs.days)
    daily = backtest_measures.daily_table(carried, own_levels)
    months = backtest_measures.months_table(daily, exchange=exchange)
    bought_on = list(inputs.navs.days[rows])
    metrics = backtest_measures.metrics_table(daily, months, bought_on, risk_free=risk_free)
    chosen = positions(decisions, inputs.scores)
    origins = backtest_measures.worst_origins(navs)
    contributions = backtest_measures.contributions_table(carried, inputs.navs, chosen, origins)
    allowed = inputs.scores[inputs.scores["category"].isin(inputs.categories)]
    ic = score_skill.score_ic(allowed, inputs.navs)
    returns = random_choice.random_returns(
        done,
        rows,
        inputs.navs,
        inputs.ends,
        draws=yardstick.draws,
        seed=yardstick.seed,
        among=yardstick.among,
    )
    length = (carried.days[-1] - carried.days[0]).days if len(carried.days) else 0
    tables = {
        "fund_backtest_daily": daily,
        "fund_backtest_positions": chosen,
        "fund_backtest_trades": carried.trades,
        "fund_backtest_metrics": metrics,
        "fund_backtest_months": months,
        "fund_contributions": contributions,
        "fund_score_ic": ic,
        "fund_score_skill": score_skill.skill(ic),
        "fund_quartile_transitions": score_skill.transitions(allowed, inputs.ends, inputs.navs),
        "fund_backtest_random": random_choice.measures(returns, days=length, risk_free=risk_free),
        "fund_backtest_settings": neighbours.settings_table(inputs, choice, risk_free=risk_free),
    }
    purchases, unknown = _unknown_loads(inputs, done)
    return Study(
        inputs=inputs,
        choice=choice,
        carried=carried,
        decisions=decisions,
        tables=tables,
        benchmark=benchmark,
        benchmark_known=bool(len(daily) > 1 and daily["benchmark_return"].notna().all()),
        random_from=yardstick.among,
        tries=max(yardstick.tries, 1 + len(others)),
        purchases=purchases,
        loads_unknown=unknown,
        origins=_by_origin(contributions),
    )


def _unknown_loads(inputs: BacktestInputs, done: list[Decision]) -> tuple[int, int]:
    """Funds chosen over all decisions, and how many of them had no known exit load then."""
    days = pd.DatetimeIndex([one.day for one in done])
    load = exit_terms(inputs.facts, inputs.navs, days).load
    picked = [np.isnan(load[number, one.columns[one.picks]]) for number, one in enumerate(done)]
    whole = np.concatenate([np.empty(0, dtype=bool), *picked])
    return len(whole), int(whole.sum())


def _by_origin(contributions: pd.DataFrame) -> dict[str, float]:
    """Share of the money in funds by the worst origin of their NAVs."""
    held = contributions[contributions["average_weight"] > 0]
    sums = held.groupby("origin")["average_weight"].sum()
    return (sums / sums.sum()).to_dict() if len(sums) else {}
