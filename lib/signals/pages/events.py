"""What the page of ``signals/events`` shows and says first; tests and tables: ``event_tables``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib import codes, wording
from lib.checks import Check, adds_up, close, counts_add_up, equal, holds, none, nothing, within
from lib.contracts import KeyFigure
from lib.signals.events import EventStudy
from lib.signals.pages import universe
from lib.signals.pages.event_tables import (
    BY,
    GAPS,
    LEADING,
    LEADING_GAPS,
    NAMES,
    NO_GROUPS,
    SURE,
    leading,
    leaning,
    whole,
)
from lib.tables.signal_events import EVERYONE, GAP, HIGHEST, LOWEST


def faults(
    study: EventStudy, *, origins: list[str], listed: str | None, benchmark: str | None, left: bool = True
) -> list[str]:
    """What is wrong with the data or was not done, a sentence each; ``left``: some firm left the market."""
    if not listed:
        return ["No list of events is named for this signal, so that nothing was studied."]
    car = study.tables["event_car"]
    generated = universe.generated(origins)
    found = generated + universe.survivors(car["entity"].nunique(), left=left, real=not generated)
    if not generated:
        found += universe.generated(sorted(study.origins), "events")
    if study.events == 0:
        found.append(f"The source has no event of the list {listed}.")
    if study.events and not study.market:
        wanted = f"The index {benchmark} has no returns" if benchmark else "No index is named"
        found.append(f"{wanted}: the market is the mean of the firms themselves.")
    dropped = len(study.tables["event_drops"])
    if dropped:
        found.append(
            f"{wording.count(dropped)} of {wording.count(dropped + len(car))} firms and events could not be "
            "studied."
        )
    assumed = int(codes.has(car["flags"], "end_assumed").sum())
    if assumed:
        found.append(f"What holders of {wording.plural(assumed, 'firm')} got at the end is assumed.")
    return found


def verdict(study: EventStudy) -> str:
    """Whether firms were hit, and whether the signal told which."""
    if study.about.events < 2:
        return "Fewer than two events of firms can be studied, so that nothing can be said."
    return f"{mean_sentence(study)} {difference_sentence(study)}"


def mean_sentence(study: EventStudy) -> str:
    """The mean CAR, by the test that holds here."""
    table = whole(study)
    row = leading(table, LEADING)
    mean = wording.percent(table["mean"].iloc[0], signed=True)
    days = _days(study)
    if row is None:
        return f"Over {days} the mean abnormal return was {mean}; no test of it holds here."
    told = "chance explains that badly" if row["p"] < SURE else "that cannot be told from none"
    return f"Over {days} the mean abnormal return was {mean}: {told} ({_p(row, NAMES)})."


def difference_sentence(study: EventStudy) -> str:
    """The difference of the groups, by the test that holds here."""
    table = study.tables["event_differences"]
    gap = _estimate(table)
    if wording.is_missing(gap):
        return NO_GROUPS
    row = leading(table, LEADING_GAPS)
    said = f"The highest group returned {wording.percent(gap, signed=True)} against the lowest"
    if row is None:
        return f"{said}; no test of that holds here."
    told = "the signal told who was hit" if row["p"] < SURE else "no sign that the signal tells who is hit"
    return f"{said}: {told} ({_p(row, GAPS)}).{leaning(study)}"


def path_frames(study: EventStudy) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Mean CAR by day of all, the lowest and the highest group, as arguments of paths with bands."""
    table = study.tables["event_paths"]
    chosen = {EVERYONE: "All"}
    if (table["group"] == HIGHEST).any():
        chosen = {HIGHEST: "Highest signal", EVERYONE: "All", LOWEST: "Lowest signal"}
    middle, low, high = (
        table.pivot_table(index="day", columns="group", values=column, sort=False)
        .reindex(columns=list(chosen))
        .rename(columns=chosen)
        for column in ("mean", "low", "high")
    )
    ends = [name for name in middle.columns if name != "All" or len(middle.columns) == 1]
    return middle, low[ends], high[ends]


def path_sentence(study: EventStudy) -> str:
    """Where the path of the difference ends, and whether its band leaves zero out."""
    table = study.tables["event_paths"]
    if table.empty:
        return "No event can be studied."
    name = GAP if (table["group"] == GAP).any() else EVERYONE
    last = table[table["group"] == name].iloc[-1]
    what = "The difference of highest and lowest group" if name == GAP else "The mean of all"
    span = f"{wording.percent(last['low'], signed=True)} to {wording.percent(last['high'], signed=True)}"
    side = "leaves zero out" if last["low"] > 0 or last["high"] < 0 else "holds zero"
    said = f"{what} ends at {wording.percent(last['mean'], signed=True)}; the 95% band, {span}, {side}."
    if study.about.raised:
        said += (
            f" Returns varied {wording.number(study.about.variance_ratio, 1)} times as much as the days "
            "before foretold (variance of standardised sums), so that bands are too narrow."
        )
    return said


