"""Betas of positions and of the book on markets whose betas are known, and the wrong ways that must fail."""

import numpy as np
import pandas as pd
import pytest
from beta_worlds import DAYS, exposures, factor_moves, factor_table, greeks, positions, price_table
from numpy.testing import assert_allclose

from lib.book import base_of, delta_by_underlying, holdings, left_out_flags
from lib.contracts import conform
from lib.errors import DataError
from lib.risk import attribution
from lib.risk.betas import portfolio_betas, position_betas
from lib.risk.factor_model import factor_model
from lib.risk.pages import beta_money
from lib.risk.pages import betas as page
from lib.risk.variance import position_parts, specific_parts, total_variance
from lib.tables import TABLES

MOVES = factor_moves()
FACTOR_RETURNS = factor_table(MOVES)
GENERATOR = np.random.default_rng(21)
SYMBOLS = ["AAA", "BBB", "CCC", "WILD"]
TRUE = pd.DataFrame(
    [
        [0.6, 0.4, 0, 0, 0, 0.2, 0],
        [0.2, 0, 0.8, 0, 0, 0, 0],
        [1, 0, 0, 0.3, 0, 0, -0.5],
        [9, 0, 0, 0, 0, 0, 0],
    ],
    index=SYMBOLS,
    columns=MOVES.columns,
)
RETURNS = MOVES @ TRUE.T + GENERATOR.normal(0, [0.008, 0.012, 0.01, 0.02], (len(MOVES), 4))
RETURNS = RETURNS.assign(CALL=5 * RETURNS["AAA"] + GENERATOR.normal(0, 0.05, len(MOVES)))
PRICES = price_table(RETURNS)
EXPOSED = {"AAA": 60_000.0, "BBB": -25_000.0, "CCC": 40_000.0}
STOCKS = positions(("AAA", "stock", 60_000), ("BBB", "stock", -25_000), ("CCC", "etf", 40_000))


def book(rows, deltas=None, *, nav=100_000, gross=125_000, prices=PRICES, factor_returns=FACTOR_RETURNS):
    """Everything that the stage computes, by name."""
    held = holdings(rows, deltas if deltas is not None else greeks())
    amount = base_of(exposures(nav, gross))[0]
    model = factor_model(held, prices, factor_returns)
    betas = position_betas(held, prices, factor_returns)
    portfolio = portfolio_betas(betas, model, nav=nav, gross=gross)
    daily = attribution.daily_attribution(model, amount=amount)
    for name, table in (
        ("position_betas", betas),
        ("portfolio_betas", portfolio),
        ("factor_attribution", attribution.attribution_table(daily)),
    ):
        conform(table, TABLES[name])
    return {"held": held, "model": model, "betas": betas, "portfolio": portfolio, "daily": daily}


def of(betas, symbol, method, factor="market", column="beta"):
    rows = betas[(betas["symbol"] == symbol) & (betas["method"] == method) & (betas["factor"] == factor)]
    return rows[column].iloc[0]


def total(portfolio, method, factor, column):
    rows = portfolio[(portfolio["method"] == method) & (portfolio["factor"] == factor)]
    return rows[column].iloc[0]


def test_the_last_252_returns_are_used_by_count():
    result = book(STOCKS)
    assert (result["betas"]["observations"] == 252).all()
    assert (result["betas"]["quality"] == "full_history").all()
    assert (result["model"].start, result["model"].end) == (DAYS[-252], DAYS[-1])
    assert result["model"].observations == 252


def test_a_day_without_a_price_is_made_good_by_an_older_return():
    gone = PRICES[~((PRICES["symbol"] == "AAA") & (PRICES["date"] == DAYS[150]))]
    betas = book(STOCKS, prices=gone)["betas"]
    assert of(betas, "AAA", "univariate", column="observations") == 252
    moves = RETURNS["AAA"].drop([DAYS[150], DAYS[151]]).iloc[-252:]
    line = np.polyfit(MOVES.loc[moves.index, "market"], moves, 1)
    assert of(betas, "AAA", "univariate") == pytest.approx(line[0], rel=1e-9)


