"""A world of funds in which everything that a stage could learn too early does happen, and ways to do so.

Categories, expense ratios and exit loads change and are known later; funds come, close and merge; lists are
disclosed ten days on, NAVs of some funds and levels of the benchmark a day late; some NAVs are of Saturdays,
and some are missing around a month's end. ``SCORES``, ``BACKTEST`` and ``MACRO`` are the ways, by name: each
puts a careless copy of one function in the place of the stage's own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from worlds import World, list_of, month_ends, table, world

from lib.funds import backtest_inputs, known_navs, market_score, measured, scores
from lib.funds.nav_panel import Panel, View
from lib.funds.universe import FAR

START, END = "2019-01-01", "2021-12-31"
LAST = FAR - 1
LATE, SATURDAYS, GAPS = ("F002", "F008"), "F003", "F007"


def moving_world(seed: int = 5) -> World:
    """Eleven funds of two categories over three years."""
    generator = np.random.default_rng(seed)
    ends = month_ends(START, END)
    points = dict(zip(ends, generator.uniform(30, 95, len(ends)), strict=True))
    made = world({"Large Cap Fund": 6, "Mid Cap Fund": 5}, start=START, end=END, seed=seed, points=points)
    return made.but(
        funds=_launched(made.funds),
        fund_attributes=_changed(
            made.fund_attributes, ("F000", "category", "Mid Cap Fund", "2021-03-10", "2021-03-15")
        ),
        fund_facts=_changed(
            made.fund_facts,
            ("F001", "expense_ratio", 0.004, "2021-05-03", "2021-05-20"),
            *((f"F{n:03d}", "exit_load", 0.03, "2020-11-02", "2021-02-10") for n in range(11)),
        ),
        fund_navs=_navs(made.fund_navs, generator),
        fund_holdings=_lists(generator, ends),
        benchmark_levels=made.benchmark_levels.assign(known_at=lambda one: one["date"] + pd.offsets.BDay(1)),
        fund_events=_events(),
    )


def _launched(funds: pd.DataFrame) -> pd.DataFrame:
    late = funds["fund_id"] == "F010"
    return funds.assign(known_at=funds["known_at"].mask(late, pd.Timestamp("2020-03-02")))


def _changed(own: pd.DataFrame, *rows: tuple) -> pd.DataFrame:
    names = ["fund_id", "item", "value", "valid_from", "known_at"]
    name = "fund_attributes" if isinstance(rows[0][2], str) else "fund_facts"
    return pd.concat([own, table(name, pd.DataFrame(rows, columns=names))], ignore_index=True)


def _events() -> pd.DataFrame:
    names = ["fund_id", "event", "date", "successor", "known_at"]
    rows = [
        ("F004", "closed", "2021-06-15", None, "2021-06-01"),
        ("F005", "merged", "2021-09-10", "F006", "2021-09-01"),
    ]
    return table("fund_events", pd.DataFrame(rows, columns=names))


def _navs(navs: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    fund, date = navs["fund_id"], navs["date"]
    gone = (fund == "F004") & (date > "2021-06-15") | (fund == "F005") & (date > "2021-09-10")
    gone |= (fund == "F010") & (date < "2020-03-02")
    for month in ("2020-05-29", "2021-03-31", "2021-08-31", "2021-10-29"):
        away = (date - pd.Timestamp(month)).dt.days
        gone |= (fund == GAPS) & away.between(-8, 4)
    kept = navs[~gone].reset_index(drop=True)
    late = kept["fund_id"].isin(LATE)
    kept["known_at"] = kept["date"].mask(late, kept["date"] + pd.offsets.BDay(1))
    fridays = kept[(kept["fund_id"] == SATURDAYS) & (kept["date"].dt.day_of_week == 4)]
    month_end = fridays[fridays["date"].dt.month != (fridays["date"] + pd.Timedelta(days=3)).dt.month]
    chosen = pd.concat([month_end, fridays.sample(6, random_state=3)]).drop_duplicates("date")
    saturday = chosen["date"] + pd.Timedelta(days=1)
    moved = chosen["nav"] * generator.uniform(0.97, 1.03, len(chosen))
    extra = chosen.assign(date=saturday, known_at=saturday, nav=moved)
    whole = pd.concat([kept, extra]).sort_values(["fund_id", "date"], ignore_index=True)
    return whole.astype({"date": "datetime64[us]", "known_at": "datetime64[us]"})


def _lists(generator: np.random.Generator, ends: pd.DatetimeIndex) -> pd.DataFrame:
    sectors = ("Financial Services", "Information Technology", "Healthcare", "Energy")
    rows = []
    for n in range(11):
        for day in ends:
            mix = dict(zip(sectors, generator.dirichlet(np.full(4, 3.0)) * 0.95, strict=True))
            rows += list_of(f"F{n:03d}", mix, day, day + pd.Timedelta(days=10))
    return table("fund_holdings", rows)


def _text(item: str, real: Callable) -> Callable:
    return lambda self, name, day: real(self, name, LAST if name == item else day)


def _panel(entity: str, careless: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable:
    real = measured.panel_of

    def panel_of(frame: pd.DataFrame, names: np.ndarray, **how: str) -> Panel:
        return real(careless(frame) if how["entity"] == entity else frame, names, **how)

    return panel_of


def own_day(frame: pd.DataFrame) -> pd.DataFrame:
    """Known on the day that it is of."""
    return frame.assign(known_at=frame["date"])


def next_value(navs: pd.DataFrame) -> pd.DataFrame:
    """Each day has the NAV of the next one."""
    return navs.assign(nav=navs.groupby("fund_id")["nav"].shift(-1)).dropna(subset=["nav"])


def backward_filled(navs: pd.DataFrame) -> pd.DataFrame:
    """A day without a NAV has the next one, of up to seven business days later."""
    wide = navs.pivot(index="date", columns="fund_id", values="nav")  # noqa: PD010
    long = wide.bfill(limit=7).rename_axis("date").reset_index().melt("date", value_name="nav").dropna()
    filled = long.merge(navs[["fund_id", "date", "known_at"]], on=["fund_id", "date"], how="left")
    return filled.assign(known_at=filled["known_at"].fillna(filled["date"]))


def saturday_on_friday(navs: pd.DataFrame) -> pd.DataFrame:
    """A NAV of a Saturday stands on the Friday before it."""
    off = pd.to_timedelta((navs["date"].dt.day_of_week == 5).astype(int), "D")
    moved = navs.assign(date=navs["date"] - off, known_at=navs["known_at"] - off)
    return moved.drop_duplicates(["fund_id", "date"], keep="last")


def of_the_successor(navs: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """A merged fund has the whole history of what it became."""
    for one in events[events["event"] == "merged"].itertuples():
        own = navs[navs["fund_id"] == one.fund_id]
        other = navs[navs["fund_id"] == one.successor].assign(fund_id=one.fund_id)
        navs = pd.concat([navs[navs["fund_id"] != one.fund_id], other[other["date"].isin(own["date"])]])
    return navs.sort_values(["fund_id", "date"], ignore_index=True)


def _centred(real: Callable) -> Callable:
    def view(self: Panel, day: int) -> View:
        found = real(self, day + 15)
        return View(day, found.days, found.levels)

    return view


def _second_pass(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable:
    real = scores.score_table
    return lambda *given: change(real(*given))


def _all_ever(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(category_total=frame.groupby("category")["fund_id"].transform("nunique"))


def _over_the_sample(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(score_scaled=frame["score_scaled"] - frame["score_scaled"].mean())


def _survivors(real: Callable) -> Callable:
    def roster_of(funds: pd.DataFrame, events: pd.DataFrame, **how: str):
        return real(funds[~funds["fund_id"].isin(events["fund_id"])], events, **how)

    return roster_of


SCORES: dict[str, tuple[object, str, Callable[[], object], set[str], str]] = {
    "today's category": (
        measured.Inputs,
        "text",
        lambda: _text("category", measured.Inputs.text),
        {"fund_attributes"},
        "category",
    ),
    "today's expense ratio": (
        measured.Inputs,
        "fact",
        lambda: _text("expense_ratio", measured.Inputs.fact),
        {"fund_facts"},
        "expense_ratio_value",
    ),
    "a market score before its day": (
        measured.Market,
        "at",
        lambda: (lambda real: lambda self, day: real(self, day + 31))(measured.Market.at),
        {"market_score"},
        "",
    ),
    "holdings before disclosure": (
        measured.similarity,
        "lists_of",
        lambda: (lambda real: lambda rows, *rest: real(rows.assign(known_at=rows["holding_date"]), *rest))(
            measured.similarity.lists_of
        ),
        {"fund_holdings"},
        "sectoral_similarity_value",
    ),
    "peers that include later funds": (
        scores,
        "score_table",
        lambda: _second_pass(_all_ever),
        {"funds", "fund_navs", "fund_attributes"},
        "category_total",
    ),
    "survivors only": (measured, "roster_of", lambda: _survivors(measured.roster_of), {"fund_events"}, ""),
    "a centred rolling window": (Panel, "view", lambda: _centred(Panel.view), {"fund_navs"}, ""),
    "a full-sample normalisation": (
        scores,
        "score_table",
        lambda: _second_pass(_over_the_sample),
        {"fund_navs"},
        "score_scaled",
    ),
    "a backward fill": (measured, "panel_of", lambda: _panel("fund_id", backward_filled), {"fund_navs"}, ""),
    "a rank over all dates": (
        scores,
        "_groups",
        lambda: (lambda real: lambda *columns: real(*columns[1:]))(scores._groups),
        {"fund_navs"},
        "",
    ),
    "a same-day benchmark": (
        measured,
        "panel_of",
        lambda: _panel("benchmark", own_day),
        {"benchmark_levels"},
        "",
    ),
    "a NAV before it is published": (
        measured,
        "panel_of",
        lambda: _panel("fund_id", own_day),
        {"fund_navs"},
        "",
    ),
    "a shift by minus one": (measured, "panel_of", lambda: _panel("fund_id", next_value), {"fund_navs"}, ""),
    "a Saturday's value on Friday": (
        measured,
        "panel_of",
        lambda: _panel("fund_id", saturday_on_friday),
        {"fund_navs"},
        "",
    ),
    "the successor's history under the old fund": (
        measured,
        "continued",
        lambda: (lambda real: lambda navs, events: real(of_the_successor(navs, events), events))(
            measured.continued
        ),
        {"fund_events"},
        "",
    ),
}
"""Where the careless copy goes, its name there, how it is made; inputs that may be named, and the column."""


def _of_navs(careless: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable:
    real = known_navs.known_navs
    return lambda navs: real(careless(navs))


def _traded_at(real: Callable) -> Callable:
    """Scores that hold the return of the day on which the choice is traded."""

    def scored_rows(rows: pd.DataFrame, navs, categories):
        day = np.clip(navs.days.searchsorted(rows["score_date"], side="right"), 1, len(navs.days) - 1)
        column = navs.columns_of(rows["fund_id"])
        gain = navs.nav[day, column] / navs.nav[day - 1, column] - 1
        known = rows["score_scaled"] + np.nan_to_num(1000 * gain)
        return real(backtest_inputs.in_order(rows.assign(score_scaled=known)), navs, categories)

    return scored_rows


def _by_the_next(real: Callable) -> Callable:
    """Scores of the month after."""

    def in_order(rows: pd.DataFrame) -> pd.DataFrame:
        made = real(rows)
        later = made.groupby("fund_id")["score_scaled"].shift(-1)
        return real(rows.assign(score_scaled=later.reindex(rows.index).fillna(rows["score_scaled"])))

    return in_order


def _ranked(real: Callable) -> Callable:
    return lambda rows: real(rows.assign(score_scaled=rows["score_scaled"].rank(pct=True) * 100))


def _told_at_once(real: Callable) -> Callable:
    return lambda events, *rest, **how: real(
        events.assign(date=pd.Timestamp("2020-06-01"), known_at=pd.Timestamp("2020-06-01")), *rest, **how
    )


BACKTEST: dict[str, tuple[object, str, Callable[[], object], set[str], str]] = {
    "selection by the next score": (
        backtest_inputs,
        "in_order",
        lambda: _by_the_next(backtest_inputs.in_order),
        {"fund_scores"},
        "",
    ),
    "selection at the trade's own NAV": (
        backtest_inputs,
        "scored_rows",
        lambda: _traded_at(backtest_inputs.scored_rows),
        {"fund_navs"},
        "",
    ),
    "today's exit load": (
        backtest_inputs,
        "exit_terms",
        lambda: (
            lambda real: (
                lambda facts, *rest: real(
                    facts.sort_values("known_at")
                    .drop_duplicates(["fund_id", "item"], keep="last")
                    .assign(valid_from=pd.Timestamp(START), known_at=pd.Timestamp(START)),
                    *rest,
                )
            )
        )(backtest_inputs.exit_terms),
        {"fund_facts"},
        "",
    ),
    "ends known before they were told": (
        backtest_inputs,
        "fund_ends",
        lambda: _told_at_once(backtest_inputs.fund_ends),
        {"fund_events"},
        "",
    ),
    "a rank over all dates": (
        backtest_inputs,
        "in_order",
        lambda: _ranked(backtest_inputs.in_order),
        {"fund_scores"},
        "score_scaled",
    ),
    "a same-day benchmark": (
        known_navs,
        "levels_on",
        lambda: (lambda real: lambda levels, *rest: real(own_day(levels), *rest))(known_navs.levels_on),
        {"benchmark_levels"},
        "benchmark_return",
    ),
    "a NAV before it is published": (
        backtest_inputs,
        "known_navs",
        lambda: _of_navs(own_day),
        {"fund_navs"},
        "",
    ),
    "a shift by minus one": (backtest_inputs, "known_navs", lambda: _of_navs(next_value), {"fund_navs"}, ""),
    "a backward fill": (
        backtest_inputs,
        "known_navs",
        lambda: _of_navs(backward_filled),
        {"fund_navs"},
        "",
    ),
    "a Saturday's value on Friday": (
        backtest_inputs,
        "known_navs",
        lambda: _of_navs(saturday_on_friday),
        {"fund_navs"},
        "",
    ),
}


def macro_world(ladder, seed: int = 4) -> pd.DataFrame:
    """A figure a month of every series of a ladder, published weeks later, some of them restated later on."""
    generator = np.random.default_rng(seed)
    ends = pd.date_range("2018-06-30", END, freq="ME")
    parts = []
    for name, one in ladder.series.items():
        bounds = [
            rung.when[0].bound
            for two in ladder.indicators
            if two.series == name
            for rung in two.rungs
            if rung.when
        ]
        low, high = (min(bounds), max(bounds)) if bounds else (0.0, 1.0)
        spread = max(high - low, 1.0)
        value = generator.uniform(low - spread / 2, high + spread / 2, len(ends))
        rows = pd.DataFrame({"series": name, "period_end": ends, "value": value})
        rows["released"] = ends + pd.to_timedelta(generator.integers(8, 25, len(ends)), "D")
        again = rows.sample(8, random_state=int(generator.integers(1000)))
        again = again.assign(
            value=again["value"] + spread / 3, released=again["released"] + pd.Timedelta(days=10)
        )
        parts.append(pd.concat([rows, again]).assign(unit=one.unit, frequency=one.frequency))
    return table("macro", pd.concat(parts, ignore_index=True))


def _of_macro(careless: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable:
    real = market_score.observations
    return lambda macro, *rest: real(careless(macro), *rest)


def _restated(macro: pd.DataFrame) -> pd.DataFrame:
    last = macro.sort_values("released").drop_duplicates(["series", "period_end"], keep="last")
    first = macro.groupby(["series", "period_end"])["released"].min().rename("first").reset_index()
    return last.merge(first).assign(released=lambda one: one["first"]).drop(columns="first")


def _next_figure(macro: pd.DataFrame) -> pd.DataFrame:
    ordered = macro.sort_values(["series", "released"])
    return ordered.assign(value=ordered.groupby("series")["value"].shift(-1)).dropna(subset=["value"])


def _normal(macro: pd.DataFrame) -> pd.DataFrame:
    own = macro.groupby("series")["value"]
    return macro.assign(value=macro["value"] - own.transform("mean") + own.transform("median"))


MACRO: dict[str, Callable[[], object]] = {
    "a macro value before its release": lambda: _of_macro(
        lambda macro: macro.assign(released=macro["period_end"])
    ),
    "a restated value": lambda: _of_macro(_restated),
    "a shift by minus one": lambda: _of_macro(_next_figure),
    "a full-sample normalisation": lambda: _of_macro(_normal),
    "a centred rolling window": lambda: _of_macro(
        lambda macro: macro.sort_values(["series", "released"]).assign(
            value=lambda one: one.groupby("series")["value"].transform(
                lambda own: own.rolling(3, center=True, min_periods=1).mean()
            )
        )
    ),
}
