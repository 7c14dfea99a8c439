"""What is told of the names held: what lacks most first, options by their underlying, else silence."""

import pandas as pd
import pytest

from lib.contracts import empty
from lib.portfolio.pages import what_is_held as page
from lib.tables import TABLES


def held(*rows):
    names = ["symbol", "underlying", "kind", "quantity", "exposure"]
    return empty(TABLES["positions"]).iloc[:0].reindex(range(len(rows))).assign(
        **{name: [row[n] for row in rows] for n, name in enumerate(names)}
    )  # fmt: skip


def known(**rows):
    usual = {"name": "N", "kind": "stock", "sector": "Tech", "industry": "Chips", "currency": "USD"}
    usual |= {"exchange": "NYQ", "country": "Japan", "market_cap": 5e9}
    frame = pd.DataFrame([usual | {"symbol": symbol} | said for symbol, said in rows.items()])
    return frame.reindex(columns=TABLES["instruments"].column_names)


BOOK = held(
    ("AAA", "AAA", "stock", 10.0, 500.0),
    ("BBB", "BBB", "stock", -5.0, -900.0),
    ("CCC230616C00100000", "CCC", "option", 1.0, 100.0),
    ("CCC", "CCC", "stock", 1.0, 50.0),
    ("SPY", "SPY", "etf", 1.0, 10.0),
    ("ZZZ", "ZZZ", "stock", 1.0, None),
    ("GONE", "GONE", "stock", 0.0, 0.0),
    ("HOUSE", "HOUSE", "manual", 1.0, 9_999.0),
)
FUND = {"kind": "etf", "sector": None, "industry": None, "country": None, "market_cap": None}
DATA = known(
    AAA={}, BBB={"market_cap": 2e9}, CCC={"country": None, "market_cap": None}, SPY=FUND, OTHER={}, HOUSE={}
)


def test_names_that_lack_most_stand_first_then_the_largest_and_an_option_counts_as_its_underlying():
    table = page.described(BOOK, DATA)
    assert table["symbol"].tolist() == ["ZZZ", "CCC", "BBB", "AAA", "SPY"]
    assert table["lacking"].tolist() == [
        "sector, industry, country, market capitalisation, exchange, currency",
        "country, market capitalisation",
        "nothing",
        "nothing",
        "nothing",
    ]


def test_the_sentence_names_what_is_not_told_and_the_smallest_company():
    said = page.sentence(page.described(BOOK, DATA))
    assert said.startswith("Of 5 names held, 2 with something that is not told: ZZZ (sector, industry,")
    assert said.endswith("the smallest company with a known size is BBB, at USD\u00a02,000,000,000.")
    whole = page.described(BOOK.iloc[:2], DATA)
    assert page.sentence(whole).startswith("Of 2 names held everything is told; the smallest")


def test_sizes_in_several_moneys_are_not_compared():
    data = known(AAA={}, BBB={"market_cap": 1.0, "currency": "JPY"})
    assert "not to be compared" in page.sentence(page.described(BOOK.iloc[:2], data))


@pytest.mark.parametrize("book", [BOOK, BOOK.iloc[:0]])
def test_where_the_source_tells_none_or_nothing_is_held_there_is_no_exhibit(book):
    data = DATA.assign(exchange=None, country=None, market_cap=None)
    table = page.described(book, data)
    assert not page.told(table)
    assert page.sentence(table).startswith("The source tells no exchange")
