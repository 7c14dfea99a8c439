"""Combinations of tags that a book is cut by: written in a setting, or those that its positions carry most.

``core+dividend`` are the positions that carry both tags, ``core|dividend`` those that carry one of them at
least. Sets overlap as tags do, so their figures must never be added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lib.errors import InputError
from lib.portfolio.tags import STRATEGY, split_tags

FIELD = "stages.portfolio/exposures.tag_sets"
ALL, ANY = "+", "|"
MOST_COMMON = 10
MEND = 'write tags with + between them for all of them, with | for any, as "core+dividend"'


@dataclass(frozen=True)
class TagSet:
    """Tags that are looked at together: ``mode`` is "all" or "any", as in ``lib.portfolio.tags.carrying``."""

    tags: tuple[str, ...]
    mode: str

    @property
    def name(self) -> str:
        """The set as it is written, strategies without their prefix: "core + dividend"."""
        sign = ALL if self.mode == "all" else ANY
        return f" {sign} ".join(tag.removeprefix(STRATEGY) for tag in self.tags)


def chosen_tag_sets(written: Sequence[str], cells: pd.Series) -> list[TagSet]:
    """The sets that a page shows: those of the setting, or of ``common_tag_sets`` where it is empty.

    A tag that is written without the prefix of strategies means a strategy where only that is in ``cells``.
    """
    if not written:
        return common_tag_sets(cells)
    stored = {name.casefold() for name in split_tags(cells)[2]}
    return [
        TagSet(tuple(_meant(tag, stored) for tag in one.tags), one.mode) for one in read_tag_sets(written)
    ]


def read_tag_sets(written: Sequence[str]) -> list[TagSet]:
    """The sets of the setting ``tag_sets``, in its order; InputError for what is no set of two tags."""
    return [_read(text, f"{FIELD}[{place}]") for place, text in enumerate(written)]


def common_tag_sets(cells: pd.Series) -> list[TagSet]:
    """The ten combinations of two tags and more that most positions carry, the most common first.

    ``cells`` are stored tags, one a position; a combination is the whole of a position's tags, in any order.
    """
    carried = cells[cells.str.contains(",", regex=False)]
    combined = carried.map(lambda cell: ",".join(sorted(cell.split(","), key=str.casefold)))
    counts = combined.value_counts().rename_axis("tags").reset_index(name="positions")
    first = counts.sort_values(["positions", "tags"], ascending=[False, True]).head(MOST_COMMON)
    return [TagSet(tuple(tags.split(",")), "all") for tags in first["tags"]]


def validate(request: dict) -> dict:
    """Refuse a set of tags that cannot be read; ``request["settings"]["tag_sets"]`` may hold some."""
    written = (request.get("settings") or {}).get("tag_sets") or []
    return {"tag_sets": len(read_tag_sets(written))}


def _meant(tag: str, stored: set[str]) -> str:
    strategy = STRATEGY + tag
    return strategy if tag.casefold() not in stored and strategy.casefold() in stored else tag


def _read(text: str, field: str) -> TagSet:
    sign = ANY if ANY in text else ALL
    tags = tuple(" ".join(part.split()) for part in text.split(sign))
    if len({tag.casefold() for tag in tags}) < 2 or not all(tags):
        raise InputError(f"{text!r} names no two tags", mend=MEND, field=field)
    if ANY in text and ALL in text:
        raise InputError(f"{text!r} has both + and |", mend=MEND, field=field)
    return TagSet(tags, "any" if sign == ANY else "all")
