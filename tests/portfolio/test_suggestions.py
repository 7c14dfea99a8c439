"""Suggestions reach their goals in a world where betas, deltas and risk are known in closed form."""

import numpy as np
import pandas as pd
import pytest
from book_worlds import AS_OF, instruments, prices, value

from lib.book import delta_exposures
from lib.portfolio import suggestion_effects as effects
from lib.portfolio import suggestions
from lib.portfolio.suggestion_goals import beta_goal, delta_goal, reached, share_goal
from lib.portfolio.what_if import apply_trades

CALL, PUT = "AAA230616C00100000", "BBB230616P00040000"
LAST = {"AAA": 100.0, "BBB": 40.0, "CCC": 7.0, "DDD": 250.0, "ETF": 50.0, CALL: 8.0, PUT: 3.0, "IDX": 4000.0}
BARS = [(symbol, day, close) for symbol, close in LAST.items() for day in ("2022-12-27", AS_OF)]
BETA = {"AAA": 1.2, "BBB": 0.7, "CCC": -0.4, "DDD": 2.1, "ETF": 1.0}
SPECIFIC = {"AAA": 2e-4, "BBB": 5e-4, "CCC": 9e-4, "DDD": 4e-4, "ETF": 1e-4}
MARKET_VARIANCE = 1.5e-4
DELTA = {CALL: 0.55, PUT: -0.4}
BOOK = ["AAA,300,90,2022-01-03", "BBB,-200,45,2022-01-03", "CCC,1000,5,2022-01-03", "DDD,90,200,2022-01-03"]
OPTIONS = [f"{CALL},4,5,2022-06-01", f"{PUT},-3,5,2022-06-01"]


def known():
    table = instruments(**dict.fromkeys(LAST, "USD"))
    kinds = {CALL: "option", PUT: "option", "IDX": "index", "ETF": "etf"}
    return table.assign(kind=table["symbol"].map(kinds).fillna("stock").astype("str"))


def book(folder, *lines):
    return value(folder, lines or (*BOOK, *OPTIONS), BARS, known=known())[0].reset_index(drop=True)


def greeks(positions, delta=DELTA):
    options = positions[(positions["kind"] == "option") & (positions["quantity"] != 0)]
    shares = options["symbol"].map(delta).astype("float64") * options["quantity"] * 100
    return pd.DataFrame(
        {
            "position_id": options["position_id"],
            "position_delta": shares,
            "delta_dollars": shares * options["underlying_price"],
        }
    )


def risk(positions):
    """Betas and factor value at risk of the book, z = 1, one factor."""
    exposure = pd.Series(delta_exposures(positions, greeks(positions)), index=positions.index)
    beta = positions["underlying"].map(BETA)
    own = exposure.groupby(positions["underlying"]).sum()
    dollars = (exposure * beta).sum()
    specific = positions["underlying"].map(own) * positions["underlying"].map(SPECIFIC)
    sigma = np.sqrt(MARKET_VARIANCE * dollars**2 + (own**2 * own.index.map(SPECIFIC)).sum())
    parts = exposure * (beta * MARKET_VARIANCE * dollars + specific) / sigma
    row = {"method": "orthogonal", "factor": "market"}
    return {
        "position_betas": pd.DataFrame({"position_id": positions["position_id"], "beta": beta, **row}),
        "portfolio_betas": pd.DataFrame([{**row, "dollar_exposure": dollars}]),
        "var_components": pd.DataFrame({"position_id": positions["position_id"], "value": parts}),
    }


def neutral(positions, proxy="IDX", table=None):
    table = prices(BARS) if table is None else table
    return suggestions.beta_neutral(positions, risk(positions), table, known(), proxy=proxy, as_of=AS_OF)


def carried_out(positions, suggested):
    trades = suggestions.as_trades(suggested, positions)
    return apply_trades(
        positions, trades, prices(BARS), known(), as_of=AS_OF, cash=0.0, label="suggested"
    ).positions