def test_the_methods_agree_where_they_must():
    betas, model = book(STOCKS)["betas"], book(STOCKS)["model"]
    recent, window = RETURNS["CCC"].iloc[-252:], MOVES.iloc[-252:]
    residuals = window - np.outer(window["market"], model.loadings)
    design = np.column_stack([np.ones(252), residuals])
    expected = np.linalg.lstsq(design, recent, rcond=None)[0][1:]
    assert_allclose([of(betas, "CCC", "orthogonal", name) for name in MOVES], expected, rtol=1e-9)
    assert of(betas, "CCC", "orthogonal") == pytest.approx(of(betas, "CCC", "univariate"), rel=1e-10)
    for style in MOVES.columns[1:]:
        together = of(betas, "CCC", "multivariate", style)
        assert of(betas, "CCC", "orthogonal", style) == pytest.approx(together, rel=1e-9)
        assert abs(np.corrcoef(model.orthogonal(window)[:, 0], residuals[style])[0, 1]) < 1e-12


def test_an_option_is_explained_by_its_underlying_and_counts_with_its_delta():
    rows = positions(("AAA", "stock", 60_000), ("CALL", "option", 3_000, "AAA"))
    result = book(rows, greeks(CALL_1=30_000))
    betas = result["betas"]
    option = betas[(betas["position_id"] == "CALL-1")].reset_index(drop=True)
    stock = betas[betas["position_id"] == "AAA-0"].reset_index(drop=True)
    own = ["position_id", "dollar_exposure"]
    pd.testing.assert_frame_equal(option.drop(columns=own), stock.drop(columns=own))
    assert_allclose(option["dollar_exposure"] / 30_000, stock["dollar_exposure"] / 60_000, rtol=1e-12)
    beta = of(betas, "AAA", "orthogonal")
    dollars = total(result["portfolio"], "orthogonal", "market", "dollar_exposure")
    assert dollars == pytest.approx(90_000 * beta)


@pytest.mark.parametrize(("days", "quality"), [(59, "insufficient"), (60, "limited_history")])
def test_fewer_than_sixty_returns_give_no_beta_and_never_zero(days, quality):
    young = PRICES[~((PRICES["symbol"] == "BBB") & (PRICES["date"] < DAYS[-days - 1]))]
    result = book(STOCKS, prices=young)
    rows = result["betas"][result["betas"]["symbol"] == "BBB"]
    assert (rows["quality"] == quality).all() and (rows["observations"] == days).all()
    assert rows["beta"].isna().all() == (quality == "insufficient")
    assert not (rows["beta"] == 0).any()
    if quality == "insufficient":
        assert list(result["model"].covered) == ["AAA-0", "CCC-2"]
        assert result["model"].quality["BBB"] == "insufficient"
        assert len(result["daily"]) == 252
    else:
        assert len(result["daily"]) == 60


def test_prices_that_do_not_move_have_no_beta():
    flat = PRICES.copy()
    flat.loc[flat["symbol"] == "BBB", "adj_close"] = 20.0
    rows = book(STOCKS, prices=flat)["betas"].query("symbol == 'BBB'")
    assert (rows["quality"] == "constant_prices").all() and rows["beta"].isna().all()


def test_a_beta_beyond_the_cap_is_clipped_and_kept_beside():
    betas = book(positions(("WILD", "stock", 1_000)))["betas"]
    assert of(betas, "WILD", "orthogonal") == 3.0
    assert of(betas, "WILD", "orthogonal", column="beta_raw") == pytest.approx(9, abs=0.5)
    assert of(betas, "WILD", "orthogonal", column="capped")
    assert not of(betas, "WILD", "orthogonal", "value", column="capped")


def test_a_short_takes_market_risk_away():
    rows = positions(("AAA", "stock", 50_000), ("AAA", "stock", -50_000))
    portfolio = book(rows)["portfolio"]
    assert_allclose(portfolio["dollar_exposure"].dropna(), 0, atol=1e-9)


