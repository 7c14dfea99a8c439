"""Faults planted in files of one's own, in a real run: found, named, handled, and said on the pages."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from planted_bars import AS_OF, AT, DAYS, GAP, SOUND, SYMBOLS, sound_bars, write_folder
from toy.clones import clone

from lib.market import calendar

NO_STYLES = dict.fromkeys(["value", "growth", "momentum", "quality", "size", "low_volatility"], "")
PARAMS = {
    "name": "planted",
    "as_of": AS_OF,
    "data": {"provider": "folder", "path": "data"},
    "portfolios": [{"id": "book", "positions": "book.csv", "cash": 100}],
    "run_stages": ["market/prices", "market/quality"],
    "stages": {
        "market/prices": {},
        "market/factors": {"factors": {"market": "AAPL"} | NO_STYLES},
    },
}


class Planted:
    """A run on the planted folder."""

    def __init__(self, bench, folder: Path, form: str = "csv", book: dict | None = None, **settings):
        folder.mkdir(exist_ok=True)
        self.prices_file = f"prices.{form}"
        write_folder(folder / "data", form)
        rows = "".join(f"{symbol},10,50,2022-11-01\n" for symbol in SYMBOLS)
        (folder / "book.csv").write_text("ticker,quantity,entry_price,entry_date\n" + rows)
        stages = PARAMS["stages"] | {"market/prices": PARAMS["stages"]["market/prices"] | settings}
        of_book = ["portfolio/positions"] if book else []
        more = {"stages": stages | ({"portfolio/positions": book} if book else {})}
        wanted = {"run_stages": [*PARAMS["run_stages"], *of_book]}
        (folder / "planted.yaml").write_text(json.dumps(PARAMS | more | wanted))
        outputs = folder / "outputs"
        self.code, self.events, self.err = bench.run(
            "run", str(folder / "planted.yaml"), "--outputs", str(outputs)
        )
        self.folder = Path(self.events[-1]["report"]).parent

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"tables/{name}.parquet")

    def manifest(self) -> dict:
        return json.loads((self.folder / "manifest.json").read_text())

    def page(self, stage: str) -> str:
        """The words of a page, tags left out."""
        text = (self.folder / f"pages/market/{stage}.html").read_text(encoding="utf-8")
        text = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.S)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return clone(tmp_path_factory.mktemp("planted") / "clone")


@pytest.fixture(scope="module", params=["csv", "parquet"])
def ran(request, bench, tmp_path_factory) -> Planted:
    planted = Planted(bench, tmp_path_factory.mktemp("planted"), request.param)
    assert planted.code == 0, planted.err or planted.events
    return planted


FOUND = {
    ("BAC", "DUP_KEY", "dropped", AT["BAC"]),
    ("BBY", "NOT_TRADING_DAY", "quarantined", AT["BBY"]),
    ("CVX", "SWAPPED_RANGE", "repaired", AT["CVX"]),
    ("GE", "PRICE_SPIKE", "quarantined", AT["GE"]),
    ("HD", "BAD_PRICE", "quarantined", AT["HD"]),
    ("PEP", "SPLIT_SUSPECT", "kept", AT["PEP"]),
    ("XOM", "SPLIT_SUSPECT", "kept", AT["XOM"]),
}


def test_each_fault_is_found_by_its_rule_and_nothing_else_is(ran):
    """The sample has no jump beyond a fifth and no repeated close in these two years."""
    issues = ran.table("data_issues")
    dated = issues.dropna(subset="date")
    found = {(one.symbol, one.check, one.action, f"{one.date:%Y-%m-%d}") for one in dated.itertuples()}
    assert found == FOUND
    assert len(dated) == len(FOUND)
    lost = issues[issues["date"].isna()]
    assert lost[["symbol", "check", "action", "detail"]].to_numpy().tolist() == [
        ["KO", "MISSING_SYMBOL", "missing", f"not in {ran.prices_file}"]
    ]


def test_prices_hold_what_is_right_and_every_sound_bar_as_it_was(ran):
    prices = ran.table("prices").set_index(["symbol", "date"])
    truth = sound_bars().set_index(["symbol", "date"])
    for symbol in [*SOUND, "BAC", "CVX", "BBY"]:
        pd.testing.assert_frame_equal(
            prices.loc[symbol][["open", "high", "low", "close", "volume"]], truth.loc[symbol]
        )
    for symbol in ("GE", "HD"):
        assert pd.Timestamp(AT[symbol]) not in prices.loc[symbol].index
        assert len(prices.loc[symbol]) == len(DAYS) - 1
    returns = prices.loc["AMD", "adj_close"].pct_change().dropna()
    assert returns.to_numpy() == pytest.approx(
        truth.loc["AMD", "close"].pct_change().dropna().to_numpy(), abs=2e-4
    )


def test_repairs_are_logged_with_before_and_after(ran):
    repairs = ran.table("repairs").set_index("column")
    truth = sound_bars().set_index(["symbol", "date"]).loc[("CVX", pd.Timestamp(AT["CVX"]))]
    assert set(repairs["rule"]) == {"SWAPPED_RANGE"}
    assert repairs.loc["high", ["before", "after"]].tolist() == [truth["low"], truth["high"]]
    assert repairs.loc["low", ["before", "after"]].tolist() == [truth["high"], truth["low"]]


def test_gaps_are_missing_sessions_and_not_the_weekend_or_the_holiday_between_them(ran):
    gaps = ran.table("gaps")[["symbol", "gap_start", "gap_end", "sessions", "status", "detail"]]
    ge, hd = pd.Timestamp(AT["GE"]), pd.Timestamp(AT["HD"])
    assert gaps.to_numpy().tolist() == [
        ["GE", ge, ge, 1, "quarantined", "set aside: PRICE_SPIKE"],
        ["HD", hd, hd, 1, "quarantined", "set aside: BAD_PRICE"],
        ["MSFT", GAP[0], GAP[-1], 3, "open", "no bar came"],
    ]


def test_scores_are_lowest_for_what_is_missing_and_whole_for_what_is_sound(ran):
    quality = ran.table("data_quality").set_index("symbol")
    owed = len(DAYS)
    assert quality.loc["KO", "score"] == 0.0
    assert quality.loc[SOUND, "score"].eq(100.0).all()
    assert quality.loc["MSFT", "score"] == pytest.approx(100 - 50 * 3 / owed / 0.10)
    assert quality.loc["GE", "score"] == pytest.approx(100 - 50 / owed / 0.10 - 30 / owed / 0.05)
    assert quality.loc["CVX", "score"] == pytest.approx(100 - 30 * 0.5 / owed / 0.05)
    assert quality.loc["KO", "bars"] == 0


def test_the_first_sentences_of_both_pages_say_what_is_missing_and_what_is_in_doubt(ran):
    prices, quality = ran.page("prices"), ran.page("quality")
    assert (
        "1 of 14 symbols has no fresh price: KO (not in the data). 4 of 6,512 bars were set aside, of "
    ) in prices
    assert (
        "13 of 14 symbols have a price within 7 days of 28 Dec 2022; 1 repaired; kept but in doubt: "
        "PEP on 28 Dec 2022 (+892.8% in a day)."
    ) in prices
    assert (
        "8 of 14 series have the full score of 100; no fresh price for KO; 1 gap stayed open (MSFT); "
        "3 bars quarantined and 1 repaired; 5 of 6,513 owed sessions have no bar."
    ) in quality


def test_the_pages_tell_each_fault_in_words_with_its_figures(ran):
    prices, quality = ran.page("prices"), ran.page("quality")
    for words in (
        "price missing, zero or negative",
        "HD on 9 Aug 2022: close \u2212297.102",
        "extreme move that was taken back",
        "GE on 12 Jul 2022: close 490.06, +917.9% from the bar before, taken back",
        "XOM on 15 Feb 2022: \u221250.6% in a day, near a split of 2 for 1 that the actions do not have",
        "BBY on 7 May 2022: Saturday, not in the calendar of XNYS",
        "BAC on 12 Apr 2022: identical row, one kept",
        "4 bars of BAC, BBY, GE and HD left out of the prices.",
    ):
        assert words in prices, words
    for words in (
        "1 gap of 3 sessions still open and 2 gaps of 2 sessions made by a bar that was set aside.",
        "MSFT 1 Sep 2022 6 Sep 2022 3 still open no bar came",
        "1 made by a bar that was set aside extreme move that was taken back",
        "2 figures of 1 bar repaired; no close was altered.",
        "14 Jun 2022 CVX high and low exchanged high 160.88 162.39",
        "without a price of the last 7 days: KO",
    ):
        assert words in quality, words


def test_strict_stops_the_run_for_what_cannot_be_trusted_and_the_page_says_which_bars(bench, tmp_path):
    ran = Planted(bench, tmp_path / "strict", strict=True)
    assert ran.code == 1
    (failure,) = [one["failure"] for one in ran.manifest()["stages"] if one["state"] == "failed"]
    assert failure["reason"] == "quality"
    for words in (
        "4 bars cannot be trusted",
        "HD on 9 Aug 2022 BAD_PRICE",
        "PEP on 28 Dec 2022 SPLIT_SUSPECT",
    ):
        assert words in failure["message"]
    assert "GE on 12 Jul 2022: close 490.06" in ran.page("prices")


def test_too_little_with_a_price_stops_the_book_and_nothing_of_the_sample_stands_in(bench, tmp_path):
    """KO is not in the file; its ten shares count by their entry price of 50."""
    ran = Planted(bench, tmp_path / "few", book={"min_coverage": 0.99})
    assert ran.code == 1
    (failed,) = [one for one in ran.manifest()["stages"] if one["state"] == "failed"]
    assert failed["stage"] == "portfolio/positions"
    assert failed["failure"]["reason"] == "quality"
    closes = ran.table("prices").groupby("symbol")["close"].last()
    share = 500 / (500 + 10 * closes[[symbol for symbol in SYMBOLS if symbol != "KO"]].sum())
    assert (
        f"{1 - share:.1%} of the exposure of the book has a price; without one: KO (not in the data), "
        f"{share:.1%} by its entry price. At least 99.0% is needed. Add prices for these symbols"
    ) in failed["failure"]["message"]
    assert set(pd.read_parquet(ran.folder / "inputs/market/raw_prices.parquet")["source"]) == {"prices.csv"}


def test_gaps_and_closed_days_are_those_of_the_exchange_that_the_params_name(bench, tmp_path):
    """In October 2022 NSE was closed on the 26th and traded on the evening of the 24th, Diwali."""
    days = calendar.sessions("2022-09-01", AS_OF, "XNSE")
    muhurat, holiday = pd.Timestamp("2022-10-24"), pd.Timestamp("2022-10-26")
    rows = [
        f"{day:%Y-%m-%d},{symbol},{100 + n % 7}" for symbol in ("NIFTY", "TCS") for n, day in enumerate(days)
    ]
    rows.remove(next(row for row in rows if row.startswith("2022-10-24,TCS")))
    rows.append(f"{holiday:%Y-%m-%d},TCS,101")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/prices.csv").write_text("\n".join(["date,symbol,close", *rows]) + "\n")
    (tmp_path / "book.csv").write_text("ticker,quantity,entry_price,entry_date\nTCS,10,100,2022-10-03\n")
    factors = {"market/factors": {"factors": {"market": "NIFTY"} | NO_STYLES}}
    (tmp_path / "nse.yaml").write_text(json.dumps(PARAMS | {"exchange": "XNSE", "stages": factors}))
    code, events, err = bench.run("run", str(tmp_path / "nse.yaml"), "--outputs", str(tmp_path / "outputs"))
    assert code == 0, err or events
    tables = Path(events[-1]["report"]).parent / "tables"
    gaps = pd.read_parquet(tables / "gaps.parquet")
    assert gaps[["symbol", "gap_start", "sessions", "status"]].to_numpy().tolist() == [
        ["TCS", muhurat, 1, "open"]
    ]
    issues = pd.read_parquet(tables / "data_issues.parquet")
    assert issues[["date", "symbol", "check", "action"]].to_numpy().tolist() == [
        [holiday, "TCS", "NOT_TRADING_DAY", "kept"]
    ]
