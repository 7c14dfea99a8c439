"""Greeks of option positions: inputs and their sources, signs, money, and why there are none."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from book_worlds import prices
from option_worlds import AS_OF, book, fair, greeks_of, position, walk, yields

from lib.book import holdings, totals_of
from lib.contracts import conform
from lib.errors import InputError
from lib.pipeline import PIPELINE
from lib.portfolio.exposure_groups import group_exposures
from lib.portfolio.exposures import total_exposures
from lib.portfolio.greeks import greeks_by_underlying, portfolio_greeks
from lib.portfolio.mibian_reference import mibian_gaps
from lib.portfolio.option_inputs import rates, realised_volatility
from lib.portfolio.pages import greeks as page
from lib.portfolio.tree_reference import plain_tree, tree_gaps
from lib.tables import TABLES
from tests.opened_notebook import carry_out

ROOT = Path(__file__).resolve().parents[2]


def option(quantity, right, *, strike=100, days=90, price=None, symbol=None, **changes):
    worth = fair(strike, days, right) if price is None else price
    name = symbol or f"{right}{strike}"
    changes = {"underlying": "AAPL", **changes}
    return position(name, quantity, worth, days=days, strike=strike, right=right, **changes)


def table_of(greeks):
    return greeks.reset_index(drop=True)


def test_signs_follow_from_the_signed_contracts():
    positions = book(
        option(2, "C"), option(-2, "C", symbol="c2"), option(3, "P"), option(-3, "P", symbol="p2")
    )
    greeks = greeks_of(positions)
    assert (np.sign(greeks["position_delta"]) == [1, -1, -1, 1]).all()
    assert greeks["position_delta"].tolist() == pytest.approx(
        (greeks["delta"] * [200, -200, 300, -300]).tolist()
    )
    assert (np.sign(greeks["position_vega"]) == [1, -1, 1, -1]).all()
    assert (greeks["flags"] == "").all()


def test_dollar_delta_has_the_price_of_the_underlying_and_gamma_is_for_one_percent():
    greeks = greeks_of(book(option(-2, "P")), bars=walk())
    row = greeks.iloc[0]
    assert row["delta_dollars"] == pytest.approx(row["delta"] * -200 * 100)
    assert row["gamma_dollars"] == pytest.approx(row["gamma"] * -200 * 100**2 / 100)
    moved = greeks_of(book(option(-2, "P", underlying_price=101.0, price=fair(100, 90, "P", spot=101))))
    changed = moved.iloc[0]["position_delta"] * 100 - row["position_delta"] * 100
    assert row["gamma_dollars"] == pytest.approx(changed, rel=0.03)


def test_time_rate_and_dividend_yield():
    greeks = greeks_of(
        book(option(1, "C", price=fair(100, 90, "C", dividend_yield=0.02))), dividend_yield=0.02
    )
    row = greeks.iloc[0]
    assert row["years_to_expiry"] == pytest.approx(90 / 365)
    assert row["rate"] == pytest.approx(np.log(1.05))
    assert (row["dividend_yield"], row["flags"]) == (0.02, "")
    assert row["implied_vol"] == pytest.approx(0.3)
    assert row["model_price"] == pytest.approx(fair(100, 90, "C", dividend_yield=0.02))
    flagged = greeks_of(book(option(1, "C")), dividend_yield=np.nan).iloc[0]
    assert (flagged["dividend_yield"], flagged["flags"]) == (0.0, "NO_DIVIDEND_YIELD")


def test_the_nearest_tenor_gives_the_rate_and_old_yields_do_not():
    table = yields(_3M=0.01, _2Y=0.02, _10Y=0.03)
    years = pd.Series([0.1, 1.1, 1.2, 5.9, 6.1])
    found = np.expm1(rates(years, table, pd.Timestamp(AS_OF)))
    assert found.tolist() == pytest.approx([0.01, 0.01, 0.02, 0.02, 0.03])
    assert rates(years, table, pd.Timestamp("2023-01-05")).isna().all()
    assert rates(years, table, pd.Timestamp("2023-01-04")).notna().all(), "seven days old is not too old"
    assert np.expm1(rates(pd.Series([1.125]), table, pd.Timestamp(AS_OF))).tolist() == pytest.approx([0.01])
    live = np.expm1(rates(years, yields(_3M=0.01, _5Y=0.04, _10Y=0.03), pd.Timestamp(AS_OF)))
    assert live.tolist() == pytest.approx([0.01, 0.01, 0.01, 0.04, 0.04]), "a source may quote 5Y and no 2Y"
    greeks = greeks_of(book(option(1, "C")), rates={}, vols=[("AAPL", 0.2)])
    assert greeks.iloc[0]["flags"] == "GREEKS_NOT_COMPUTABLE,NO_RATE"


EXPIRY = pd.Timestamp(AS_OF) + pd.Timedelta(days=90)


def test_volatility_is_of_the_own_price_then_its_row_then_the_flat_row_then_realised():
    exact, flat = ("AAPL", EXPIRY, 100.0, "C", 0.4), ("AAPL", 0.5)
    other = ("AAPL", EXPIRY, 105.0, "C", 0.9)

    def source(price, *vols):
        row = greeks_of(book(option(1, "C", price=price)), vols=vols).iloc[0]
        return row["implied_vol_source"], row["implied_vol"], row["flags"]

    name, volatility, flags = source(fair(100, 90, "C"), exact, flat)
    assert (name, flags) == ("price", "")
    assert volatility == pytest.approx(0.3)
    assert source(np.nan, flat, exact, other) == ("implied_vols", 0.4, "NO_PRICE")
    assert source(np.nan, other, flat) == ("implied_vols", 0.5, "NO_PRICE")
    name, volatility, flags = source(np.nan, other)
    assert (name, flags) == ("realised_60d", "NO_PRICE")
    assert volatility == pytest.approx(0.02 * np.sqrt(252 * 60 / 59))


@pytest.mark.parametrize(("days", "known"), [(7, True), (8, False)])
def test_prices_that_ended_a_week_ago_still_give_a_volatility(days, known):
    day = pd.Timestamp(AS_OF) + pd.Timedelta(days=days)
    assert len(realised_volatility(pd.Series(["AAPL"]), prices(walk()), day)) == known


def test_a_price_that_no_volatility_explains_is_passed_over_and_named():
    cheap = greeks_of(book(option(1, "C", strike=80, price=10.0)), vols=[("AAPL", 0.5)]).iloc[0]
    assert (cheap["implied_vol_source"], cheap["flags"]) == ("implied_vols", "BELOW_INTRINSIC")
    dear = greeks_of(book(option(1, "C", price=120.0)), vols=[("AAPL", 0.5)]).iloc[0]
    assert dear["flags"] == "ABOVE_BOUND"
    wild = greeks_of(book(option(1, "C", price=99.0)), vols=[("AAPL", 0.5)]).iloc[0]
    assert wild["flags"] == "OUT_OF_RANGE"
    stale = greeks_of(book(option(1, "C", flags="STALE")), vols=[("AAPL", 0.5)]).iloc[0]
    assert (stale["implied_vol"], stale["flags"]) == (0.5, "STALE_PRICE")


def test_without_any_volatility_there_is_no_default():
    row = greeks_of(book(option(1, "C", price=np.nan)), bars=walk(days=60)).iloc[0]
    assert row["flags"] == "GREEKS_NOT_COMPUTABLE,NO_VOLATILITY"
    assert row[["delta", "implied_vol", "delta_dollars", "model_price"]].isna().all()


def test_a_put_worth_no_more_than_its_exercise_moves_like_the_short_share_it_becomes():
    put = option(-1, "P", strike=130, price=30.0)
    row = greeks_of(book(put), vols=[("AAPL", 0.15)]).iloc[0]
    assert row["flags"] == "NO_TIME_VALUE,EARLY_EXERCISE"
    assert row[["model", "implied_vol_source"]].tolist() == ["american", "implied_vols"]
    assert row[["model_price", "delta", "delta_dollars"]].tolist() == [30, -1, 10_000]
    assert (row[["gamma", "theta", "vega", "rho"]].astype(float) == 0).all()
    below = greeks_of(book(option(-1, "P", strike=130, price=29.0)), vols=[("AAPL", 0.15)]).iloc[0]
    assert (below["flags"], below["delta"]) == ("BELOW_INTRINSIC,EARLY_EXERCISE", -1)
    living = greeks_of(book(option(-1, "P", strike=130, price=31.0))).iloc[0]
    assert living["flags"] == ""
    assert -1 < living["delta"] < -0.5
    assert living["model_price"] == pytest.approx(31.0, abs=1e-6)


def test_an_index_put_is_european_and_may_trade_below_its_exercise():
    put = option(-1, "P", strike=130, price=fair(130, 90, "P", volatility=0.2), underlying="SPX")
    assert put["price"] < 30
    row = greeks_of(book(put), kind="index").iloc[0]
    assert row[["model", "flags"]].tolist() == ["european", ""]
    assert row["implied_vol"] == pytest.approx(0.2)
    cheap = greeks_of(book(put | {"price": 20.0}), kind="index", vols=[("SPX", 0.2)]).iloc[0]
    assert cheap["flags"] == "BELOW_INTRINSIC"
    assert cheap["delta"] == pytest.approx(row["delta"])


@pytest.mark.parametrize(
    ("right", "rate", "dividend_yield", "kind", "model"),
    [
        ("P", 0.05, 0.0, "stock", "american"),
        ("P", 0.05, 0.0, "etf", "american"),
        ("P", 0.05, 0.0, "index", "european"),
        ("P", 0.0, 0.0, "stock", "european"),
        ("P", 0.0, 0.03, "stock", "european"),
        ("C", 0.05, 0.0, "stock", "european"),
        ("C", 0.02, 0.06, "etf", "american"),
        ("C", 0.02, 0.06, "index", "european"),
    ],
)
def test_the_model_is_american_where_exercise_can_pay_and_the_underlying_is_no_index(
    right, rate, dividend_yield, kind, model
):
    market = {"rates": {"_3M": rate}, "dividend_yield": dividend_yield, "kind": kind}
    row = greeks_of(book(option(1, right, price=np.nan)), vols=[("AAPL", 0.3)], **market).iloc[0]
    assert row["model"] == model
    terms = {"dividend_yield": dividend_yield, "rate": np.log1p(rate)}
    premium = row["model_price"] - fair(100, 90, right, **terms)
    assert premium > 1e-3 if model == "american" else premium == pytest.approx(0.0, abs=1e-12)


def test_an_option_without_greeks_or_time_has_no_american_model():
    positions = book(
        option(1, "P", days=-1, symbol="gone"),
        option(2, "P", strike=110, days=0, price=10.0, symbol="today"),
        option(2, "P", price=np.nan, symbol="lost"),
    )
    found = greeks_of(positions, bars=walk(days=60))
    assert found["model"].isna().tolist() == [True, False, True]
    assert found.loc["today", "model"] == "european"


def test_an_american_put_has_the_volatility_that_the_tree_was_given():
    """The oracle: Hull's put, published at 4.2826 by finite differences, 4.2847 by a tree of 801 steps."""
    put = option(1, "P", strike=50, days=152, price=4.2837, underlying_price=50.0)
    row = greeks_of(book(put), rates={"_3M": np.expm1(0.10)}).iloc[0]
    assert row["implied_vol"] == pytest.approx(0.40, abs=3e-4)
    assert row["model_price"] == pytest.approx(4.2837, abs=1e-7)


