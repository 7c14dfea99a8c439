"""An account as a person finds it between runs: its newest run, its ledger, and what both leave free."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from lib.account_ledger import AccountLedger, Line
from lib.errors import InputError
from lib.market import calendar
from lib.nearest import nearest
from lib.published import order, runs_of
from lib.trading.charges import CostTable
from lib.trading.rule_files import read_costs

STAGE = "trading/paper"


@dataclass
class Standing:
    """The newest complete run of an account, and its ledger as it is now."""

    account: str
    run: Path
    manifest: dict[str, Any]
    ledger: AccountLedger
    lines: list[Line] = field(default_factory=list)

    @cached_property
    def subject(self) -> dict[str, Any]:
        """What the params said of it."""
        return next(one for one in self.manifest["subjects"]["account"] if one["id"] == self.account)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings of its stage."""
        mine = (
            one for one in self.manifest["stages"] if (one["stage"], one["subject"]) == (STAGE, self.account)
        )
        return next(mine)["parameters"]

    @property
    def last_day(self) -> pd.Timestamp:
        """The last session of any run of it."""
        days = [self.manifest["as_of"], *(one.as_of for one in self.lines if one.as_of)]
        return calendar.last_session(max(days), self.settings["exchange"])

    @property
    def next_day(self) -> pd.Timestamp:
        """The first session that no run has seen."""
        return calendar.next_trading_day(self.last_day, self.settings["exchange"])

    @property
    def waiting(self) -> list[Line]:
        """What persons said for sessions that no run has seen."""
        return [one for one in self.lines if one.as_of is None and pd.Timestamp(one.session) > self.last_day]

    def table(self, name: str) -> pd.DataFrame:
        """A table of its newest run."""
        return pd.read_parquet(self.run / self.manifest["tables"][f"{name}@{self.account}"]["path"])

    @cached_property
    def costs(self) -> CostTable:
        """What its orders cost."""
        path = self.manifest["inputs"]["files"].get(f"{STAGE}@{self.account}:costs_file")
        return read_costs(self.run / path if path else None, exchange=self.settings["exchange"])

    def last_close(self, symbol: str) -> float:
        """The last close of a symbol; NaN for none."""
        prices = pd.read_parquet(self.run / self.manifest["tables"]["prices"]["path"])
        known = prices.loc[(prices["symbol"] == symbol) & prices["close"].notna(), ["date", "close"]]
        return float(known.sort_values("date")["close"].iloc[-1]) if len(known) else math.nan

    def free_cash(self) -> float:
        """Cash that an order for the next session may use, what persons ordered since taken off."""
        last = self.table("account_equity").iloc[-1]
        unsettled = float(last["unsettled"]) if self.settings["settlement"] > 1 else 0.0
        return float(last["cash"]) - float(last["reserved"]) - unsettled - self._ordered()

    def _ordered(self) -> float:
        cancelled = {one.body["order_id"] for one in self.waiting if one.kind == "cancel"}
        bought = (
            one.body
            for one in self.waiting
            if one.kind in ("order", "trade")
            and one.body["side"] == "BUY"
            and one.body["order_id"] not in cancelled
        )
        return math.fsum(self.worst_cost(body) for body in bought)

    def worst_cost(self, body: dict[str, Any]) -> float:
        """The most money that a purchase takes, fees included, as far as the last close tells."""
        close, slip = self.last_close(body["symbol"]), self.costs.costs.slippage
        market = max(body.get("trigger") or 0.0, close) * (1.0 + slip)
        price = body.get("price") or body.get("limit") or market
        value = body["quantity"] * price
        charged = self.costs.charged(side=1, quantity=body["quantity"], value=value)
        return value + float(self.costs.costs.fee(value)) + math.fsum(charged.values())

    def held(self, symbol: str) -> float:
        """Shares held at the last close, and not ordered to be sold by a person since."""
        found = self.table("account_holdings")
        own = found.loc[(found["date"] == found["date"].max()) & (found["symbol"] == symbol)]
        last = self.table("account_equity")["date"].max()
        shares = float(own.loc[own["date"] == last, "quantity"].sum())
        cancelled = {one.body["order_id"] for one in self.waiting if one.kind == "cancel"}
        sold = (
            one.body["quantity"]
            for one in self.waiting
            if one.kind == "order"
            and (one.body["side"], one.body["symbol"]) == ("SELL", symbol)
            and one.body["order_id"] not in cancelled
        )
        return shares - sum(sold)


def standing(outputs: Path, account: str) -> Standing:
    """The account as it stands. Raises InputError where no complete run has it."""
    found: dict[str, tuple[Path, dict]] = {}
    runs = runs_of(outputs)
    for run, manifest in sorted(runs.complete, key=lambda pair: order(pair[1])):
        for one in manifest["subjects"].get("account", ()):
            if f"account_equity@{one['id']}" in manifest["tables"]:
                found[one["id"]] = (run, manifest)
    if account not in found:
        known = ", ".join(sorted(found))
        mend = nearest(account, found) or (f"accounts: {known}" if known else "run its params file first")
        raise InputError(f"no complete run has an account {account!r}", field="ACCOUNT", mend=mend)
    ledger = AccountLedger(outputs, account)
    return Standing(account, *found[account], ledger, ledger.lines())


def refuse_clock(lines: list[Line], now: datetime | None = None) -> None:
    """Raise InputError where the clock stands before the newest line of the ledger."""
    now = now or datetime.now(UTC)
    newest = max((datetime.fromisoformat(one.moment) for one in lines if one.moment), default=None)
    if newest and now < newest.replace(microsecond=0):
        said, last = (f"{one:%Y-%m-%d %H:%M:%S}" for one in (now, newest))
        found = f"the clock says {said}, and the newest line of the ledger {last}"
        raise InputError(found, mend="set the clock, then order again")
