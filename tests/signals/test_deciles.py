"""The sorts of a signal: worked by hand, flaws that others have, and nothing known too early."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.contracts import conform, empty
from lib.errors import InputError
from lib.market import calendar
from lib.signals.cube import Cube, cube
from lib.signals.sort_costs import CostRules, capacity, costs_of, impact_bp, period_cost, spread_bp, terms_of
from lib.signals.sort_ground import ground
from lib.signals.sort_measures import mean_figures
from lib.signals.sort_study import Choice, Inputs, sort_study
from lib.signals.sorting import sort_firms
from lib.tables import TABLES
from tests.signals.worlds import EXCHANGE, SOURCE, world

WORLD = world(components=2, effect=0.015, firms=60, days=760)
QUICK = Choice(draws=200, horizons=(5, 21), longest_delay=3)


def inputs(tables):
    facts = tables.get("signal_facts", empty(TABLES["signal_facts"]))
    names = ("values", "returns", "memberships", "delistings", "entities")
    return Inputs(*(tables[f"signal_{name}"] for name in names), facts)


def study(tables=WORLD.tables, choice=QUICK, *, as_of="2030-01-01", hypothesis="higher"):
    return sort_study(
        inputs(tables), choice, as_of=as_of, universe="world", hypothesis=hypothesis, exchange=EXCHANGE
    )


@pytest.fixture(scope="module")
def found():
    return study()


def small(returns, values, *, caps=None, sessions=None, delisted=None, members=None):
    """The ground of given arrays, returns (T, N) from 2 January 2020 on, and values (dates x firms)."""
    array = np.asarray(returns, dtype="float64")
    days = (
        calendar.sessions("2020-01-02", "2020-12-31", EXCHANGE)[: len(array)]
        if sessions is None
        else sessions
    )
    there = np.ones(array.shape, dtype=bool) if members is None else np.asarray(members)
    gone = np.zeros(array.shape, dtype=bool) if delisted is None else delisted
    market = np.full(array.shape, np.nan) if caps is None else np.broadcast_to(caps, array.shape)
    names = pd.Index([f"f{one}" for one in range(array.shape[1])])
    arrays = Cube(
        days, names, array, market, 0.01 * market, there, gone, np.zeros(array.shape[1], dtype=bool)
    )
    own = ground(arrays, every="monthly", exchange=EXCHANGE)
    return own, np.broadcast_to(np.asarray(values, dtype="float64"), own.firms.shape)


def test_a_small_sort_is_what_paper_and_pencil_give():
    """Ten firms, halves; in February one of the top half gains 10 % on two days, another fails."""
    days = calendar.sessions("2020-01-02", "2020-03-31", EXCHANGE)
    returns = np.zeros((len(days), 10))
    february = np.flatnonzero(days.month == 2)
    returns[february[:2], 9] = 0.10
    returns[february[3], 8] = -0.5
    returns[february[5], 0] = 0.04
    delisted = np.zeros(returns.shape, dtype=bool)
    delisted[february[3], 8] = True
    returns[february[4] :, 8] = np.nan
    members = np.ones(returns.shape, dtype=bool)
    members[february[3] :, 8] = False
    own, values = small(returns, np.arange(10.0), sessions=days, delisted=delisted, members=members)
    one = sort_firms(own, np.where(own.firms, values, np.nan), groups=2, higher=True)
    assert own.dates.strftime("%m-%d").tolist() == ["01-31", "02-28", "03-31"]
    long, short = (side[0] for side in one.sides())
    assert long == pytest.approx((1.1**2 - 1 - 0.5) / 5, abs=1e-14)
    assert short == pytest.approx(0.04 / 5, abs=1e-14)
    assert one.delisted()[0].tolist() == [0, 1] and one.firms()[0].tolist() == [5, 5]
    assert one.groups.tolist() == [2, 0, 0], "nine firms are too few for two groups of five"


def test_turnover_is_measured_against_drifted_weights():
    """Halves of ten, one firm of the long side doubles: its weight drifts from 1/5 to 1/3."""
    days = calendar.sessions("2020-01-02", "2020-03-31", EXCHANGE)
    returns = np.zeros((len(days), 10))
    returns[np.flatnonzero(days.month == 2)[0], 9] = 1.0
    own, values = small(returns, np.arange(10.0), sessions=days)
    one = sort_firms(own, values, groups=2, higher=True)
    assert one.turnover(one.long) == pytest.approx([1.0, 1 / 3 - 1 / 5, 0.0], abs=1e-14)
    assert one.turnover(one.short) == pytest.approx([1.0, 0.0, 0.0], abs=1e-14)
    assert one.group_turnover()[1] == pytest.approx([0.0, 1 / 3 - 1 / 5], abs=1e-14)
    flipped = values.copy()
    flipped[1] = -values[1]
    swapped = sort_firms(own, flipped, groups=2, higher=True)
    assert swapped.turnover(swapped.long)[1] == pytest.approx(1.0, abs=1e-14)


def test_value_weights_are_market_values_at_the_formation_and_are_refused_without_them():
    days = calendar.sessions("2020-01-02", "2020-03-31", EXCHANGE)
    returns = np.zeros((len(days), 10))
    returns[np.flatnonzero(days.month == 2)[0], 9] = 1.0
    caps = np.ones(returns.shape)
    caps[:, 9] = 6.0
    caps[days.month >= 2, 9] = 1000.0
    own, values = small(returns, np.arange(10.0), caps=caps, sessions=days)
    one = sort_firms(own, values, groups=2, higher=True, weighting="value")
    assert one.sides()[0][0] == pytest.approx(0.6, abs=1e-14)
    blind, values = small(returns, np.arange(10.0), sessions=days)
    assert not sort_firms(blind, values, groups=2, higher=True, weighting="value").used.any()


def test_breakpoints_of_a_part_put_others_where_they_fall():
    """Ten large firms have values 10 to 19; fifty small ones 0 to 9: all of them belong below the median."""
    values = np.concatenate([np.arange(10.0, 20.0), np.tile(np.arange(10.0), 5)])
    own, wide = small(np.zeros((80, 60)), values)
    large = np.broadcast_to(np.arange(60) < 10, wide.shape)
    one = sort_firms(own, wide, groups=2, higher=True, breakpoints_of=large)
    assert one.firms()[0].tolist() == [55, 5]
    assert sort_firms(own, wide, groups=2, higher=True).firms()[0].tolist() == [30, 30]


@pytest.mark.parametrize(
    ("firms", "groups"), [(100, 10), (49, 5), (26, 5), (24, 3), (20, 3), (14, 2), (10, 2), (9, 0), (1, 0)]
)
def test_a_thin_cross_section_has_quintiles_terciles_or_halves(firms, groups):
    own, values = small(np.zeros((80, firms)), np.arange(float(firms)))
    assert set(sort_firms(own, values, groups=10, higher=True).groups) == {groups}


def test_equal_values_stay_together_and_a_constant_signal_has_no_difference():
    own, values = small(np.zeros((80, 30)), np.repeat([1.0, 2.0, 3.0], 10))
    one = sort_firms(own, values, groups=3, higher=True)
    assert (one.found[0] == np.repeat([1, 2, 3], 10)).all()
    own, values = small(np.zeros((80, 30)), np.ones(30))
    assert not sort_firms(own, values, groups=3, higher=True).used.any()


def test_a_lag_is_in_sessions_and_a_value_serves_every_formation_until_it_is_too_old():
    """F-D1, F-D2: not calendar days, and no cross-sections of those that happened to report that day."""
    tables = dict(WORLD.tables)
    values = tables["signal_values"]
    first = values["session"].min()
    tables["signal_values"] = values.loc[(values["session"] == first) & (values["component"] == "total")]
    dates = study(tables, replace(QUICK, lag=1, max_age=70)).tables["signal_sort_dates"].set_index("date")
    sorted_on = dates.index[dates["sorted"] > 0]
    known = sorted_on[0]
    assert first < known and (sorted_on[-1] - first).days <= 70 and len(sorted_on) >= 2
    at_once = study(tables, replace(QUICK, lag=0, max_age=70)).tables["signal_sort_dates"].set_index("date")
    assert at_once.loc[first, "sorted"] == 60, "known at the close of a month's last session"
    assert dates.loc[first, "sorted"] == 0


def test_breakpoints_of_a_date_do_not_move_when_other_dates_change():
    """F-D4: pooled quantiles would."""
    own, values = small(np.zeros((80, 40)), np.arange(40.0))
    later = values.copy()
    later[1:] *= 1000.0
    one, two = (sort_firms(own, some, groups=4, higher=True) for some in (values, later))
    assert np.array_equal(one.found[0], two.found[0])
    assert one.firms()[1].tolist() == two.firms()[1].tolist() == [10, 10, 10, 10]


def test_a_known_delisting_return_is_kept_and_only_unknown_ones_follow_the_assumption():
    """F-D3."""
    gone = WORLD.tables["signal_delistings"]
    known, assumed = gone["return"].notna(), gone["return"].isna()
    values = WORLD.tables["signal_values"].copy()
    values.loc[values["entity"].isin(gone["entity"]) & (values["component"] == "total"), "value"] = -9.0
    tables = dict(WORLD.tables) | {"signal_values": values}
    one = study(tables)
    cases = one.tables["signal_sort_delistings"].set_index("assumed_return")
    assert cases["in_sides"].iloc[0] == assumed.sum() == 2 and known.sum() == 2
    assert cases["mean"].is_monotonic_increasing, (
        "cases run from -10 % to -70 %, and losers are on the short side"
    )
    weights = one.tables["signal_groups"]
    losers = weights.loc[weights["entity"].isin(gone.loc[assumed, "entity"])]
    last = losers.sort_values("date").groupby("entity").last()
    spread = (cases.loc[-0.10, "mean"] - cases.loc[-0.70, "mean"]) * one.periods
    start = one.own.ground.cube
    grown = []
    for row in last.itertuples():
        column = start.entities.get_loc(row.Index)
        day = gone.set_index("entity").loc[row.Index, "date"]
        inside = (start.sessions > row.date) & (start.sessions < day)
        grown.append(row.weight * np.prod(1 + start.returns[inside, column]) * -0.6)
    assert spread == pytest.approx(sum(grown), abs=1e-12)
    again = study(tables, replace(QUICK, delisting_return=-0.70))
    assert again.row("long_short")["mean"] == pytest.approx(cases.loc[-0.70, "mean"], abs=1e-14)


def test_the_sharpe_ratio_uses_the_periods_of_a_year_of_its_rhythm(found):
    """F-D5."""
    for every, periods in (("monthly", 12), ("quarterly", 4), ("weekly", 52)):
        one = found if every == "monthly" else study(choice=replace(QUICK, every=every))
        table = one.tables["long_short"]
        own = table.loc[(table["sort"] == "base") & (table["weighting"] == "equal"), "return"]
        assert one.row("long_short")["sharpe"] == pytest.approx(own.mean() / own.std() * np.sqrt(periods))


def test_impact_takes_the_volatility_of_a_day():
    """F-D20: one percent of a day's trading at 20 % a year costs 1.3 bp, not 20."""
    found = impact_bp(np.array([1.0]), np.array([100.0]), np.array([0.2 / np.sqrt(252)]))
    assert found[0] == pytest.approx(1.26, abs=0.01)
    assert impact_bp(np.array([1.0, 1.0]), np.array([0.0, 1e-9]), np.array([0.02, 0.02])).tolist() == [
        100,
        100,
    ]