def test_an_expired_option_has_zeros_and_one_of_today_its_intrinsic_delta():
    positions = book(
        option(1, "C", days=-1, symbol="gone"),
        option(2, "C", strike=90, days=0, price=10.0, symbol="in"),
        option(2, "P", strike=110, days=0, price=10.0, symbol="put"),
        option(2, "C", strike=110, days=0, price=0.0, symbol="out"),
    )
    greeks = greeks_of(positions, rates={})
    assert greeks["delta"].tolist() == [0, 1, -1, 0]
    assert greeks["delta_dollars"].tolist() == [0, 20_000, -20_000, 0]
    assert (greeks[["gamma", "theta", "vega", "rho"]] == 0).all(axis=None)
    assert greeks["flags"].tolist() == ["EXPIRED", *["EXPIRES_TODAY"] * 3]
    assert greeks["implied_vol"].isna().all()


def test_what_has_no_underlying_price_or_cannot_be_traded_says_so():
    lost = greeks_of(book(option(1, "C", underlying_price=np.nan))).iloc[0]
    assert lost["flags"] == "GREEKS_NOT_COMPUTABLE,NO_UNDERLYING_PRICE"
    fear = greeks_of(book(option(1, "C", underlying="VIX"))).iloc[0]
    assert fear["flags"].startswith("GREEKS_NOT_COMPUTABLE,UNDERLYING_NOT_TRADABLE")
    assert np.isnan(fear["delta"])


