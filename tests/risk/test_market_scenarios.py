from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scenario_worlds import (
    FACTORS,
    RATE,
    SPOT,
    VOLATILITY,
    YEARS,
    betas_table,
    book_of,
    option,
    position,
    rates_table,
)

from lib.contracts import conform
from lib.pricing import american
from lib.risk.pages import scenarios as page
from lib.risk.repricing import add_up, profits
from lib.risk.scenarios import market_scenarios, rate_scenarios, scenario_pnl
from lib.tables import TABLES

NAV = (10_000.0, "nav", 10_000.0)


def betas(held, market, **options):
    return betas_table(held, {name: [beta, *[0.0] * 6] for name, beta in market.items()}, **options)


def market(*rows, beta=None, base=NAV, moves=(-0.2, 0.05), without=(), **options):
    held, book = book_of(*rows, without=without)
    known = betas(held, beta or dict.fromkeys(held["underlying"], 1.0), **options)
    return market_scenarios(book, known, base=base, moves=moves).set_index("scenario")


def test_the_golden_value():
    """108,025 at a beta of 0.963: a market up 5 % gives 5,201.40."""
    row = market(position("A", "A", 1080.25), beta={"A": 0.963}).loc["market_up_5"]
    assert row["pnl"] == row["linear_pnl"] == row["gamma_pnl"] == pytest.approx(5201.40, abs=0.005)
    assert row["pnl_fraction"] == pytest.approx(0.520140, abs=1e-6)


def test_shorts_take_the_other_side():
    found = market(position("A", "A", 100), position("B", "B", -100), beta={"A": 1.0, "B": 1.5})
    assert found.loc["market_up_5", "pnl"] == pytest.approx(0.05 * (10_000 - 15_000))


def test_an_option_book_is_not_a_straight_line():
    found = market(option("c", "A", 10, "C", 100.0), moves=(-0.2, 0.2))
    down, up = found.loc["market_down_20"], found.loc["market_up_20"]
    assert down["linear_pnl"] == pytest.approx(-up["linear_pnl"])
    assert up["pnl"] > up["linear_pnl"] and down["pnl"] > down["linear_pnl"], "long gamma gains either way"
    assert up["pnl"] - up["linear_pnl"] == pytest.approx(down["pnl"] - down["linear_pnl"], rel=0.5)
    assert up["gamma_pnl"] > up["linear_pnl"]


def test_a_small_move_is_delta_and_gamma():
    found = market(option("c", "A", 10, "C", 100.0), option("p", "A", -5, "P", 90.0), moves=(0.001, 1e-5))
    small = found.loc["market_up_0.1"]
    assert small["pnl"] == pytest.approx(small["gamma_pnl"], rel=1e-4)
    assert abs(small["pnl"] - small["linear_pnl"]) > 10 * abs(small["pnl"] - small["gamma_pnl"])
    least = found.loc["market_up_0.001"]
    assert least["pnl"] == pytest.approx(least["linear_pnl"], rel=1e-4)


def test_the_underlying_moves_by_its_beta():
    slow = market(option("c", "A", 1, "C", 100.0), beta={"A": 0.5}, moves=(0.2,))["pnl"].iloc[0]
    same = market(option("c", "A", 1, "C", 100.0), beta={"A": 1.0}, moves=(0.1,))["pnl"].iloc[0]
    assert slow == pytest.approx(same, rel=1e-12)


@pytest.mark.parametrize("right", ["C", "P"])
def test_a_long_option_never_loses_more_than_its_premium(right):
    rows = [option("o", "A", 10, right, 100.0)]
    rows[0]["exposure"] *= 0.8
    found = market(*rows, beta={"A": 3.0}, moves=(-0.9, -0.5, -0.2, 0.2, 0.5, 0.9))
    premium = rows[0]["exposure"]
    assert (found["pnl"] >= -premium).all()
    assert found["pnl"].min() == pytest.approx(-premium, rel=1e-6)
    assert found["linear_pnl"].min() < -premium


def test_a_short_option_may_lose_more_than_its_premium():
    rows = [option("o", "A", -10, "C", 100.0)]
    found = market(*rows, moves=(0.5,))
    assert found["pnl"].iloc[0] < 3 * rows[0]["exposure"] < 0


