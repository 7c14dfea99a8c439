"""Who a fund is: plan, option and scheme from columns or names, categories from headings, successors."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.funds import identity, sectors


def texts(*values):
    return pd.Series(values, dtype="str")


@pytest.mark.parametrize(
    ("name", "plan", "option", "base"),
    [
        ("Axis Bluechip Fund - Direct Plan - Growth", "direct", "growth", "Axis Bluechip Fund"),
        ("AXIS BLUECHIP FUND - REGULAR PLAN - GROWTH", "regular", "growth", "AXIS BLUECHIP FUND"),
        ("HDFC Growth Fund - Dividend Option", "none", "idcw", "HDFC Growth Fund"),
        ("ABSL Dividend Yield Fund - Growth - Direct Plan", "direct", "growth", "ABSL Dividend Yield Fund"),
        ("ABC Bonus Shares Fund - Growth", "none", "growth", "ABC Bonus Shares Fund"),
        ("X Dividend Yield Fund", "none", "none", "X Dividend Yield Fund"),
        ("Y Fund Direct Growth", "direct", "growth", "Y Fund"),
        ("Z Nifty 50 ETF", "none", "none", "Z Nifty 50 ETF"),
        (
            "Q Fund (formerly known as R Fund) - Regular Plan - Monthly IDCW Payout",
            "regular",
            "idcw",
            "Q Fund",
        ),
        ("SBI Magnum Gilt Fund - Long Term - Growth", "none", "growth", "SBI Magnum Gilt Fund - Long Term"),
        (
            "Kotak Income Fund - Direct Plan - Payout of Income Distribution cum capital withdrawal option",
            "direct",
            "idcw",
            "Kotak Income Fund",
        ),
    ],
)
def test_plan_option_and_scheme_are_read_from_a_name(name, plan, option, base):
    one = texts(name)
    found = identity.plans(one)[0], identity.options(one)[0], identity.base_names(one)[0]
    assert found == (plan, option, base)


def test_the_columns_of_a_source_are_believed_before_the_name():
    names, given = texts("A Fund - Direct - Growth", "A Fund"), texts("Regular Plan", "-")
    assert identity.plans(names, given).tolist() == ["regular", "none"]
    assert identity.options(names, texts("IDCW-Payout", "")).tolist() == ["idcw", "none"]


def test_all_plans_and_options_of_a_scheme_share_its_id_and_two_houses_do_not():
    names = texts("Blue Chip Fund - Direct Plan - Growth", "Blue Chip Fund - IDCW", "Blue Chip Fund")
    ids = identity.schemes(texts("Axis Mutual Fund", "Axis Mutual Fund", "HDFC Mutual Fund"), names)
    assert ids.tolist() == ["axis-blue-chip-fund", "axis-blue-chip-fund", "hdfc-blue-chip-fund"]


def test_a_fund_without_a_plan_is_the_regular_one_where_its_scheme_has_a_direct_one():
    plan, scheme = texts("direct", "none", "none"), texts("a", "a", "etf")
    assert identity.with_regular(plan, scheme).tolist() == ["direct", "regular", "none"]


@pytest.mark.parametrize(
    ("heading", "category"),
    [
        ("Open Ended Schemes(Equity Scheme - Large Cap Fund)", "Large Cap"),
        ("Open Ended Schemes ( Debt Scheme - Short Duration Fund )", "Short Duration"),
        ("Open Ended Schemes(Other Scheme - Index Funds)", "Index Funds"),
        ("Close Ended Schemes(Income)", "Income"),
        ("Interval Fund Schemes(Growth)", "Growth"),
        ("open ended schemes(hybrid scheme - aggressive hybrid fund)", "aggressive hybrid"),
    ],
)
def test_a_heading_of_a_section_gives_the_category(heading, category):
    assert identity.headings(texts(heading))["category"][0] == category


@pytest.mark.parametrize(
    "house", ["Axis Mutual Fund", "Quantum Mutual Fund (formerly Open)", "360 ONE Mutual Fund"]
)
def test_a_house_is_no_heading_of_a_section(house):
    assert identity.headings(texts(house))["structure"].isna().all()


@pytest.mark.parametrize(
    ("words", "sector"),
    [
        ("Banks", "Banking & Finance"),
        ("Financial Services", "Banking & Finance"),
        ("IT - Software", "Technology"),
        ("Pharmaceuticals & Biotechnology", "Healthcare"),
        ("Automobiles", "Consumer Discretionary"),
        ("Consumer Cyclical", "Consumer Discretionary"),
        ("Consumer Non-Cyclical", "Consumer Staples"),
        ("Consumer Non Durables", "Consumer Staples"),
        ("Diversified FMCG", "Consumer Staples"),
        ("Construction", "Industrials"),
        ("Power", "Utilities"),
        ("Oil", "Others"),
        (None, "Others"),
        ("Utilities", "Utilities"),
        ("Information Technology", "Technology"),
        ("Fast Moving Consumer Goods", "Consumer Staples"),
        ("Automobile and Auto Components", "Consumer Discretionary"),
        ("Health care", "Healthcare"),
        ("Oil, Gas & Consumable Fuels", "Others"),
    ],
)
def test_a_source_sector_has_one_name_in_the_model(words, sector):
    assert sectors.model_sector(words) == sector


def test_an_unknown_category_is_told_with_the_nearest_one():
    found = identity.unknown_categories(texts("Large Cap", "Larg Cap", "SMALL-CAP", "Zebra"))
    assert found == {"Larg Cap": "Large Cap", "Zebra": None}


def test_a_code_that_ends_while_its_isin_goes_on_has_a_successor():
    rows = [
        ("1", "INF1", "2026-08-18", "2026-08-18"),
        ("1", "INF1", "2026-08-19", "2026-08-19"),
        ("2", "INF1", "2026-08-20", "2026-08-20"),
        ("3", "INF3", "2026-08-18", "2026-08-18"),
        ("4", "INF3", "2026-08-18", "2026-08-18"),
        ("5", None, "2026-08-18", "2026-08-18"),
    ]
    seen = pd.DataFrame(rows, columns=["fund_id", "isin", "day", "nav_date"])
    found = identity.code_changes(seen.astype({"day": "M8[us]", "nav_date": "M8[us]"}))
    assert found[["fund_id", "successor"]].to_numpy().tolist() == [["1", "2"]]
    assert found["date"][0] == pd.Timestamp("2026-08-19")
    assert found["known_at"][0] == pd.Timestamp("2026-08-20")