def test_shares_have_no_row_and_exited_options_have_none():
    gone = option(0, "C", symbol="sold", position_type="LC")
    assert len(greeks_of(book(position("AAPL", 10, 100.0), gone))) == 0
    nothing = book(position("AAPL", 10, 100.0)).iloc[:0]
    assert len(conform(table_of(greeks_of(nothing)), TABLES["greeks"])) == 0


def test_mibian_as_engine_gives_the_same_table_and_another_engine_is_refused():
    positions = book(
        option(2, "C"), option(-3, "P", strike=95), option(1, "C", days=0, strike=90, price=10.0)
    )
    ours, theirs = (
        greeks_of(positions, dividend_yield=0.03),
        greeks_of(positions, dividend_yield=0.03, engine="mibian"),
    )
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-9, atol=1e-9)
    with pytest.raises(InputError, match="closed_form or mibian"):
        greeks_of(positions, engine="mock")


def test_the_reference_check_sees_a_wrong_greek():
    positions = book(option(2, "C"), option(-3, "P", strike=95))
    greeks = table_of(greeks_of(positions))
    assert mibian_gaps(positions, greeks)["difference"].max() < 1e-10
    assert mibian_gaps(positions, greeks, sample=1)["options"].tolist() == [1] * 6
    for name in ("vega", "rho"):
        wrong = greeks.assign(**{name: greeks[name] / 100})
        gaps = mibian_gaps(positions, wrong)
        assert gaps.set_index("measure")["difference"][name] > 1e-3
        book_of = portfolio_greeks(positions, wrong)
        checks = page.checks(positions, wrong, book_of, gaps, tree_gaps(positions, wrong))
        assert [one.name for one in checks if not one.passed] == ["mibian has the same Greeks"]
    nothing = mibian_gaps(positions, greeks.iloc[:0])
    assert nothing["difference"].isna().all()
    assert page.gaps(nothing).isna().all(axis=None)
    assert page.gaps_sentence(nothing) == "No European option to compare."


