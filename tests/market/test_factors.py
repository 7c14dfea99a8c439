"""Factors from proxies: what is refused, baskets, correlations, and factors that cannot be told apart."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from lib.contracts import conform
from lib.conventions import FACTORS
from lib.errors import DataError, InputError
from lib.market import factor_summary, factors
from lib.stats.covariance import decay_weights
from lib.tables import TABLES

DAYS = pd.bdate_range("2021-01-01", periods=320)
GENERATOR = np.random.default_rng(4)
COMMON = GENERATOR.normal(0.0002, 0.01, len(DAYS))
OWN = GENERATOR.normal(0, 1, (len(DAYS), 4)) * [0, 0.002, 0.02, 0.02]
CLOSES = pd.DataFrame(100 * np.cumprod(1 + COMMON[:, None] + OWN, axis=0), DAYS, ["IDX", "VAL", "AAA", "BBB"])
PROXIES = {"market": "IDX", "value": "VAL", "growth": "AAA,BBB"}


def prices(closes=CLOSES, origin="real"):
    long = closes.rename_axis("date").reset_index().melt("date", var_name="symbol", value_name="adj_close")
    return long.assign(origin=origin)


def settings(**given):
    return {"settings": {"factors": given}}


def without(closes, symbol, days):
    return closes.assign(**{symbol: closes[symbol].mask(closes.index.isin(days))})


def test_proxies_are_given_over_the_samples_and_an_empty_one_leaves_its_factor_out():
    proxies = factors.proxies_of({"value": "VTV", "growth": ""})
    assert list(proxies) == [name for name in FACTORS if name != "growth"]
    assert (proxies["value"], proxies["market"]) == ("VTV", "SP500")
    found = factors.validate(settings(value="VTV, IVE", growth=" "))
    assert {"VTV", "IVE", "SP500"} <= set(found["symbols"]) and "AAPL" not in found["symbols"]


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"Market": "SPY"}, "Market", "no factor of this name"),
        ({"Market Beta": "SPY"}, "Market Beta", "no factor of this name"),
        ({"short_interest": "XYZ"}, "short_interest", "market, value, growth"),
        ({"market": ""}, "market", "cannot be left out"),
        ({"growth": "AAPL,,MSFT"}, "growth", "an empty symbol"),
        ({"growth": "AAPL,AAPL"}, "growth", "a symbol twice"),
        ({"size": "IJ R"}, "size", "a space inside"),
    ],
)
def test_what_is_no_factor_or_no_proxy_is_refused_by_name(given, field, says):
    with pytest.raises(InputError, match=says) as caught:
        factors.validate(settings(**given))
    assert caught.value.field == f"stages.market/factors.factors.{field}"


def test_a_basket_is_the_equal_weighted_mean_of_simple_returns():
    table = conform(factors.factor_returns(prices(), PROXIES), TABLES["factor_returns"])
    wide = factors.wide_returns(table, window=1000)
    assert list(wide.columns) == ["market", "value", "growth"] and len(wide) == len(DAYS) - 1
    simple = CLOSES / CLOSES.shift(1) - 1
    assert_allclose(wide["growth"], simple[["AAA", "BBB"]].mean(axis=1).iloc[1:], rtol=1e-12)
    assert len(factors.wide_returns(table)) == 252


def test_a_gap_of_one_member_is_a_gap_of_the_basket_and_no_return_spans_it():
    table = factors.factor_returns(prices(without(CLOSES, "BBB", [DAYS[100]])), PROXIES)
    days = table.groupby("factor")["date"].apply(set)
    assert days["market"] - days["growth"] == {DAYS[100], DAYS[101]}
    assert DAYS[100] not in factors.wide_returns(table, window=1000).index


@pytest.mark.parametrize(
    ("closes", "says"),
    [
        (CLOSES.drop(columns="BBB"), "the factor growth .AAA,BBB. has no prices of BBB"),
        (without(CLOSES, "VAL", DAYS[:270]), "the factor value .VAL. has 49 returns, and betas need 60"),
    ],
)
def test_a_factor_without_prices_stops_the_stage_in_plain_words(closes, says):
    with pytest.raises(DataError, match=f"FACTOR_WITHOUT_PRICES: {says}"):
        factors.factor_returns(prices(closes), PROXIES)


def test_weighted_correlations_have_a_zero_mean_and_nothing_is_clipped():
    wide = factors.wide_returns(factors.factor_returns(prices(), PROXIES))
    table = conform(factors.factor_correlations(wide), TABLES["factor_correlations"])
    matrix = factors.correlation_matrix(table)
    weights = decay_weights(252)
    products = {(one, other): (weights * wide[one] * wide[other]).sum() for one in wide for other in wide}
    expected = products["market", "growth"] / np.sqrt(
        products["market", "market"] * products["growth", "growth"]
    )
    assert matrix.loc["market", "growth"] == pytest.approx(expected, rel=1e-12)
    assert matrix.loc["market", "value"] > 0.95
    assert set(np.diag(matrix)) == {1.0} and len(table) == 9
    assert (table["effective_observations"].round(1) == 32.3).all()
    spread = factors.off_diagonal(table)
    upper = matrix.to_numpy()[np.triu_indices(3, 1)]
    assert_allclose(
        [spread["mean"], spread["max"], spread["min"], spread["sd"]],
        [upper.mean(), upper.max(), upper.min(), upper.std(ddof=1)],
    )


def test_variance_inflation_is_that_of_statsmodels():
    import statsmodels.api as sm
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    wide = factors.wide_returns(factors.factor_returns(prices(), PROXIES))
    table = factors.factor_diagnostics(wide, PROXIES, factors.origin_of_symbols(prices()))
    table = conform(table, TABLES["factor_diagnostics"])
    design = sm.add_constant(wide.to_numpy())
    assert_allclose(
        table["vif"], [variance_inflation_factor(design, place) for place in (1, 2, 3)], rtol=1e-9
    )
    values = np.linalg.eigvalsh(wide.corr())
    assert_allclose(table["condition_number"], values[-1] / values[0], rtol=1e-9)
    assert table["nearest"].tolist() == ["value", "market", "market"]
    assert table["warning"].tolist() == ["high_vif,high_correlation", "high_vif,high_correlation", ""]
    assert table["origin"].tolist() == ["real", "real", "constructed"]
    pairs = factors.high_pairs(wide)
    assert pairs[["factor_1", "factor_2"]].to_numpy().tolist() == [["market", "value"]]


def test_factors_that_are_one_are_flagged_and_have_no_inflation():
    twins = CLOSES.assign(VAL=CLOSES["IDX"] * 2)
    wide = factors.wide_returns(factors.factor_returns(prices(twins), PROXIES))
    table = factors.factor_diagnostics(wide, PROXIES, factors.origin_of_symbols(prices(twins)))
    assert table["vif"].isna().tolist() == [True, True, False]
    assert table["warning"].str.contains("singular").all()
    assert table["condition_number"].isna().all()
    correlations = factors.factor_correlations(wide)
    found = {name: passed for name, passed, _ in factor_summary.identities(wide, correlations, table)}
    assert found.pop("The factors can be told apart") is False and all(found.values())
    assert "not unique" in factor_summary.proxies_sentence(table)


def test_a_generated_price_is_the_origin_of_its_factor():
    assert factors._origin("IDX", pd.Series({"IDX": "generated"})) == "generated"
    assert factors._origin("AAA,BBB", pd.Series({"AAA": "real", "BBB": "manual"})) == "manual"


@pytest.mark.parametrize("proxies", [PROXIES, {"market": "IDX"}])
def test_every_sentence_is_one(proxies):
    wide = factors.wide_returns(factors.factor_returns(prices(), proxies))
    correlations = factors.factor_correlations(wide)
    table = factors.factor_diagnostics(wide, proxies, factors.origin_of_symbols(prices()))
    conform(table, TABLES["factor_diagnostics"])
    assert table["nearest"].isna().all() == (len(proxies) == 1)
    texts = [
        factor_summary.verdict(wide, table),
        *(row["sentence"] for row in factor_summary.key_figures(wide, correlations, table)),
    ]
    assert not [text for text in texts if "nan" in text or not text.endswith(".")], texts
    assert len(factor_summary.named_pairs(wide)) == (1 if len(proxies) > 1 else 0)
    assert len(factor_summary.words_of_warnings(table)) == len(proxies)
    assert all(passed for _, passed, _ in factor_summary.identities(wide, correlations, table))
