"""The ledger of trials: every specification of a subject that was ever carried out, kept without being asked.

One file a subject, ``outputs/trials/<kind>=<id>.jsonl``. Each line holds one fact: a specification that was
tried for the first time (with what it earned, where the stage says so), its result where that came later, or
a question that was registered. A line carries its own digest and that of the line before it, so that a line
that was changed, removed or put in between is found. A repeat adds none; nothing is ever taken away. Standard
library only, and nothing of ``lib.run``: notebooks opened by hand write here too.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib import checked_lines
from lib.checked_lines import START, Appending
from lib.contracts import RUN_SETTINGS, Stage
from lib.pipeline import PIPELINE
from lib.run_folder import LEDGER

FOLDER = LEDGER
TABLES = ("trials", "trial_returns")
"""Made of the ledger for the stages that read them."""
REGISTRATION = "registration"
"""The field of a subject that names the file of its registered question."""
LENGTH = 16


@dataclass(frozen=True)
class Trial:
    """One specification: the stage that was carried out, and the settings of all that it stands on."""

    stage: str
    settings: dict[str, Any]

    @property
    def specification(self) -> str:
        """Fingerprint of stage and settings."""
        said = json.dumps([self.stage, self.settings], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(said.encode()).hexdigest()[:LENGTH]

    def is_again(self, earlier: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
        """Whether an earlier line tried the same, before the stage had settings that are at their default."""
        then = earlier["settings"]
        new = self.settings.keys() - then.keys()
        return (
            earlier["stage"] == self.stage
            and then.keys() <= self.settings.keys()
            and all(self.settings[name] == then[name] for name in then)
            and all(name in defaults and self.settings[name] == _plain(defaults[name]) for name in new)
        )


def trial_of(row: Stage, parameters: Mapping[str, Mapping[str, Any]]) -> Trial:
    """The specification that a stage carries out, from the parameters by stage of all stages of its kind.

    What the whole run or the subject's name sets is none of it: day, seed and exchange, id and name.
    """
    left_out = {*RUN_SETTINGS, row.per, f"{row.per}_name"}
    under = [one.name for one in PIPELINE.with_needs([row.name]) if one.per == row.per]
    return Trial(
        row.name,
        {
            f"{stage}.{name}": _plain(value)
            for stage in under
            for name, value in sorted(parameters.get(stage, {}).items())
            if name not in left_out
        },
    )


def with_contents(settings: Mapping[str, Any], digests: Mapping[str, str]) -> dict[str, Any]:
    """The settings of a stage with the content of each file that it names, so that an edited file is another.

    ``digests`` are sha256 by the name of the setting; the first ``LENGTH`` digits are kept.
    """
    return {**settings, **{f"{name}_content": digest[:LENGTH] for name, digest in digests.items()}}


def history(kind: str, subject: str) -> str:
    """What a manifest calls that which a run was told of a subject's ledger."""
    return f"{FOLDER}:{kind}@{subject}"


def result_of(dates: Iterable[Any], returns: Iterable[float]) -> dict[str, list]:
    """What a trial earned, as the ledger keeps it: ISO days and returns a period, NaN left out."""
    pairs = [
        (str(day)[:10], float(value))
        for day, value in zip(dates, returns, strict=True)
        if not math.isnan(value)
    ]
    return {"dates": [day for day, _ in pairs], "returns": [value for _, value in pairs]}


class Ledger:
    """The file of one subject, which need not be there yet."""

    def __init__(self, outputs: Path, kind: str, subject: str):
        self.kind, self.subject = kind, subject
        self.path = outputs / FOLDER / f"{kind}={subject}.jsonl"

    def trials(self) -> dict[str, dict]:
        """Specification → its stage, settings and result (None where there is none), as they were tried."""
        found: dict[str, dict] = {}
        for line in checked_lines.sound(self.path):
            if line["fact"] == "trial":
                found[line["specification"]] = {name: line[name] for name in ("stage", "settings", "result")}
            elif line["fact"] == "result" and line["specification"] in found:
                found[line["specification"]]["result"] = line["result"]
        return found

    def note(
        self,
        trial: Trial,
        *,
        by: str,
        result: Mapping[str, list] | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> bool:
        """Keep a specification and its result; whether one of them is new. ``by`` says who tried it."""
        with Appending(self.path) as file:
            known = self.trials()
            same = self._same(trial, known, defaults or {})
            if same is None:
                fact = {"specification": trial.specification, "stage": trial.stage}
                file.add({"fact": "trial", **fact, "settings": trial.settings, "result": result, "by": by})
                return True
            if result is not None and known[same]["result"] is None:
                file.add({"fact": "result", "specification": same, "result": result, "by": by})
                return True
            return False

    def register(self, sha256: str) -> None:
        """Note that a question was registered in a file of this digest."""
        with Appending(self.path) as file:
            file.add({"fact": "registered", "sha256": sha256, "tried": len(self.trials())})

    def registrations(self) -> list[dict]:
        """Every registered question: digest of its file, moment, trials until then."""
        return [line for line in checked_lines.sound(self.path) if line["fact"] == "registered"]

    def others(self, own: Iterable[tuple[Trial, Mapping[str, Any]]]) -> bytes:
        """Every trial but ``own`` (with their defaults), a line each, in an order that no clock decides."""
        known = self.trials()
        mine = {self._same(trial, known, defaults) for trial, defaults in own}
        lines = [
            json.dumps({"specification": name, **known[name]}, sort_keys=True)
            for name in sorted(known)
            if name not in mine
        ]
        return "".join(f"{line}\n" for line in lines).encode()

    def head(self) -> dict[str, Any]:
        """How many lines there are and the digest of the last one."""
        raw = checked_lines.lines(self.path)
        return {"lines": len(raw), "last": checked_lines.digest(raw[-1]) if raw else START}

    def faults(self, head: Mapping[str, Any] | None = None) -> Iterator[str]:
        """What was done to the file by other hands; ``head`` is what a run found when it was published."""
        name, raw = f"{FOLDER}/{self.path.name}", checked_lines.lines(self.path)
        yield from checked_lines.faults(self.path, name)
        if head and len(raw) < head["lines"]:
            yield f"{name}: has {len(raw)} lines; it had {head['lines']} when the run was published"
        elif head and head["lines"] and checked_lines.digest(raw[head["lines"] - 1]) != head["last"]:
            yield f"{name}: line {head['lines']} is not the one that the run was published with"

    @staticmethod
    def _same(trial: Trial, known: dict[str, dict], defaults: Mapping[str, Any]) -> str | None:
        if trial.specification in known:
            return trial.specification
        return next((name for name, one in known.items() if trial.is_again(one, defaults)), None)


def _plain(value: Any) -> Any:
    """A value as JSON has it, the same for 3 and 3.0."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
