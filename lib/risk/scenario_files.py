"""Stress scenarios as people write them: YAML files, checked whole before anything runs.

A file has one key, ``scenarios``, a list. A scenario has

- ``id``: 1 to 56 of a-z, 0-9, - and _, used once in all files together;
- ``shocks``: factor to move, a decimal (-0.10 is -10 %); ``interest_rate`` is a change in yield as a decimal
  (0.01 is 100 basis points);
- ``window``: ``{start: YYYY-MM-DD, end: YYYY-MM-DD}``, closes from and to which real factor returns are
  replayed; a scenario has shocks, a window or both;
- optional ``name``, ``category``, ``severity`` (by the size of its largest shock where it is not given),
  ``volatility_factor`` (multiplies implied volatilities; where not given they follow the market),
  ``style_shocks`` (``absolute``, or ``over_market`` where the shocks of styles are what they do beyond the
  market) and ``active``.

A scenario with ``active: false`` is checked, left out and counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.conventions import FACTORS
from lib.errors import Faults, InputError
from lib.nearest import nearest
from lib.yaml_file import Value, read

RATE = "interest_rate"
KEYS = (
    "id",
    "name",
    "category",
    "severity",
    "shocks",
    "window",
    "volatility_factor",
    "style_shocks",
    "active",
)
CATEGORIES = ("market", "rates", "rotation", "volatility", "historical", "custom")
SEVERITIES = {"mild": 0.05, "moderate": 0.15, "severe": 0.35, "extreme": float("inf")}
STYLE_SHOCKS = ("absolute", "over_market")
REPLAY = "_replay"
SHOCK_CAP = 1.0
RATE_CAP = 0.10
VOLATILITY_FACTORS = (0.1, 10.0)
MAX_NAME = 100
EXAMPLE = "params/scenarios/standard.yaml"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,55}")


@dataclass(frozen=True)
class Scenario:
    """One scenario; shocks are decimals by factor, ``window`` the closes between which it is replayed."""

    id: str
    name: str
    category: str
    severity: str
    shocks: dict[str, float] = field(default_factory=dict)
    window: tuple[str, str] | None = None
    volatility_factor: float | None = None
    style_shocks: str = "absolute"


@dataclass(frozen=True)
class ScenarioSet:
    """The active scenarios in the order of their files, and how many were left out."""

    scenarios: tuple[Scenario, ...]
    inactive: int


def validate(request: dict) -> dict:
    """Refuse scenario files with any fault before a run; say how many scenarios they hold.

    ``request["files"]`` has ``scenario_files[0]`` and so on, each with ``path`` and ``name``;
    ``request["settings"]`` may have ``shock_cap``. Raises InputError.
    """
    files = request["files"]
    listed = [files[f"scenario_files[{n}]"] for n in range(len(files))]
    settings = request.get("settings") or {}
    found = read_scenarios(
        [Path(one["path"]) for one in listed],
        names=[one["name"] for one in listed],
        shock_cap=settings.get("shock_cap", SHOCK_CAP),
    )
    return {"scenarios": len(found.scenarios), "inactive": found.inactive}


def read_scenarios(
    paths: Sequence[Path],
    *,
    factors: Sequence[str] = FACTORS,
    shock_cap: float = SHOCK_CAP,
    names: Sequence[str] | None = None,
) -> ScenarioSet:
    """Scenarios of the files; ``names`` are what messages call them. Raises InputError for all faults.

    ``factors`` are the factors that may be shocked, next to ``interest_rate``; ``shock_cap`` is the
    largest size of a shock, decimal.
    """
    if not paths:
        raise InputError("no scenario file", field="scenario_files", mend="name a folder or a YAML file")
    known = (*factors, RATE)
    found: list[Scenario] = []
    owner: dict[str, str] = {}
    inactive, faults = 0, Faults()
    for path, name in zip(paths, names or [path.name for path in paths], strict=True):
        listed: list[Value] = []
        with faults.noted():
            listed = _listed(read(path, name, example=EXAMPLE))
        for value in listed:
            with faults.noted():
                parts = value.mapping()
                scenario = _scenario(value, parts, known, shock_cap)
                _refuse_repeated(scenario, parts["id"], owner)
                if "active" in parts and not parts["active"].truth():
                    inactive += 1
                else:
                    found.append(scenario)
    faults.refuse()
    return ScenarioSet(tuple(found), inactive)


def _listed(top: Value) -> list[Value]:
    parts = top.mapping()
    _known_keys(parts, ("scenarios",))
    if "scenarios" not in parts:
        raise top.fault("no key `scenarios`", "put the list of scenarios under it")
    return parts["scenarios"].items()


def _scenario(value: Value, parts: dict[str, Value], known: Sequence[str], cap: float) -> Scenario:
    faults = Faults()

    def read_part(reader: Callable[..., Any], *given: Any) -> Any:
        with faults.noted():
            return reader(*given)
        return None

    read_part(_known_keys, parts, KEYS)
    name = read_part(_identity, value, parts, not faults) or ""
    shocks = (read_part(_shocks, parts["shocks"], known, cap) or {}) if "shocks" in parts else {}
    severities = tuple(SEVERITIES)
    found = {
        "name": read_part(_words, parts, name),
        "category": read_part(_choice, parts, "category", CATEGORIES, "custom"),
        "severity": read_part(_choice, parts, "severity", severities, _severity(shocks)),
        "window": read_part(_window, parts["window"]) if "window" in parts else None,
        "volatility_factor": read_part(_factor, parts.get("volatility_factor")),
        "style_shocks": read_part(_choice, parts, "style_shocks", STYLE_SHOCKS, STYLE_SHOCKS[0]),
    }
    faults.refuse()
    return Scenario(id=name, shocks=shocks, **found)


def _identity(value: Value, parts: dict[str, Value], known: bool) -> str:
    """The id of a scenario, which has shocks or a window unless another key may be meant for them."""
    if "id" not in parts:
        raise value.fault("no key `id`", "give the scenario an id")
    name = parts["id"].text()
    if not _ID.fullmatch(name) or name.endswith(REPLAY):
        raise parts["id"].fault(
            f"found {name!r}", f"use 1 to 56 of a-z, 0-9, - and _, not ending in {REPLAY}"
        )
    if known and "shocks" not in parts and "window" not in parts:
        raise value.fault(f"{name} has no shocks and no window", "add `shocks:` or `window:`")
    return name


def _shocks(value: Value, known: Sequence[str], cap: float) -> dict[str, float]:
    parts, faults = value.mapping(), Faults()
    if not parts:
        raise value.fault("no shock", "name at least one factor and its move")
    for name, one in parts.items():
        with faults.noted():
            _refuse_shock(name, one, known, cap)
    faults.refuse()
    return {name: one.number() for name, one in parts.items()}


def _refuse_shock(name: str, one: Value, known: Sequence[str], cap: float) -> None:
    if name not in known:
        raise one.fault("unknown factor", nearest(name, known) or f"one of {', '.join(known)}")
    size, most = abs(one.number()), min(cap, RATE_CAP) if name == RATE else cap
    if size > most:
        unit = "a change in yield as a decimal, 0.01 for 100 bp" if name == RATE else "a decimal"
        raise one.fault(f"a shock of {one.text()}, over the cap {most:g}", f"write it as {unit}")
    if name != RATE and one.number() < -1.0:
        raise one.fault(f"a fall of {one.text()}, more than everything", "write -1 for a total loss")


def _window(value: Value) -> tuple[str, str]:
    parts = value.mapping()
    _known_keys(parts, ("start", "end"))
    for name in ("start", "end"):
        if name not in parts:
            raise value.fault(f"no key `{name}`", "write {start: YYYY-MM-DD, end: YYYY-MM-DD}")
    start, end = parts["start"].day(), parts["end"].day()
    if end <= start:
        raise parts["end"].fault(f"{end} is not after {start}", "end the window after it starts")
    return start, end


def _factor(value: Value | None) -> float | None:
    if value is None:
        return None
    low, high = VOLATILITY_FACTORS
    if not low <= value.number() <= high:
        raise value.fault(f"found {value.text()}", f"multiply volatilities by {low:g} to {high:g}")
    return value.number()


def _words(parts: dict[str, Value], default: str) -> str:
    if "name" not in parts:
        return default.replace("_", " ").capitalize()
    text = parts["name"].text().strip()
    if not 0 < len(text) <= MAX_NAME:
        raise parts["name"].fault(f"{len(text)} characters", f"give 1 to {MAX_NAME}")
    return text


def _choice(parts: dict[str, Value], key: str, choices: Sequence[str], default: str) -> str:
    if key not in parts:
        return default
    if parts[key].text() not in choices:
        raise parts[key].fault(f"found {parts[key].shown}", f"one of {', '.join(choices)}")
    return parts[key].text()


def _severity(shocks: dict[str, float]) -> str:
    """By the size of the largest shock; a change in yield of 1 % counts like a move of 10 %."""
    size = max((abs(move) * (10 if name == RATE else 1) for name, move in shocks.items()), default=0.0)
    return next(name for name, most in SEVERITIES.items() if size <= most)


def _known_keys(parts: dict[str, Value], known: Sequence[str]) -> None:
    faults = Faults()
    for name, value in parts.items():
        if name not in known:
            faults.add(value.fault("unknown key", nearest(name, known) or f"one of {', '.join(known)}"))
    faults.refuse()


def _refuse_repeated(scenario: Scenario, place: Value, owner: dict[str, str]) -> None:
    if scenario.id in owner:
        raise place.fault(f"{scenario.id!r} is used twice, first at {owner[scenario.id]}", "rename one")
    owner[scenario.id] = f"{place.file}:{place.line}"