def test_costs_of_the_specification_and_of_its_bounds():
    assert period_cost(0.5, spread=5.0, commission=1.0, impact=2.0) == 2.75
    assert spread_bp(np.array([0.2, 0.0, 9.0]), np.array([4e9, 1e15, 1e3])).tolist() == [3.0, 1.0, 50.0]
    with pytest.raises(InputError, match="negative"):
        period_cost(-0.5, spread=5.0, commission=1.0, impact=2.0)
    with pytest.raises(InputError, match="negative"):
        CostRules(commission=-1.0)


def test_costs_are_those_of_each_firms_trades():
    days = calendar.sessions("2020-01-02", "2020-03-31", EXCHANGE)
    returns = np.zeros((len(days), 10))
    returns[np.flatnonzero(days.month == 2)[0], 9] = 1.0
    own, values = small(returns, np.arange(10.0), sessions=days)
    one = sort_firms(own, values, groups=2, higher=True)
    rules = CostRules(unknown_spread=8.0, unknown_impact=2.0, commission=1.0, borrow=50.0)
    costs = costs_of(one, terms_of(own, rules), rules)
    assert costs.traded[:2] == pytest.approx([2.0, 2 * (1 / 3 - 1 / 5)], abs=1e-14)
    assert costs.trading[:2] == pytest.approx(costs.traded[:2] * (4.0 + 1.0 + 2.0) * 1e-4, abs=1e-15)
    assert costs.borrow[0] == pytest.approx(0.005 * 28 / 365)