def test_a_stock_loses_at_most_its_value_and_the_unbounded_loss_stands_beside_it():
    row = market(position("A", "A", 100), beta={"A": 3.0}, moves=(-0.5,)).iloc[0]
    assert (row["pnl"], row["unbounded_pnl"]) == (pytest.approx(-10_000), pytest.approx(-15_000))
    assert row["flags"].split(",")[0] == "below_zero"
    within = market(position("A", "A", 100), beta={"A": 3.0}, moves=(-0.3,)).iloc[0]
    assert within["pnl"] == within["unbounded_pnl"] == pytest.approx(-9_000)


def test_a_loss_above_net_asset_value_is_shown_raw_and_flagged():
    """Clipped at 99 % it would look like a bad day instead of a wrong model."""
    row = market(position("A", "A", 1000), moves=(-0.2,), base=(5_000.0, "nav", 5_000.0)).iloc[0]
    assert (row["pnl"], row["pnl_fraction"], row["flags"]) == (-20_000.0, -4.0, "exceeds_nav")


def test_without_net_asset_value_the_base_is_gross_and_says_so():
    row = market(position("A", "A", -100), moves=(0.05,), base=(10_000.0, "gross", -2_000.0)).iloc[0]
    assert (row["pnl"], row["pnl_fraction"], row["flags"]) == (-500.0, -0.05, "base_gross")
    none = market(position("A", "A", 100), moves=(0.05,), base=(0.0, "gross", 0.0)).iloc[0]
    assert np.isnan(none["pnl_fraction"])


def test_what_is_left_out_is_missing_and_named():
    rows = [position("A", "A", 100), position("M", "M", 1, kind="manual"), option("x", "A", 1, "C", 100.0)]
    rows += [position("U", "U", 1, price=np.nan), position("Y", "Y", 5)]
    held, book = book_of(*rows, without=("x",))
    found = market_scenarios(book, betas(held, {"A": 1.0}), base=NAV, moves=(0.1,)).iloc[0]
    assert found["pnl"] == pytest.approx(1000.0)
    assert found["flags"] == "manual_left_out,unpriced_left_out,no_greeks_left_out,no_beta_left_out"


def test_nothing_to_move_is_null_and_not_zero():
    for rows in ([position("M", "M", 1, kind="manual")], [option("x", "A", 1, "C", 100.0)]):
        row = market(*rows, without=("x",), moves=(0.1,)).iloc[0]
        assert np.isnan(row["pnl"])
        assert "nothing_covered" in row["flags"]


def test_a_capped_beta_is_said():
    assert market(position("A", "A", 1), capped=("market",))["flags"].tolist() == ["capped_beta"] * 2


def test_an_option_that_cannot_be_repriced_keeps_delta_and_gamma():
    held, book = book_of(option("c", "A", 1, "C", 100.0))
    book = type(book)(held, book.delta_exposure, book.gamma_dollars, book.options.iloc[:0], book.places[:0])
    row = market_scenarios(book, betas(held, {"A": 1.0}), base=NAV, moves=(0.1,)).iloc[0]
    assert row["pnl"] == row["gamma_pnl"] != row["linear_pnl"]
    assert row["flags"] == "not_revalued"


def test_an_american_option_is_revalued_by_the_tree_with_volatility_and_rate():
    _, book = book_of(option("p", "A", -2, "P", 120.0), option("c", "A", 1, "C", 100.0))
    early = replace(book, options=book.options.assign(model=["american", "european"]))
    moves, factor, shift = np.array([[-0.3], [0.1]]) * np.ones(2), np.array([1.2, 1.0]), np.array([0.01, 0.0])
    found = profits(early, moves, volatility_factor=factor, rate_shift=shift).full
    terms = {"strike": 120.0, "years": YEARS, "right": "P"}
    now = american.price(spot=SPOT, rate=RATE, volatility=VOLATILITY, **terms)
    then = american.price(
        spot=SPOT * (1 + moves[:, 0]), rate=RATE + shift, volatility=VOLATILITY * factor, **terms
    )
    np.testing.assert_allclose(found[:, 0], -200 * (then - now), rtol=0, atol=1e-9)
    closed = profits(book, moves, volatility_factor=factor, rate_shift=shift).full
    np.testing.assert_array_equal(found[:, 1], closed[:, 1])
    assert np.abs(found[:, 0] - closed[:, 0]).max() > 20


