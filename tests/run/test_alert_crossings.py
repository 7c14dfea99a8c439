"""When rules fire: once for a crossing, over days, days run again, cool-downs, crashes and damaged lines."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import disk, sealed_lines, table_file, yaml_file
from lib.published import SCHEMA, sealed
from lib.run.alerts import evaluation, sending
from lib.run.alerts.channels import Outcome
from lib.run.alerts.crossing import Observation, State, sessions_between, walk
from lib.run.alerts.history import History
from lib.run.alerts.observations import observe
from lib.run.events import Events
from lib.run.request import params

NOW = datetime(2026, 11, 28, 18, tzinfo=UTC)
MINUS = "\u2212"
DAYS = [f"{day:%Y-%m-%d}" for day in pd.bdate_range("2022-12-01", periods=22)]
HEAD = """\
name: demo
as_of: 2022-12-28
portfolios:
  - {id: one, positions: one.csv}
  - {id: two, positions: two.csv}
alerts:
  channels:
    - {id: hook, type: webhook, url: "http://127.0.0.1:9"}
  rules:
"""
VAR = "{id: var, type: table, table: risk_metrics, column: value, where: {metric: var_95}, above: 0.03"


class Said(Events):
    """Keeps what a run would print."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def line(self, **fields):
        self.lines.append(fields)


class World:
    """An outputs folder with runs whose tables a test makes, and rules that are asked of them."""

    def __init__(self, outputs: Path):
        self.outputs, self.said, self.calls, self.now = outputs, Said(), [], NOW
        self.rules, self.states = f"    - {VAR}}}\n", ["done"]

    def run(self, day: str, *, part: dict | None = None, **tables: pd.DataFrame) -> Path:
        """Publish a run with these tables; ``table__subject`` is of a subject."""
        folder = self.outputs / "runs" / f"demo-{day}"
        told = {}
        for name, frame in tables.items():
            path = f"tables/{name}.parquet"
            table_file.write(frame, folder / path)
            sha256 = sealed_lines.digest((folder / path).read_bytes())
            told[name.replace("__", "@")] = {"path": path, "sha256": sha256}
        whole = {
            "schema": SCHEMA,
            "run": folder.name,
            "name": "demo",
            "as_of": day,
            "state": "done",
            "part": part,
            "stopped": None,
            "tables": told,
            "stages": [{"stage": "a/b", "subject": "one", "state": state} for state in self.states],
            "moments": {"published": 1, "finished": day},
        }
        disk.write_whole(folder / "manifest.json", disk.dump(sealed(whole)))
        return folder

    def ask(self, day: str, call=None, **tables: pd.DataFrame) -> list[dict]:
        """Publish a run of a day and ask the rules; the alerts that were told."""
        folder = self.run(day, **tables)
        document = yaml_file.document(yaml_file.parse(HEAD + self.rules, "demo.yaml"))
        request = replace(params.resolve(document, Path()), as_of=day)
        return evaluation.ask_rules(
            request, self.outputs, folder, self.said, call or self.observe, {}, now=self.now
        )

    def observe(self, target: str, payload: dict) -> dict:
        self.calls.append(payload)
        return observe(payload)

    def var(self, day: str, value: float, **more: float) -> list[str]:
        """The rules that are told of a run with this value at risk of portfolio one."""
        values = {"one": value, **more}
        tables = {f"risk_metrics__{name}": metrics(one) for name, one in values.items()}
        return [one["key"] for one in self.ask(day, **tables)]

    @property
    def history(self) -> History:
        return History(self.outputs, "demo")