def test_money_of_a_factor_is_summed_position_by_position_over_the_base():
    result = book(STOCKS)
    betas, portfolio = result["betas"], result["portfolio"]
    for method in ("univariate", "multivariate", "orthogonal"):
        expected = sum(
            money * of(betas, symbol, method, "value")
            for symbol, money in (("AAA", 60_000), ("BBB", -25_000), ("CCC", 40_000))
        )
        assert total(portfolio, method, "value", "dollar_exposure") == pytest.approx(expected)
        assert total(portfolio, method, "value", "beta") == pytest.approx(expected / 100_000)


@pytest.mark.parametrize(("nav", "base", "amount"), [(100_000, "nav", 100_000), (-5, "gross", 125_000)])
def test_betas_are_on_net_asset_value_and_on_gross_where_that_is_not_positive(nav, base, amount):
    portfolio = book(STOCKS, nav=nav)["portfolio"]
    assert set(portfolio["base"]) == {base}
    known = portfolio.dropna(subset="beta")
    assert_allclose(known["beta"] * amount, known["dollar_exposure"])


def test_variance_shares_add_up_and_univariate_ones_are_not_claimed():
    result = book(STOCKS)
    portfolio, model = result["portfolio"], result["model"]
    shares = portfolio.set_index(["method", "factor"])["variance_share"]
    assert shares.loc["univariate"].isna().all()
    for method in ("multivariate", "orthogonal"):
        assert shares.loc[method].drop("total").sum() == pytest.approx(1, abs=1e-12)
    dollars, spread = model.dollar_betas, model.specific_variance
    money = pd.Series({"AAA": 60_000, "BBB": -25_000, "CCC": 40_000})
    by_hand = dollars @ model.orthogonal_covariance @ dollars + (money**2 * spread).sum()
    assert total_variance(model) == pytest.approx(by_hand)
    assert position_parts(model).sum() == pytest.approx(by_hand, rel=1e-12)
    turn = np.linalg.inv(model.orthogonal(np.eye(7)).T)
    assert_allclose(turn @ model.orthogonal_covariance @ turn.T, model.covariance, atol=1e-18)


def test_a_stock_and_a_call_written_on_it_have_less_specific_risk_than_the_stock():
    rows = positions(("AAA", "stock", 60_000), ("CALL", "option", -3_000, "AAA"))
    covered = book(rows, greeks(CALL_1=-35_000))["model"]
    alone = book(positions(("AAA", "stock", 60_000)))["model"]
    assert specific_parts(covered).sum() == pytest.approx(specific_parts(alone).sum() * (25 / 60) ** 2)
    assert position_parts(covered)["CALL-1"] < 0
    assert_allclose(delta_by_underlying(holdings(rows, greeks(CALL_1=-35_000)))["AAA"], 25_000)


def test_attribution_adds_up_and_leaves_what_the_regressions_left():
    result = book(STOCKS)
    daily, model = result["daily"], result["model"]
    assert_allclose(daily.drop(columns="total").sum(axis=1), daily["total"], atol=1e-9)
    exposure = model.exposure_by_underlying
    expected = RETURNS.loc[daily.index, exposure.index] @ exposure / 100_000
    assert_allclose(daily["total"], expected, atol=1e-12)
    design = np.column_stack([np.ones(252), model.orthogonal(model.returns)])
    fitted = design[:, 1:] @ np.linalg.lstsq(design, expected, rcond=None)[0][1:]
    assert_allclose(daily["specific"], expected - fitted, atol=1e-9)


@pytest.mark.parametrize("days", [252, 60])
def test_specific_variance_is_over_the_days_less_seven_betas_and_the_intercept(days):
    """Of 60 days, 52 are free: divided by all of them a young stock would look 7 % calmer than it is."""
    young = PRICES[(PRICES["symbol"] != "AAA") | (PRICES["date"] >= DAYS[-days - 1])]
    result = book(STOCKS, prices=young)
    window = MOVES.iloc[-days:]
    design = np.column_stack([np.ones(days), window])
    squares = np.linalg.lstsq(design, RETURNS["AAA"].iloc[-days:], rcond=None)[1][0]
    expected = squares / (days - 8)
    assert result["model"].specific_variance["AAA"] == pytest.approx(expected, rel=1e-9)
    published = of(result["betas"], "AAA", "orthogonal", column="specific_vol")
    assert published == pytest.approx(np.sqrt(expected), rel=1e-9)


