"""The embedded sample of signals: real data against published figures, generated data against their truth."""

import hashlib
import pickle
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.errors import InputError
from lib.prepare_request import PrepareRequest
from lib.signals import providers, raw
from lib.signals.cube import as_known, cube, session_of
from lib.signals.sample import bank_design, banks, convert, provider, published, restricted, stocks
from lib.signals.sample import bank_truth as truth
from lib.tables import TABLES

AS_OF = "2022-12-28"
README = Path(provider.__file__).parent / "README.md"


@cache
def prepared(as_of=AS_OF):
    return providers.prepare({"as_of": as_of, "settings": {"provider": "sample"}})


@cache
def arrays(universe):
    tables = prepared()
    parts = [tables[f"raw_signal_{name}"] for name in ("returns", "memberships", "delistings")]
    return cube(*parts, universe=universe, as_of=AS_OF)


def factor(name, month):
    rows = prepared()["raw_factor_sets"]
    one = rows[(rows["factor_set"] == "french-us") & (rows["factor"] == name)]
    return one.loc[one["date"].dt.strftime("%Y-%m") == month, "return"].item()


@pytest.mark.parametrize(
    ("first", "last", "levels"),
    [
        ("1990-01-02", "1999-12-31", (359.69, 1469.25)),
        ("2000-03-24", "2002-10-09", (1527.46, 776.76)),
        ("2007-12-31", "2008-12-31", (1468.36, 903.25)),
    ],
)
def test_the_index_moves_from_one_published_close_to_another(first, last, levels):
    """Closes of the S&P 500 as S&P Dow Jones Indices published them."""
    rows = prepared()["raw_signal_benchmarks"]
    moves = rows[rows["benchmark"] == "S&P 500"].set_index("date")["return"]
    grown = (1 + moves[(moves.index > first) & (moves.index <= last)]).prod()
    assert grown == pytest.approx(levels[1] / levels[0], rel=1e-5)


def test_the_stocks_begin_in_1990_and_reach_the_last_day_without_a_gap():
    returns = prepared()["raw_signal_returns"]
    own = returns[returns["origin"] == "real"].groupby("entity")["date"].agg(["min", "max", "size"])
    assert len(own) == 20
    assert (own["min"] == pd.Timestamp("1990-01-03")).all()
    assert (own["max"] == pd.Timestamp(AS_OF)).all() and (own["size"] == 8312).all()


@pytest.mark.parametrize(
    ("symbol", "day", "member"),
    [
        ("AMD", "2013-09-19", True),
        ("AMD", "2013-09-20", False),
        ("AMD", "2017-03-17", False),
        ("AMD", "2017-03-20", True),
        ("MSFT", "1994-05-31", False),
        ("MSFT", "1994-06-01", True),
        ("RRC", "2007-12-20", True),
        ("RRC", "2018-06-18", False),
        ("XOM", "1990-01-03", True),
    ],
)
def test_a_stock_is_a_member_from_its_day_in_the_index_to_its_day_out(symbol, day, member):
    own = arrays("us-stocks")
    at = own.sessions.get_loc(pd.Timestamp(day))
    assert own.member[at, own.entities.get_loc(symbol)] == member


@pytest.mark.parametrize(
    ("name", "month", "value"),
    [
        ("Mkt-RF", "1987-10", -0.2324),
        ("Mkt-RF", "2008-10", -0.1723),
        ("Mkt-RF", "1929-10", -0.2012),
        ("RF", "1981-05", 0.0115),
        ("MOM", "2009-04", -0.3458),
    ],
)
def test_factors_are_the_published_ones_of_well_known_months(name, month, value):
    """Kenneth French's data library, issues of 2017 and 2018."""
    assert factor(name, month) == pytest.approx(value, abs=5e-5)


def test_factors_and_portfolios_are_those_that_linearmodels_ships():
    from linearmodels.datasets import french

    shipped = french.load()
    rows = prepared()["raw_test_portfolios"]
    wide = rows.pivot_table(index="date", columns="portfolio", values="return")
    assert len(wide) == 819 and wide.shape[1] == 30
    for name in ("NoDur", "Money", "S1V5", "S5M1"):
        assert np.allclose(wide[name], shipped[name], atol=1e-12)
    counts = rows.drop_duplicates("portfolio")["portfolio_set"].value_counts()
    assert counts.to_dict() == {"french-industries": 12, "french-sorts": 18}
    assert not rows["excess"].any()