def metrics(value: float) -> pd.DataFrame:
    known = {"metric": ["var_95", "var_99"], "window": "1y", "method": "historical", "value": [value, 0.5]}
    return pd.DataFrame({**known, "unit": "fraction", "observations": 252, "flag": ""})


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A world whose channel takes everything."""
    one = World(tmp_path / "outputs")
    one.sent = []

    def send(channel, alert, environ):
        one.sent.append(alert["id"])
        return Outcome(True)

    monkeypatch.setattr(sending, "send", send)
    return one


def test_a_crossing_that_lasts_ten_days_fires_once_arms_again_and_fires_again(world):
    values = [0.02] * 2 + [0.04] * 10 + [0.03] + [0.031] * 3
    fired = [day for day, value in zip(DAYS, values, strict=False) if world.var(day, value)]
    assert fired == [DAYS[2], DAYS[13]]
    assert len(world.sent) == len(set(world.sent)) == 2
    assert [one["value"] for one in world.history.fired()] == [0.04, 0.031]


def test_each_subject_has_its_own_crossing(world):
    assert world.var(DAYS[0], 0.04, two=0.01) == ["var@one"]
    assert world.var(DAYS[1], 0.04, two=0.05) == ["var@two"]


def test_a_day_run_twice_or_an_earlier_day_run_again_fires_nothing_new(world):
    assert world.var(DAYS[0], 0.01) == []
    assert world.var(DAYS[1], 0.04) == ["var@one"]
    asked = len(world.calls)
    before = world.history.path.read_bytes()
    assert world.var(DAYS[1], 0.04) == []
    assert (len(world.calls), world.history.path.read_bytes()) == (asked, before)
    assert world.var(DAYS[0], 0.09) == []
    assert any("nothing fires" in one["message"] for one in world.said.lines if one["event"] == "warning")
    assert world.var(DAYS[1], 0.05) == []
    assert world.var(DAYS[2], 0.04) == []


def test_a_day_that_is_corrected_fires_what_it_had_not_and_never_the_same_twice(world):
    assert world.var(DAYS[0], 0.01) == []
    assert world.var(DAYS[0], 0.04) == ["var@one"]
    assert world.var(DAYS[0], 0.01) == []
    assert world.var(DAYS[0], 0.04) == []
    assert world.var(DAYS[1], 0.04) == []
    assert len(world.history.fired()) == 1


def test_a_rule_with_another_threshold_is_another_rule_and_another_wording_is_not(world):
    assert world.var(DAYS[0], 0.04) == ["var@one"]
    world.rules = f"    - {VAR}, priority: low}}\n"
    assert world.var(DAYS[1], 0.04) == []
    world.rules = f"    - {VAR}5}}\n"
    assert world.var(DAYS[1], 0.04) == ["var@one"]


def test_a_table_that_is_missing_on_a_day_leaves_the_rule_as_it_was(world):
    assert world.var(DAYS[0], 0.04) == ["var@one"]
    assert world.ask(DAYS[0], risk_metrics__one=metrics(0.04).iloc[1:]) == []
    assert world.ask(DAYS[1]) == []
    assert world.ask(DAYS[2], risk_metrics__one=metrics(0.04).iloc[1:]) == []
    assert "no row of risk_metrics where metric is var_95" in world.said.lines[-1]["message"]
    assert world.var(DAYS[3], 0.04) == []


def test_a_run_of_a_part_is_not_looked_at(world):
    assert world.ask(DAYS[0], part={"stages": []}, risk_metrics__one=metrics(0.04)) == []
    assert not world.history.path.exists()


def test_while_it_cools_down_a_rule_is_silent_and_then_says_what_still_holds(world):
    world.rules = f"    - {VAR}, cooldown: 5 sessions}}\n"
    values = [0.04, 0.01, 0.04, 0.04, 0.04, 0.04, 0.04, 0.04]
    fired = [day for day, value in zip(DAYS, values, strict=False) if world.var(day, value)]
    assert fired == [DAYS[0], DAYS[5]]


def test_minutes_of_a_cool_down_are_those_of_the_clock_and_a_clock_that_went_back_holds_nothing_up():
    first = Observation("2022-12-01", 2.0, 1.0, True)
    state, fired = walk(State("x"), [first], (15, "minute"), NOW)
    assert fired is first
    again = [replace(first, day="2022-12-02", held=False), replace(first, day="2022-12-05")]
    for minutes, fires in ((14, False), (15, True), (-60, True)):
        _, fired = walk(state, again, (15, "minute"), NOW + timedelta(minutes=minutes))
        assert (fired is not None) is fires


def test_sessions_are_counted_as_numpy_counts_weekdays():
    days = pd.date_range("2022-12-01", periods=40).strftime("%Y-%m-%d")
    for first in days[:14]:
        for last in days[14:]:
            known = np.busday_count(first, last) - np.is_busday(first) + np.is_busday(last)
            assert sessions_between(first, last) == known


def test_days_on_which_nothing_ran_are_looked_at_with_the_next_bars(world):
    world.rules = "    - {id: close, type: price, symbol: A, above: 12}\n"
    closes = [13.0, 11, 13, 11, 10, 13, 14, 14]
    frame = pd.DataFrame({"date": pd.to_datetime(DAYS[:8]).as_unit("us"), "symbol": "A", "close": closes})
    assert world.ask(DAYS[1], prices=frame.iloc[:2]) == []
    (told,) = world.ask(DAYS[4], prices=frame.iloc[:5])
    assert (told["day"], told["value"], told["as_of"]) == (DAYS[2], 13.0, DAYS[4])
    assert [one["day"] for one in world.ask(DAYS[6], prices=frame.iloc[:7])] == [DAYS[5]]
    assert world.ask(DAYS[7], prices=frame) == []


def test_a_symbol_without_bars_is_told_and_stops_nothing(world):
    world.rules = "    - {id: close, type: price, symbol: BAA, above: 12}\n"
    day = pd.to_datetime(DAYS[:1]).as_unit("us")
    assert world.ask(DAYS[0], prices=pd.DataFrame({"date": day, "symbol": "BA", "close": [1.0]})) == []
    assert world.said.lines[-1]["message"] == (
        "alert rule close cannot be asked: there are no bars of BAA; did you mean `BA`?"
    )


def scores(day: str, **quartiles: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "score_date": pd.to_datetime(["2022-10-31"] * len(quartiles) + [day] * len(quartiles)),
            "fund_id": [*quartiles] * 2,
            "quartile": [9.0] * len(quartiles) + [*quartiles.values()],
        }
    )


def test_a_fund_that_fell_a_quartile_since_the_run_before_is_named(world):
    world.rules = (
        "    - {id: fell, type: table, table: fund_scores, column: quartile, measure: change, above: 0}\n"
    )
    assert world.ask(DAYS[0], fund_scores__mine=scores(DAYS[0], a=1, b=2, c=3)) == []
    assert "no run of an earlier day" in world.said.lines[-1]["message"]
    assert world.ask(DAYS[1], fund_scores__mine=scores(DAYS[1], c=2, a=1, b=2)) == []
    (told,) = world.ask(DAYS[2], fund_scores__mine=scores(DAYS[2], new=4, c=2, b=3, a=1))
    assert told["message"] == (
        "Quartile in fund_scores of mine (fund id b) changed by 1 since the run before, above 0"
    )


def test_the_worst_row_is_the_one_that_is_told_and_a_message_of_ones_own_is_filled(world):
    world.rules = (
        "    - {id: loss, type: table, table: stress_pnl, column: pnl_fraction, below: -0.2, priority: high,"
        " message: '{rule} {priority}: {what} at {value} under {threshold} for {subject} on {as_of}'}\n"
    )
    rows = pd.DataFrame({"scenario": ["mild", "crash", "rates"], "pnl_fraction": [-0.1, -0.45, np.nan]})
    (told,) = world.ask(DAYS[0], stress_pnl__one=rows)
    assert told["message"] == (
        f"loss high: scenario crash at {MINUS}45.00% under {MINUS}20.00% for one on {DAYS[0]}"
    )


def test_a_run_that_failed_is_told_once_until_one_did_not(world):
    world.rules = "    - {id: failed, type: failure, priority: high}\n"
    told = []
    for day, states in zip(
        DAYS, (["done"], ["done", "failed"], ["failed"], ["done"], ["failed"] * 2), strict=False
    ):
        world.states = states
        told += [one["message"] for one in world.ask(day)]
    assert told == ["1 stage failed: a/b@one", "2 stages failed: a/b@one and a/b@one"]


class Killed(BaseException):
    """The process ends here."""


def test_a_kill_between_any_two_writes_loses_and_doubles_nothing(world, monkeypatch):
    """A channel may hear an alert twice, with the same id, where the kill came before its answer was kept."""
    add = History.add
    for n in range(1, 5):
        other = World(world.outputs / f"{n}")
        left = [n]

        def killing(history, fact, left=left):
            left[0] -= 1
            if not left[0]:
                raise Killed
            add(history, fact)

        other.var(DAYS[0], 0.01)
        monkeypatch.setattr(History, "add", killing)
        with contextlib.suppress(Killed):
            other.var(DAYS[1], 0.04)
        monkeypatch.setattr(History, "add", add)
        other.var(DAYS[1], 0.04)
        other.var(DAYS[2], 0.04)
        (alert,) = other.history.fired()
        assert alert["sent"]["hook"]["outcome"] == "sent"
        assert [one["fact"] for one in other.history.facts] == [
            *("evaluated", "evaluated", "sent", "announced", "evaluated")
        ]
    assert len(set(world.sent)) == 1


def test_a_line_left_without_its_end_is_none_and_a_damaged_one_is_named(world):
    world.var(DAYS[0], 0.01)
    with world.history.path.open("ab") as file:
        file.write(b'{"fact": "evalu')
    assert world.var(DAYS[1], 0.04) == ["var@one"]
    assert list(world.history.faults()) == []
    text = world.history.path.read_text()
    world.history.path.write_text(text.replace('"value": 0.04', '"value": 0.02'))
    assert world.history.fired() == []
    world.var(DAYS[2], 0.01)
    warned = [one["message"] for one in world.said.lines if one["event"] == "warning"]
    assert "alerts/demo.jsonl: line 2 is not as it was written" in warned
    assert world.history.path.read_text().startswith(text[: text.index('"value": 0.04')])
