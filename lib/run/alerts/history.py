"""What became of the rules of one params file: ``outputs/alerts/<params name>.jsonl``, which only grows.

A line holds one fact: ``evaluated``, a day that was looked at, with the state of every rule after it and what
fired, all in one line, so that a kill leaves the whole of it or nothing; ``sent``, what a channel did with
one alert; ``acknowledged``, that a person has seen it. Lines carry their digests (``lib.sealed_lines``); one
that was damaged is named and nothing is taken from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib import sealed_lines
from lib.run.alerts.crossing import State

FOLDER = "alerts"


class History:
    """The file of one params name, which need not be there yet; read once, and kept up with what is added."""

    def __init__(self, outputs: Path, name: str):
        self.name, self.path = name, outputs / FOLDER / f"{name}.jsonl"
        self.facts: list[dict[str, Any]] = list(sealed_lines.sound(self.path))

    def add(self, fact: dict[str, Any]) -> None:
        """Keep a fact."""
        with sealed_lines.Appending(self.path) as file:
            file.add(fact)
        self.facts = list(sealed_lines.sound(self.path))

    def faults(self) -> Iterator[str]:
        """Lines that are not as they were written."""
        return sealed_lines.faults(self.path, f"{FOLDER}/{self.path.name}")

    def newest_day(self) -> str:
        """The last as-of date that was looked at; empty before the first."""
        return max((one["as_of"] for one in self._of("evaluated")), default="")

    def last_digest(self, as_of: str) -> str:
        """Of what a day was looked at last; empty where it was not."""
        return next((one["digest"] for one in reversed(self._of("evaluated")) if one["as_of"] == as_of), "")

    def states_before(self, as_of: str) -> dict[str, State]:
        """By rule and subject the state after the last day before this one, as it was looked at last."""
        days = [one["as_of"] for one in self._of("evaluated") if one["as_of"] < as_of]
        return self.states_of(max(days)) if days else {}

    def states_of(self, as_of: str) -> dict[str, State]:
        """By rule and subject the state after a day, as it was looked at last; none where it was not."""
        found = [one for one in self._of("evaluated") if one["as_of"] == as_of]
        return {key: State(**one) for key, one in found[-1]["states"].items()} if found else {}

    def fired(self) -> list[dict[str, Any]]:
        """Every alert, oldest first, with what channels did (``sent``) and its acknowledgement, if any."""
        sent: dict[str, dict[str, dict]] = {}
        for one in self._of("sent"):
            told = {name: one[name] for name in ("outcome", "detail", "moment")}
            sent.setdefault(one["alert"], {})[one["channel"]] = told
        seen = {
            one["alert"]: {name: one[name] for name in ("note", "moment")}
            for one in reversed(self._of("acknowledged"))
        }
        return [
            {
                **alert,
                "params": self.name,
                "moment": line["moment"],
                "sent": sent.get(alert["id"], {}),
                "acknowledged": seen.get(alert["id"]),
            }
            for line in self._of("evaluated")
            for alert in line["fired"]
        ]

    def _of(self, fact: str) -> list[dict[str, Any]]:
        return [one for one in self.facts if one["fact"] == fact]


def histories(outputs: Path) -> list[History]:
    """The history of every params name that has one."""
    return [History(outputs, path.stem) for path in sorted((outputs / FOLDER).glob("*.jsonl"))]


def every_alert(outputs: Path) -> list[dict[str, Any]]:
    """Every alert that fired, newest first."""
    found = [one for history in histories(outputs) for one in history.fired()]
    return sorted(found, key=lambda one: (one["moment"], one["as_of"]), reverse=True)
