"""One run against a Yahoo with every fault of bars, each in another symbol: found, named, handled, shown."""

from __future__ import annotations

import re
from html import unescape

import pandas as pd
import pytest
from fake_yahoo import FakeYahoo
from live_runs import SYMBOLS, Live, Ran, sessions, world

DAYS = sessions()
FRIDAY = next(day for day in DAYS[60:] if day.day_of_week == 4)
SATURDAY = FRIDAY + pd.Timedelta(days=1)
LABOR_DAY = pd.Timestamp("2024-09-02")
OPEN = (pd.Timestamp("2024-08-30"), pd.Timestamp("2024-09-03"))
"""Two sessions with a weekend and Labor Day between them."""
FILLED = (DAYS[80], DAYS[82])
SPLIT, LOST_SPLIT = DAYS[70], DAYS[90]
AT = {"AAA": DAYS[50], "BBB": DAYS[51], "CCC": DAYS[52], "DDD": DAYS[53], "EEE": SATURDAY, "HHH": LOST_SPLIT}
CHECKS = {
    "AAA": ("PRICE_SPIKE", "quarantined"),
    "BBB": ("BAD_PRICE", "quarantined"),
    "CCC": ("SWAPPED_RANGE", "repaired"),
    "EEE": ("NOT_TRADING_DAY", "quarantined"),
    "HHH": ("SPLIT_SUSPECT", "kept"),
}
NO_STYLES = dict.fromkeys(["value", "growth", "momentum", "quality", "size", "low_volatility"], "")


def plant(yahoo: FakeYahoo) -> None:
    """Ten times the price, a negative price, high and low exchanged, a day twice, a Saturday, a gap that
    stays and one that a second request fills, and a split that the actions lack; JJJ is sound.
    """
    series = yahoo.world.series["HHH"]
    since = series["date"] >= LOST_SPLIT
    prices = ["open", "high", "low", "close"]
    series.loc[since, prices] = (series.loc[since, prices] / 3.0).round(2)
    yahoo.fault("AAA", "tenfold", date=f"{AT['AAA']:%Y-%m-%d}")
    yahoo.fault("BBB", "negative", date=f"{AT['BBB']:%Y-%m-%d}")
    yahoo.fault("CCC", "swapped", date=f"{AT['CCC']:%Y-%m-%d}")
    yahoo.fault("DDD", "duplicated_day", date=f"{AT['DDD']:%Y-%m-%d}")
    yahoo.fault("EEE", "weekend", date=f"{FRIDAY:%Y-%m-%d}")
    yahoo.fault("FFF", "gap", first=f"{OPEN[0]:%Y-%m-%d}", last=f"{OPEN[1]:%Y-%m-%d}")
    yahoo.fault(
        "III", "gap_once", endpoint="chart", first=f"{FILLED[0]:%Y-%m-%d}", last=f"{FILLED[1]:%Y-%m-%d}"
    )


@pytest.fixture(scope="module")
def planted(workbench, tmp_path_factory) -> tuple[Ran, FakeYahoo]:
    with FakeYahoo(world(splits={"GGG": {SPLIT: 4.0}})) as yahoo:
        live = Live(workbench, tmp_path_factory.mktemp("planted") / "live", yahoo)
        plant(yahoo)
        factors = {"factors": {"market": "JJJ"} | NO_STYLES}
        ran = live.run(only=["market/prices", "market/quality"], stages={"market/factors": factors})
        assert ran.code == 0, ran.err
        return ran, yahoo


def page(ran: Ran, stage: str) -> str:
    """The words of a page, tags left out."""
    text = (ran.folder / f"pages/market/{stage}.html").read_text(encoding="utf-8")
    text = re.sub(r"<(script|style).*?</\1>", " ", text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))


def test_each_planted_bar_is_found_by_its_rule_and_no_other_bar_is_complained_of(planted):
    issues = planted[0].table("data_issues")
    found = {one.symbol: (one.check, one.action, one.date) for one in issues.itertuples()}
    assert found == {symbol: (*what, AT[symbol]) for symbol, what in CHECKS.items()}
    assert len(issues) == len(found)


