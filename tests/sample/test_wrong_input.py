"""Wrong portfolios, data and dates through the command line: one message, exit 2, nothing written;
and what is reported and carried on with.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

HEADER = "ticker,quantity,entry_price,entry_date\n"
GOOD = HEADER + "AAA,10,9.5,2022-11-01\nBBB,-5,20,2022-11-02\n"
PARAMS = """\
name: wrong
as_of: 2022-12-28
data: {data}
portfolios:
  - {{id: book, name: "{name}", positions: book.csv, cash: 1000}}
run_stages: [review/portfolio]
stages:
  portfolio/positions: {{min_coverage: 0.3}}
  market/factors: {{factors: {{market: MKT, value: "", growth: "", momentum: "", quality: "", size: "",
    low_volatility: ""}}}}
"""


def prices(symbols: tuple[str, ...] = ("AAA", "BBB", "MKT")) -> str:
    days = pd.bdate_range("2022-10-03", "2022-12-28")
    rng = np.random.default_rng(1)
    lines = ["date,symbol,close"]
    for symbol in symbols:
        close = 10 * np.cumprod(1 + rng.normal(0, 0.01, len(days)))
        lines += [f"{day:%Y-%m-%d},{symbol},{value:.2f}" for day, value in zip(days, close, strict=True)]
    return "\n".join(lines) + "\n"


class Place:
    """A folder with params, a book and data, run by the shared clone into outputs of its own."""

    def __init__(self, bench, folder):
        self.bench, self.folder = bench, folder
        (folder / "data").mkdir(parents=True)
        self.write("book.csv", GOOD)
        self.write("data/prices.csv", prices())
        self.params()

    def params(self, data: str = "{provider: folder, path: data}", name: str = "A book") -> None:
        self.write("wrong.yaml", PARAMS.format(data=data, name=name))

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def run(self, *arguments: str):
        outputs = str(self.folder / "outputs")
        return self.bench.run("run", str(self.folder / "wrong.yaml"), "--outputs", outputs, *arguments)


@pytest.fixture
def place(sample, tmp_path):
    return Place(sample, tmp_path / "place")


BOOKS = {
    "empty": ("", "book.csv"),
    "not UTF-8": (GOOD.encode() + b"\xff\xfe,1,1,2022-11-01\n", "UTF-8"),
    "11 MB": (GOOD + "CCC,1,1,2022-11-01\n" * 600_000, "MB"),
    "10,001 rows": (HEADER + "AAA,1,1,2022-11-01\n" * 10_001, "10,000"),
    "missing column": (GOOD.replace("entry_price", "price_paid"), "entry_price"),
    "duplicate header": (GOOD.replace("entry_price", "quantity"), "quantity"),
    "all rows rejected": (HEADER + "AAA,0,1,2022-11-01\nBBB,x,1,2022-11-01\n", "rejected"),
}
DATA = {
    "no folder": ("{provider: folder, path: nowhere}", None, "nowhere"),
    "no close": (None, prices().replace("close", "cloes"), "close"),
    "conflicting keys": (None, prices() + "2022-12-28,AAA,99\n", "AAA"),
    "text in a price": (None, prices() + "2022-12-28,CCC,ten\n", "ten"),
    "no date": (None, prices() + "2022-13-28,CCC,10\n", "2022-13-28"),
}


def refused(place, words, *arguments):
    code, events, err = place.run(*arguments)
    assert code == 2, err
    assert events == []
    assert all(line.startswith("error: ") for line in err.splitlines())
    assert words in err
    assert not (place.folder / "outputs").exists()
    return err


@pytest.mark.parametrize("case", BOOKS)
def test_a_book_that_cannot_be_read_is_refused(place, case):
    content, words = BOOKS[case]
    place.write("book.csv", content)
    assert "book.csv" in refused(place, words)


@pytest.mark.parametrize("case", DATA)
def test_data_that_cannot_be_read_is_refused(place, case):
    data, content, words = DATA[case]
    if data:
        place.params(data)
    if content:
        place.write("data/prices.csv", content)
    refused(place, words)


def test_a_date_before_the_data_begins_is_refused_with_the_first_possible(place):
    place.write("book.csv", HEADER + "AAPL,10,9.5,2009-06-01\n")
    assert "2022-10-03" in refused(place, "--as-of", "--as-of", "2022-09-30")
    place.params("{provider: sample}")
    assert "2010-01-04" in refused(place, "--as-of", "--as-of", "2009-12-31")


def test_what_is_wrong_in_single_rows_and_bars_is_reported_and_the_run_goes_on(place):
    place.write(
        "book.csv",
        GOOD + "AAA,3,1,2022-11-01\nNOPE,5,10,2022-11-01\nCCC,$5,10,2022-11-01\n,1,1,2022-11-01\n",
    )
    lines = prices().splitlines()
    place.write("data/prices.csv", "\n".join([*lines, lines[5], "2022-12-20,DDD,-4"]) + "\n")
    place.params(name="<img src=x onerror=alert(1)>")
    code, events, err = place.run()
    assert code == 0, err or events
    run = place.folder / "outputs/latest"
    tables = run / "tables/portfolio=book"
    positions = pd.read_parquet(tables / "positions.parquet")
    issues = pd.read_parquet(tables / "row_issues.parquet")
    rejected = issues[issues["severity"] == "rejected"]
    assert len(positions) + rejected["line"].nunique() == 6
    assert set(rejected["line"]) == {6, 7}
    unpriced = positions[positions["price"].isna()]
    assert list(unpriced["symbol"]) == ["NOPE"]
    assert unpriced["exposure"].isna().all()
    totals = pd.read_parquet(tables / "exposures.parquet").set_index("measure")["value"]
    assert totals["net"] == pytest.approx(positions["exposure"].sum())
    found = pd.read_parquet(run / "tables/data_issues.parquet")
    assert {"NOPE"} <= set(found["symbol"])
    assert "dropped" in set(found["action"])
    manifest = json.loads((run / "manifest.json").read_text())
    review = next(one for one in manifest["stages"] if one["stage"] == "review/portfolio")
    for page in (run / review["page"], run / "index.html"):
        text = page.read_text()
        assert "&lt;img src=x onerror=alert(1)&gt;" in text
        assert "<img src=x" not in text


def test_too_few_prices_make_a_red_page_and_exit_1(place):
    place.write(
        "book.csv", HEADER + "".join(f"X{n},1,10,2022-11-01\n" for n in range(9)) + "AAA,1,1,2022-11-01\n"
    )
    code, events, _ = place.run()
    assert code == 1
    failed = next(event for event in events if event["event"] == "stage" and event["state"] == "failed")
    assert failed["task"] == "portfolio/positions@book"
    assert "% of the exposure of the book has a price" in failed["message"]
