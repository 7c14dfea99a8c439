"""Arrays of returns and of values as they were known."""

import numpy as np
import pandas as pd

from lib.signals.cube import as_known, cube, session_of
from tests.signals.worlds import EXCHANGE, world

WORLD = world(firms=20, days=300)


def arrays(as_of="2049-01-01", **more):
    tables = WORLD.tables
    return cube(
        tables["signal_returns"],
        tables["signal_memberships"],
        tables["signal_delistings"],
        universe="world",
        as_of=as_of,
        **more,
    )


def test_a_delisting_is_the_last_return_of_a_firm_and_an_unknown_one_is_assumed():
    own = arrays(delisting_return=-0.55)
    gone = WORLD.tables["signal_delistings"]
    for row in gone.itertuples():
        column = own.returns[:, own.entities.get_loc(row.entity)]
        at = own.sessions.get_loc(row.date)
        assert column[at] == (-0.55 if np.isnan(row[4]) else row[4])
        assert np.isnan(column[at + 1 :]).all() and not np.isnan(column[:at]).any()
    assert own.assumed.sum() == gone["return"].isna().sum() == own.delisted.sum() - 2


def test_a_value_is_used_only_from_its_session_on_and_until_it_is_too_old():
    own = arrays()
    values = WORLD.tables["signal_values"]
    every = np.arange(len(own.sessions))
    wide = as_known(values, own, every, lag=2, max_age=20)
    one = values.loc[values["entity"] == "firm-003"].sort_values("known_at")
    expected = np.full(len(own.sessions), np.nan)
    for row in one.itertuples():
        at = own.sessions.get_loc(row.session)
        fresh = (own.sessions - row.session).days <= 20
        expected[(every >= at + 2) & fresh] = row.value
        expected[(every >= at + 2) & ~fresh] = np.nan
    assert np.array_equal(wide[:, own.entities.get_loc("firm-003")], expected, equal_nan=True)
    assert np.isnan(wide[0]).all()


def test_a_moment_belongs_to_the_first_session_that_closes_after_it():
    sessions = pd.DatetimeIndex(["2019-11-27", "2019-11-29", "2019-12-02"]).as_unit("us")
    moments = pd.Series(
        pd.to_datetime(["2019-11-27 20:59", "2019-11-27 21:00", "2019-11-27 21:01", "2019-11-29 18:30"])
    ).dt.tz_localize("UTC")
    found = session_of(moments, sessions, exchange=EXCHANGE)
    assert [str(day)[:10] for day in found] == ["2019-11-27", "2019-11-27", "2019-11-29", "2019-12-02"]


def test_a_member_is_one_only_once_that_is_known():
    tables = dict(WORLD.tables)
    rows = tables["signal_memberships"].copy()
    rows.loc[0, "known_at"] = WORLD.sessions[100]
    later = cube(
        tables["signal_returns"], rows, tables["signal_delistings"], universe="world", as_of="2049-01-01"
    )
    assert not later.member[:100, 0].any() and later.member[100:, 0].all()
