"""Tags of positions: which are sound, how they are stored, and how they are counted.

A tag has letters, digits and underscores, up to 50 characters. A strategy tag starts with ``#strategy:``
and may also hold spaces and hyphens after it. Case does not distinguish tags: the first spelling in the
file is kept. What is not so is made so, and told: other signs become underscores, what is too long is cut, of
too many tags the first are kept. Cells are parsed once for each different text, not once a row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

STRATEGY = "#strategy:"
MAX_LENGTH = 50
LONG_LENGTH = 20
MAX_TAGS = 20
MAX_DISTINCT = 100

_REGULAR = re.compile(r"\w+")
_NO_LETTER, _NO_STRATEGY = re.compile(r"\W+"), re.compile(r"[^\w -]+")
_STRATEGY = re.compile(r"#strategy:\w[\w -]*", re.IGNORECASE)


@dataclass(frozen=True)
class Tags:
    """Tags of each row as stored, how many were written, the code of what was changed (empty when nothing
    was), and which rows have a long one.
    """

    text: pd.Series
    count: np.ndarray
    fault: np.ndarray
    long: np.ndarray
    distinct: int


def read_tags(tags: pd.Series, strategy: pd.Series) -> Tags:
    """Tags of every row from its tag cell and its strategy cell, both trimmed text."""
    joined = tags + "," + _prefixed(strategy)
    codes, cells = pd.factorize(joined)
    spelling: dict[str, str] = {}
    written = [_written(cell) for cell in cells.to_numpy(dtype=object)]
    parsed = [_sound(one, spelling) for one in written]
    stored = np.array([",".join(one) for one in parsed] or [""], dtype=object)
    counts = np.array([len(one) for one in written] or [0])
    faults = np.array([_fault(one) for one in written] or [""], dtype=object)
    long = np.array([any(len(_name(tag)) > LONG_LENGTH for tag in one) for one in parsed] or [False])
    distinct = {tag for one in parsed for tag in one}
    return Tags(
        pd.Series(stored[codes], index=tags.index, dtype="str"),
        counts[codes],
        faults[codes],
        long[codes],
        len(distinct),
    )


def split_tags(tags: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Stored tags as pairs: row numbers, tag numbers, and the names that the tag numbers point to.

    A row with several tags gives several pairs, a row without tags none.
    """
    codes, cells = pd.factorize(tags.array)
    lists = [cell.split(",") if cell else [] for cell in cells.to_numpy(dtype=object)]
    sizes = np.array([len(one) for one in lists], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    numbers, names = pd.factorize(np.array([tag for one in lists for tag in one], dtype=object))
    repeats = sizes[codes]
    rows = np.repeat(np.arange(len(codes)), repeats)
    before = np.cumsum(repeats) - repeats
    return rows, numbers[np.arange(len(rows)) + (starts[codes] - before)[rows]], names


def carrying(cells: pd.Series, tags: Sequence[str], *, mode: str = "any") -> np.ndarray:
    """Whether each row carries any of ``tags``, or all of them (``mode`` "any" or "all"); case is ignored.

    ``cells`` are stored tags. No tags: no row for "any", every row for "all". ValueError for another mode.
    """
    if mode not in ("any", "all"):
        raise ValueError(f"mode is {mode!r}; it can be 'any' or 'all'")
    wanted = {tag.casefold() for tag in tags}
    rows, codes, names = split_tags(cells)
    chosen = np.array([name.casefold() in wanted for name in names], dtype=bool)
    hits = np.bincount(rows[chosen[codes]] if len(codes) else [], minlength=len(cells))
    return hits >= (len(wanted) if mode == "all" else 1)


def _prefixed(strategy: pd.Series) -> pd.Series:
    """Strategy cells with the prefix of strategy tags where it is not written already."""
    bare = (strategy != "") & ~strategy.str.lower().str.startswith(STRATEGY)
    return strategy.where(~bare, STRATEGY + strategy)


def _written(cell: str) -> list[str]:
    """Different tags of one cell as they are written, whatever their case."""
    tags = [_tidy(" ".join(part.split())) for part in cell.split(",")]
    first: dict[str, str] = {}
    return list(dict.fromkeys(first.setdefault(tag.casefold(), tag) for tag in tags if tag))


def _sound(written: list[str], spelling: dict[str, str]) -> list[str]:
    """The tags as they are stored, in the first spelling met in the file."""
    tags = [tag for one in written if (tag := _cleaned(one))]
    kept = [spelling.setdefault(tag.casefold(), tag) for tag in tags]
    return list(dict.fromkeys(kept))[:MAX_TAGS]


def _cleaned(tag: str) -> str:
    """The tag with other signs as underscores and cut to its longest; empty where nothing is left."""
    if tag.startswith(STRATEGY):
        name = _NO_STRATEGY.sub("_", _name(tag)).strip("_ -")[:MAX_LENGTH].rstrip()
        return STRATEGY + name if name else ""
    return tag[:MAX_LENGTH] if _REGULAR.fullmatch(tag) else _NO_LETTER.sub("_", tag).strip("_")[:MAX_LENGTH]


def _tidy(tag: str) -> str:
    return STRATEGY + _name(tag).strip() if tag.lower().startswith(STRATEGY) else tag


def _name(tag: str) -> str:
    return tag[len(STRATEGY) :] if tag.lower().startswith(STRATEGY) else tag


def _fault(tags: list[str]) -> str:
    if len(tags) > MAX_TAGS:
        return "TOO_MANY_TAGS"
    if any(len(_name(tag)) > MAX_LENGTH for tag in tags):
        return "TAG_TOO_LONG"
    if not all(_REGULAR.fullmatch(tag) or _STRATEGY.fullmatch(tag) for tag in tags):
        return "BAD_TAG"
    return ""
