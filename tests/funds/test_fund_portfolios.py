"""Model portfolios: mixes, limits, what stays in cash, cost, overlap and style."""

import numpy as np
import pandas as pd
import pytest
import worlds
from backtest_worlds import scored
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contracts import conform
from lib.errors import InputError
from lib.funds import portfolios, sleeves
from lib.funds.pages import portfolios as page
from lib.tables import TABLES

DAY = "2022-12-28"
LIMITS = portfolios.Limits()
NAMES = {
    "large": "Large Cap Fund",
    "mid": "Mid Cap Fund",
    "small": "Small Cap Fund",
    "short_debt": "Short Duration Fund",
    "medium_debt": "Medium Duration Fund",
    "hybrid": "Aggressive Hybrid Fund",
}


def pool_of(*rows):
    """Candidates from rows (fund, sleeve, score, house) or with recommendation and expense ratio."""
    full = [(*row, *("BUY", 0.01)[len(row) - 4 :]) for row in rows]
    frame = pd.DataFrame(
        full, columns=["fund_id", "sleeve", "score_scaled", "house", "recommendation", "ter"]
    )
    table = scored(
        frame.assign(score_date=DAY, category=frame["sleeve"].map(NAMES), quartile=1.0)[
            ["score_date", "fund_id", "score_scaled", "category", "quartile", "recommendation"]
        ]
    )
    attributes = worlds.attributes(*((row[0], "house", row[3]) for row in full if row[3]))
    facts = worlds.facts(*((row[0], "expense_ratio", row[5]) for row in full if row[5] is not None))
    return portfolios.candidates(table, attributes, facts, as_of=DAY)


def whole_list(each=3, houses=6):
    """``each`` funds a sleeve, houses in turn."""
    rows, number = [], 0
    for sleeve in NAMES:
        for place in range(each):
            rows.append((f"{sleeve}{place}", sleeve, 90.0 - place, f"House {number % houses}"))
            number += 1
    return pool_of(*rows)


def test_the_mixes_add_up_to_one_and_move_with_the_market():
    for profile, base in sleeves.BASE_MIX.items():
        assert sum(base) == pytest.approx(1)
        assert sleeves.target_mix(profile, None).tolist() == pytest.approx(list(base))
        for stance in ("bullish", "neutral", "bearish"):
            mix = sleeves.target_mix(profile, stance)
            assert mix.sum() == pytest.approx(1)
            assert (mix * 100).tolist() == pytest.approx((mix * 100).round().tolist())
            assert (mix >= 0).all()
    assert sleeves.target_mix("balanced", "bullish")[["large", "short_debt"]].tolist() == [0.4, 0.1]
    assert sleeves.target_mix("balanced", "bearish")[["large", "short_debt"]].tolist() == [0.2, 0.3]
    assert sleeves.target_mix("conservative", "bullish")[["large", "short_debt"]].tolist() == [0.2, 0.35]
    assert sleeves.target_mix("aggressive", "bearish")[["large", "short_debt"]].tolist() == [0.35, 0.1]


def test_what_falls_below_zero_is_scaled_back_and_rounding_goes_to_the_largest():
    """Aggressive in a bullish market: 50 30 20 -5 5 0 is cut to 105 and scaled: 47.6 28.6 19.0 0 4.8 0."""
    mix = sleeves.target_mix("aggressive", "bullish")
    assert (mix * 100).round(9).tolist() == [47, 29, 19, 0, 5, 0]


@pytest.mark.parametrize(
    ("category", "sleeve"),
    [
        ("Large Cap Fund", "large"), ("Large & Mid Cap Fund", "large"), ("Mid Cap Fund", "mid"),
        ("Small Cap Fund", "small"), ("Flexi Cap Fund", "large"), ("ELSS", "large"),
        ("Focused Fund", "large"),
        ("Index Funds", "large"), ("Index", "large"), ("Large cap", "large"), ("Growth", "large"),
        ("Dividend and value", "large"), ("Low volatility", "large"), ("Technology", "none"),
        ("Health and consumer sector", "none"), ("Balanced hybrid", "hybrid"),
        ("Conservative hybrid", "hybrid"),
        ("Short debt", "short_debt"), ("Medium debt", "medium_debt"), ("Liquid Fund", "short_debt"),
        ("Short Duration Fund", "short_debt"), ("Ultra Short Duration Fund", "short_debt"),
        ("Medium Duration Fund", "medium_debt"), ("Medium to Long Duration Fund", "medium_debt"),
        ("Gilt Fund", "medium_debt"), ("Banking and PSU Fund", "medium_debt"), ("Sectoral/ Thematic", "none"),
        ("Corporate Bond Fund", "medium_debt"), ("Dynamic Asset Allocation or Balanced Advantage", "hybrid"),
        ("Aggressive Hybrid Fund", "hybrid"), ("Dividend Yield Fund", "large"), ("Something else", "none"),
    ],
)  # fmt: skip
def test_categories_fill_the_sleeve_of_their_name(category, sleeve):
    assert sleeves.sleeve_of(category) == sleeve