def test_a_plain_tree_sees_an_american_option_that_is_priced_as_a_european_one():
    """Hull's put is worth 4.2826 by finite differences, 4.2847 by a plain tree of 801 steps."""
    terms = {"strike": 50.0, "years": 152 / 365, "rate": 0.1, "volatility": 0.4, "right": "P"}
    worth, delta = plain_tree(spot=50.0, dividend_yield=0.0, **terms)
    assert worth == pytest.approx(4.2837, abs=1.5e-3)
    assert plain_tree(spot=50.01, dividend_yield=0.0, **terms)[0] - worth == pytest.approx(
        0.01 * delta, rel=0.01
    )
    positions = book(option(1, "P", price=np.nan), option(1, "C", price=np.nan))
    greeks = table_of(greeks_of(positions, vols=[("AAPL", 0.3)]))
    right = tree_gaps(positions, greeks)
    assert right["options"].tolist() == [1, 1]
    assert right["difference"].max() < 1e-4
    wrong = greeks.assign(model_price=fair(100, 90, "P"))
    checks = page.checks(
        positions,
        wrong,
        portfolio_greeks(positions, wrong),
        mibian_gaps(positions, greeks),
        tree_gaps(positions, wrong),
    )
    failing = [one.name for one in checks if not one.passed]
    assert failing == ["A plain tree has the same American prices and deltas"]
    nothing = tree_gaps(positions, greeks.iloc[:0])
    assert page.tree_sentence(nothing) == "No American option to compare."
    assert page.gaps(nothing).isna().all(axis=None)