def checks(study: EventStudy) -> list[Check]:
    """Identities of this result."""
    ar, car, paths = (study.tables[name] for name in ("event_ar", "event_car", "event_paths"))
    if car.empty:
        return [nothing("Abnormal returns of the days add up to the CAR")]
    sums = ar.groupby(["event", "entity"])["abnormal_return"].sum()
    keyed = car.set_index(["event", "entity"])
    groups = study.tables["event_quartiles"]
    last = paths[(paths["group"] == EVERYONE)].iloc[-1]
    early = car["known_at"].dt.tz_convert(None).dt.normalize() > car["session"]
    apart = car.sort_values(["entity", "session"]).duplicated(["entity", "session"])
    return [
        close("Abnormal returns of the days add up to the CAR", sums.reindex(keyed.index), keyed["car"]),
        close("The path of all ends at the mean CAR", float(last["mean"]), float(car["car"].mean())),
        counts_add_up(
            "Groups hold every event with a group",
            {"events with a group": int(car["group"].notna().sum())},
            {"in groups": int(groups["n"].sum())},
        ),
        none("No event day lies before the event was public", int(early.sum()), "earlier"),
        none("No firm counts twice on a day", int(apart.sum()), "repeated"),
        holds(
            "Estimation ends before the window begins",
            study.rules.estimation[1] < study.rules.window[0],
            f"day {study.rules.estimation[1]} and day {study.rules.window[0]}",
        ),
        within("Probabilities lie between 0 and 1", study.tables["event_tests"]["p"], 0.0, 1.0, noun="test"),
        equal("A row a day of each event", len(ar), len(car) * len(study.rules.days)),
        adds_up(
            "Groups average to the mean of what is grouped",
            groups["mean_car"] * groups["n"],
            float(car.loc[car["group"].notna(), "car"].sum()),
        ),
    ]


def key_figures(study: EventStudy) -> list[KeyFigure]:
    """Events, mean CAR, difference, and how probable each is without an effect."""
    table, gaps = whole(study), study.tables["event_differences"]
    mean = float(table["mean"].iloc[0]) if len(table) else np.nan
    row, gap = leading(table, LEADING), leading(gaps, LEADING_GAPS)
    ready = study.about.events >= 2
    return [
        KeyFigure(
            "events_studied",
            study.about.events,
            "count",
            "neither",
            f"Events of firms on {wording.plural(study.about.days, 'day')}.",
        ),
        KeyFigure(
            "mean_abnormal_return",
            mean,
            "fraction",
            "neither",
            f"Summed over {_days(study)}, mean of all." if ready else verdict(study),
        ),
        KeyFigure(
            "p_of_mean",
            np.nan if row is None else float(row["p"]),
            "p_value",
            "neither",
            "No test of the mean holds here." if row is None else f"Of the mean, {_way(row, NAMES)}.",
        ),
        KeyFigure(
            "difference",
            _estimate(gaps),
            "fraction",
            "neither",
            "Highest group less the lowest, of each day." if ready else verdict(study),
        ),
        KeyFigure(
            "p_of_difference",
            np.nan if gap is None else float(gap["p"]),
            "p_value",
            "neither",
            "No test of the difference holds here."
            if gap is None
            else f"Of the difference, {_way(gap, GAPS)}.",
        ),
    ]


def _estimate(gaps: pd.DataFrame) -> float:
    own = gaps.loc[gaps["test"] == "welch", "estimate"]
    return float(own.iloc[0]) if len(own) else np.nan


def _days(study: EventStudy) -> str:
    first, last = study.rules.window
    return f"days {wording.number(first, 0)} to {wording.number(last, 0, signed=True)}"


def _p(row: pd.Series, names: dict[str, str]) -> str:
    return f"p {wording.p_value(row['p'])} {_way(row, names)}"


def _way(row: pd.Series, names: dict[str, str]) -> str:
    """By which test, and on what condition it holds here."""
    on = "" if row["trusted"] == "yes" else f", valid {codes.words(str(row['reason']))}"
    return f"{BY.get(str(row.name)) or 'by ' + names[str(row.name)]}{on}"