def test_a_reader_may_say_another_sleeve_and_is_refused_what_there_is_not():
    assert sleeves.sleeves_of(["Technology"], {"Technology": "large"}) == {"Technology": "large"}
    with pytest.raises(InputError, match=r"sleeves.*Tecnology.*`Technology`"):
        sleeves.sleeves_of(["Technology"], {"Tecnology": "large"})
    with pytest.raises(InputError, match="no part 'big'"):
        sleeves.sleeves_of(["Technology"], {"Technology": "big"})


def test_with_enough_funds_nothing_is_cash_and_large_parts_are_split_over_two():
    models, parts = portfolios.model_portfolios(whole_list(), "neutral", LIMITS)
    conform(models, TABLES["model_portfolios"])
    conform(parts, TABLES["model_sleeves"])
    assert "CASH" not in set(models["fund_id"])
    own = models[models["profile"] == "conservative"].set_index("fund_id")["weight"]
    assert own.to_dict() == pytest.approx(
        {"large0": 0.15, "mid0": 0.05, "short_debt0": 0.2, "short_debt1": 0.2, "medium_debt0": 0.15,
         "medium_debt1": 0.15, "hybrid0": 0.1}
    )  # fmt: skip
    assert all(one.passed for one in page.checks(models, parts, LIMITS))


def test_parts_without_a_fund_are_cash_and_say_so():
    pool = whole_list()
    models, parts = portfolios.model_portfolios(pool[~pool["sleeve"].isin(["mid", "small"])], None, LIMITS)
    cash = models[models["fund_id"] == "CASH"].set_index("profile")["weight"]
    assert cash["balanced"] == pytest.approx(0.2)
    assert cash["aggressive"] == pytest.approx(0.5)
    lacking = parts[(parts["profile"] == "balanced") & (parts["cash"] > 0)].set_index("sleeve")["reason"]
    assert lacking.to_dict() == {"mid": "no_candidate", "small": "no_candidate"}
    assert any("mid" in one.lower() for one in page.faults(models, parts, []))


def test_only_funds_to_buy_or_hold_are_taken_however_high_their_score():
    pool = pool_of(
        ("a", "large", 99.0, "A", "SELL"),
        ("b", "large", 98.0, "B", "REVIEW"),
        ("c", "large", 50.0, "C", "HOLD"),
    )
    models, _ = portfolios.model_portfolios(pool, None, LIMITS)
    assert set(models["fund_id"]) == {"c", "CASH"}


def test_no_house_is_above_its_limit_and_what_it_may_not_take_goes_to_the_next_fund_then_to_cash():
    rows = [(f"{name}0", name, 90.0, "One") for name in NAMES]
    alone, parts = portfolios.model_portfolios(pool_of(*rows), None, LIMITS)
    sums = alone[alone["fund_id"] != "CASH"].groupby("profile")["weight"].sum()
    assert (sums <= 0.4 + 1e-9).all()
    assert sums["balanced"] == pytest.approx(0.4)
    assert "house_limit" in set(parts["reason"])
    more = [*rows, *((f"{name}1", name, 10.0, f"Other {name}") for name in NAMES)]
    models, parts = portfolios.model_portfolios(pool_of(*more), None, LIMITS)
    assert all(one.passed for one in page.checks(models, parts, LIMITS))
    assert models[(models["profile"] == "balanced") & (models["fund_id"] == "CASH")].empty


def test_a_single_fund_takes_its_limit_and_the_rest_of_its_part_is_cash():
    models, parts = portfolios.model_portfolios(pool_of(("a", "short_debt", 90.0, "A")), None, LIMITS)
    own = models[models["profile"] == "conservative"].set_index("fund_id")["weight"]
    assert own.to_dict() == pytest.approx({"a": 0.2, "CASH": 0.8})
    part = parts[(parts["profile"] == "conservative") & (parts["sleeve"] == "short_debt")].iloc[0]
    assert (part["filled"], part["cash"]) == (pytest.approx(0.2), pytest.approx(0.2))


