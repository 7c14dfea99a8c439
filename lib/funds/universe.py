"""Which funds are scored on a day, and what was known of each: nothing here is an attribute of today.

Of each scheme one plan and option is kept, the asked one, or the one that the scheme has where it has but one
(``none``). A fund is scored while it is known, has not ended, has a category, published a NAV within 30 days
and has 250 of them. A merger or change of code ends the old fund. What absorbed it keeps its own history;
``lib.funds.succession`` says what a change of code does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.funds.nav_panel import View, codes_of, day_numbers

FEWEST_NAVS = 250
SILENT_AFTER = 30
FAR = np.iinfo("int64").max
PREFERRED = {"plan": ("direct", "none", "regular"), "option": ("growth", "none", "idcw")}


@dataclass(frozen=True)
class Known:
    """Rows of (fund, value, since, known), in the order of fund and ``since``."""

    fund: np.ndarray
    value: np.ndarray
    since: np.ndarray
    known: np.ndarray

    def at(self, day: int, funds: int, absent: object) -> np.ndarray:
        """The value of each fund that held and was known on ``day``; ``absent`` where there is none."""
        rows = np.flatnonzero((self.since <= day) & (self.known <= day))
        owner = self.fund[rows]
        last = rows[np.append(owner[1:] != owner[:-1], True)] if len(rows) else rows
        found = np.full(funds, absent, dtype=self.value.dtype)
        found[self.fund[last]] = self.value[last]
        return found


def known_items(frame: pd.DataFrame, ids: np.ndarray) -> dict[str, Known]:
    """The items of ``fund_attributes`` or ``fund_facts`` by name."""
    fund = codes_of(frame["fund_id"], ids)
    since, known = day_numbers(frame["valid_from"]), day_numbers(frame["known_at"])
    value = frame["value"].to_numpy(dtype="float64" if frame["value"].dtype.kind == "f" else object)
    order = np.lexsort((known, since, fund))
    order = order[fund[order] >= 0]
    item = frame["item"].to_numpy(dtype=object)[order]
    found = {}
    for name in sorted(set(item)):
        rows = order[item == name]
        found[name] = Known(fund[rows], value[rows], since[rows], known[rows])
    return found


@dataclass(frozen=True)
class Roster:
    """All funds in the order of their ids, when each was known, and ends: of which fund, when, known when.

    ``rank`` orders the plans and options of a scheme as they are asked for, -1 for one that is not.
    """

    ids: np.ndarray
    scheme: np.ndarray
    schemes: np.ndarray
    rank: np.ndarray
    idcw: np.ndarray
    since: np.ndarray
    ended: np.ndarray
    end: np.ndarray
    end_known: np.ndarray

    def has_ended(self, day: int) -> np.ndarray:
        """Which funds had ended by the close of a day, as was known then."""
        return self._named((self.end <= day) & (self.end_known <= day))

    def is_ending(self, day: int) -> np.ndarray:
        """Which funds were known to end on a later day."""
        return self._named((self.end > day) & (self.end_known <= day))

    def _named(self, chosen: np.ndarray) -> np.ndarray:
        found = np.zeros(len(self.ids), dtype=bool)
        found[self.ended[chosen]] = True
        return found


def roster_of(funds: pd.DataFrame, events: pd.DataFrame, *, plan: str, option: str) -> Roster:
    """The funds of the table ``funds`` with the plan and option that is asked for (``any`` takes each)."""
    funds = funds.sort_values("fund_id", kind="stable")
    ids = funds["fund_id"].to_numpy(dtype=object)
    scheme, schemes = pd.factorize(funds["scheme"], sort=True)
    plans, options = (_preference(funds[name], asked) for name, asked in (("plan", plan), ("option", option)))
    rank = np.where((plans >= 0) & (options >= 0), plans * 3 + options, -1)
    ended, end, end_known = _ends(events, ids)
    return Roster(
        ids,
        scheme.astype("int64"),
        np.asarray(schemes, dtype=object),
        rank,
        (funds["option"] == "idcw").to_numpy(),
        day_numbers(funds["known_at"]),
        ended,
        end,
        end_known,
    )


def _preference(column: pd.Series, asked: str) -> np.ndarray:
    order = PREFERRED[str(column.name)]
    wanted = order if asked == "any" else (asked, "none")
    return codes_of(column, list(wanted))


def _ends(events: pd.DataFrame, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The fund, the day and the day known of each end.

    Being taken over by another house is no end where no units were exchanged.
    """
    successor = events["successor"].astype("object").where(events["successor"].notna(), "")
    over = events["event"].isin(["closed", "merged"]) | (
        events["event"].isin(["taken_over", "code_changed"])
        & (successor != "")
        & (successor != events["fund_id"])
    )
    ended = events[over]
    place = codes_of(ended["fund_id"], ids)
    there = place >= 0
    return place[there], day_numbers(ended["date"])[there], day_numbers(ended["known_at"])[there]


@dataclass(frozen=True)
class Universe:
    """Which funds of the roster are scored on a day; why the others of those asked for are not."""

    day: int
    scored: np.ndarray
    reason: np.ndarray
    ending: np.ndarray


def universe_at(
    roster: Roster, view: View, category: np.ndarray, *, categories: tuple[str, ...] = ()
) -> Universe:
    """The funds to be scored at the close of the view's day; ``category`` is what each was then."""
    day = view.day
    there = (roster.since <= day) & ~roster.has_ended(day) & (roster.rank >= 0)
    last = view.last_day()
    chosen = _one_of_each_scheme(roster, there & (last > 0))
    if categories:
        chosen &= np.isin(category.astype(str), categories)
    reason = np.full(len(roster.ids), "", dtype=object)
    reason[chosen & (view.counts() < FEWEST_NAVS)] = "NAV_TOO_SHORT"
    reason[chosen & (last < day - SILENT_AFTER)] = "NAV_SILENT"
    reason[chosen & (category == "")] = "NO_CATEGORY"
    return Universe(day, chosen & (reason == ""), reason, roster.is_ending(day))


def _one_of_each_scheme(roster: Roster, there: np.ndarray) -> np.ndarray:
    """Of each scheme the fund that is asked for first, by id where two are alike."""
    rows = np.flatnonzero(there)
    rows = rows[np.lexsort((rows, roster.rank[rows], roster.scheme[rows]))]
    chosen = np.zeros(len(there), dtype=bool)
    if len(rows):
        scheme = roster.scheme[rows]
        chosen[rows[np.append(True, scheme[1:] != scheme[:-1])]] = True
    return chosen