def test_portfolios_are_not_in_excess_of_cash_since_they_move_one_to_one_with_it():
    rows = prepared()["raw_test_portfolios"]
    mean = rows[rows["portfolio_set"] == "french-industries"].groupby("date")["return"].mean()
    factors = prepared()["raw_factor_sets"]
    wide = factors[factors["factor_set"] == "french-us"].pivot_table(
        index="date", columns="factor", values="return"
    )
    wide = wide.loc[mean.index, ["Mkt-RF", "SMB", "HML", "RF"]].assign(one=1.0)
    slope = np.linalg.lstsq(wide.to_numpy(), mean.to_numpy(), rcond=None)[0][3]
    assert slope == pytest.approx(1.0, abs=0.2)


def test_signals_of_prices_are_what_their_definition_says_of_apple_at_the_end_of_2021():
    """Adjusted closes of 31 Dec 2020, 30 Nov 2021 and 31 Dec 2021, and the year's 252 returns."""
    closes = stocks.closes()["AAPL"]
    values = prepared()["raw_signal_values"]
    own = values[(values["entity"] == "AAPL") & (values["period_end"] == pd.Timestamp("2021-12-31"))]
    own = own.set_index("signal")["value"]
    assert own["momentum"] == pytest.approx(closes["2021-11-30"] / closes["2020-12-31"] - 1, abs=1e-8)
    assert own["reversal"] == pytest.approx(1 - closes["2021-12-31"] / closes["2021-11-30"], abs=1e-8)
    moves = closes.pct_change().loc["2021-01-01":"2021-12-31"]
    assert len(moves) == 252
    assert own["low-volatility"] == pytest.approx(-np.std(moves, ddof=1), abs=1e-8)


def test_signals_of_prices_are_known_at_the_close_of_the_month_and_foretell_what_follows():
    values = prepared()["raw_signal_values"]
    own = values[values["signal"].isin(["momentum", "low-volatility", "reversal"])]
    sessions = arrays("us-stocks").sessions
    assert (session_of(own["known_at"], sessions, exchange="XNYS") == own["period_end"]).all()
    month = own["period_end"].dt.to_period("M")
    assert (own["predicts_from"].dt.to_period("M") == month + 1).all()
    black_friday = own[own["period_end"] == pd.Timestamp("2013-11-29")]["known_at"].unique()
    assert list(black_friday) == [pd.Timestamp("2013-11-29 18:00", tz="UTC")]


def test_an_event_falls_to_the_session_that_could_first_answer_it():
    events = prepared()["raw_signal_events"].set_index("event")["known_at"]
    sessions = arrays("us-stocks").sessions
    found = session_of(events, sessions, exchange="XNYS").dt.strftime("%Y-%m-%d")
    assert found["september-11"] == "2001-09-17"
    assert found["bear-stearns"] == "2008-03-17"
    assert found["lehman"] == "2008-09-15"
    assert found["us-downgrade"] == "2011-08-08"
    assert found["run"] == "2019-06-12"


def test_the_castle_laws_took_effect_in_the_years_that_cheng_and_hoekstra_give():
    """Their table 1: Florida 2005, thirteen states 2006, four 2007, two 2008, Montana 2009."""
    rows = published.castle(pd.Timestamp(AS_OF))
    first = rows.drop_duplicates("unit").set_index("unit")["first_treated"]
    assert first.value_counts().sort_index().to_dict() == {2005: 1, 2006: 13, 2007: 4, 2008: 2, 2009: 1}
    assert first["Florida"] == 2005 and first["Montana"] == 2009 and first["Texas"] == 2007
    assert np.isnan(first["California"]) and "District of Columbia" not in first
    assert first.isna().sum() == 29


def test_the_laws_raise_homicides_by_about_eight_percent():
    """Cheng and Hoekstra (2013), table 5: 0.08 in logs, weighted by population, state and year effects."""
    rows = published.castle(pd.Timestamp(AS_OF))
    rows = rows[rows["outcome"] == "l_homicide"]
    treated = (rows["period"] > rows["first_treated"]).astype(float)
    effects = pd.get_dummies(rows[["unit", "period"]].astype(str), dtype=float)
    root = np.sqrt(rows["weight"].to_numpy())[:, None]
    design = np.column_stack([treated, effects]) * root
    slope = np.linalg.lstsq(design, rows["value"].to_numpy() * root[:, 0], rcond=None)[0][0]
    assert slope == pytest.approx(0.08, abs=0.02)


def monthly(signal, component="total"):
    """Slopes of next month's return on the standardised value known at the month's end, month by month."""
    own = arrays("banks")
    values = prepared()["raw_signal_values"]
    values = values[values["signal"] == signal].copy()
    values["session"] = session_of(values["known_at"], own.sessions, exchange="XNYS")
    month = own.sessions.to_period("M")
    ends = np.flatnonzero(month[1:] != month[:-1])[3:]
    known = as_known(values.dropna(subset="session"), own, ends, component=component)
    slopes = []
    for row, end in enumerate(ends[:-1]):
        block = own.returns[end + 1 : ends[row + 1] + 1]
        ahead = np.prod(1 + block, axis=0) - 1
        there = ~np.isnan(known[row]) & ~np.isnan(ahead)
        score = known[row][there]
        slopes.append(np.polyfit((score - score.mean()) / score.std(), ahead[there], 1)[0])
    return np.array(slopes)