def test_the_proxy_is_traded_where_it_can_be(tmp_path):
    positions = book(tmp_path)
    row = neutral(positions, proxy="ETF").iloc[0]
    dollars = risk(positions)["portfolio_betas"]["dollar_exposure"].iloc[0]
    assert (row["symbol"], row["quantity"]) == ("ETF", -np.round(dollars / 50.0))
    assert (row["kind"], row["action"]) == ("suggested", "SHORT")
    assert "with ETF" in row["purpose"]


@pytest.mark.parametrize("proxy", ["IDX", "ETF", "NOSUCH"])
def test_the_market_beta_becomes_zero_within_half_a_share(tmp_path, proxy):
    positions = book(tmp_path)
    suggested = neutral(positions, proxy)
    after = risk(carried_out(positions, suggested))["portfolio_betas"]
    traded = suggested.iloc[0]
    assert abs(after["dollar_exposure"].iloc[0]) <= abs(traded["price"] * BETA[traded["symbol"]]) / 2 + 1e-6
    goal = reached(beta_goal(suggested, risk(positions)["portfolio_betas"], after))
    assert goal["reached"].tolist() == [True]


def test_an_index_is_not_traded_and_it_is_said(tmp_path):
    row = neutral(book(tmp_path)).iloc[0]
    assert row["symbol"] == "DDD"
    assert "IDX is an index and cannot be traded" in row["purpose"]


def funds(**r_squared):
    rows = [(symbol, 1.1 if symbol == "ETF" else 0.9, value) for symbol, value in r_squared.items()]
    return pd.DataFrame(rows, columns=["symbol", "beta", "r_squared"])


def hedged(positions, known_funds):
    terms = {"proxy": "IDX", "as_of": AS_OF, "funds": known_funds}
    return suggestions.beta_neutral(positions, risk(positions), prices(BARS), known(), **terms).iloc[0]


def test_a_broad_fund_is_traded_before_a_single_name(tmp_path):
    positions = book(tmp_path)
    dollars = risk(positions)["portfolio_betas"]["dollar_exposure"].iloc[0]
    row = hedged(positions, funds(ETF=0.98, CCC=0.95))
    assert (row["symbol"], row["quantity"]) == ("ETF", -np.round(dollars / (1.1 * 50.0)))
    assert (
        "IDX is an index and cannot be traded; ETF moves with the market by an R² of 0.98" in row["purpose"]
    )
    assert hedged(positions, funds(ETF=0.93, CCC=0.95))["symbol"] == "CCC"


def test_without_a_broad_fund_a_single_name_is_traded_and_the_reason_is_said(tmp_path):
    positions = book(tmp_path)
    for given, why in ((funds(ETF=0.89), "no fund has an R² of 0.9"), (funds(), "no fund has a beta")):
        row = hedged(positions, given)
        assert row["symbol"] == "DDD" and why in row["purpose"]
    assert hedged(positions, funds(GONE=0.99))["symbol"] == "DDD"


def test_a_suggestion_says_what_it_does_and_is_not_made_when_it_raises_the_value_at_risk(tmp_path):
    positions = book(tmp_path)
    neutralised, hedges = (
        neutral(positions, proxy="ETF"),
        suggestions.delta_hedges(positions, greeks(positions), known()),
    )
    ideas = effects.one_by_one(neutralised, hedges)
    before = effects.DayRisk(100.0, 1000.0, 900.0)
    after = [effects.DayRisk(120.0, 800.0, 900.0), effects.DayRisk(90.0, 1000.0, 901.0)]
    after += [effects.DayRisk(100.0, 1000.0 + 1e-8, 900.0)] * (len(ideas) - 2)
    table = effects.judged(ideas, before, after, [5.0] * len(ideas))
    assert table["specific_change"].tolist()[:2] == [20.0, -10.0]
    assert table["factor_var_change"].iloc[0] == -200.0 and table["past_var_change"].iloc[1] == 1.0
    assert table["flags"].tolist() == ["", "RAISES_RISK", *[""] * (len(ideas) - 2)]
    assert table["quantity"].isna().tolist() == table["flags"].ne("").tolist()
    assert effects.made(table, neutralised).equals(neutralised.reset_index(drop=True))
    assert len(effects.made(table, hedges)) == len(hedges) - 1
    unknown = [effects.DayRisk(100.0, np.nan, np.nan)] * len(ideas)
    assert (effects.judged(ideas, before, unknown, [0.0] * len(ideas))["flags"] == "").all()
    assert len(effects.judged([], before, [], [])) == 0


