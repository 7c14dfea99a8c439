"""One conversation with Yahoo: what was asked and answered, how many requests it took, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from lib.market.sync import Need
from lib.market.yahoo import client
from lib.policy import Policy
from lib.progress import tell

FAILURES = ("limited", "transport")


@dataclass
class Conversation:
    """Sends asks under one policy and keeps the answers; ``later`` are asks that go with the first.

    How far it is stands in the file ``progress``.
    """

    policy: Policy
    timezone: str
    need: Need
    progress: str = ""
    later: list[client.Ask] = field(default_factory=list)
    requests: int = 0
    events: list[dict] = field(default_factory=list)
    answers: list[client.Answers] = field(default_factory=list)

    def ask(self, asks: list[client.Ask]) -> pd.DataFrame:
        """The outcomes of the asks; nothing is sent after the source refused, and those count as limited."""
        asks, self.later = [*asks, *self.later], []
        if asks and self.refused:
            refused = pd.DataFrame([(one.symbol, one.kind) for one in asks], columns=["symbol", "kind"])
            return refused.assign(status="limited", detail="not asked: Yahoo refuses more requests for now")
        if not asks:
            return pd.DataFrame({"symbol": [], "kind": [], "status": [], "detail": []}, dtype="str")
        heard = partial(tell, self.progress)
        answers = client.fetch(asks, self.policy, exchange_timezone=self.timezone, heard=heard)
        self.answers.append(answers)
        self.requests += answers.requests
        self.events += answers.events
        return answers.outcomes

    def bars(self, asks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Bars and outcomes for asks (``symbol start``), up to the last closed session."""
        end, sent = self.need.closed.date(), not self.refused
        rows = zip(asks["symbol"], asks["start"], strict=True)
        outcomes = self.ask([client.Ask(symbol, "bars", start.date(), end) for symbol, start in rows])
        came = self.answers[-1].bars if sent else client.no_bars()
        return came[came["symbol"].isin(asks["symbol"])], outcomes[outcomes["kind"] == "bars"]

    def tell(self, message: str, state: str = "waiting", **more: str) -> None:
        """Put a message (who holds the store, what was damaged, what is not asked again) among the events."""
        self.events.append({"event": "sync", "state": state, **more, "detail": message})

    @property
    def refused(self) -> bool:
        """Whether the source has refused further requests in this conversation."""
        return any((one.outcomes["status"] == "limited").any() for one in self.answers)

    @property
    def failed(self) -> set[str]:
        """Symbols for which something asked did not come."""
        found = [one.outcomes.loc[one.outcomes["status"] != "ok", "symbol"] for one in self.answers]
        return set().union(*found)

    def outcomes(self, kind: str) -> pd.DataFrame:
        """All outcomes of asks of a kind."""
        found = [one.outcomes[one.outcomes["kind"] == kind] for one in self.answers]
        return pd.concat(found, ignore_index=True) if found else client.no_outcomes()

    @property
    def oddities(self) -> pd.DataFrame:
        """Days that could not be taken as they came, each once."""
        return pd.concat([one.oddities for one in self.answers], ignore_index=True).drop_duplicates()

    @property
    def repairs(self) -> pd.DataFrame:
        """Cells that yfinance's repair would change, each once."""
        return pd.concat([one.repairs for one in self.answers], ignore_index=True).drop_duplicates()

    @property
    def quotes(self) -> pd.DataFrame:
        """All option quotes that came."""
        return pd.concat([one.quotes for one in self.answers], ignore_index=True)

    @property
    def profiles(self) -> pd.DataFrame:
        """All profiles that came."""
        return pd.concat([one.profiles for one in self.answers], ignore_index=True)