def test_a_volatility_factor_stops_at_the_cap():
    _, book = book_of(option("c", "A", 1, "C", 100.0))
    still = np.zeros((4, 1))
    found = profits(book, still, volatility_factor=np.array([1.0, 1.5, 5.0, 50.0])).full[:, 0]
    assert found[0] == 0.0
    assert 0 < found[1] < found[2] == found[3]


def test_a_holding_of_hulls_bonds_loses_what_his_duration_says():
    """Hull, ch. 4: three years, 10 % half-yearly, at 12 %: 94.213, 2.653 years, 0.0249948 for a basis point.

    Repriced, the bond loses 0.249593 for ten: convexity, 7.57, gives back what lies between.
    """
    held, book = book_of(position("BOND", "BOND", 1000, price=94.213021))
    betas_per_bp = rates_table(held, {"BOND": -2.653010e-4})
    found = rate_scenarios(book, betas_per_bp, "10Y", base=(94_213.021, "nav", 94_213.021), moves=(1.0, 10.0))
    assert found["pnl"].tolist() == pytest.approx([-24.9948, -249.948], abs=1e-3)
    assert found["pnl_fraction"].tolist() == pytest.approx([-2.653010e-4, -2.653010e-3], abs=1e-9)
    repriced = 1000 * (93.963428 - 94.213021)
    given_back = 0.5 * 7.570035 * 0.001**2 * 94_213.021
    assert found["pnl"].iloc[1] + given_back == pytest.approx(repriced, abs=2e-3)


def test_what_rests_on_generated_data_is_said_and_is_never_worst_or_best():
    rows = [("2Y", "real"), ("10Y", "generated"), ("10Y", "real"), ("30Y", "generated")]
    yields = pd.DataFrame(rows, columns=["tenor", "origin"])
    held, book = book_of(option("c", "A", 1, "C", 100.0))
    said = page.generated_sentence(yields, book, ["2Y", "10Y"])
    assert said == " Every move of the 10Y yield rests on generated yields: never the worst or the best."
    both = page.generated_sentence(yields, replace(book, generated=True), ["10Y"])
    assert "generated yields; what revaluing options adds" in both
    assert page.generated_sentence(yields[yields["origin"] == "real"], book, ["2Y", "10Y"]) == ""
    table = scenario_pnl(
        book, betas(held, {"A": 1.0}), rates_table(held, {"A": 1e-4}), base=NAV, tenors=["10Y"]
    )
    figure = page.key_figures(table, "10Y", "USD", generated=["10Y"])[-1]
    assert figure.sentence.endswith("On generated yields.")
    assert "generated" not in page.key_figures(table, "10Y", "USD")[-1].sentence
    assert page.verdict(table, book, "USD", said).endswith(said)


def test_rates_by_tenor_are_alternatives():
    held, book = book_of(position("A", "A", 100), option("c", "A", 1, "C", 100.0))
    rates = pd.concat([rates_table(held, {"A": -5e-4}), rates_table(held, {"A": 2e-4}, tenor="2Y")])
    table = scenario_pnl(book, betas(held, {"A": 1.0}), rates, base=NAV, tenors=("2Y", "10Y"))
    table = conform(table, TABLES["scenario_pnl"])
    names = [f"ir_{way}bp" for way in ("down_200", "down_100", "up_100", "up_200")]
    assert table.loc[table["tenor"] == "10Y", "scenario"].tolist() == names
    row = table[(table["scenario"] == "ir_up_100bp") & (table["tenor"] == "10Y")].iloc[0]
    assert row["linear_pnl"] == pytest.approx(np.nansum(book.delta_exposure) * -0.05)
    option_pnl = row["pnl"] - 10_000 * -0.05
    same = profits(book, np.array([[-0.05, -0.05]]), rate_shift=0.01).full[0, 1]
    assert option_pnl == pytest.approx(same)
    assert same != pytest.approx(profits(book, np.array([[-0.05, -0.05]])).full[0, 1]), "the rate moves too"
    assert table["kind"].value_counts().to_dict() == {"rates": 8, "market": 6}


