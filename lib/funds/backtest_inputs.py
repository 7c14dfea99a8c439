"""What a fund backtest is made of, read once: so that it can be repeated under other settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from lib.funds.backtest import Carried, carried_out, carry
from lib.funds.choosing import (
    Choice,
    Decision,
    ScoredRows,
    decide,
    in_order,
    known_categories,
    rebalance_days,
    scored_rows,
)
from lib.funds.fund_ends import FundEnds, fund_ends
from lib.funds.holding_costs import exit_terms
from lib.funds.known_navs import KnownNavs, known_navs


@dataclass(frozen=True)
class BacktestInputs:
    """Everything a backtest needs beside its choice: scores in order, NAVs, ends, terms, and the limits."""

    scores: pd.DataFrame
    navs: KnownNavs
    ends: FundEnds
    facts: pd.DataFrame
    categories: Sequence[str]
    start: str
    end: str
    switch_cost: float
    at_merger: str

    def days(self, frequency: str) -> pd.DatetimeIndex:
        """The rebalance dates of a frequency."""
        first = self.scores["score_date"].min() if len(self.scores) else pd.NaT
        return rebalance_days(frequency, first=first, start=self.start, end=self.end)

    def decide(self, choice: Choice) -> list[Decision]:
        """Every decision, those included that wait for their first business day."""
        return decide(self._scored, self.navs, self.ends, self.days(choice.rebalance), choice=choice)

    @cached_property
    def _scored(self) -> ScoredRows:
        return scored_rows(self.scores, self.navs, self.categories)

    def carry(self, choice: Choice, decisions: Sequence[Decision] | None = None) -> Carried:
        """Decide and carry out."""
        made = self.decide(choice) if decisions is None else decisions
        done = carried_out(made, self.navs)[0]
        terms = exit_terms(self.facts, self.navs, pd.DatetimeIndex([one.day for one in done]))
        return carry(made, self.navs, self.ends, terms, switch_cost=self.switch_cost)


def backtest_inputs(
    scores: pd.DataFrame,
    navs: pd.DataFrame,
    events: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    among: Sequence[str] = (),
    start: str = "",
    end: str,
    at_merger: str = "cash",
    switch_cost: float = 0.0,
) -> BacktestInputs:
    """The inputs from the tables of these names; InputError for an unknown category in ``among``."""
    known = known_navs(navs)
    return BacktestInputs(
        scores=in_order(scores),
        navs=known,
        ends=fund_ends(events, known, at_merger=at_merger),
        facts=facts,
        categories=known_categories(among, scores),
        start=start,
        end=end,
        switch_cost=switch_cost,
        at_merger=at_merger,
    )


def settings_of(
    choice: Choice, inputs: BacktestInputs, *, risk_free: float, benchmark: str | None
) -> dict[str, Any]:
    """The settings on which the record depends, by name, as the list of tries keeps them."""
    return {
        **asdict(choice),
        "among": sorted(inputs.categories),
        "start": inputs.start,
        "switch_cost": inputs.switch_cost,
        "at_merger": inputs.at_merger,
        "risk_free": risk_free,
        "benchmark": benchmark,
    }
