"""The look-ahead audit on the functions of sorts and events: they pass, careless copies of them do not."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from lib.run.audit.look_ahead import audit
from lib.signals import cube, sort_ground, sort_study, sorting
from lib.signals.event_windows import EventRules
from lib.tables import TABLES
from tests.signals.event_worlds import listed, studied
from tests.signals.test_deciles import inputs
from tests.signals.worlds import EXCHANGE, world

WORLD = world(firms=40, days=520, effect=0.015, failures=3)
SESSIONS = WORLD.sessions
CHOICE = sort_study.Choice(draws=100, horizons=(5,), longest_delay=1, groups=4, weighting="value")
MOMENTS = 10


def planted():
    """Two firms whose membership and sectors are known long after the day from which they hold."""
    members = WORLD.tables["signal_memberships"].copy()
    members.loc[members["entity"].isin(["firm-010", "firm-011"]), "known_at"] = SESSIONS[330]
    entities = WORLD.tables["signal_entities"]
    moved = entities.iloc[:9].assign(sector="east", valid_from=SESSIONS[300], known_at=SESSIONS[330])
    whole = pd.concat([entities, moved], ignore_index=True)
    return {**WORLD.tables, "signal_memberships": members, "signal_entities": whole}


PLANTED = planted()
EVENTS = listed([(f"e{at}", None, f"{SESSIONS[at]:%Y-%m-%d} 22:00") for at in (200, 280, 360, 440)])


def of_sorts(tables, as_of):
    found = sort_study.sort_study(
        inputs(tables),
        CHOICE,
        as_of=as_of or "2049-01-01",
        universe="world",
        hypothesis="higher",
        exchange=EXCHANGE,
    ).tables
    return {name: found[name] for name in ("signal_groups", "group_returns", "long_short")}


def of_events(tables, as_of, **how):
    found = studied(tables, tables["signal_events"], as_of=as_of or "2049-01-01", **how).tables
    return {name: found[name] for name in ("event_car", "event_ar")}


def audited(run, tables):
    return audit(run, tables, TABLES, moments=MOMENTS, to_first=True)


def named(found, inputs_: set[str]):
    leak = found.leaks[0]
    assert set(leak.cause) & inputs_, leak.cause
    assert leak.first is not None and leak.first.date <= leak.alteration.moment


def pooled(real):
    """Groups by the breakpoints of all dates together."""

    def groups(values, number, **_):
        found = real(values.reshape(1, -1), np.array([int(number.max())])).reshape(values.shape)
        return np.minimum(found, number[:, None])

    return groups


def before_known(real):
    """A value five sessions before it was known."""
    return lambda *given, lag=0, **how: real(*given, **how, lag=lag - 6)


def by_its_day(real):
    return lambda rows, *rest: real(rows.assign(known_at=rows["date"]), *rest)


def of_the_next_day():
    def cap(self):
        after = np.minimum(self.formed + 1, len(self.cube.sessions) - 1)
        return self.cube.market_cap[after]

    made = cached_property(cap)
    made.__set_name__(sort_ground.Ground, "cap")
    return made


def newest_sector(real):
    def codes(entities, *rest, **how):
        last = entities.sort_values("valid_from").drop_duplicates("entity", keep="last")
        return real(last.assign(valid_from=SESSIONS[0], known_at=SESSIONS[0]), *rest, **how)

    return codes


LEAKS = {
    "pooled breakpoints": (
        sorting,
        "quantile_groups",
        lambda: pooled(sorting.quantile_groups),
        {"signal_values"},
    ),
    "trading before the value was known": (
        sort_ground,
        "as_known",
        lambda: before_known(sort_ground.as_known),
        {"signal_values", "signal_returns"},
    ),
    "later membership": (
        cube,
        "_membership",
        lambda: by_its_day(cube._membership),
        {"signal_memberships"},
    ),
    "next-day market value": (sort_ground.Ground, "cap", of_the_next_day, {"signal_returns"}),
    "today's sector": (
        sort_study,
        "sector_codes",
        lambda: newest_sector(sort_study.sector_codes),
        {"signal_entities"},
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_every_way_to_sort_by_what_was_not_known_is_named(monkeypatch, leak):
    owner, name, careless, causes = LEAKS[leak]
    monkeypatch.setattr(owner, name, careless())
    named(audited(of_sorts, PLANTED), causes)


def test_a_market_of_the_next_day_is_named():
    tables = {**PLANTED, "signal_events": EVENTS}
    found = audited(lambda given, as_of: of_events(given, as_of, shift=-1), tables)
    named(found, {"signal_benchmarks", "signal_returns"})


def test_an_estimation_after_the_event_is_named():
    rules = EventRules()
    object.__setattr__(rules, "estimation", (8, 100))
    found = audited(
        lambda given, as_of: of_events(given, as_of, rules=rules), {**PLANTED, "signal_events": EVENTS}
    )
    named(found, {"signal_benchmarks", "signal_returns"})


def test_sorts_and_events_themselves_pass():
    for run, tables in ((of_sorts, PLANTED), (of_events, {**PLANTED, "signal_events": EVENTS})):
        found = audited(run, tables)
        assert found.passed, found.leaks