def test_a_tenor_without_yields_is_named_and_the_others_are_answered():
    held, book = book_of(position("A", "A", 100))
    none = rates_table(held, {"A": np.nan}, quality="no_yields")
    rates = pd.concat([rates_table(held, {"A": -5e-4}, tenor="3M"), none])
    both = pd.concat([rates, rates_table(held, {"A": 2e-4}, tenor="30Y")])
    table = scenario_pnl(book, betas(held, {"A": 1.0}), both, base=NAV, tenors=("3M", "10Y", "30Y"))
    lost = table[table["tenor"] == "10Y"]
    assert lost["pnl"].isna().all() and set(lost["flags"]) == {"no_yields"}
    absent = {column.name: column.absent for column in page.by_tenor_columns(table)}
    assert absent == {
        "words": "",
        "3M": "no position has betas",
        "10Y": "too few yields",
        "30Y": "no position has betas",
    }
    said = page.rates_sentence(table, "10Y", "USD")
    assert said.startswith(
        "No result by the 10Y yield: too few yields. By the yields of 3M and 30Y the answers"
    )
    assert "n/a" not in said and "2Y" not in said
    figure = page.key_figures(table, "10Y", "USD")[-1]
    assert (figure.name, figure.sentence) == ("yield_10y_up_100_bp", "No result: too few yields.")


def test_a_hundred_basis_points_do_not_wipe_out_a_stock_book():
    """Stale betas of -0.01 for one basis point would lose all of 108,025."""
    held, book = book_of(position("A", "A", 1080.25))
    rates = rates_table(held, {"A": -1e-4})
    table = scenario_pnl(book, betas(held, {"A": 1.0}), rates, base=NAV, tenors=("10Y",))
    assert table.set_index("scenario").loc["ir_up_100bp", "pnl"] == pytest.approx(-1080.25)


def test_sums_pass_over_what_is_missing():
    assert np.isnan(add_up(np.array([[np.nan, np.nan]])))[0]
    assert add_up(np.array([[np.nan, 2.0, 3.0]]))[0] == 5.0
    assert np.isnan(add_up(np.empty((1, 0))))[0]


def test_words_and_identities_hold_for_every_kind_of_book():
    books = [
        [position("A", "A", 100)],
        [option("c", "A", 1, "C", 100.0), option("p", "A", -1, "P", 90.0)],
        [position("A", "A", -100)],
        [position("M", "M", 1, kind="manual")],
    ]
    for rows in books:
        held, book = book_of(*rows)
        known = betas(held, dict.fromkeys(held["underlying"], 1.1))
        known = pd.concat([known, known.assign(method="univariate")])
        rates = rates_table(held, dict.fromkeys(held["underlying"], 1e-4)).assign(t_stat=1.0)
        table = conform(scenario_pnl(book, known, rates, base=NAV, tenors=("10Y",)), TABLES["scenario_pnl"])
        assert all(check.passed for check in page.checks(table, book, known))
        shown = page.rate_betas(rates, book, "10Y")
        words = [
            page.verdict(table, book, "USD"),
            page.curvature_sentence(table, "USD"),
            page.rates_sentence(table, "10Y", "USD"),
            page.rate_betas_sentence(shown, "10Y"),
            *(figure.sentence for figure in page.key_figures(table, "10Y", "USD")),
        ]
        assert not [text for text in words if "nan" in text or "None" in text]
        assert list(page.by_tenor(table)) == ["shock", "words", "10Y"]
        assert set(page.moves(table, "market")["words"].iloc[[0, -1]]) == {"Market +20%", "Market \u221220%"}
    assert FACTORS[0] == "market"


def test_the_checks_find_what_is_wrong():
    held, book = book_of(position("A", "A", 100))
    known = betas(held, {"A": 1.1})
    known = pd.concat([known, known.assign(method="univariate")])
    rates = pd.concat([rates_table(held, {"A": 1e-4}, tenor=tenor) for tenor in ("2Y", "10Y")])
    table = scenario_pnl(book, known, rates, base=NAV, tenors=("2Y", "10Y"))
    broken = table.assign(linear_pnl=table["linear_pnl"] * 1.001).drop(index=table.index[-1])
    assert [check.passed for check in page.checks(table, book, known)] == [True, True, True]
    assert [check.passed for check in page.checks(broken, book, known)] == [False, False, False]