def test_the_checks_see_a_wrong_delta_in_money_and_pass_what_has_expired():
    gone = option(1, "C", days=-1, symbol="gone", underlying_price=np.nan)
    positions = book(
        option(2, "C"), gone, option(1, "C", price=np.nan, symbol="lost", underlying_price=np.nan)
    )
    greeks = table_of(greeks_of(positions))
    for changed, failing in (
        (0.0, []),
        (0.01, ["Delta dollars are delta x contracts x price of the underlying"]),
    ):
        table = greeks.assign(delta_dollars=greeks["delta_dollars"] + changed)
        sums = portfolio_greeks(positions, greeks)
        found = page.checks(
            positions, table, sums, mibian_gaps(positions, table), tree_gaps(positions, table)
        )
        assert [one.name for one in found if not one.passed] == failing


def test_the_book_adds_delta_in_money_with_its_shares_and_counts_what_is_left_out():
    positions = book(
        position("AAPL", 50, 100.0),
        position("KO", -10, 60.0),
        position("hall", 1, 900.0, kind="manual"),
        position("NOPE", 5, np.nan),
        option(2, "C"),
        option(1, "C", price=np.nan, symbol="lost", underlying_price=np.nan),
    )
    greeks = table_of(greeks_of(positions))
    sums = portfolio_greeks(positions, greeks).set_index("greek")
    call = greeks.iloc[0]
    assert sums.loc["delta_dollars", "value"] == pytest.approx(5_000 - 600 + call["delta"] * 200 * 100)
    assert sums.loc["delta_dollars", ["positions_included", "positions_excluded"]].tolist() == [3, 3]
    assert sums.loc["theta", "value"] == pytest.approx(call["theta"] * 200)
    assert sums.loc["vega", ["positions_included", "positions_excluded"]].tolist() == [3, 3]


def test_a_book_without_any_figure_is_null_and_an_empty_one_zero():
    lost = book(option(1, "C", price=np.nan, underlying_price=np.nan))
    assert portfolio_greeks(lost, table_of(greeks_of(lost)))["value"].isna().all()
    empty = lost.iloc[:0]
    sums = portfolio_greeks(empty, table_of(greeks_of(empty)))
    assert sums["value"].tolist() == [0] * 5
    shares = book(position("AAPL", 10, 100.0))
    assert portfolio_greeks(shares, table_of(greeks_of(shares)))["value"].tolist() == [1_000, 0, 0, 0, 0]


def test_shares_of_different_names_are_never_added():
    positions = book(
        position("AAPL", 50, 100.0),
        option(-2, "C"),
        option(
            1,
            "P",
            symbol="ko",
            underlying="KO",
            underlying_price=60.0,
            strike=60,
            price=fair(60, 90, "P", spot=60),
        ),
    )
    greeks = table_of(greeks_of(positions))
    names = greeks_by_underlying(positions, greeks).set_index("underlying")
    assert set(names.index) == {"AAPL", "KO"}
    assert names.loc["AAPL", "total_delta"] == pytest.approx(50 - 200 * greeks["delta"].iloc[0])
    assert names["delta_dollars"].sum() == pytest.approx(
        portfolio_greeks(positions, greeks).set_index("greek")["value"]["delta_dollars"]
    )