def test_at_its_capacity_the_difference_earns_nothing():
    own = study()
    one = own.own
    rules = CostRules()
    money = capacity(one.spread(), one, terms_of(one.ground, rules), rules)
    at = replace(rules, money=money)
    terms = terms_of(one.ground, at)
    left = np.vstack([np.zeros((1, one.long.shape[1]), dtype=bool), one.ground.left[:-1]])
    grown = np.zeros(len(one.used))
    for side in (one.long, one.short):
        traded = np.where(left & (side == 0.0), 0.0, np.abs(one.changes(side)))
        grown += (traded**1.5 * np.nan_to_num(terms.impact_scale)).sum(axis=1)
    impact = grown[one.counted].mean()
    costs = costs_of(one, terms, at)
    fixed = (costs.spread + costs.commission + costs.borrow)[one.counted].mean()
    assert one.spread()[one.counted].mean() == pytest.approx(fixed + impact * np.sqrt(money), rel=1e-9)
    tenth = costs_of(one, terms, replace(rules, money=money / 1e4)).impact[one.counted].mean()
    assert tenth == pytest.approx(impact * np.sqrt(money) / 100, rel=1e-9), "where no impact is cut"


def test_break_even_costs_leave_nothing(found):
    row = found.tables["signal_sort_costs"].iloc[0]
    assert row["gross"] - row["borrow"] - row["traded"] * row["break_even"] == pytest.approx(0.0, abs=1e-15)


