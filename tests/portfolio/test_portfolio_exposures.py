"""Totals and groups of the book: identities, hand figures and the book of Decimals."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from book_worlds import value
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.book import totals_of
from lib.contracts import conform
from lib.portfolio.exposure_groups import group_exposures
from lib.portfolio.exposures import filter_by_tags, total_exposures
from lib.portfolio.pages import exposures as page
from lib.tables import TABLES

AS_OF = "2022-12-28"


def book(exposures, **columns):
    """Positions with the given exposures; what exposures do not need is the same for all."""
    size = len(exposures)
    plain = {
        "quantity": np.ones(size),
        "multiplier": np.ones(size),
        "underlying_price": np.full(size, np.nan),
        "kind": ["stock"] * size,
        "tags": [""] * size,
        "underlying": [f"S{number}" for number in range(size)],
        "sector": ["Tech"] * size,
        "position_type": ["LONG"] * size,
        "expiry": pd.Series(pd.NaT, index=range(size), dtype="datetime64[us]"),
        "daily_pnl": np.zeros(size),
        "unrealized_pnl": np.zeros(size),
        "realized_pnl": np.full(size, np.nan),
    }
    return pd.DataFrame({"exposure": np.array(exposures, dtype=float), **plain, **columns})


def test_long_ten_thousand_and_short_five_is_gross_fifteen_and_net_five():
    totals = totals_of(total_exposures(book([10_000, -5_000]), cash=1_000))
    assert (totals["gross"], totals["net"], totals["nav"]) == (15_000, 5_000, 6_000)
    assert (totals["long"], totals["short"]) == (10_000, -5_000)
    assert (totals["long_count"], totals["short_count"]) == (1, 1)


def test_free_cash_is_what_buying_back_the_shorts_would_leave():
    table = total_exposures(book([10_000, -5_000, -500]), cash=7_000)
    assert totals_of(table)["free_cash"] == 7_000 - 5_500
    assert "once all that is short is bought back at today's prices 1,500 would be left." in (
        page.totals_sentence(table, "USD")
    )
    owed = total_exposures(book([10_000, -5_000]), cash=3_000)
    assert "2,000 would be missing." in page.totals_sentence(owed, "USD")
    long_only = total_exposures(book([10_000]), cash=3_000)
    assert totals_of(long_only)["free_cash"] == 3_000
    assert "Cash" not in page.totals_sentence(long_only, "USD")


def test_an_empty_book_is_worth_its_cash():
    table = total_exposures(book([]), cash=50)
    totals = totals_of(conform(table, TABLES["exposures"]))
    assert (totals["nav"], totals["gross"], totals["long_count"], totals["priced_count"]) == (50, 0, 0, 0)
    assert len(conform(group_exposures(book([]), as_of=AS_OF), TABLES["exposure_groups"])) == 0


def test_what_has_no_price_is_in_no_total_and_is_counted():
    positions = book([100, np.nan, -40])
    totals = totals_of(total_exposures(positions))
    assert (totals["gross"], totals["priced_count"], totals["unpriced_count"]) == (140, 2, 1)
    assert group_exposures(positions, as_of=AS_OF).query("dimension == 'underlying'")["positions"].sum() == 2


def test_notional_of_an_option_is_that_of_its_underlying():
    positions = book(
        [1_600, -550],
        kind=["stock", "option"],
        quantity=[10, -1],
        multiplier=[1, 100],
        underlying_price=[np.nan, 160],
    )
    totals = totals_of(total_exposures(positions))
    assert totals["notional"] == 1_600 + 16_000
    assert (totals["stock_exposure"], totals["option_exposure"]) == (1_600, 550)
    assert np.isnan(totals["delta_adjusted_net"])
    positions["underlying_price"] = np.nan
    assert np.isnan(totals_of(total_exposures(positions))["notional"])


def test_manual_valuations_are_shown_as_a_share_of_net_asset_value():
    positions = book([300, 600], kind=["manual", "stock"])
    assert totals_of(total_exposures(positions, cash=100))["manual_share"] == pytest.approx(0.3)
    assert np.isnan(totals_of(total_exposures(positions, cash=-1000))["manual_share"])


def test_a_position_counts_in_each_of_its_tags():
    positions = book([100, -50, 10, np.nan], tags=["a,b", "b", "", "a,c"])
    groups = group_exposures(positions, as_of=AS_OF).query("dimension == 'tag'").set_index("group")
    assert groups.loc["a", ["gross", "net", "positions"]].tolist() == [100, 100, 1]
    assert groups.loc["b", ["gross", "net", "long", "short", "positions"]].tolist() == [150, 50, 100, -50, 2]
    assert list(groups.index) == ["b", "a"]


def test_options_are_grouped_with_their_underlying_and_by_time_to_expiry():
    days = [30, 31, 365, 366]
    expiry = [pd.Timestamp(AS_OF) + pd.Timedelta(days=day) for day in days]
    positions = book([1, 2, 4, 8, 16], underlying=["AAPL"] * 5, expiry=[*expiry, pd.NaT])
    groups = group_exposures(positions, as_of=AS_OF)
    buckets = groups.query("dimension == 'expiry_bucket'").set_index("group")["net"].to_dict()
    assert buckets == {
        "no expiry": 16,
        "over 365 days": 8,
        "181 to 365 days": 4,
        "31 to 90 days": 2,
        "up to 30 days": 1,
    }
    assert groups.query("dimension == 'underlying'")["net"].tolist() == [31]


def test_tags_filter_by_any_or_all_whatever_their_case():
    positions = book([1, 2, 3], tags=["Tech,core", "core", ""])
    assert filter_by_tags(positions, ["tech", "CORE"])["exposure"].tolist() == [1, 2]
    assert filter_by_tags(positions, ["tech", "CORE"], mode="all")["exposure"].tolist() == [1]
    assert len(filter_by_tags(positions, ["none"])) == 0
    assert len(filter_by_tags(positions, [])) == 0
    with pytest.raises(ValueError, match="some"):
        filter_by_tags(positions, ["tech"], mode="some")


@settings(max_examples=40, deadline=None)
@given(money=st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), max_size=30), cash=st.floats(-1e9, 1e9))
def test_gross_is_long_less_short_and_every_cut_adds_up(money, cash):
    positions = book(money, sector=[f"x{number % 3}" for number in range(len(money))])
    table, groups = total_exposures(positions, cash=cash), group_exposures(positions, as_of=AS_OF)
    assert all(one.passed for one in page.checks(table, groups, positions))
    totals = totals_of(table)
    assert totals["gross"] == pytest.approx(np.nansum(np.abs(money)), rel=1e-12, abs=1e-6)
    assert totals["net"] == pytest.approx(np.nansum(money), rel=1e-9, abs=1e-3)


def test_groups_are_those_of_a_loop_of_decimals():
    rng = np.random.default_rng(3)
    money = rng.normal(0, 1e5, 500).round(2)
    tags = [",".join(f"t{one}" for one in rng.choice(9, rng.integers(0, 4), replace=False)) for _ in money]
    positions = book(money, tags=tags)
    groups = group_exposures(positions, as_of=AS_OF).query("dimension == 'tag'").set_index("group")["gross"]
    by_hand: dict[str, Decimal] = {}
    for amount, cell in zip(money, tags, strict=True):
        for tag in filter(None, cell.split(",")):
            by_hand[tag] = by_hand.get(tag, Decimal(0)) + abs(Decimal(str(amount)))
    assert set(groups.index) == set(by_hand)
    assert max(abs(groups[tag] / float(total) - 1) for tag, total in by_hand.items()) < 1e-12


def test_the_book_without_a_price_has_null_and_not_zero(tmp_path):
    positions, _ = value(
        tmp_path, ["AAPL,10,100,2022-01-03", "NOPE,10,100,2022-01-03"], [("AAPL", AS_OF, 5.0)]
    )
    assert totals_of(total_exposures(positions))["gross"] == 50
    assert positions["market_value"].isna().tolist() == [False, True]


def with_options():
    """A share, a long call and a written put on it, another share, and a manual valuation."""
    positions = book(
        [1_000, 500, -300, -400, 900],
        position_id=["s", "c", "p", "k", "m"],
        kind=["stock", "option", "option", "stock", "manual"],
        underlying=["AAPL", "AAPL", "AAPL", "KO", "hall"],
        tags=["a", "a,b", "b", "", ""],
    )
    return positions, pd.DataFrame(
        {
            "position_id": ["c", "p"],
            "delta_dollars": [6_000.0, 2_000.0],
            "gamma_dollars": [30.0, -10.0],
            "position_theta": [-5.0, 2.0],
            "position_vega": [8.0, -3.0],
            "position_rho": [1.0, 0.5],
        }
    )


def test_delta_adjusted_takes_options_at_their_delta_and_leaves_manual_values_out():
    positions, greeks = with_options()
    totals = totals_of(total_exposures(positions, greeks=greeks))
    assert totals["delta_adjusted_net"] == 1_000 + 6_000 + 2_000 - 400
    assert totals["delta_adjusted_gross"] == 9_400
    groups = group_exposures(positions, as_of=AS_OF, greeks=greeks).set_index(["dimension", "group"])
    delta = groups["delta_adjusted"]
    assert (delta["underlying", "AAPL"], delta["underlying", "KO"]) == (9_000, -400)
    assert np.isnan(delta["underlying", "hall"])
    assert (delta["tag", "a"], delta["tag", "b"]) == (7_000, 8_000)
    table = total_exposures(positions, greeks=greeks)
    assert all(one.passed for one in page.checks(table, groups.reset_index(), positions))


def test_an_option_without_greeks_leaves_null_where_it_is_and_nowhere_else():
    positions, greeks = with_options()
    lacking = greeks.assign(delta_dollars=[6_000.0, np.nan])
    totals = totals_of(total_exposures(positions, greeks=lacking))
    assert np.isnan(totals["delta_adjusted_net"])
    assert np.isnan(totals["delta_adjusted_gross"])
    delta = group_exposures(positions, as_of=AS_OF, greeks=lacking).set_index(["dimension", "group"])[
        "delta_adjusted"
    ]
    assert np.isnan(delta["underlying", "AAPL"])
    assert np.isnan(delta["tag", "b"])
    assert (delta["underlying", "KO"], delta["tag", "a"]) == (-400, 7_000)


def test_an_option_without_price_counts_by_its_delta_when_it_has_one():
    positions, greeks = with_options()
    positions["exposure"] = [1_000, 500, np.nan, -400, 900]
    totals = totals_of(total_exposures(positions, greeks=greeks))
    assert totals["delta_adjusted_net"] == 8_600
    without = greeks.assign(delta_dollars=[6_000.0, np.nan])
    assert totals_of(total_exposures(positions, greeks=without))["delta_adjusted_net"] == 6_600


def test_without_options_delta_adjusted_is_the_exposure():
    totals = totals_of(total_exposures(book([100, -40])))
    assert (totals["delta_adjusted_net"], totals["delta_adjusted_gross"]) == (60, 140)
    assert totals_of(total_exposures(book([])))["delta_adjusted_net"] == 0
    manual = totals_of(total_exposures(book([100], kind=["manual"])))
    assert np.isnan(manual["delta_adjusted_net"])
