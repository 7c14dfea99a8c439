import numpy as np
import pandas as pd
import pytest
from scenario_worlds import DAYS, book_of, factor_table, position, prices_of

from lib.contracts import conform
from lib.errors import InputError
from lib.risk.rates import CAP, NO_BETA, rate_betas, tenors_of, yield_changes
from lib.tables import TABLES

BOTH = ("2Y", "10Y")
TRUTH = {"BOND": (0.0, -7.5e-4), "BANK": (1.2, 3e-4), "SHOP": (0.9, 0.0)}


def world(truth=TRUTH, *, noise=0.002, follow=0.0, days=DAYS):
    """Holdings, prices, factors and yields: return = beta x market + b x change of 10Y in bp + noise.

    ``follow`` is how many basis points the 10Y yield moves with a market move of 1.
    """
    generator = np.random.default_rng(11)
    factors = factor_table(days=days)
    market = factors[factors["factor"] == "market"].set_index("date")["return"]
    change = generator.normal(0, 5, len(days)) + follow * market.to_numpy()
    change[0] = 0.0
    rate = 0.03 + change.cumsum() * 1e-4
    yields = pd.concat([
        pd.DataFrame({"date": days, "tenor": "10Y", "rate": rate}),
        pd.DataFrame({"date": days, "tenor": "2Y", "rate": generator.normal(0, 5e-4, len(days)).cumsum()}),
    ], ignore_index=True)  # fmt: skip
    returns = {
        symbol: beta * market.to_numpy() + b * change + generator.normal(0, noise, len(days))
        for symbol, (beta, b) in truth.items()
    }
    held, _ = book_of(*(position(symbol, symbol, 10) for symbol in truth))
    return held, prices_of(pd.DataFrame(returns, index=days)), factors, yields


def row_of(table, symbol, tenor="10Y"):
    return table[(table["symbol"] == symbol) & (table["tenor"] == tenor)].iloc[0]


def test_a_change_is_a_difference_in_basis_points():
    """4.25 % to 4.35 % is 10 basis points; the relative change of the level would read 235."""
    days = pd.to_datetime(["2022-01-03", "2022-01-04", "2022-01-05", "2022-01-06"])
    yields = pd.DataFrame({"date": days[[0, 1, 3]], "tenor": "10Y", "rate": [0.0425, 0.0435, 0.05]})
    changes = yield_changes(yields, days)["10Y"]
    assert changes.iloc[1] == pytest.approx(10.0, abs=1e-9)
    assert changes.isna().tolist() == [True, False, True, True], "no change spans a day without a yield"


def test_known_betas_are_found_and_the_contract_kept():
    held, prices, factors, yields = world()
    table = conform(rate_betas(held, prices, factors, yields, tenors=BOTH), TABLES["rate_betas"])
    for symbol, (_, b) in TRUTH.items():
        row = row_of(table, symbol)
        assert row["beta_per_bp"] == pytest.approx(b, abs=4 * 0.002 / 5 / np.sqrt(252))
        assert (row["observations"], row["quality"]) == (252, "full_history")
    assert -1e4 * row_of(table, "BOND")["beta_per_bp"] == pytest.approx(7.5, abs=0.6), "effective duration"
    assert abs(row_of(table, "SHOP", "2Y")["t_stat"]) < 3


def test_it_equals_statsmodels():
    import statsmodels.api as sm

    held, prices, factors, yields = world()
    table = rate_betas(held, prices, factors, yields, tenors=("10Y",))
    market = factors[factors["factor"] == "market"].set_index("date")["return"]
    change = yields[yields["tenor"] == "10Y"].set_index("date")["rate"].diff() * 1e4
    close = prices[prices["symbol"] == "BANK"].set_index("date")["adj_close"]
    data = pd.DataFrame({"y": close.pct_change(), "m": market, "d": change}).dropna().tail(252)
    fit = sm.OLS(data["y"], sm.add_constant(data[["m", "d"]])).fit(cov_type="HC1", use_t=True)
    row = row_of(table, "BANK")
    assert row["beta_per_bp"] == pytest.approx(fit.params["d"], rel=1e-9)
    assert row["t_stat"] == pytest.approx(fit.tvalues["d"], rel=1e-9)
    assert row["r_squared"] == pytest.approx(fit.rsquared, rel=1e-9)
    assert row["errors"] == "hc1"


def test_a_market_move_is_not_read_as_a_rate_move():
    """Yields that follow the market: alone they would seem to move a stock that ignores them."""
    held, prices, factors, yields = world({"SHOP": (0.9, 0.0)}, follow=2000.0)
    row = row_of(rate_betas(held, prices, factors, yields, tenors=("10Y",)), "SHOP")
    change = yields[yields["tenor"] == "10Y"].set_index("date")["rate"].diff() * 1e4
    returns = prices.set_index("date")["adj_close"].pct_change()
    alone = np.cov(change[1:], returns[1:])[0, 1] / change.var()
    assert alone > 3e-4
    assert abs(row["beta_per_bp"]) < 1e-4


def test_a_bond_has_its_modified_duration():
    """Hull's three-year bond: D = 2.653, so -2.653e-4 for a basis point."""
    times = np.arange(0.5, 3.01, 0.5)
    cash = np.where(times == 3.0, 105.0, 5.0)
    worth = [float((cash * np.exp(-(0.12 + shift) * times)).sum()) for shift in (-1e-4, 0.0, 1e-4, 1e-3)]
    assert worth[1] == pytest.approx(94.213021, abs=1e-6)
    assert worth[3] == pytest.approx(93.963428, abs=1e-6)
    b = (worth[2] - worth[0]) / 2 / worth[1]
    assert b == pytest.approx(-2.653010e-4, abs=1e-9)
    held, prices, factors, yields = world({"BOND": (0.0, b)}, noise=1e-5)
    row = row_of(rate_betas(held, prices, factors, yields, tenors=("10Y",)), "BOND")
    assert -1e4 * row["beta_per_bp"] == pytest.approx(2.653, abs=0.01)


