"""No result of an event rests on what was known only after its window, and a study that leaks is caught."""

import numpy as np
import pandas as pd
import pytest

from lib.signals.event_windows import EventRules
from tests.signals.event_worlds import listed, studied
from tests.signals.worlds import world

WORLD = world(firms=40, days=900, effect=0.0)
SESSIONS = WORLD.sessions
CUTS = (430, 505, 519, 620)
CLOCKS = {
    "signal_returns": "date",
    "signal_benchmarks": "date",
    "signal_memberships": "known_at",
    "signal_delistings": "known_at",
    "signal_values": "session",
}


def planted():
    """Events, among them one for all of a crisis; a halted firm whose end is known later; late members."""
    returns, members = WORLD.tables["signal_returns"], WORLD.tables["signal_memberships"].copy()
    silent = (returns["entity"] == "firm-005") & (returns["date"] > SESSIONS[501])
    pause = (returns["entity"] == "firm-006") & returns["date"].isin(SESSIONS[505:509])
    gone = WORLD.tables["signal_delistings"]
    row = gone.iloc[[0]].assign(entity="firm-005", date=SESSIONS[510], known_at=SESSIONS[518])
    members.loc[members["entity"].isin(["firm-010", "firm-011"]), "known_at"] = SESSIONS[560]
    members.loc[members["entity"].isin(["firm-012", "firm-013"]), "known_at"] = SESSIONS[300]
    tables = {
        **WORLD.tables,
        "signal_returns": returns.loc[~silent & ~pause].reset_index(drop=True),
        "signal_memberships": members,
        "signal_delistings": pd.concat([gone, row], ignore_index=True),
    }
    draw = np.random.default_rng(3)
    stated = [(f"e{at}", None, f"{SESSIONS[at]:%Y-%m-%d} 22:00") for at in (250, 424, 499, 614)]
    firms = draw.choice(WORLD.entities, 150)
    days = SESSIONS[draw.integers(150, 880, 150)]
    pairs = zip(firms, days, strict=True)
    stated += [(f"n{i}", firm, f"{day:%Y-%m-%d} 15:00") for i, (firm, day) in enumerate(pairs)]
    return tables, listed(stated)


TABLES, EVENTS = planted()


def replaced(tables, cut):
    """The tables with everything after the cut drawn anew, and further rows of memberships."""
    draw = np.random.default_rng(99)
    out = dict(tables)
    for name, clock in CLOCKS.items():
        frame = tables[name].copy()
        later = frame[clock] > cut
        for column in ("return", "value", "market_cap"):
            if column in frame:
                frame.loc[later, column] = draw.normal(0.0, 0.05, int(later.sum()))
        if name == "signal_memberships":
            frame.loc[later, "member"] = False
        if name == "signal_delistings":
            frame = frame.loc[~later]
        out[name] = frame
    out["signal_returns"]["return"] = out["signal_returns"]["return"].clip(lower=-1.0)
    return out


def changed(**how):
    """Cuts at which a result whose date is not after the cut changes when what follows is cut or replaced."""
    found = []
    whole = studied(TABLES, EVENTS, **how).tables
    for cut in (SESSIONS[at] for at in CUTS):
        others = [
            studied(TABLES, EVENTS, as_of=f"{cut:%Y-%m-%d}", **how).tables,
            studied(replaced(TABLES, cut), EVENTS, **how).tables,
        ]
        for other in others:
            for name in ("event_car", "event_ar"):
                own, theirs = (
                    frame.loc[frame["date"] <= cut].reset_index(drop=True)
                    for frame in (whole[name], other[name])
                )
                if not own.equals(theirs):
                    found.append((cut, name))
    return found


def test_no_result_changes_when_later_data_are_cut_or_replaced():
    assert changed() == []


@pytest.mark.parametrize("model", ["mean", "market_adjusted"])
def test_nor_under_another_model_and_all_overlapping_events(model):
    assert changed(model=model, rules=EventRules(overlaps="all")) == []


def test_there_is_much_that_could_have_changed():
    whole = studied(TABLES, EVENTS).tables
    before = whole["event_car"]["date"] <= SESSIONS[519]
    assert before.sum() > 100 and (~before).sum() > 40
    late = whole["event_car"].set_index(["event", "entity"])
    assert late.loc[("e499", "firm-005"), "date"] == SESSIONS[518]
    assert late.loc[("e499", "firm-006"), "date"] == SESSIONS[509]


def test_a_market_of_the_next_day_is_caught():
    assert changed(shift=-1)


def test_an_estimation_after_the_event_is_caught():
    rules = EventRules()
    object.__setattr__(rules, "estimation", (8, 100))
    assert changed(rules=rules)


def test_an_estimation_that_reaches_into_the_event_is_refused_and_would_hide_it():
    """Refused by the rules; past them, a planted fall of all days of the window is taken for normal."""
    rules = EventRules((-1, 5), (-120, -11))
    into = EventRules((-1, 5), (-120, -11))
    object.__setattr__(into, "estimation", (-60, 5))
    fallen = TABLES["signal_returns"].copy()
    fallen.loc[fallen["date"].isin(SESSIONS[613:620]), "return"] -= 0.02
    own, hidden = (
        studied({**TABLES, "signal_returns": fallen}, EVENTS.loc[EVENTS["event"] == "e614"], rules=one)
        for one in (rules, into)
    )
    means = [one.tables["event_car"]["car"].mean() for one in (own, hidden)]
    assert means[0] < means[1] - 0.005


def test_a_membership_that_is_used_before_it_was_known_is_caught(monkeypatch):
    from lib.signals import cube

    def knows_all(rows, sessions, entities):
        """As the cube's, but by the day from which it holds."""
        state = np.full((len(sessions), len(entities)), np.nan)
        at = sessions.searchsorted(pd.DatetimeIndex(rows["date"]))
        state[at, entities.get_indexer(rows["entity"])] = rows["member"]
        return pd.DataFrame(state).ffill().fillna(0.0).to_numpy() > 0.0

    monkeypatch.setattr(cube, "_membership", knows_all)
    assert changed()


def test_an_end_that_is_used_before_it_was_known_is_caught(monkeypatch):
    from lib.signals import event_windows

    class AtOnce(event_windows.Ends):
        """Takes what holders got as known at the window's end."""

        def __init__(self, own, delistings):
            super().__init__(own, delistings)
            self.known = np.zeros_like(self.known)

    monkeypatch.setattr(event_windows, "Ends", AtOnce)
    assert changed()