def test_whiskers_are_two_errors_of_a_stock_and_the_95_percent_interval_of_the_book():
    import statsmodels.api as sm

    result = book(STOCKS)
    held, betas, model, daily = (result[name] for name in ("held", "betas", "model", "daily"))
    design = sm.add_constant(model.orthogonal(MOVES.iloc[-252:]))
    rows = page.underlyings(betas, held).set_index("symbol")
    for symbol in rows.index:
        fit = sm.OLS(RETURNS[symbol].to_numpy()[-252:], design).fit(cov_type="HC1")
        reach = 2 * fit.bse[1]
        ends = (fit.params[1] - reach, fit.params[1] + reach)
        assert (rows.loc[symbol, "low"], rows.loc[symbol, "high"]) == pytest.approx(ends, rel=1e-8)
    fit = attribution.book_regression(model, daily)
    drawn = page.intervals(result["portfolio"], model, attribution.half_widths(fit))
    expected = sm.OLS(daily["total"].to_numpy(), design).fit(cov_type="HC1", use_t=True).conf_int()[1:]
    assert_allclose(drawn[["low", "high"]], expected, rtol=1e-7, atol=1e-10)


def test_intervals_of_a_thousand_underlyings_hold_the_truth():
    """Through the tables: prices of 1,000 names with known betas, regressed on the seven factors."""
    generator = np.random.default_rng(8)
    truth = pd.DataFrame(
        generator.normal(0.3, 0.3, (7, 1000)), index=MOVES.columns, columns=[f"S{n}" for n in range(1000)]
    )
    moves = MOVES @ truth + generator.normal(0, 0.012, (len(MOVES), 1000))
    rows = positions(*((symbol, "stock", 100.0) for symbol in truth))
    held = holdings(rows, greeks())
    betas = position_betas(held, price_table(moves), FACTOR_RETURNS)
    model = factor_model(held, price_table(moves), FACTOR_RETURNS)
    market_first = truth.copy()
    market_first.loc["market"] += model.loadings @ truth.to_numpy()
    for method, known in (("multivariate", truth), ("orthogonal", market_first)):
        rows = betas[betas["method"] == method]
        expected = known.to_numpy()[
            known.index.get_indexer(rows["factor"]), known.columns.get_indexer(rows["symbol"])
        ]
        held_by = (rows["beta_raw"] - expected).abs() <= 1.9697 * rows["std_error"]
        share = held_by.groupby(rows["factor"]).mean()
        assert share.between(0.93, 0.97).all(), share


def test_published_errors_are_hc1_by_every_method_and_say_so():
    """Residuals that grow with the market: classical errors would promise too much."""
    import statsmodels.api as sm

    generator = np.random.default_rng(5)
    noise = generator.normal(0, 1, len(MOVES)) * (0.2 * MOVES["market"].abs() + 0.001)
    prices = price_table(pd.DataFrame({"WIDE": 0.8 * MOVES["market"] + noise}))
    held = holdings(positions(("WIDE", "stock", 1_000.0)), greeks())
    betas = position_betas(held, prices, FACTOR_RETURNS)
    model = factor_model(held, prices, FACTOR_RETURNS)
    assert set(betas["errors"]) == {"hc1"}
    window, series = MOVES.iloc[-252:], model.moves["WIDE"].to_numpy()
    designs = {
        "univariate": window[["market"]],
        "multivariate": window,
        "orthogonal": model.orthogonal(window),
    }
    for method, regressors in designs.items():
        fit = sm.OLS(series, sm.add_constant(np.asarray(regressors)))
        robust, classical = fit.fit(cov_type="HC1", use_t=True), fit.fit()
        error = of(betas, "WIDE", method, column="std_error")
        assert error == pytest.approx(robust.bse[1], rel=1e-8)
        assert of(betas, "WIDE", method, column="t_stat") == pytest.approx(robust.tvalues[1], rel=1e-8)
        assert abs(error / classical.bse[1] - 1) > (0.2 if method == "univariate" else 0.02)
    daily = attribution.daily_attribution(model, amount=1_000.0)
    whole = sm.OLS(series, sm.add_constant(designs["orthogonal"])).fit(cov_type="HC1", use_t=True)
    expected = (whole.conf_int()[1:, 1] - whole.conf_int()[1:, 0]) / 2
    assert_allclose(attribution.half_widths(attribution.book_regression(model, daily)), expected, rtol=1e-8)