def test_where_volumes_are_known_the_less_liquid_half_is_passed_over(tmp_path):
    table = prices(BARS)
    volume = {"AAA": 1e6, "BBB": 1e6, "CCC": 1e3, "DDD": 10.0}
    table["volume"] = table["symbol"].map(volume).astype("float64")
    assert neutral(book(tmp_path), table=table)["symbol"].tolist() == ["AAA"]


def test_what_was_traded_long_ago_is_not_liquid_today(tmp_path):
    """DDD has the largest beta; its billions were traded before the last sixty days."""
    days = pd.bdate_range(end=AS_OF, periods=120).strftime("%Y-%m-%d")
    table = prices([(symbol, day, LAST[symbol]) for symbol in ("AAA", "BBB", "CCC", "DDD") for day in days])
    volume = table["symbol"].map({"AAA": 1e6, "BBB": 1e6, "CCC": 1e3, "DDD": 10.0}).astype("float64")
    early = (table["symbol"] == "DDD") & (table["date"] <= days[59])
    table["volume"] = volume.mask(early, 1e9)
    assert neutral(book(tmp_path), table=table)["symbol"].tolist() == ["AAA"]


def test_a_book_of_options_is_neutralised_with_an_underlying(tmp_path):
    positions = book(tmp_path, *OPTIONS)
    suggested = neutral(positions)
    assert suggested["symbol"].tolist() == ["AAA"]
    dollars = risk(carried_out(positions, suggested))["portfolio_betas"]["dollar_exposure"].iloc[0]
    assert abs(dollars) <= 1.2 * 100 / 2


def test_without_a_beta_nothing_is_suggested(tmp_path):
    positions = book(tmp_path)
    tables = risk(positions)
    tables["position_betas"]["beta"] = np.nan
    assert not len(
        suggestions.beta_neutral(positions, tables, prices(BARS), known(), proxy="IDX", as_of=AS_OF)
    )
    tables["portfolio_betas"]["dollar_exposure"] = np.nan
    assert not len(
        suggestions.beta_neutral(positions, tables, prices(BARS), known(), proxy="ETF", as_of=AS_OF)
    )


def reduced(positions, target):
    parts = risk(positions)["var_components"]
    name = suggestions.largest_contributor(parts, positions)
    alone = risk(positions[positions["underlying"] == name])["var_components"]
    return name, suggestions.reduce_contributor(positions, greeks(positions), parts, alone, target=target)


def share(positions, name):
    parts = risk(positions)["var_components"].set_index("position_id")["value"]
    own = positions.loc[positions["underlying"] == name, "position_id"]
    return parts[own].sum() / parts.sum()


@pytest.mark.parametrize("target", [0.0, 0.1, 0.25, 0.4])
def test_the_largest_contributor_is_left_with_its_target(tmp_path, target):
    positions = book(tmp_path)
    name, suggested = reduced(positions, target)
    assert name == "AAA"
    after = carried_out(positions, suggested)
    one = 100.0 / 52000.0
    assert share(positions, name) > target
    assert share(after, name) == pytest.approx(target, abs=2 * one)
    assert share(after, name) <= target + 1e-9
    goal = share_goal(
        suggested,
        (positions, risk(positions)["var_components"]),
        (after, risk(after)["var_components"]),
        greeks(positions),
        target=target,
    )
    assert reached(goal)["reached"].tolist() == [True]