def test_a_portfolio_of_few_parts_is_spread_over_four_funds_where_there_are_four():
    rows = [(f"f{number}", "large", 90.0 - number, f"H{number}") for number in range(5)]
    models, _ = portfolios.model_portfolios(pool_of(*rows), None, LIMITS)
    held = models[models["fund_id"] != "CASH"].groupby("profile")["fund_id"].size()
    assert (held == 4).all()
    weights = models[(models["profile"] == "aggressive") & (models["fund_id"] != "CASH")]["weight"]
    assert weights.tolist() == pytest.approx([0.1] * 4)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(list(NAMES)), st.floats(0, 100), st.sampled_from(["A", "B", "C", None]),
            st.sampled_from(["BUY", "HOLD", "REVIEW", "SELL"]),
        ),
        min_size=1, max_size=14,
    ),
    stance=st.sampled_from(["bullish", "neutral", "bearish", None]),
)  # fmt: skip
def test_whatever_the_list_every_portfolio_adds_up_and_keeps_its_limits(rows, stance):
    frame = pd.DataFrame(
        [(f"f{number}", *row[:3], row[3]) for number, row in enumerate(rows)],
        columns=["fund_id", "sleeve", "score_scaled", "house", "recommendation"],
    )
    pool = frame.assign(
        name=frame["fund_id"], category=frame["sleeve"].map(NAMES), expense_ratio=0.01, origin="generated"
    ).sort_values(["score_scaled", "fund_id"], ascending=[False, True]).set_index("fund_id")  # fmt: skip
    models, parts = portfolios.model_portfolios(pool, stance, LIMITS)
    assert all(one.passed for one in page.checks(models, parts, LIMITS)[:6])
    assert models.groupby("profile")["weight"].sum().to_numpy() == pytest.approx(np.ones(5), abs=1e-12)


def test_scores_house_and_expense_are_those_known_on_the_day():
    table = scored(
        pd.DataFrame(
            {
                "score_date": ["2022-11-30", "2022-12-28", "2023-01-31"],
                "fund_id": "a",
                "score_scaled": [10.0, 20.0, 30.0],
                "category": "Large Cap Fund",
                "quartile": 1.0,
            }
        )
    )
    attributes = worlds.attributes(("a", "house", "Old"), ("a", "house", "New", "2022-12-01", "2023-01-05"))
    facts = worlds.facts(
        ("a", "expense_ratio", 0.01), ("a", "expense_ratio", 0.02, "2022-12-01", "2022-12-02")
    )
    own = portfolios.candidates(table, attributes, facts, as_of=DAY).loc["a"]
    assert (own["score_scaled"], own["house"], own["expense_ratio"]) == (20.0, "Old", 0.02)


def test_overlap_is_the_sum_of_the_smaller_weights_and_style_the_weighted_mix():
    models = pd.DataFrame(
        {"profile": "balanced", "fund_id": ["a", "b", "CASH"], "weight": [0.3, 0.1, 0.6],
         "expense_ratio": [0.01, 0.02, np.nan], "score_scaled": [80.0, 60.0, np.nan]}
    )  # fmt: skip
    lists = pd.concat(
        [
            worlds.holdings(
                "a", {"Energy": 0.6, "Healthcare": 0.3}, date="2022-10-31", disclosed="2022-11-10"
            ),
            worlds.holdings(
                "b", {"Energy": 0.2, "Healthcare": 0.5}, date="2022-11-30", disclosed="2022-12-10"
            ),
            worlds.holdings("b", {"Energy": 1.0}, date="2022-12-27", disclosed="2023-01-10"),
        ],
        ignore_index=True,
    )
    known = portfolios.newest_lists(lists, worlds.funds(["a", "b"]), as_of=DAY)
    shared = portfolios.overlaps(models, known)
    conform(shared, TABLES["model_overlaps"])
    assert shared["overlap"].tolist() == pytest.approx([0.2 + 0.3])
    assert shared["holding_date"].tolist() == [pd.Timestamp("2022-10-31")]
    style = portfolios.styles(models, known)
    conform(style, TABLES["model_portfolio_styles"])
    sectors = style[style["dimension"] == "sector"].set_index("item")["weight"]
    assert sectors["Energy"] == pytest.approx(0.75 * 0.6 + 0.25 * 0.2)
    assert sectors.sum() == pytest.approx(1)
    table = portfolios.measures(models, shared).set_index("measure")["value"]
    assert table["expense_ratio"] == pytest.approx((0.3 * 0.01 + 0.1 * 0.02) / 0.4)
    assert table["overlap"] == pytest.approx(0.5)
    assert table["cash"] == pytest.approx(0.6)


def test_the_list_of_one_plan_stands_for_all_plans_of_its_scheme():
    both = worlds.funds(["a-direct", "a-regular"]).assign(scheme="a")
    known = portfolios.newest_lists(worlds.holdings("a-regular"), both, as_of=DAY)
    assert set(known["fund_id"]) == {"a-direct", "a-regular"}


def test_a_portfolio_without_holdings_has_no_overlap_and_its_style_is_not_disclosed():
    pool = whole_list()
    models, _ = portfolios.model_portfolios(pool, None, LIMITS)
    none = portfolios.newest_lists(worlds.holdings("x"), worlds.funds(list(pool.index)), as_of=DAY)
    shared, style = portfolios.overlaps(models, none), portfolios.styles(models, none)
    conform(shared, TABLES["model_overlaps"])
    conform(style, TABLES["model_portfolio_styles"])
    assert shared.empty
    assert set(style["item"]) == {"Not disclosed"}
    table = portfolios.measures(models, shared)
    conform(table, TABLES["model_portfolio_measures"])
    assert page.overlaps_sentence(shared, pool["name"]).startswith("No two funds")
