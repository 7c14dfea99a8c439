"""Factors from proxies: what is refused, baskets, correlations, and factors that cannot be told apart."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from lib import codes
from lib.contracts import conform
from lib.conventions import FACTORS
from lib.errors import DataError, InputError
from lib.market import factor_diagnostics, factors
from lib.market.pages import factors as page
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


def wide_of(table=None, proxies=PROXIES):
    return factors.wide_returns(factors.factor_returns(prices() if table is None else table, proxies)[0])


def diagnosed(wide, proxies=PROXIES, left_out=None):
    origins = factor_diagnostics.origin_of_symbols(prices())
    return factor_diagnostics.factor_diagnostics(wide, proxies, origins, left_out)


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
    table = conform(factors.factor_returns(prices(), PROXIES)[0], TABLES["factor_returns"])
    wide = factors.wide_returns(table, window=1000)
    assert list(wide.columns) == ["market", "value", "growth"] and len(wide) == len(DAYS) - 1
    simple = CLOSES / CLOSES.shift(1) - 1
    assert_allclose(wide["growth"], simple[["AAA", "BBB"]].mean(axis=1).iloc[1:], rtol=1e-12)
    assert len(factors.wide_returns(table)) == 252


def test_a_gap_of_one_member_is_a_gap_of_the_basket_and_no_return_spans_it():
    table, _ = factors.factor_returns(prices(without(CLOSES, "BBB", [DAYS[100]])), PROXIES)
    days = table.groupby("factor")["date"].apply(set)
    assert days["market"] - days["growth"] == {DAYS[100], DAYS[101]}
    assert DAYS[100] not in factors.wide_returns(table, window=1000).index


NOTHING_OF_VALUE = without(CLOSES, "VAL", DAYS[:270])


@pytest.mark.parametrize(
    ("closes", "code", "reason", "days"),
    [
        (CLOSES.drop(columns="VAL"), "no_prices", "no prices of VAL", 0),
        (
            NOTHING_OF_VALUE,
            "few_returns",
            "49 returns in common with the factors before it, and 60 are needed",
            49,
        ),
    ],
)
def test_a_style_without_usable_prices_is_left_out_with_its_reason_and_costs_no_other_factor(
    closes, code, reason, days
):
    table, left_out = factors.factor_returns(prices(closes), PROXIES)
    assert left_out == {"value": (code, reason, days)}
    whole, _ = factors.factor_returns(prices(), PROXIES)
    pd.testing.assert_frame_equal(table, whole[whole["factor"] != "value"].reset_index(drop=True))


def test_a_basket_that_lacks_one_member_is_left_out_whole():
    _, left_out = factors.factor_returns(prices(CLOSES.drop(columns="BBB")), PROXIES)
    assert left_out["growth"].reason == "no prices of BBB"


def test_styles_that_never_trade_together_do_not_take_the_days_of_all_others():
    """Each has 159 days in common with the market and none with the other: the second one is left out."""
    apart = without(without(CLOSES, "VAL", DAYS[:160]), "AAA", DAYS[160:])
    table, left_out = factors.factor_returns(prices(apart), PROXIES)
    assert list(left_out) == ["growth"] and left_out["growth"].observations == 0
    assert len(factors.wide_returns(table)) == 159


@pytest.mark.parametrize(
    ("closes", "says"),
    [
        (CLOSES.drop(columns="IDX"), "has no prices of IDX"),
        (without(CLOSES, "IDX", DAYS[:317]), "has 2 returns, and 3 are needed"),
    ],
)
def test_without_the_market_the_stage_stops_and_names_the_setting(closes, says):
    with pytest.raises(DataError, match=f"FACTOR_WITHOUT_PRICES: the factor market .IDX. {says}") as caught:
        factors.factor_returns(prices(closes), PROXIES)
    assert "stages.market/factors.factors.market" in str(caught.value)


def test_a_short_market_is_kept_with_the_styles_that_cost_it_no_day():
    """Betas need 60 days and say so themselves; here 49 of the market, 49 of growth and 9 of value."""
    short = CLOSES[CLOSES.index >= DAYS[270]]
    table, left_out = factors.factor_returns(prices(without(short, "VAL", DAYS[:310])), PROXIES)
    assert list(left_out) == ["value"]
    assert left_out["value"].reason == "9 returns in common with the factors before it, and 49 are needed"
    wide = factors.wide_returns(table)
    assert (len(wide), list(wide)) == (49, ["market", "growth"])
    found = diagnosed(wide, left_out=left_out)
    assert page.verdict(wide, found, left_out).startswith("The factors have 49 days in common")


@pytest.mark.parametrize("days", [3, 5, 8])
def test_every_exhibit_of_a_history_of_days_can_be_built(days):
    wide = wide_of(prices(CLOSES.iloc[-days - 1 :]))
    assert len(wide) == days
    found = conform(diagnosed(wide), TABLES["factor_diagnostics"])
    correlations = conform(factor_diagnostics.factor_correlations(wide), TABLES["factor_correlations"])
    texts = [figure.sentence for figure in page.key_figures(wide, correlations, found, {})]
    texts += [page.proxies_sentence(found, {}), page.styles_sentence(wide), page.growth_sentence(wide)]
    assert not [text for text in texts if "nan" in text or not text.endswith(".")], texts
    checks = page.checks(wide, correlations, found, {})
    assert all(one.passed for one in checks if one.name != "The factors can be told apart")


def test_correlations_beyond_the_market_are_those_of_what_it_leaves():
    wide = wide_of()
    found = factor_diagnostics.beyond_market(wide)
    residual = {}
    for name in ("value", "growth"):
        slope = np.cov(wide[name], wide["market"])[0, 1] / wide["market"].var()
        residual[name] = wide[name] - slope * wide["market"]
    expected = np.corrcoef(residual["value"], residual["growth"])[0, 1]
    assert found.loc["value", "growth"] == pytest.approx(expected, rel=1e-9)
    assert abs(expected) < 0.3 < wide["value"].corr(wide["growth"]), "the market made them look alike"
    assert list(found) == ["value", "growth"]


def test_what_is_left_out_stands_in_the_diagnostics_the_checks_and_every_sentence_at_the_top():
    table, left_out = factors.factor_returns(prices(CLOSES.drop(columns="VAL")), PROXIES)
    wide = factors.wide_returns(table)
    correlations = factor_diagnostics.factor_correlations(wide)
    found = diagnosed(wide, left_out=left_out)
    rows = conform(found, TABLES["factor_diagnostics"]).set_index("factor")
    assert rows.loc["value", ["proxy", "observations", "warning"]].tolist() == ["VAL", 0, "no_prices"]
    assert rows.loc["value", ["vif", "max_correlation", "nearest"]].isna().all()
    assert rows.loc["market", "observations"] == 252 and rows["vif"].notna().sum() == 2
    shown = page.proxies(found).set_index("factor").loc["Value"]
    assert (shown["warning"], shown["no_vif"]) == ("no prices", "left out")
    checks = page.checks(wide, correlations, found, left_out)
    failed = [one.name for one in checks if not one.passed]
    assert failed == ["Every factor asked for has prices"]
    assert "Left out: value (no prices of VAL)." in page.verdict(wide, found, left_out)
    figures = page.key_figures(wide, correlations, found, left_out)
    assert figures[0].sentence == "2 factors over 252 days. Left out: value."
    assert np.isfinite([figure.value for figure in figures]).all()


def test_weighted_correlations_have_a_zero_mean_and_nothing_is_clipped():
    wide = wide_of()
    table = conform(factor_diagnostics.factor_correlations(wide), TABLES["factor_correlations"])
    matrix = factor_diagnostics.correlation_matrix(table)
    weights = decay_weights(252)
    products = {(one, other): (weights * wide[one] * wide[other]).sum() for one in wide for other in wide}
    expected = products["market", "growth"] / np.sqrt(
        products["market", "market"] * products["growth", "growth"]
    )
    assert matrix.loc["market", "growth"] == pytest.approx(expected, rel=1e-12)
    assert matrix.loc["market", "value"] > 0.95
    assert set(np.diag(matrix)) == {1.0} and len(table) == 9
    assert (table["effective_observations"].round(1) == 32.3).all()
    spread = factor_diagnostics.off_diagonal(table)
    upper = matrix.to_numpy()[np.triu_indices(3, 1)]
    assert_allclose(
        [spread["mean"], spread["max"], spread["min"], spread["sd"]],
        [upper.mean(), upper.max(), upper.min(), upper.std(ddof=1)],
    )


def test_variance_inflation_is_that_of_statsmodels():
    import statsmodels.api as sm
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    wide = wide_of()
    table = factor_diagnostics.factor_diagnostics(
        wide, PROXIES, factor_diagnostics.origin_of_symbols(prices())
    )
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
    pairs = factor_diagnostics.high_pairs(wide)
    assert pairs[["factor_1", "factor_2"]].to_numpy().tolist() == [["market", "value"]]


def test_factors_that_are_one_are_flagged_and_have_no_inflation():
    twins = CLOSES.assign(VAL=CLOSES["IDX"] * 2)
    wide = wide_of(prices(twins))
    table = factor_diagnostics.factor_diagnostics(
        wide, PROXIES, factor_diagnostics.origin_of_symbols(prices(twins))
    )
    assert table["vif"].isna().tolist() == [True, True, False]
    assert codes.has(table["warning"], "singular").all()
    assert table["condition_number"].isna().all()
    correlations = factor_diagnostics.factor_correlations(wide)
    found = {one.name: one.passed for one in page.checks(wide, correlations, table, {})}
    assert found.pop("The factors can be told apart") is False and all(found.values())
    assert "not unique" in page.proxies_sentence(table, {})


def test_a_generated_price_is_the_origin_of_its_factor():
    assert factor_diagnostics._origin("IDX", pd.Series({"IDX": "generated"})) == "generated"
    assert factor_diagnostics._origin("AAA,BBB", pd.Series({"AAA": "real", "BBB": "manual"})) == "manual"


@pytest.mark.parametrize("proxies", [PROXIES, {"market": "IDX"}])
def test_every_sentence_is_one(proxies):
    wide = wide_of(proxies=proxies)
    correlations = factor_diagnostics.factor_correlations(wide)
    table = factor_diagnostics.factor_diagnostics(
        wide, proxies, factor_diagnostics.origin_of_symbols(prices())
    )
    conform(table, TABLES["factor_diagnostics"])
    assert table["nearest"].isna().all() == (len(proxies) == 1)
    texts = [
        page.verdict(wide, table, {}),
        *(figure.sentence for figure in page.key_figures(wide, correlations, table, {})),
    ]
    assert not [text for text in texts if "nan" in text or "n/a" in text or not text.endswith(".")], texts
    assert max(map(len, texts[1:])) < 90
    assert len(texts[0]) < 80, "the front page repeats the verdict"
    assert page.styles_sentence(wide).endswith(".")
    assert page.styles(wide).shape == ((2, 2) if len(proxies) > 1 else (1, 1))
    assert len(page.proxies(table)) == len(proxies)
    assert all(one.passed for one in page.checks(wide, correlations, table, {}))
