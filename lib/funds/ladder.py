"""The ladder of the market score as people write it: a YAML file, checked whole before anything runs.

``params/ladders/india.yaml`` explains every key. An indicator wins points by the ladder (four ``steps``: 100,
80, 60 and 40 % of its points, else 20 %) or by ``bands``, the first of which holds; both become ``Rung``:
points and conditions. A condition compares a series, or one less another, with a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from lib.errors import Faults
from lib.nearest import nearest
from lib.yaml_file import Value, read

TOP = ("name", "stance", "blocks", "series", "ladder", "legacy")
KEYS = ("block", "name", "points", "better", "steps", "series", "less", "bands", "placeholder")
STALE = {"daily": 7, "weekly": 14, "monthly": 75, "quarterly": 140}
"""Days after the end of its period for which a figure counts, by how often the series comes."""
SHARES = (1.0, 0.8, 0.6, 0.4, 0.2)
WHOLE = 100.0
STANCE = ("bullish", "neutral", "complete")
BETTER = {"higher": ">=", "lower": "<="}
EXAMPLE = "params/ladders/india.yaml"
_CONDITION = re.compile(r"(?P<left>.+?)(?: - (?P<less>.+?))?\s*(?P<sign><=|>=|<|>)\s*(?P<bound>[-+]?[0-9.]+)")
CLOSE = 1e-9


@dataclass(frozen=True)
class Condition:
    """A series, less another where there is one, compared with a bound."""

    series: str
    less: str | None
    sign: str
    bound: float


@dataclass(frozen=True)
class Rung:
    """Points for an indicator of which all conditions hold."""

    points: float
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """One indicator: what it shows (``series`` less ``less``), and its rungs; the first that holds counts."""

    block: str
    name: str
    points: float
    series: str | None
    less: str | None
    rungs: tuple[Rung, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """Every series that must be fresh for it; none of a placeholder."""
        conditions = [one for rung in self.rungs for one in rung.when]
        compared = [name for one in conditions for name in (one.series, one.less)]
        named = [self.series, self.less, *compared]
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True)
class Series:
    """What a source must give: unit, and for how many days after its period a figure counts."""

    unit: str
    frequency: str
    max_stale_days: int


@dataclass(frozen=True)
class Ladder:
    """A whole file with the indicators of one banding; ``stance`` holds the least points of each stance."""

    name: str
    blocks: dict[str, float]
    series: dict[str, Series]
    indicators: tuple[Indicator, ...]
    stance: dict[str, float] = field(default_factory=dict)


def validate(request: dict) -> dict:
    """Refuse a ladder with any fault before a run; say how many indicators it has."""
    file = request["files"]["ladder_file"]
    bands = (request.get("settings") or {}).get("bands", "ladder")
    found = read_ladder(Path(file["path"]), bands=bands, name=file["name"])
    return {"indicators": len(found.indicators), "blocks": len(found.blocks)}


def read_ladder(path: Path, *, bands: str = "ladder", name: str | None = None) -> Ladder:
    """The ladder in a file, which messages call ``name``. Raises InputError for all faults at once."""
    top = read(path, name or path.name, example=EXAMPLE)
    parts = top.mapping()
    faults = Faults()
    with faults.noted():
        _known_keys(parts, TOP)
    for key in ("blocks", "series", "ladder"):
        if key not in parts:
            faults.add(top.fault(f"no key `{key}`", f"see {EXAMPLE} for an example"))
    faults.refuse()

    def part(reader: Callable[..., Any], *given: Any) -> Any:
        with faults.noted():
            return reader(*given)
        return None

    blocks = part(_blocks, parts["blocks"])
    series = part(_series, parts["series"])
    stance = part(_stance, parts.get("stance"))
    faults.refuse()
    ladder = part(_indicators, parts["ladder"], blocks, series) or ()
    legacy = (part(_indicators, parts["legacy"], blocks, series) or ()) if "legacy" in parts else ()
    if bands == "legacy" and "legacy" not in parts:
        faults.add(top.fault("no key `legacy`", "add the older banding, or set `bands: ladder`"))
    replaced = {one.block for one in legacy}
    if not faults:
        for key, listed, whole in (("ladder", ladder, set(blocks)), ("legacy", legacy, replaced)):
            with faults.noted():
                _refuse_sums(parts.get(key), listed, {name: blocks[name] for name in blocks if name in whole})
    faults.refuse()
    chosen = ladder
    if bands == "legacy":
        chosen = tuple(
            one for block in blocks for one in (legacy if block in replaced else ladder) if one.block == block
        )
    named = parts["name"].text() if "name" in parts else path.stem
    return Ladder(named, blocks, series, chosen, stance)


def _blocks(value: Value) -> dict[str, float]:
    parts, faults = value.mapping(), Faults()
    points = {name: _points(one, faults) for name, one in parts.items()}
    faults.refuse()
    if abs(sum(points.values()) - WHOLE) > CLOSE:
        raise value.fault(f"the points add up to {sum(points.values()):g}", "make them add up to 100")
    return points


def _points(value: Value, faults: Faults) -> float:
    with faults.noted():
        found = value.number()
        if not 0 < found <= WHOLE:
            raise value.fault(f"found {found:g}", "give points above 0 and up to 100")
        return found
    return 0.0


def _series(value: Value) -> dict[str, Series]:
    found, faults = {}, Faults()
    for name, one in value.mapping().items():
        with faults.noted():
            parts = one.mapping()
            _known_keys(parts, ("unit", "frequency", "max_stale_days"))
            for key in ("unit", "frequency"):
                if key not in parts:
                    raise one.fault(f"no key `{key}`", f"write {name}: {{unit: percent, frequency: monthly}}")
            frequency = _choice(parts["frequency"], STALE)
            days = float(STALE[frequency])
            if "max_stale_days" in parts:
                days = parts["max_stale_days"].number()
                if not (1 <= days <= 1000 and days % 1 == 0):
                    raise parts["max_stale_days"].fault(f"found {days:g}", "give whole days from 1 to 1000")
            found[name] = Series(parts["unit"].text(), frequency, int(days))
    faults.refuse()
    return found


def _stance(value: Value | None) -> dict[str, float]:
    found = {"bullish": 75.0, "neutral": 50.0, "complete": 70.0}
    if value is None:
        return found
    parts = value.mapping()
    _known_keys(parts, STANCE)
    for name, one in parts.items():
        found[name] = one.number()
        if not 0 < found[name] <= WHOLE:
            raise one.fault(f"found {found[name]:g}", "give points above 0 and up to 100")
    if found["bullish"] <= found["neutral"]:
        raise value.fault("bullish is not above neutral", "write the higher points under bullish")
    return found


def _indicators(value: Value, blocks: dict[str, float], series: dict[str, Series]) -> tuple[Indicator, ...]:
    found: dict[str, Indicator] = {}
    faults = Faults()
    for item in value.items():
        with faults.noted():
            one = _indicator(item, blocks, series)
            if one.name in found:
                raise item.fault(f"the indicator {one.name!r} is there twice", "rename or remove one")
            found[one.name] = one
    faults.refuse()
    return tuple(found.values())


def _indicator(item: Value, blocks: dict[str, float], series: dict[str, Series]) -> Indicator:
    parts, faults = item.mapping(), Faults()
    with faults.noted():
        _known_keys(parts, KEYS)
    for key in ("block", "name", "points"):
        if key not in parts:
            faults.add(item.fault(f"no key `{key}`", f"add `{key}:`"))
    faults.refuse()
    name, points = parts["name"].text(), _points(parts["points"], faults)
    with faults.noted():
        _choice(parts["block"], blocks, "unknown block")
    held = "placeholder" in parts and parts["placeholder"].truth()
    shown = less = None
    rungs: tuple[Rung, ...] = ()
    with faults.noted():
        if not held:
            shown = _choice(parts["series"], series, "unknown series") if "series" in parts else name
            if shown not in series:
                mend = nearest(shown, series) or "add it to `series:`, or name one under the key `series`"
                raise parts["name"].fault("no series of this name", mend)
            less = _choice(parts["less"], series, "unknown series") if "less" in parts else None
            rungs = _rungs(item, parts, shown, less, points, series)
    faults.refuse()
    return Indicator(parts["block"].text(), name, points, shown, less, rungs)


def _rungs(
    item: Value, parts: dict[str, Value], shown: str, less: str | None, points: float, series: Iterable[str]
) -> tuple[Rung, ...]:
    if ("steps" in parts) == ("bands" in parts):
        raise item.fault("neither steps nor bands, or both", "give `steps: [...]` or `bands: [...]`")
    if "bands" in parts:
        return _bands(parts["bands"], points, series)
    if "better" not in parts:
        raise item.fault("no key `better`", "write better: higher, or lower")
    sign = BETTER[_choice(parts["better"], BETTER)]
    steps = [one.number() for one in parts["steps"].items()]
    if len(steps) != len(SHARES) - 1:
        raise parts["steps"].fault(f"{len(steps)} steps", "give four, the best first")
    falling = sign == ">="
    if any(a <= b if falling else a >= b for a, b in pairwise(steps)):
        order = "falling" if falling else "rising"
        side = "higher" if falling else "lower"
        raise parts["steps"].fault("steps out of order", f"where {side} is better write them {order}")
    rungs = [
        Rung(share * points, (Condition(shown, less, sign, bound),))
        for share, bound in zip(SHARES[:-1], steps, strict=True)
    ]
    return (*rungs, Rung(SHARES[-1] * points))


def _bands(value: Value, points: float, series: Iterable[str]) -> tuple[Rung, ...]:
    rungs, listed = [], value.items()
    for place, item in enumerate(listed):
        parts = item.mapping()
        _known_keys(parts, ("points", "when"))
        if "points" not in parts:
            raise item.fault("no key `points`", "write {points: 3, when: [CPI <= 6]}")
        won = parts["points"].number()
        if not 0 <= won <= points:
            raise parts["points"].fault(f"found {won:g}", f"give points from 0 to {points:g}")
        when = tuple(_condition(one, series) for one in parts["when"].items()) if "when" in parts else ()
        if not when and place < len(listed) - 1:
            raise item.fault("a band without conditions before the last", "add `when:`, or put it last")
        rungs.append(Rung(won, when))
    if not rungs or rungs[-1].when:
        raise value.fault("the last band has conditions", "end with a band of points alone")
    return tuple(rungs)


def _condition(value: Value, series: Iterable[str]) -> Condition:
    written = value.text()
    match = _CONDITION.fullmatch(written)
    try:
        bound = float(match["bound"]) if match else None
    except ValueError:
        bound = None
    if match is None or bound is None:
        raise value.fault(f"found {written!r}", "write a condition such as CPI <= 6")
    for name in (match["left"], match["less"]):
        if name is not None and name not in series:
            raise value.fault(f"unknown series {name!r}", nearest(name, series) or "add it to `series:`")
    return Condition(match["left"], match["less"], match["sign"], bound)


def _refuse_sums(value: Value | None, listed: Iterable[Indicator], blocks: dict[str, float]) -> None:
    """InputError where the indicators of a block do not add up to its points."""
    faults = Faults()
    for block, points in blocks.items():
        total = sum(one.points for one in listed if one.block == block)
        if value is not None and abs(total - points) > CLOSE:
            found = f"the points of {block} add up to {total:g}"
            faults.add(value.fault(found, f"make them {points:g}, as `blocks` says"))
    faults.refuse()


def _choice(value: Value, known: Iterable[str], what: str = "") -> str:
    names = list(known)
    if value.text() not in names:
        found = f"{what} {value.shown}".strip() if what else f"found {value.shown}"
        raise value.fault(found, nearest(value.text(), names) or f"one of {', '.join(names)}")
    return value.text()


def _known_keys(parts: dict[str, Value], known: Iterable[str]) -> None:
    faults, names = Faults(), list(known)
    for name, value in parts.items():
        if name not in names:
            faults.add(value.fault("unknown key", nearest(name, names) or f"one of {', '.join(names)}"))
    faults.refuse()