def test_the_planted_effect_is_inside_the_interval_and_its_size_is_found():
    """Known from the truth: mean score of the top tenth less that of the bottom one, times the effect."""
    own = world(effect=0.02, firms=100, days=1900, failures=0, seed=4)
    values = own.tables["signal_values"].copy()
    values["session"] = values["known_at"].dt.tz_localize(None).dt.normalize()
    tables = dict(own.tables) | {"signal_values": values}
    wide = values.pivot_table(index="session", columns="entity", values="value").to_numpy()
    gap = np.sort(wide, axis=1)[:, -10:].mean() - np.sort(wide, axis=1)[:, :10].mean()
    row = study(tables, replace(QUICK, lag=0)).row("long_short")
    assert row["low"] < own.effect * gap < row["high"] and row["t"] > 5
    against = study(tables, replace(QUICK, lag=0), hypothesis="lower").row("long_short")
    assert against["mean"] == pytest.approx(-row["mean"], abs=1e-14)


def test_a_signal_without_effect_is_not_called_significant_after_correction():
    own = world(effect=0.0, firms=60, days=1000, components=4, seed=11)
    one = study(own.tables)
    assert (one.tables["signal_components"]["holm"] > 0.05).all()
    assert one.row("long_short")["p"] > 0.05


def test_sorts_of_chance_are_called_significant_at_five_percent_and_power_rises():
    """2,000 draws of 60 independent months of 50 firms; without lags theory is exact, with them it is not."""
    draw = np.random.default_rng(8)
    draws, months, firms = 2000, 60, 50
    from lib.stats.hac import mean_test
    from lib.stats.quantile_groups import group_means, quantile_groups

    values = draw.standard_normal((draws * months, firms))
    noise = 0.1 * draw.standard_normal(values.shape)
    groups = quantile_groups(values, 5)
    rejected, covered = {}, {}
    for effect in (0.0, 0.002, 0.005, 0.01):
        means = group_means(groups, 5, effect * values + noise)
        spread = (means[:, -1] - means[:, 0]).reshape(draws, months).T
        for lags in (0, 3):
            fit = mean_test(spread, lags=lags)
            rejected[effect, lags] = float((fit.p < 0.05).mean())
            truth = effect * np.nanmean(group_means(groups, 5, values)[:, [0, -1]] @ [-1.0, 1.0])
            covered[effect, lags] = float((np.abs(fit.coefficient - truth) < 2.0010 * fit.error).mean())
    assert 0.04 <= rejected[0.0, 0] <= 0.06
    assert all(0.93 <= covered[effect, 0] <= 0.97 for effect in (0.0, 0.002, 0.005, 0.01))
    assert 0.05 < rejected[0.0, 3] < 0.10, "Newey-West rejects too often on few periods"
    power = [rejected[effect, 0] for effect in (0.0, 0.002, 0.005, 0.01)]
    assert power == sorted(power) and power[-1] > 0.9


