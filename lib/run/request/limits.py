"""What a setting may be, as the comment of its line in the parameter cell ends.

A number has a range, ``0 < x ≤ 1``; a bound may be another setting of the same stage, ``20 ≤ x ≤ window``.
A text with few values has a choice, ``one of any | all``. For a list, or the values of a mapping, ``each``
stands before either: ``each -1 ≤ x ≤ 5``. Numbers are finite, and None is allowed where the type has it.
``<=`` serves as well, but papermill's own reader passes over a line that has ``=`` twice.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lib.nearest import nearest

EACH, ONE_OF, BETWEEN = "each ", "one of ", " | "
AT_MOST = "≤"
PLACE = "x"


@dataclass(frozen=True)
class Bound:
    """One end of a range: a number or the name of another setting, itself allowed or not."""

    value: float | str
    strict: bool

    def of(self, settings: Mapping[str, Any]) -> float:
        """The bound as a number, given the stage's settings."""
        return settings[self.value] if isinstance(self.value, str) else self.value


@dataclass(frozen=True)
class Limits:
    """A range or a choice; ``text`` is how messages write it, ``each`` whether it is meant of every item."""

    text: str = ""
    each: bool = False
    low: Bound | None = None
    high: Bound | None = None
    choices: tuple[str, ...] = ()

    @property
    def others(self) -> tuple[str, ...]:
        """The other settings that a bound names."""
        bounds = (bound.value for bound in (self.low, self.high) if bound)
        return tuple(value for value in bounds if isinstance(value, str))

    def breaches(self, value: Any, settings: Mapping[str, Any]) -> Iterator[tuple[tuple, Any, str]]:
        """Where in the value, what is found there, and what to give instead, for all that is not allowed."""
        for place, one in _items(value):
            number = isinstance(one, int | float) and not isinstance(one, bool)
            if number and not math.isfinite(one):
                yield place, one, f"give a finite number{f' with {self.text}' if self.text else ''}"
            elif number and not self._holds(one, settings):
                where = "".join(f", where {name} is {settings[name]}" for name in self.others)
                kind = "a whole number" if isinstance(one, int) else "a number"
                yield place, one, f"give {kind} with {self.text.removeprefix(EACH)}{where}"
            elif self.choices and one is not None and one not in self.choices:
                near = nearest(one, self.choices)
                yield place, one, f"{near} {ONE_OF}{BETWEEN.join(self.choices)}".lstrip()

    def _holds(self, number: float, settings: Mapping[str, Any]) -> bool:
        low = self.low.of(settings) if self.low else -math.inf
        high = self.high.of(settings) if self.high else math.inf
        above = low < number if self.low and self.low.strict else low <= number
        return above and (number < high if self.high and self.high.strict else number <= high)


def split(comment: str) -> tuple[str, str]:
    """A comment as meaning and limits, the latter as written or empty. Raises ValueError for neither."""
    meaning, _, tail = comment.rpartition(", ")
    bare = tail.removeprefix(EACH)
    if bare.startswith(ONE_OF) or any(mark in bare for mark in ("<", AT_MOST)):
        return meaning, tail
    if odd := [mark for mark in ("<", ">", AT_MOST, BETWEEN) if mark in comment]:
        raise ValueError(f"{odd[0].strip()!r} stands in the comment, which does not end in its limits")
    return comment, ""


@cache
def parse(text: str) -> Limits:
    """Limits as written. Raises ValueError for what is no range and no choice."""
    text = text.replace(AT_MOST, "<=")
    bare = text.removeprefix(EACH)
    if not text:
        return Limits()
    if bare.startswith(ONE_OF):
        choices = tuple(bare.removeprefix(ONE_OF).split(BETWEEN))
        if len(choices) < 2 or len(set(choices)) < len(choices) or not all(map(str.strip, choices)):
            raise ValueError(f"`{text}` is no choice; write `one of a | b`")
        return Limits(text, bare != text, choices=choices)
    low, high = _range(bare)
    return Limits(text, bare != text, low, high)


def _range(text: str) -> tuple[Bound | None, Bound | None]:
    try:
        node = ast.parse(text, mode="eval").body
        if not isinstance(node, ast.Compare):
            raise ValueError
        terms = [_term(one) for one in (node.left, *node.comparators)]
        strict = [isinstance(operator, ast.Lt) for operator in node.ops]
        ascending = all(isinstance(operator, ast.Lt | ast.LtE) for operator in node.ops)
        at = terms.index(PLACE)
        if not ascending or len(terms) > 3 or (len(terms) == 3 and at != 1):
            raise ValueError
    except (SyntaxError, ValueError):
        raise ValueError(f"`{text}` is no range; write `0 < x ≤ 1`") from None
    low = Bound(terms[at - 1], strict[at - 1]) if at else None
    high = Bound(terms[at + 1], strict[at]) if at < len(strict) else None
    return low, high


def _term(node: ast.expr) -> float | str:
    if isinstance(node, ast.Name):
        return node.id
    value = ast.literal_eval(node)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    return value


def _items(value: Any) -> Iterator[tuple[tuple, Any]]:
    """Every scalar of a value with its place in it."""
    if isinstance(value, list | dict):
        pairs = enumerate(value) if isinstance(value, list) else value.items()
        for key, one in pairs:
            yield from (((key, *place), inner) for place, inner in _items(one))
    else:
        yield (), value