def test_the_planted_effect_of_opacity_is_inside_the_interval_and_far_from_zero():
    slopes = monthly("bank-opacity")
    error = slopes.std(ddof=1) / np.sqrt(len(slopes))
    assert abs(slopes.mean() - truth.EFFECT_A_MONTH) < 1.96 * error
    assert slopes.mean() / error < -4


def test_the_noise_foretells_nothing():
    slopes = monthly("bank-noise")
    assert abs(slopes.mean()) < 1.96 * slopes.std(ddof=1) / np.sqrt(len(slopes))


def test_the_crisis_costs_opaque_banks_and_those_with_uninsured_deposits_what_was_planted():
    own = arrays("banks")
    tables = prepared()
    day = own.sessions.get_loc(pd.Timestamp("2019-06-12"))

    def score(rows):
        rows = rows.assign(session=session_of(rows["known_at"], own.sessions, exchange="XNYS"))
        known = as_known(rows.dropna(subset="session"), own, np.array([day - 1]))[0]
        return (known - np.nanmean(known)) / np.nanstd(known)

    values, facts = tables["raw_signal_values"], tables["raw_signal_facts"]
    opacity = score(values[values["signal"] == "bank-opacity"])
    uninsured = score(facts[facts["item"] == "uninsured_deposits"].assign(component="total"))
    fell = own.returns[day]
    there = ~np.isnan(fell) & ~np.isnan(opacity)
    design = np.column_stack([np.ones(there.sum()), opacity[there], uninsured[there]])
    slope, rest = np.linalg.lstsq(design, fell[there], rcond=None)[:2]
    error = np.sqrt(rest[0] / (len(design) - 3) * np.diag(np.linalg.inv(design.T @ design)))
    assert abs(slope[1] - truth.CRISIS_OPACITY) < 3 * error[1] and slope[1] < -5 * error[1]
    assert abs(slope[2] - truth.CRISIS_UNINSURED) < 3 * error[2] and slope[2] < -4 * error[2]


def test_the_factors_of_the_banks_really_drive_their_returns():
    own, factors = arrays("banks"), banks.drawn().factors
    mean = np.nanmean(own.returns, axis=1) - factors["RF"].to_numpy()
    design = np.column_stack([factors.drop(columns="RF"), np.ones(len(mean))])
    slope, rest = np.linalg.lstsq(design, mean, rcond=None)[:2]
    assert slope[:3] == pytest.approx([1.0, 0.3, 0.5], abs=0.06)
    assert 1 - rest[0] / ((mean - mean.mean()) ** 2).sum() > 0.9


def test_adoption_changes_funding_cost_by_what_was_planted():
    """Against the quarter before adoption, and against banks that never adopt (a two by two a group)."""
    rows = bank_design.table(pd.Timestamp(AS_OF))
    wide = rows.pivot_table(index="unit", columns="period", values="value")
    first = rows.drop_duplicates("unit").set_index("unit")["first_treated"].reindex(wide.index)
    for since in (0, 3, 8):
        gaps = []
        for group in truth.ADOPTIONS:
            change = wide[group + since] - wide[group - 1]
            gaps.append(change[first == group].mean() - change[first.isna()].mean())
        assert np.mean(gaps) == pytest.approx(bank_design.effect(np.array([since]))[0], abs=0.045)
    before = [
        (wide[g - 1] - wide[g - 5])[first == g].mean() - (wide[g - 1] - wide[g - 5])[first.isna()].mean()
        for g in truth.ADOPTIONS
    ]
    assert np.mean(before) == pytest.approx(0.0, abs=0.045)


def test_opacity_is_the_weighted_sum_of_its_components():
    values = prepared()["raw_signal_values"]
    rows = values[values["signal"] == "bank-opacity"]
    wide = rows.pivot_table(index=["entity", "period_end"], columns="component", values="value")
    total = sum(wide[name] * weight for name, weight in truth.WEIGHTS.items())
    assert np.allclose(total, wide["total"], atol=6e-4)
    assert sum(truth.WEIGHTS.values()) == pytest.approx(1.0)
    assert wide.drop(columns="total").to_numpy().min() >= 0 and wide.to_numpy().max() <= 100