def test_the_order_of_rows_does_not_matter(found):
    draw = np.random.default_rng(0)
    mixed = {
        name: frame.iloc[draw.permutation(len(frame))].reset_index(drop=True)
        for name, frame in WORLD.tables.items()
    }
    other = study(mixed)
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name])


def cut(tables, day):
    """The tables as they were known at the close of a day."""
    day = pd.Timestamp(day)
    close = calendar.closes(day, day, EXCHANGE).iloc[0].tz_localize("UTC")
    return dict(tables) | {
        "signal_returns": tables["signal_returns"].loc[tables["signal_returns"]["date"] <= day],
        "signal_values": tables["signal_values"].loc[tables["signal_values"]["known_at"] <= close],
        "signal_delistings": tables["signal_delistings"].loc[tables["signal_delistings"]["known_at"] <= day],
    }


DATED = ("signal_groups", "group_returns", "long_short", "long_short_daily", "signal_rank_ic")


def same_up_to(one, other, day):
    """Names of the dated tables that differ up to a day."""
    differ = []
    for name in DATED:
        own, theirs = (some.tables[name] for some in (one, other))
        own, theirs = (some.loc[some["date"] <= day].reset_index(drop=True) for some in (own, theirs))
        try:
            pd.testing.assert_frame_equal(own, theirs, rtol=1e-9, atol=1e-12)
        except AssertionError:
            differ.append(name)
    return differ


@pytest.mark.parametrize("day", ["2011-05-31", "2011-06-15", "2012-01-31"])
def test_results_up_to_a_day_are_the_same_when_the_future_is_cut_off(found, day):
    assert same_up_to(found, study(cut(WORLD.tables, day), as_of=day), day) == []


def leaking(monkeypatch, leak):
    """Put one known leak into a copy of the code."""
    import lib.signals.sort_ground as places
    import lib.signals.sorting as sorting

    if leak == "pooled breakpoints":

        def pooled(values, groups, *, breakpoints_of=None):
            cuts = np.nanquantile(values, np.arange(1, 10) / 10)
            found = 1 + (np.asarray(values)[..., None] > cuts).sum(axis=-1)
            return np.where(np.isnan(values), 0, found).astype("int16")

        monkeypatch.setattr(sorting, "quantile_groups", pooled)
    elif leak == "tomorrow's values":
        plain = places.as_known
        monkeypatch.setattr(
            places,
            "as_known",
            lambda values, cube, at, **more: plain(
                values, cube, np.minimum(np.asarray(at) + 15, len(cube.sessions) - 1), **more
            ),
        )
    elif leak == "later membership":
        survivors = property(lambda own: own.member[-1] & np.ones((len(own.sessions), 1), dtype=bool))
        plain = places.ground

        def later(cube, **more):
            own = plain(cube, **more)
            return replace(own, firms=own.firms & survivors.fget(cube)[own.formed])

        import lib.signals.sort_study as study_module

        monkeypatch.setattr(study_module, "ground", later)
    elif leak == "next day's market value":
        monkeypatch.setattr(
            places.Ground,
            "cap",
            property(lambda own: own.cube.market_cap[np.minimum(own.formed + 1, len(own.cube.sessions) - 1)]),
        )


@pytest.mark.parametrize(
    "leak", ["pooled breakpoints", "tomorrow's values", "later membership", "next day's market value"]
)
def test_a_leak_put_into_the_sort_is_found_by_cutting_the_future_off(monkeypatch, leak):
    leaking(monkeypatch, leak)
    day = "2011-05-31"
    assert "signal_groups" in same_up_to(
        study(choice=replace(QUICK, weighting="value")),
        study(cut(WORLD.tables, day), replace(QUICK, weighting="value"), as_of=day),
        day,
    )


def test_using_a_value_on_the_day_of_its_filing_is_found_by_cutting_the_future_off():
    """Values of 31 May 2011 were known half an hour after the close: their session is the next one."""
    day = "2011-05-31"
    values = WORLD.tables["signal_values"].copy()
    values["session"] = values["known_at"].dt.tz_localize(None).dt.normalize()
    leaky = dict(WORLD.tables) | {"signal_values": values}
    at_once = replace(QUICK, lag=0)
    for tables, differ in ((WORLD.tables, False), (leaky, True)):
        found = same_up_to(study(tables, at_once), study(cut(tables, day), at_once, as_of=day), day)
        assert ("signal_groups" in found) is differ


