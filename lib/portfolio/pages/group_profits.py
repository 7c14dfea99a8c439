"""What the parts of a book earned and what moves them: for the page of ``portfolio/exposures``."""

from __future__ import annotations

import pandas as pd

from lib import wording
from lib.checks import Check, equal, holds, same_money
from lib.contracts import Column
from lib.portfolio.exposure_groups import GREEKS, OVERLAPPING
from lib.portfolio.pages.exposures import GROUP_LABELS
from lib.tables.columns import text

PROFITS = ("daily_pnl", "unrealized_pnl", "realized_pnl")
NOT_OF_OPTIONS = ("long_positions", "short_positions", "daily_pnl", "unrealized_pnl")


def columns_of(dimension: str, shown: pd.DataFrame) -> list[str | Column]:
    """The columns that are shown of ``pages.exposures.groups_of``: counts, profits, Greeks.

    Realised profit only where there is some, Greeks but delta only where an option has some.
    """
    realised = ["realized_pnl"] * bool((shown["realized_pnl"] != 0).any())
    greeks = [*GREEKS] if (shown[[*GREEKS]] != 0).any(axis=None) else []
    name = text("words", label=GROUP_LABELS[dimension])
    return [name, *NOT_OF_OPTIONS, *realised, "delta_adjusted", *greeks]


def profit_sentence(shown: pd.DataFrame, noun: str, currency: str) -> str:
    """Which group made and which lost most on the last day, and where most unrealised profit stands."""
    if not len(shown):
        return f"No priced position has a {noun}."
    return " ".join([_day(shown, noun, currency), _open(shown, noun), *_gaps(shown)])


def checks(groups: pd.DataFrame, positions: pd.DataFrame, greeks: pd.DataFrame) -> list[Check]:
    """Whether groups that do not overlap add up to the profits, the Greeks and the counts of the book."""
    whole = groups[~groups["dimension"].isin(OVERLAPPING)]
    parts = whole.groupby("dimension")[[*PROFITS, *GREEKS, "positions", "long_positions", "short_positions"]]
    sums = parts.sum(min_count=1)
    asked = {name: float(positions[name].sum()) for name in PROFITS}
    added = sums[[*PROFITS]].fillna(0.0)
    counts = sums["positions"] - sums["long_positions"] - sums["short_positions"]
    return [
        same_money(
            "Profits of groups that do not overlap add up to those of the positions",
            added.melt()["value"],
            added.melt()["variable"].map(asked).astype("float64"),
        ),
        _greeks_add_up(whole, greeks),
        equal("Every priced position is long, short or worth nothing", int((counts < 0).sum()), 0),
    ]


def _day(shown: pd.DataFrame, noun: str, currency: str) -> str:
    known = shown.dropna(subset="daily_pnl")
    if not len(known):
        return f"No {noun} has a profit of the day."
    best, worst = known.loc[known["daily_pnl"].idxmax()], known.loc[known["daily_pnl"].idxmin()]
    said = [
        f"{one['words']} {verb} {wording.money(abs(one['daily_pnl']), currency)}"
        for one, verb, counts in (
            (best, "made", best["daily_pnl"] > 0),
            (worst, "lost", worst["daily_pnl"] < 0),
        )
        if counts
    ]
    return f"On the last day {wording.joined(said)}." if said else f"On the last day no {noun} moved."


def _open(shown: pd.DataFrame, noun: str) -> str:
    known = shown.dropna(subset="unrealized_pnl")
    if not len(known):
        return f"No {noun} has an unrealised profit that is known."
    most = known.loc[known["unrealized_pnl"].abs().idxmax()]
    return (
        f"The largest unrealised {'loss' if most['unrealized_pnl'] < 0 else 'profit'} is that of "
        f"{most['words']}, {wording.money(most['unrealized_pnl'], signed=True)}."
    )


def _gaps(shown: pd.DataFrame) -> list[str]:
    """Whether the profit of the day lacks a position."""
    lacking = shown.loc[shown["without_daily_pnl"] > 0, "words"]
    return [f"Without the profit of some position: {wording.named(lacking, 3)}."] if len(lacking) else []


def _greeks_add_up(whole: pd.DataFrame, greeks: pd.DataFrame) -> Check:
    """By underlying, where every sum is known, against the positions of table ``greeks``."""
    name = "Greeks of the underlyings add up to those of the options"
    by_name = whole[whole["dimension"] == "underlying"]
    if by_name[[*GREEKS]].isna().any(axis=None) or greeks[[*GREEKS.values()]].isna().any(axis=None):
        return holds(name, True, "not all are known")
    own = greeks[[*GREEKS.values()]].sum().set_axis([*GREEKS])
    return same_money(name, by_name[[*GREEKS]].sum(), own)