@pytest.mark.parametrize("seed", range(15))
def test_the_share_is_reached_in_any_book(tmp_path, seed):
    rng = np.random.default_rng(seed)
    lines = [f"{name},{rng.integers(2000, 90000) * rng.choice([-1, 1])},10,2022-01-03" for name in BETA]
    positions = book(tmp_path, *lines, f"{CALL},{rng.integers(1, 90)},5,2022-06-01")
    name, suggested = reduced(positions, 0.2)
    assert len(suggested) == 1
    assert share(positions, name) > 0.2
    assert share(carried_out(positions, suggested), name) == pytest.approx(0.2, abs=0.005)


def test_a_contributor_below_the_target_or_alone_is_left_as_it_is(tmp_path):
    positions = book(tmp_path)
    assert not len(reduced(positions, 0.99)[1])
    single = book(tmp_path, BOOK[0])
    assert not len(reduced(single, 0.2)[1])
    nobody = positions.iloc[:0]
    empty = pd.DataFrame({"position_id": pd.Series([], dtype="str"), "value": pd.Series([], dtype="float64")})
    assert suggestions.largest_contributor(empty, nobody) is None
    assert not len(suggestions.reduce_contributor(nobody, greeks(nobody), empty, empty, target=0.1))


def test_deltas_of_options_are_hedged_by_underlying_and_shares_are_left_alone(tmp_path):
    positions = book(tmp_path)
    hedges = suggestions.delta_hedges(positions, greeks(positions), known())
    assert hedges["symbol"].tolist() == ["AAA", "BBB"]
    assert hedges["quantity"].tolist() == [-220.0, -120.0]
    assert hedges["action"].tolist() == ["SELL", "SHORT"]
    after = carried_out(positions, hedges)
    goal = reached(delta_goal(hedges, positions, after, greeks(positions)))
    assert goal["before"].iloc[0] == pytest.approx(220 * 100 + 120 * 40)
    assert goal["after"].iloc[0] == pytest.approx(0.0, abs=1e-6)
    assert goal["reached"].tolist() == [True]


def test_an_underlying_with_an_option_of_unknown_delta_is_not_hedged(tmp_path):
    positions = book(tmp_path)
    assert suggestions.delta_hedges(positions, greeks(positions, {CALL: 0.55}), known())[
        "symbol"
    ].tolist() == ["AAA"]
    assert not len(suggestions.delta_hedges(book(tmp_path, *BOOK), greeks(book(tmp_path, *BOOK)), known()))


@pytest.mark.parametrize(
    ("held", "change", "action"),
    [
        ("AAA,10,90,2022-01-03", -10.0, "SELL"),
        ("AAA,10,90,2022-01-03", -11.0, "SET"),
        ("AAA,10,90,2022-01-03", 1.0, "BUY"),
        ("AAA,-10,90,2022-01-03", 10.0, "COVER"),
        ("AAA,-10,90,2022-01-03", 11.0, "SET"),
        ("AAA,-10,90,2022-01-03", -1.0, "SHORT"),
        ("BBB,-10,90,2022-01-03", 5.0, "BUY"),
        ("BBB,-10,90,2022-01-03", -5.0, "SHORT"),
    ],
)
def test_a_suggestion_is_named_by_what_is_held(tmp_path, held, change, action):
    positions = book(tmp_path, held)
    price = pd.Series({"AAA": 100.0})
    row = suggestions._suggested(pd.Series({"AAA": change}), price, "why", positions).iloc[0]
    assert (row["action"], row["notional"]) == (action, change * 100.0)


def test_a_suggestion_that_misses_its_goal_is_no_success(tmp_path):
    positions = book(tmp_path)
    suggested = neutral(positions)
    before = risk(positions)["portfolio_betas"]
    assert reached(beta_goal(suggested, before, before))["reached"].tolist() == [False]
    hedges = suggestions.delta_hedges(positions, greeks(positions), known())
    same = delta_goal(hedges, positions, positions, greeks(positions))
    assert reached(same)["reached"].tolist() == [False]