def test_each_horizon_and_each_delay_stands_alone(found):
    more = study(choice=replace(QUICK, horizons=(5, 21, 63, 100), longest_delay=6))
    for name, column, kept in (
        ("signal_rank_ic", "horizon", (5, 21)),
        ("signal_ic_decay", "horizon", (5, 21)),
        ("signal_sort_delays", "delay", (0, 1, 2, 3)),
    ):
        own = more.tables[name]
        own = own.loc[own[column].isin(kept)].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, found.tables[name])
    assert more.tables["signal_sort_delays"].iloc[0]["mean"] == found.row("long_short")["mean"]


def test_an_effect_of_the_first_days_is_gone_for_those_who_come_late():
    sessions = calendar.sessions("2015-01-02", "2018-12-31", EXCHANGE)
    draw = np.random.default_rng(1)
    returns = 0.005 * draw.standard_normal((len(sessions), 40))
    own, _ = small(returns, np.arange(40.0), sessions=sessions)
    values = draw.standard_normal(own.firms.shape)
    for place, start in enumerate(own.start[:-1]):
        returns[start + 1 : start + 4] += 0.01 * values[place]
    own, _ = small(returns, np.arange(40.0), sessions=sessions)
    from lib.signals.sort_variants import Plan, delay_rows

    rows = delay_rows(own, values, Plan(5, True), delays=[0, 1, 2, 3, 10])
    means = [row["mean"] for row in rows]
    assert means[0] > means[1] > means[2] > 0.015 and max(map(abs, means[3:])) < 0.01


def test_what_size_alone_earns_is_gone_among_firms_alike_in_size():
    """Returns follow size, and the signal is size with noise."""
    sessions = calendar.sessions("2012-01-03", "2018-12-31", EXCHANGE)
    draw = np.random.default_rng(6)
    size = draw.standard_normal(90)
    returns = 0.004 * draw.standard_normal((len(sessions), 90)) + 0.002 * np.sign(np.floor(size * 1.5))
    thirds = np.argsort(np.argsort(size)) // 30
    returns = 0.004 * draw.standard_normal(returns.shape) + 0.001 * thirds
    own, _ = small(returns, np.arange(90.0), sessions=sessions, caps=np.exp(thirds + 0.001 * size))
    values = thirds + draw.standard_normal(own.firms.shape)
    from lib.signals.sort_variants import Plan, within_control

    plain = mean_figures(sort_firms(own, values, groups=5, higher=True).spread())
    whole, parts = within_control(own, values, own.cap, Plan(5, True))
    alike = mean_figures(whole.spread())
    assert plain["t"] > 10 and abs(alike["t"]) < 3 and abs(alike["mean"]) < plain["mean"] / 10
    assert whole.spread()[whole.counted] == pytest.approx(
        np.mean([part.spread()[part.counted] for part in parts], axis=0), abs=1e-14
    )


def test_sectors_alone_earn_nothing_within_sectors():
    sessions = calendar.sessions("2012-01-03", "2018-12-31", EXCHANGE)
    draw = np.random.default_rng(6)
    sector = np.arange(90) % 3
    returns = 0.004 * draw.standard_normal((len(sessions), 90)) + 0.001 * sector
    own, _ = small(returns, np.arange(90.0), sessions=sessions)
    values = sector + draw.standard_normal(own.firms.shape)
    from lib.signals.sort_variants import Plan, within_sectors

    plain = mean_figures(sort_firms(own, values, groups=5, higher=True).spread())
    sectors = np.broadcast_to(sector.astype(float), values.shape)
    alike = mean_figures(within_sectors(own, values, sectors, Plan(5, True)).spread())
    assert plain["t"] > 10 and abs(alike["mean"]) < plain["mean"] / 10