def test_prices_are_those_that_were_traded_but_for_what_is_quarantined(planted):
    ran, yahoo = planted
    prices = ran.table("prices")
    assert set(prices["symbol"]) == set(SYMBOLS)
    assert set(prices["source"]) == {"yahoo"}
    for symbol in SYMBOLS:
        truth = yahoo.world.truth(symbol).set_index("date")
        gone = {"AAA": [AT["AAA"]], "BBB": [AT["BBB"]], "FFF": list(OPEN)}.get(symbol, [])
        mine = prices[prices["symbol"] == symbol].set_index("date")
        assert mine.index.tolist() == truth.index.drop(gone).tolist()
        for column in ("open", "high", "low", "close"):
            assert mine[column].to_numpy() == pytest.approx(truth.drop(gone)[column].to_numpy(), rel=1e-6)


def test_the_recorded_split_moves_no_adjusted_close_and_the_lost_one_is_named_with_its_ratio(planted):
    ran, _ = planted
    prices = ran.table("prices").set_index(["symbol", "date"])
    assert prices.loc[("GGG", SPLIT), "split"] == 4.0
    assert prices.loc["GGG"]["adj_close"].pct_change().abs().max() < 0.2
    suspect = ran.table("data_issues").query("check == 'SPLIT_SUSPECT'")
    assert "near a split of 3 for 1 that the actions do not have" in suspect["detail"].item()


def test_the_repair_is_logged_with_before_and_after(planted):
    ran, yahoo = planted
    truth = yahoo.world.truth("CCC").set_index("date").loc[AT["CCC"]]
    repairs = ran.table("repairs")
    assert repairs[["date", "symbol", "rule", "column", "source"]].to_numpy().tolist() == [
        [AT["CCC"], "CCC", "SWAPPED_RANGE", column, "yahoo"] for column in ("high", "low")
    ]
    assert repairs["before"].tolist() == pytest.approx([truth["low"], truth["high"]])
    assert repairs["after"].tolist() == pytest.approx([truth["high"], truth["low"]])


def test_a_gap_is_asked_for_again_and_recorded_as_filled_or_open_without_weekend_and_holiday(planted):
    assert LABOR_DAY not in DAYS
    gaps = planted[0].table("gaps")
    assert gaps[["symbol", "gap_start", "gap_end", "sessions", "status", "detail"]].to_numpy().tolist() == [
        ["AAA", AT["AAA"], AT["AAA"], 1, "quarantined", "set aside: PRICE_SPIKE"],
        ["BBB", AT["BBB"], AT["BBB"], 1, "quarantined", "set aside: BAD_PRICE"],
        ["FFF", *OPEN, 2, "open", "asked again, 0 of 2 sessions came"],
        ["III", *FILLED, 3, "filled", "asked again, 3 of 3 sessions came"],
    ]
    events = planted[0].table("raw_sync_events")
    assert set(zip(events["symbol"], events["event"], strict=True)) >= {
        ("DDD", "given_twice"),
        ("FFF", "gap_open"),
        ("III", "gap_filled"),
    }


def test_scores_are_whole_for_the_sound_and_count_what_is_missing_quarantined_and_repaired(planted):
    quality = planted[0].table("data_quality").set_index("symbol")
    owed = len(DAYS)
    assert quality.loc[["DDD", "GGG", "HHH", "III", "JJJ"], "score"].eq(100.0).all()
    assert quality.loc["FFF", "score"] == pytest.approx(100 - 50 * 2 / owed / 0.10)
    assert quality.loc["AAA", "score"] == pytest.approx(100 - 50 / owed / 0.10 - 30 / owed / 0.05)
    assert quality.loc["CCC", "score"] == pytest.approx(100 - 30 * 0.5 / owed / 0.05)
    assert quality.loc["EEE", "score"] == pytest.approx(100 - 30 / (owed + 1) / 0.05)
    assert quality["fresh"].all()


def test_both_pages_say_it_in_words(planted):
    prices, quality = page(planted[0], "prices"), page(planted[0], "quality")
    assert "10 of 10 symbols have a price" in prices
    for words in (
        "extreme move that was taken back",
        "price missing, zero or negative",
        "high and low exchanged",
        "Saturday, not in the calendar of XNYS",
        "move that looks like a split",
        "3 bars of AAA, BBB and EEE left out of the prices.",
        "1 bar of CCC repaired.",
    ):
        assert words in prices, words
    for words in (
        "5 of 10 series have the full score of 100; 1 gap stayed open (FFF)",
        "; 3 bars quarantined and 1 repaired; 4 of",
        "1 gap of 2 sessions still open, 2 gaps of 2 sessions made by a bar that was set aside and "
        "1 gap of 3 sessions filled by asking again.",
        "DDD day given twice",
    ):
        assert words in quality, words
