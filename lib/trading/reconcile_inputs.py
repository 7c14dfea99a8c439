"""An account put together for its reconciliation, from the tables and the settings of ``trading/paper``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import pandas as pd

from lib.account_ledger import Line
from lib.trading.account_bars import bars_of_prices
from lib.trading.bars import Bars
from lib.trading.charges import CostTable
from lib.trading.paper.book import lines_of_table
from lib.trading.paper.settings import Matching, PaperRules
from lib.trading.paper.study import stamp
from lib.trading.reconcile_study import Today
from lib.trading.rule_files import RuleBook


class PutTogether(NamedTuple):
    """Bars of the account's symbols up to the as-of date, lines of its ledger, rules, today's stamp."""

    bars: Bars
    lines: list[Line]
    rules: PaperRules
    today: Today


def put_together(
    prices: pd.DataFrame,
    instruments: pd.DataFrame,
    ledger: pd.DataFrame,
    settings: Mapping[str, Any],
    *,
    book: RuleBook,
    costs: CostTable,
) -> PutTogether:
    """The account as ``trading/paper`` has it; ``settings`` are those of that stage in the run."""
    symbols = list(settings["symbols"])
    bars = bars_of_prices(prices.loc[prices["date"] <= pd.Timestamp(settings["as_of"])], symbols)
    names = {one.name for one in fields(Matching)}
    matching = Matching(**{name: value for name, value in settings.items() if name in names})
    sector = instruments.dropna(subset="sector").set_index("symbol")["sector"]
    sectors = {name: str(sector[name]) for name in symbols if name in sector.index}
    start, strategies = pd.Timestamp(settings["start"]), tuple(settings["strategies"])
    rules = PaperRules(float(settings["capital"]), start, strategies, book, costs, matching, sectors)
    said = stamp(rules)
    return PutTogether(bars, lines_of_table(ledger), rules, Today(said["code"], said["parameters"]))