def test_the_book_has_a_beta_on_each_base_and_one_without_signs():
    result = book(STOCKS)
    portfolio, betas = result["portfolio"].set_index(["method", "factor"]), result["betas"]
    for method in ("univariate", "multivariate", "orthogonal"):
        own = {symbol: of(betas, symbol, method) for symbol in EXPOSED}
        dollars = sum(money * own[symbol] for symbol, money in EXPOSED.items())
        sizes = sum(abs(money * own[symbol]) for symbol, money in EXPOSED.items())
        row = portfolio.loc[(method, "market")]
        assert row["beta"] == row["beta_nav"] == pytest.approx(dollars / 100_000, rel=1e-12)
        assert row["beta_gross"] == pytest.approx(dollars / 125_000, rel=1e-12)
        assert row["magnitude_beta"] == pytest.approx(sizes / 125_000, rel=1e-12)
        assert abs(row["beta_gross"]) < row["magnitude_beta"]


def test_without_a_positive_net_asset_value_only_the_betas_of_gross_are_known():
    portfolio = book(STOCKS, nav=-1.0)["portfolio"]
    rows = portfolio[portfolio["factor"] == "market"]
    assert rows["beta_nav"].isna().all() and (rows["base"] == "gross").all()
    assert (rows["beta"] == rows["beta_gross"]).all() and rows["beta_gross"].notna().all()
    assert "n/a (net asset value is not positive)" in beta_money.bases_sentence(portfolio)


def test_alpha_and_its_error_are_those_of_statsmodels_for_every_method():
    sm = pytest.importorskip("statsmodels.api")
    result = book(STOCKS)
    betas, model, recent = result["betas"], result["model"], RETURNS["CCC"].iloc[-252:].to_numpy()
    window = MOVES.iloc[-252:]
    designs = {
        "univariate": window[["growth"]].to_numpy(),
        "multivariate": window.to_numpy(),
        "orthogonal": model.orthogonal(window),
    }
    for method, regressors in designs.items():
        fit = sm.OLS(recent, sm.add_constant(regressors)).fit(cov_type="HC1")
        alpha, error = (of(betas, "CCC", method, "growth", name) for name in ("alpha", "alpha_error"))
        assert (alpha, error) == pytest.approx((252 * fit.params[0], 252 * fit.bse[0]), rel=1e-8)
    several, orthogonal = (of(betas, "CCC", name, column="alpha") for name in ("multivariate", "orthogonal"))
    assert several == pytest.approx(orthogonal, rel=1e-9)
    daily = result["daily"]["total"]
    own = sm.OLS(daily.to_numpy(), sm.add_constant(designs["orthogonal"])).fit(cov_type="HC1")
    fit = attribution.book_regression(model, result["daily"])
    expected = (252 * own.params[0], 252 * own.bse[0])
    assert attribution.book_alpha(fit) == pytest.approx(expected, rel=1e-8)
    parts = sum(money * of(betas, name, "orthogonal", column="alpha") for name, money in EXPOSED.items())
    assert attribution.book_alpha(fit)[0] == pytest.approx(parts / 100_000, rel=1e-9)


def test_an_alpha_that_was_put_in_is_found_and_a_year_is_252_days():
    given = pd.DataFrame({"AAA": MOVES["market"] + 0.10 / 252})
    rows = positions(("AAA", "stock", 100.0))
    betas = book(rows, prices=price_table(given), nav=100, gross=100)["betas"]
    assert of(betas, "AAA", "orthogonal", column="alpha") == pytest.approx(0.10, rel=1e-9)