def test_days_compound_to_periods_and_costs_add_up(found):
    table = found.tables["long_short"]
    own = table.loc[(table["sort"] == "base") & (table["weighting"] == "equal")]
    days = found.tables["long_short_daily"]
    for row in own.itertuples():
        inside = days.loc[(days["date"] > row.start) & (days["date"] <= row.date)]
        assert (1 + inside["long_return"]).prod() - 1 == pytest.approx(row.long_return, abs=1e-12)
        assert (1 + inside["short_return"]).prod() - 1 == pytest.approx(row.short_return, abs=1e-12)
        assert inside["cost"].sum() == pytest.approx(row.cost, abs=1e-14)
        assert inside["formation"].sum() == 1


def test_the_newest_list_is_the_sort_of_the_last_session(found):
    today = found.tables["signal_today"]
    assert set(today["side"]) == {"long", "short", "middle"} and today["position"].sum() == pytest.approx(0.0)
    top = today.loc[today["side"] == "long", "value"].min()
    assert top >= today.loc[today["side"] != "long", "value"].max()


def test_two_studies_are_the_same_to_the_last_bit_although_they_resample(found):
    again = study()
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name], check_exact=True)


def test_one_firm_one_date_or_a_constant_signal_leave_tables_with_their_reason():
    tables = dict(WORLD.tables)
    for name in ("signal_values", "signal_memberships"):
        tables[name] = WORLD.tables[name].loc[WORLD.tables[name]["entity"] == "firm-000"]
    one = study(tables)
    assert one.periods == 0 and (one.tables["signal_sort_dates"]["flags"] == "NO_GROUPS").all()
    assert one.row("long_short")["code"] == "NO_SPREAD"
    constant = WORLD.tables["signal_values"].assign(value=1.0)
    same = study(dict(WORLD.tables) | {"signal_values": constant})
    assert same.periods == 0 and same.tables["signal_sort_dates"]["flags"].str.contains("END_EMPTY").any()
    short = study(as_of="2010-03-31")
    assert short.row("long_short")["code"] == "FEW_PERIODS" and np.isnan(short.row("long_short")["t"])


def test_wrong_settings_are_refused_in_words():
    for wrong, said in (
        (replace(QUICK, breakpoints_sector="moon"), "breakpoints_sector: 'moon'"),
        (replace(QUICK, groups=1), "n_groups: 1"),
    ):
        with pytest.raises(InputError, match=said):
            study(choice=wrong)
    with pytest.raises(InputError, match="hypothesis: 'up'"):
        study(hypothesis="up")


def test_figures_of_reports_can_be_what_firms_are_alike_in():
    entities = WORLD.entities
    facts = pd.DataFrame(
        {
            "entity": entities,
            "item": "leverage",
            "value": np.arange(float(len(entities))),
            "period_end": pd.Timestamp("2009-12-31"),
            "known_at": pd.Timestamp("2010-02-01 15:00", tz="UTC"),
        }
    ).assign(**SOURCE)
    tables = dict(WORLD.tables) | {"signal_facts": conform(facts, TABLES["signal_facts"])}
    one = study(tables, replace(QUICK, double_by="leverage"))
    rows = one.tables["signal_double_sort"]
    assert one.control_known and rows.loc[rows["portfolio"] == "long_short", "periods"].max() <= 13
    assert not study(choice=replace(QUICK, double_by="leverage")).control_known


def test_a_firm_whose_returns_end_without_a_delisting_is_counted(found):
    tables = dict(WORLD.tables)
    day = pd.Timestamp("2011-03-15")
    returns = tables["signal_returns"]
    tables["signal_returns"] = returns.loc[(returns["entity"] != "firm-001") | (returns["date"] < day)]
    dates = study(tables).tables["signal_sort_dates"].set_index("date")
    assert dates["vanished"].sum() == 1 and dates.loc["2011-02-28", "vanished"] == 1
    assert found.tables["signal_sort_dates"]["vanished"].sum() == 0


def test_the_cube_of_the_study_ends_at_the_as_of_date():
    tables = WORLD.tables
    whole = cube(
        tables["signal_returns"],
        tables["signal_memberships"],
        tables["signal_delistings"],
        universe="world",
        as_of="2011-01-03",
    )
    assert ground(whole, every="monthly", exchange=EXCHANGE).dates[-1] == pd.Timestamp("2010-12-31")
    assert ground(whole, every="quarterly", exchange=EXCHANGE).dates[-1] == pd.Timestamp("2010-12-31")
    assert ground(whole, every="weekly", exchange=EXCHANGE).dates[-1] == pd.Timestamp("2010-12-31")