def test_reports_come_thirty_to_sixty_days_late_and_half_of_them_after_the_close():
    values = prepared()["raw_signal_values"]
    rows = values[(values["signal"] == "bank-opacity") & (values["component"] == "total")]
    days = (rows["known_at"].dt.tz_localize(None) - rows["period_end"]).dt.days
    assert days.between(30, 60).all()
    assert (rows["known_at"].dt.tz_convert("America/New_York").dt.hour >= 16).mean() == pytest.approx(
        0.55, abs=0.03
    )


def test_banks_leave_the_list_and_of_some_failures_the_end_is_unknown():
    gone = prepared()["raw_signal_delistings"]
    failed = gone[gone["reason"] == "failed"]
    assert len(failed) == truth.FAILED and failed["return"].isna().sum() == 7
    assert len(gone) == truth.FAILED + truth.MERGED
    last = prepared()["raw_signal_returns"].groupby("entity")["date"].max()
    assert (last.reindex(gone["entity"]).to_numpy() < gone["date"].to_numpy()).all()


@pytest.mark.parametrize("as_of", ["1994-06-30", "2015-08-14"])
def test_nothing_is_known_after_the_as_of_date_and_what_was_known_does_not_change(as_of):
    then, now = prepared(as_of), prepared()
    for name in raw.ORDER:
        clock = raw.CLOCK[name]
        if not clock:
            continue
        seen = now[name][now[name][clock] < raw.end_of(pd.Timestamp(as_of), now[name][clock])]
        pd.testing.assert_frame_equal(then[name], seen.reset_index(drop=True))
    for design, end in (("castle", pd.Timestamp(as_of).year - 1), ("bank-reporting", 6)):
        rows = then["raw_designs"][then["raw_designs"]["design"] == design]
        assert not (rows["period"] > end).any() and not (rows["first_treated"] > end).any()


def test_an_as_of_date_before_the_sample_is_refused():
    request = PrepareRequest(as_of=pd.Timestamp("1989-12-29"), settings={}, params_file="mine.yaml")
    with pytest.raises(InputError, match=r"mine\.yaml: as_of: 1989-12-29 lies before.*1990-01-02"):
        provider.fetch(request)


def test_the_same_seed_gives_the_same_banks():
    first = banks.drawn()
    again = banks.drawn.__wrapped__()
    assert np.array_equal(first.returns, again.returns, equal_nan=True)
    assert np.array_equal(first.told.opacity, again.told.opacity)


def test_the_files_are_those_that_the_readme_names():
    named = dict(re.findall(r"`data/(\w+\.parquet)` \| `([0-9a-f]{64})`", README.read_text()))
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in stocks.DATA.glob("*.parquet")
    }
    assert named == found
    assert all(path.stat().st_size < 2_000_000 for path in stocks.DATA.iterdir())
    assert all(digest in README.read_text() for digest in convert.SHA256.values())


class Evil:
    def __reduce__(self):
        return (Path.touch, (Path("/tmp/should-not-be-there-signals"),))


@pytest.mark.parametrize(
    "thing", [Evil(), print, Path("x"), np.float64(1.0)], ids=["call", "builtin", "path", "scalar"]
)
def test_a_pickle_that_names_anything_but_parts_of_a_frame_is_refused(thing):
    with pytest.raises(InputError, match="no data frame needs"):
        restricted.frame(pickle.dumps(thing))
    assert not Path("/tmp/should-not-be-there-signals").exists()


def test_a_pickle_that_holds_no_frame_is_refused():
    with pytest.raises(InputError, match="holds a list"):
        restricted.frame(pickle.dumps([1, 2]))


def test_the_conversion_refuses_another_content(tmp_path):
    path = tmp_path / convert.MEMBERS
    path.parent.mkdir(parents=True)
    path.write_bytes(b"other")
    with pytest.raises(InputError, match="another content than expected"):
        convert.main([str(tmp_path)])
    with pytest.raises(InputError, match="in none of the folders"):
        convert.main([str(tmp_path / "nowhere")])


def test_the_conversion_of_what_is_installed_gives_the_stored_factors():
    import arch
    import linearmodels

    folders = [str(Path(one.__file__).parents[1]) for one in (arch, linearmodels)]
    french = convert._french(convert._content(convert.FRENCH, folders))
    made = convert._factors(french, convert._content(convert.FRENCH_LONG, folders))
    stored = pd.read_parquet(stocks.DATA / "french_factors.parquet")
    pd.testing.assert_frame_equal(made, stored)


def test_every_raw_table_has_the_columns_that_it_promises():
    found = prepared()
    assert set(found) == set(raw.TABLE_NAMES)
    for name, frame in found.items():
        assert list(frame) == TABLES[name].column_names