def test_the_factor_dollars_of_the_positions_add_up_and_a_wrong_one_is_found():
    result = book(STOCKS)
    betas, portfolio = result["betas"], result["portfolio"]
    table = beta_money.factor_dollars(betas, result["held"]).set_index("position")
    assert table.index[0] == "The book"
    stated = portfolio[portfolio["method"] == "orthogonal"].set_index("factor")["dollar_exposure"]
    assert_allclose(table.iloc[1:].sum(), stated.dropna(), rtol=1e-12)
    assert table.loc["BBB", "Market"] == pytest.approx(-25_000 * of(betas, "BBB", "orthogonal"))
    assert beta_money.adds_up(betas, portfolio).passed
    wrong = betas.assign(dollar_exposure=betas["dollar_exposure"].where(betas["symbol"] != "BBB", 0.0))
    assert not beta_money.adds_up(wrong, portfolio).passed


def test_collinear_factors_give_a_result_and_say_so():
    twins = MOVES.assign(size=MOVES["value"])
    result = book(STOCKS, factor_returns=factor_table(twins))
    assert np.isinf(result["model"].condition_number)
    assert result["betas"]["beta"].notna().all()
    shares = result["portfolio"].query("method == 'orthogonal' and factor != 'total'")["variance_share"]
    assert shares.sum() == pytest.approx(1)


def test_what_is_left_out_is_named():
    rows = positions(
        ("AAA", "stock", 10.0),
        ("HOUSE", "manual", 500.0),
        ("GONE", "stock", np.nan),
        ("CALL", "option", 5.0, "AAA"),
        ("SOLD", "stock", 0.0),
    )
    result = book(rows)
    held, betas = result["held"], result["betas"]
    assert list(held["reason"]) == ["", "manual", "unpriced", "no_greeks"]
    assert left_out_flags(held) == ("manual_left_out", "unpriced_left_out", "no_greeks_left_out")
    quality = betas.drop_duplicates("position_id").set_index("symbol")["quality"]
    assert list(quality) == ["full_history", "manual", "unpriced", "no_greeks"]
    assert betas.loc[betas["quality"] != "full_history", "beta"].isna().all()
    assert_allclose(delta_by_underlying(held), 10.0)


@pytest.mark.parametrize(
    ("rows", "deltas", "nav"),
    [
        (STOCKS.iloc[:0], None, 100.0),
        (positions(("AAA", "stock", -10_000.0)), None, -10_000),
        (positions(("CALL", "option", 5.0, "AAA")), None, 5.0),
        (positions(("CALL", "option", 5.0, "AAA")), greeks(CALL_0=50.0), 5.0),
        (positions(("HOUSE", "manual", 9.0)), None, 9.0),
        (positions(("AAA", "stock", 10_000.0)), None, 10_000),
    ],
    ids=["nothing", "shorts only", "option without delta", "options only", "manual only", "one position"],
)
def test_every_exhibit_of_an_unusual_book_can_be_built(rows, deltas, nav):
    result = book(rows, deltas, nav=nav, gross=abs(nav))
    held, betas, portfolio, model, daily = (
        result[name] for name in ("held", "betas", "portfolio", "model", "daily")
    )
    amount = base_of(exposures(nav, abs(nav)))[0]
    names = page.underlyings(betas, held)
    by_style = page.style_betas(betas, names["symbol"])
    fit = attribution.book_regression(model, daily)
    dollars, alphas = beta_money.factor_dollars(betas, held), beta_money.alphas(betas, names["symbol"])
    frames = [
        (page.coverage(held, betas), page.COVERAGE),
        (page.by_method(portfolio), page.BY_METHOD),
        (names, page.UNDERLYINGS),
        (page.periods(daily), page.PERIODS),
        (page.intervals(portfolio, model, attribution.half_widths(fit)), ("factor", "low", "high")),
        (beta_money.bases(portfolio), beta_money.BASES),
        (dollars, beta_money.dollars_columns(dollars)),
        (alphas, beta_money.ALPHAS),
        (page.shares(portfolio), ("name", "share")),
        (page.cumulative(daily), ("Book", "Market", "Styles", "Specific")),
    ]
    for frame, columns in frames:
        assert {getattr(column, "name", column) for column in columns} <= set(frame.columns)
    sentences = [
        page.coverage_sentence(held, betas, model),
        page.underlyings_sentence(names),
        page.by_method_sentence(betas, 3.0),
        page.styles_sentence(by_style),
        beta_money.bases_sentence(portfolio),
        beta_money.dollars_sentence(dollars, "USD"),
        beta_money.alphas_sentence(alphas, attribution.book_alpha(fit)),
        page.attribution_sentence(daily),
        page.periods_sentence(daily),
        page.variance_sentence(portfolio, model, amount=amount, total=total_variance(model)),
        page.verdict(portfolio, model, "USD"),
        *(figure.sentence for figure in page.key_figures(portfolio, model, held, betas, "USD")),
    ]
    assert not [text for text in sentences if "nan" in text or not text.endswith(".")]
    assert all(check.passed for check in page.checks(held, betas, portfolio, daily, model))
    assert beta_money.adds_up(betas, portfolio).passed