def test_the_cap_is_that_of_a_forty_year_bond_and_is_said():
    held, prices, factors, yields = world({"WILD": (0.5, -9e-3), "CALM": (0.5, -1e-3)})
    table = rate_betas(held, prices, factors, yields, tenors=("10Y",))
    assert row_of(table, "WILD")["beta_per_bp"] == -CAP == -0.004
    assert row_of(table, "WILD")["quality"] == "full_history,capped"
    assert row_of(table, "CALM")["quality"] == "full_history"


def test_too_little_history_is_null_with_its_reason_and_never_zero():
    held, prices, factors, yields = world()
    young = prices[(prices["symbol"] != "BANK") | (prices["date"] >= DAYS[-60])]
    middle = young[(young["symbol"] != "SHOP") | (young["date"] >= DAYS[-100])]
    table = conform(
        rate_betas(held, middle, factors, yields, tenors=tenors_of(yields, "3M")), TABLES["rate_betas"]
    )
    bank, shop = row_of(table, "BANK"), row_of(table, "SHOP")
    assert np.isnan(bank["beta_per_bp"])
    assert (bank["quality"], bank["observations"]) == ("insufficient", 59)
    assert (shop["quality"], shop["observations"]) == ("limited_history", 99)
    assert row_of(table, "BOND", "3M")["quality"] == "no_yields"
    lost = table["quality"].isin(NO_BETA)
    assert table.loc[lost, ["beta_per_bp", "t_stat"]].isna().all(axis=None)
    assert table.loc[~lost, "beta_per_bp"].notna().all()


def test_sixty_returns_are_enough():
    held, prices, factors, yields = world()
    young = prices[(prices["symbol"] != "BANK") | (prices["date"] >= DAYS[-61])]
    assert row_of(rate_betas(held, young, factors, yields, tenors=BOTH), "BANK")["observations"] == 60
    assert np.isfinite(row_of(rate_betas(held, young, factors, yields, tenors=BOTH), "BANK")["beta_per_bp"])


def test_constant_prices_yields_and_manual_values_have_no_beta():
    held, prices, factors, yields = world()
    prices = prices.assign(adj_close=prices["adj_close"].mask(prices["symbol"] == "SHOP", 5.0))
    held = held.assign(kind=held["kind"].mask(held["underlying"] == "BANK", "manual"))
    flat = yields.assign(rate=yields["rate"].mask(yields["tenor"] == "2Y", 0.02))
    table = rate_betas(held, prices, factors, flat, tenors=BOTH)
    assert row_of(table, "SHOP")["quality"] == "constant_prices"
    assert row_of(table, "BANK")["quality"] == "manual"
    assert row_of(table, "BOND", "2Y")["quality"] == "constant_yields"
    assert table.loc[table["quality"] != "full_history", "beta_per_bp"].isna().all()


def test_an_empty_book_and_a_folder_without_yields():
    held, prices, factors, yields = world()
    assert (
        len(conform(rate_betas(held.iloc[:0], prices, factors, yields, tenors=BOTH), TABLES["rate_betas"]))
        == 0
    )
    none = yields.iloc[:0]
    table = conform(
        rate_betas(held, prices, factors, none, tenors=tenors_of(none, "10Y")), TABLES["rate_betas"]
    )
    assert set(table["quality"]) == {"no_yields"}


def test_only_days_common_to_all_count():
    held, prices, factors, yields = world()
    gone = yields[~((yields["tenor"] == "10Y") & yields["date"].isin(DAYS[[-10, -20]]))]
    short = rate_betas(held, prices, factors, gone, tenors=("10Y",), window=100)
    assert row_of(short, "BANK")["observations"] == 100
    late = rate_betas(held, prices[prices["date"] >= DAYS[-90]], factors, gone, tenors=("10Y",))
    assert row_of(late, "BANK")["observations"] == 89 - 4


@pytest.mark.parametrize(
    ("quoted", "needed", "used"),
    [
        (["10Y", "30Y", "2Y", "3M"], "10Y", ("3M", "2Y", "10Y", "30Y")),
        (["3M", "5Y", "10Y", "30Y"], "10Y", ("3M", "5Y", "10Y", "30Y")),
        (["3M", "5Y"], "10Y", ("3M", "5Y", "10Y")),
        (["1M", "5Y"], "5Y", ("5Y",)),
    ],
)
def test_the_tenors_are_those_that_the_source_quotes_and_the_one_that_is_asked_for(quoted, needed, used):
    assert tenors_of(pd.DataFrame({"tenor": quoted}), needed) == used


def test_a_tenor_that_no_source_quotes_is_refused_with_those_that_can_be():
    with pytest.raises(InputError, match=r"7Y.*3M, 2Y, 5Y, 10Y, 30Y"):
        tenors_of(pd.DataFrame({"tenor": ["10Y"]}), "7Y")


def test_five_year_yields_give_betas_of_their_own_where_no_two_year_ones_are():
    held, prices, factors, yields = world()
    live = yields.assign(tenor=yields["tenor"].replace({"10Y": "5Y", "2Y": "30Y"}))
    tenors = tenors_of(live, "5Y")
    table = rate_betas(held, prices, factors, live, tenors=tenors)
    assert set(table["tenor"]) == {"5Y", "30Y"} and set(table["quality"]) == {"full_history"}
    same = rate_betas(held, prices, factors, yields, tenors=("10Y",))
    assert row_of(table, "BOND", "5Y")["beta_per_bp"] == row_of(same, "BOND")["beta_per_bp"]