def test_ten_calls_of_delta_six_tenths_at_160_are_96_000_and_not_a_share_of_their_premium():
    call = option(10, "C", price=5.5, underlying_price=160.0)
    positions = book(call)
    others = dict.fromkeys(("gamma_dollars", "position_theta", "position_vega", "position_rho"), 1.0)
    greeks = pd.DataFrame(
        {"position_id": ["C100-1"], "delta": [0.6], "delta_dollars": [0.6 * 10 * 100 * 160], **others}
    )
    totals = totals_of(total_exposures(positions, greeks=greeks))
    assert totals["delta_adjusted_net"] == pytest.approx(96_000)
    assert totals["gross"] == pytest.approx(5_500)
    assert totals["notional"] == pytest.approx(160_000)
    groups = group_exposures(positions, as_of=AS_OF, greeks=greeks)
    assert groups["delta_adjusted"].tolist() == pytest.approx([96_000] * len(groups))


def test_whatever_takes_an_option_by_its_delta_comes_after_the_greeks_of_the_same_day():
    """Delta-adjusted figures that are made before the Greeks are those of yesterday."""
    at = {stage.name: place for place, stage in enumerate(PIPELINE)}
    reading = {stage.name for stage in PIPELINE.readers("greeks")}
    risk = {"betas", "scenarios", "stress", "correlations", "metrics"}
    assert reading >= {"portfolio/exposures", "portfolio/what_if", *(f"risk/{name}" for name in risk)}
    assert min(at[name] for name in reading) > at["portfolio/greeks"]
    writer = PIPELINE.writer("exposures")
    after = {stage.name for stage in PIPELINE if {"exposures", "portfolio_greeks"} & {*stage.reads}}
    assert min(at[name] for name in after) > at[writer.name]
    assert not [stage.name for stage in PIPELINE if {"greeks", "exposures"} & {*stage.states}], "no old ones"


def test_the_delta_adjusted_exposure_is_of_the_greeks_of_its_own_day():
    """The underlying moves from 100 to 110 overnight: yesterday's delta would leave a third out."""
    exposed = {}
    for spot in (100.0, 110.0):
        call = option(10, "C", strike=110, price=fair(110, 90, "C", spot=spot), underlying_price=spot)
        positions = book(call)
        greeks = table_of(greeks_of(positions))
        net = totals_of(total_exposures(positions, greeks=greeks))["delta_adjusted_net"]
        assert net == pytest.approx(greeks["delta"].iloc[0] * 10 * 100 * spot)
        held = holdings(positions, greeks)
        assert held["delta_exposure"].iloc[0] == pytest.approx(net), "risk takes the same"
        exposed[spot] = net
    assert exposed[110.0] > 1.5 * exposed[100.0]


def test_the_sentences_say_what_the_numbers_say():
    positions = book(position("AAPL", 500, 100.0), option(-2, "P"), option(1, "C", strike=120, price=np.nan))
    greeks = table_of(greeks_of(positions, bars=walk(days=60)))
    sums = portfolio_greeks(positions, greeks)
    assert "Of 2 options the volatility comes: 1 from the option's own price; 1 option without Greeks" in (
        page.inputs_sentence(greeks)
    )
    assert "Written puts add +" in page.written_puts_sentence(positions, greeks)
    assert "1 position without price" in page.left_out_sentence(sums)
    shown = page.options(positions, greeks)
    assert shown["reason"].tolist() == ["", "no volatility explains its price or is known"]
    assert [one.name for one in page.key_figures(sums)] == sums["greek"].tolist()


def test_a_book_without_options_gets_a_sentence_and_no_empty_exhibit():
    shown = carry_out("portfolio/greeks", {"positions": book(position("AAPL", 500, 100.0))})
    assert shown.verdict.startswith("The book holds no option: it moves in a straight line like USD")
    assert list(shown.readings) == ["Greeks of the book, USD"]
    assert not [page for page in shown.pages if "No rows." in page]
    assert all(one.passed for one in shown.checks)


def test_what_is_said_of_options_alone_is_left_out_of_the_page_with_its_heading():
    notebook = json.loads((ROOT / "notebooks" / "portfolio" / "greeks.ipynb").read_text())
    tagged = [cell["id"] for cell in notebook["cells"] if "if-shown" in cell["metadata"].get("tags", [])]
    assert tagged == ["names-heading", "options-heading", "inputs-of-heading"]