def test_the_checks_find_what_is_wrong():
    result = book(STOCKS)
    broken = result["daily"].assign(market=result["daily"]["market"] * 1.01)
    doubled = result["portfolio"].assign(
        variance_share=result["portfolio"]["variance_share"] * 1.1,
        dollar_exposure=result["portfolio"]["dollar_exposure"] * 2,
    )
    betas = result["betas"].copy()
    betas.loc[betas["method"] == "univariate", "beta_raw"] += 0.1
    betas.loc[0, "beta"] = np.nan
    found = page.checks(result["held"], betas, doubled, broken, result["model"])
    assert [check.passed for check in found] == [False, False, True, False, False, False]


def test_factors_without_the_market_or_without_days_are_refused():
    held = holdings(STOCKS, greeks())
    with pytest.raises(DataError, match="market"):
        factor_model(held, PRICES, FACTOR_RETURNS[FACTOR_RETURNS["factor"] != "market"])
    with pytest.raises(DataError, match="2 days in common"):
        factor_model(held, PRICES, FACTOR_RETURNS[FACTOR_RETURNS["date"] >= DAYS[-2]])


@pytest.mark.parametrize(("days", "quality"), [(59, "insufficient"), (60, "limited_history")])
def test_with_too_few_days_of_factors_no_position_has_a_beta_and_the_page_stands(days, quality):
    """Through every table, sentence and check of the page."""
    result = book(STOCKS, factor_returns=FACTOR_RETURNS[FACTOR_RETURNS["date"] >= DAYS[-days]])
    betas, portfolio, model = result["betas"], result["portfolio"], result["model"]
    assert set(betas["quality"]) == {quality}
    assert set(betas["observations"]) == {days}
    assert betas["beta"].isna().all() == model.covered.empty == (days < 60)
    found = page.checks(result["held"], betas, portfolio, result["daily"], model)
    assert all(check.passed for check in found), found
    if days < 60:
        said = "No position has betas: the factors have 59 days in common, and 60 are needed."
        assert page.verdict(portfolio, model, "USD") == said
        assert page.periods(result["daily"]).iloc[:, 1:].isna().all(axis=None)
        assert page.style_betas(betas, betas["symbol"].drop_duplicates()).isna().all(axis=None)
    figures = page.key_figures(portfolio, model, result["held"], betas, "USD")
    assert not [figure for figure in figures if "nan" in figure.sentence]


def test_a_style_that_is_left_out_is_named_and_the_others_are_measured():
    kept = FACTOR_RETURNS[~FACTOR_RETURNS["factor"].isin(["quality", "low_volatility"])]
    result = book(STOCKS, factor_returns=kept)
    assert set(result["betas"]["factor"]) == set(kept["factor"])
    assert result["betas"]["beta"].notna().all()
    said = "There are no betas on quality and low volatility, which market/factors leaves out"
    assert said in page.coverage_sentence(result["held"], result["betas"], result["model"])
    assert said in page.verdict(result["portfolio"], result["model"], "USD")
    whole = book(STOCKS)
    assert "no betas" not in page.coverage_sentence(whole["held"], whole["betas"], whole["model"])
