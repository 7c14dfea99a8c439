"""Asking Yahoo for many symbols: in batches, each in a process of its own, repeating only what failed.

An ask that was refused (429) or met a fault of the transport is repeated in a new process after a wait; one
that was answered, be it with nothing, is not. A refusal ends the round, since it is meant for the machine
and not for the symbol; the next round begins with what was not asked yet. After ``policy.breaker`` refusals
nothing more is asked.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd

from lib.market.yahoo.asks import OUTCOMES, TABLES, Answers, Ask, frame_of, refusal
from lib.market.yahoo.process import Answer, Ended, run_worker
from lib.policy import AskAgain, Policy

REPEATED = ("limited", "transport")
FAILED = ("limited", "transport", "unknown", "invalid")
Event = dict[str, Any]

__all__ = ["Answers", "Ask", "fetch", "no_bars", "no_outcomes"]


def no_bars() -> pd.DataFrame:
    """Bars of nothing: the columns and their types."""
    return frame_of("bars", [])


def no_outcomes() -> pd.DataFrame:
    """Outcomes of nothing: the columns and their types."""
    return frame_of("outcomes", [])


def fetch(
    asks: Sequence[Ask],
    policy: Policy,
    *,
    exchange_timezone: str,
    told: Callable[[Event], None] = lambda event: None,
    heard: Callable[[int, int], None] = lambda done, total: None,
    sleep: Callable[[float], None] = time.sleep,
    generator: random.Random | None = None,
) -> Answers:
    """What Yahoo has on the asks, each asked once however often it stands there.

    ``exchange_timezone`` is the zone in which bars must be dated (IANA name). Nothing is raised for a symbol
    or for Yahoo: each ask has a status. ``ok`` has data; ``empty`` is a symbol or expiry without any;
    ``unknown`` one that Yahoo does not know; ``limited`` was refused, ``transport`` not answered as it should
    be, or not asked for one of these reasons; ``invalid`` is an answer that breaks its form, or a text that
    is no symbol and was not sent. ``told`` hears of each event as it happens, ``heard`` how many of how many
    asks are answered. WorkbenchError when the worker cannot be started.
    """
    task = _Task(sorted(set(asks), key=lambda ask: ask.order), policy, exchange_timezone, told, heard)
    waits = policy.retrying(before_wait=task.announce, sleep=sleep, generator=generator)
    waits(task.ask_what_is_left)
    return task.answers()


class _Task:
    """The state of one fetch."""

    def __init__(
        self,
        asks: list[Ask],
        policy: Policy,
        exchange_timezone: str,
        told: Callable[[Event], None],
        heard: Callable[[int, int], None],
    ):
        self.policy, self.zone, self.told, self.heard = policy, exchange_timezone, told, heard
        self.all = asks
        self.done: dict[Ask, Answer] = {}
        self.failed: dict[Ask, Answer] = {}
        self.failed_now: list[Ask] = []
        self.attempts: Counter[Ask] = Counter()
        self.requests = self.refusals = 0
        self.events: list[Event] = []
        self.started = time.monotonic()
        for ask in asks:
            if reason := refusal(ask.symbol):
                self.done[ask] = Answer("invalid", reason, 0.0, {})

    @property
    def left(self) -> list[Ask]:
        """What is without an answer: first what was not asked, then what failed, in the order of failing."""
        fresh = [ask for ask in self.all if ask not in self.done and ask not in self.failed]
        return fresh + list(self.failed)

    @property
    def seconds_left(self) -> float:
        return self.policy.deadline - (time.monotonic() - self.started)

    @property
    def tripped(self) -> bool:
        return self.refusals >= self.policy.breaker

    def ask_what_is_left(self) -> None:
        """One round; AskAgain when something is left that another round may bring."""
        self.failed_now = []
        for batch in _batches(self.left, self.policy.batch):
            if self.seconds_left <= 0:
                return
            ended = run_worker(
                batch,
                self.policy,
                exchange_timezone=self.zone,
                seconds=self.seconds_left,
                refusals_left=self.policy.breaker - self.refusals,
                heard=self._heard,
            )
            self._take(batch, ended)
            self.heard(len(self.done), len(self.all))
            if self.tripped:
                self._tell(None, "breaker", "limited", f"{self.refusals} refusals; nothing more is asked")
                return
            if ended.refusals or (not ended.fault and len(ended.answers) < len(batch)):
                break
        if self.left and self.seconds_left > 0:
            waits = [self.failed[ask].retry_after for ask in self.failed_now]
            raise AskAgain(max(waits, default=0.0))

    def announce(self, attempt: int, wait: float) -> None:
        """One event for each ask that failed in the round and will be repeated."""
        for ask in self.failed_now:
            answer = self.failed[ask]
            self._tell(ask, "retry", answer.status, answer.detail, attempt, wait)

    def answers(self) -> Answers:
        """Everything, once nothing more will be asked."""
        for ask in self.left:
            self.done[ask] = self.failed.get(ask) or self._never_asked()
        for ask in self.all:
            if self.done[ask].status in FAILED:
                answer = self.done[ask]
                self._tell(ask, "failed", answer.status, answer.detail, self.attempts[ask])
        tables = {
            name: frame_of(name, [a.tables[name] for a in self.done.values() if name in a.tables])
            for name in TABLES
            if name != "outcomes"
        }
        return Answers(outcomes=self._outcomes(), **tables, requests=self.requests, events=self.events)

    def _heard(self, answered: int) -> None:
        """Say how far it is while a worker has answered so many of its batch."""
        self.heard(len(self.done) + answered, len(self.all))

    def _take(self, batch: list[Ask], ended: Ended) -> None:
        self.requests += ended.requests
        self.refusals += ended.refusals
        for number in sorted(ended.begun):
            ask = batch[number]
            answer = ended.answers.get(number) or self._unfinished(ended)
            self.attempts[ask] += 1
            self.failed.pop(ask, None)
            if answer.status in REPEATED:
                self.failed[ask] = answer
                self.failed_now.append(ask)
            else:
                self.done[ask] = answer

    def _unfinished(self, ended: Ended) -> Answer:
        """For an ask that was begun and has no answer."""
        if ended.out_of_time:
            return Answer(
                "transport", f"no answer before the deadline of {self.policy.deadline:g} s", 0.0, {}
            )
        status = "transport" if ended.fault.startswith("signal") else "invalid"
        return Answer(status, f"the process that read the answer ended with {ended.fault}", 0.0, {})

    def _never_asked(self) -> Answer:
        if self.tripped or any(answer.status == "limited" for answer in self.failed.values()):
            return Answer("limited", "not asked: Yahoo refuses more requests for now", 0.0, {})
        if self.seconds_left <= 0:
            detail = f"not asked before the deadline of {self.policy.deadline:g} s"
            return Answer("transport", detail, 0.0, {})
        return Answer("transport", "not asked: Yahoo does not answer", 0.0, {})

    def _tell(
        self,
        ask: Ask | None,
        state: str,
        reason: str,
        detail: str,
        attempt: int = 0,
        wait: float = 0.0,
    ) -> None:
        event = {
            "event": "sync",
            "symbol": ask and ask.symbol,
            "kind": ask and ask.kind,
            "state": state,
            "reason": reason,
            "attempt": attempt,
            "wait": round(wait, 3),
            "detail": detail,
        }
        self.events.append(event)
        self.told(event)

    def _outcomes(self) -> pd.DataFrame:
        rows = [
            (a.symbol, a.kind, a.expiry, self.done[a].status, self.done[a].detail, self.attempts[a])
            for a in self.all
        ]
        frame = pd.DataFrame(rows, columns=list(OUTCOMES))
        return frame.assign(expiry=pd.to_datetime(frame["expiry"])).astype(OUTCOMES)


def _batches(asks: list[Ask], size: int) -> Iterator[list[Ask]]:
    for first in range(0, len(asks), size):
        yield asks[first : first + size]
