"""What the sync asks for, and what it notices, against a source whose series the test writes."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.market import calendar, sync
from lib.market.store import PriceStore

NOW = pd.Timestamp("2026-11-20 22:00").as_unit("us")
CLOSED = pd.Timestamp("2026-11-20").as_unit("us")


def need(**changes) -> sync.Need:
    known = {
        "start": pd.Timestamp("2026-01-02").as_unit("us"),
        "target": CLOSED,
        "closed": CLOSED,
        "now": NOW,
        "refresh": pd.Timedelta(hours=24),
        "exchange": "XNYS",
        "source": "toy",
    }
    return sync.Need(**{**known, **changes})


class ToySource:
    """Serves the series of ``world`` (symbol → bars) from the asked day; symbols without one are unknown."""

    def __init__(self, days: pd.DatetimeIndex, *symbols: str):
        self.world = {symbol: bars(symbol, days, 100.0 + 10 * place) for place, symbol in enumerate(symbols)}
        self.asked: list[tuple[str, str]] = []
        self.fails: dict[str, str] = {}

    def __call__(self, asks: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        self.asked += [(s, f"{d:%Y-%m-%d}") for s, d in zip(asks["symbol"], asks["start"], strict=True)]
        frames, outcomes = [next(iter(self.world.values())).iloc[:0]], []
        for symbol, start in zip(asks["symbol"], asks["start"], strict=True):
            status = self.fails.get(symbol) or ("ok" if symbol in self.world else "unknown")
            outcomes.append((symbol, "bars", status, "" if status == "ok" else f"it was {status}"))
            if status == "ok":
                series = self.world[symbol]
                frames.append(series[series["date"] >= start])
        columns = ["symbol", "kind", "status", "detail"]
        return pd.concat(frames, ignore_index=True), pd.DataFrame(outcomes, columns=columns)

    def take(self) -> list[tuple[str, str]]:
        asked, self.asked = self.asked, []
        return asked


def bars(symbol: str, days: pd.DatetimeIndex, level: float) -> pd.DataFrame:
    close = level + pd.Series(range(len(days))) * 0.25
    return pd.DataFrame(
        {
            "symbol": symbol,
            "date": days.to_series(index=range(len(days))),
            "open": close,
            "high": close + 1,
            "low": close - 1,
            "close": close,
            "volume": 1000.0,
            "dividend": 0.0,
            "split": 1.0,
            "source": "toy",
            "origin": "real",
            "fetched_at": NOW,
        }
    )


def carry_out(
    store: PriceStore, source: ToySource, symbols: list[str], wanted: sync.Need
) -> sync.Found | None:
    asks = sync.due(store.series(), symbols, wanted)
    if asks.empty:
        return None
    with store.writing(wait=5) as writer:
        found = sync.bring_up(store, asks, wanted, source)
        found.write(writer)
    return found


@pytest.fixture
def days() -> pd.DatetimeIndex:
    return calendar.sessions("2026-01-02", "2026-11-20")


@pytest.fixture
def yesterday(tmp_path, days):
    """A store that was brought up to the session before, and the source a session later."""
    source, store = ToySource(days[:-1], "AAA", "BBB"), PriceStore(tmp_path / "store")
    before = need(target=days[-2], closed=days[-2], now=NOW - pd.Timedelta(days=1))
    carry_out(store, source, ["AAA", "BBB"], before)
    later = ToySource(days, "AAA", "BBB")
    source.take()
    return store, later


def test_the_first_sync_asks_for_each_series_once_and_the_second_for_nothing(tmp_path, days):
    source, store = ToySource(days, "AAA", "BBB"), PriceStore(tmp_path / "store")
    carry_out(store, source, ["AAA", "BBB"], need())
    assert source.take() == [("AAA", "2026-01-02"), ("BBB", "2026-01-02")]
    assert len(store.bars(["AAA", "BBB"])) == 2 * len(days)
    assert carry_out(store, source, ["AAA", "BBB"], need(now=NOW + pd.Timedelta(hours=1))) is None
    assert source.take() == []


def test_a_day_later_only_the_overlap_is_asked_for(yesterday, days):
    store, source = yesterday
    found = carry_out(store, source, ["AAA", "BBB"], need())
    first = f"{days[-2 - sync.OVERLAP]:%Y-%m-%d}"
    assert source.take() == [("AAA", first), ("BBB", first)]
    assert store.bars(["AAA"])["date"].max() == days[-1]
    assert found is not None
    assert found.events.empty


def test_a_past_as_of_needs_nothing_once_it_is_covered(yesterday, days):
    store, source = yesterday
    assert carry_out(store, source, ["AAA"], need(target=days[100])) is None


def test_a_recheck_finds_what_was_restated_before_the_overlap(yesterday, days):
    store, source = yesterday
    source.world["AAA"].loc[source.world["AAA"]["date"] == days[40], "close"] += 0.5
    assert carry_out(store, source, ["AAA"], need()).events.empty
    found = carry_out(store, source, ["AAA"], need(recheck=True))
    assert found.events["event"].tolist() == ["restated"]
    assert carry_out(store, source, ["AAA"], need(recheck=True)).events.empty


def test_an_earlier_start_fetches_the_whole_series(yesterday):
    store, _ = yesterday
    earlier = need(start=pd.Timestamp("2025-01-02").as_unit("us"))
    assert sync.due(store.series(), ["AAA"], earlier)["whole"].all()


def test_a_changed_past_close_is_found_recorded_and_the_series_fetched_anew(yesterday, days):
    store, source = yesterday
    for place in (-4, 40):
        source.world["AAA"].loc[source.world["AAA"]["date"] == days[place], "close"] += 0.5
    was = store.bars(["AAA"]).set_index("date")["close"]
    found = carry_out(store, source, ["AAA", "BBB"], need())
    assert ("AAA", "2026-01-02") in source.take()
    now = store.bars(["AAA"]).set_index("date")["close"]
    assert set(now.index[(now - was.reindex(now.index)).abs() > 1e-9]) == {days[40], days[-4]}
    event = found.events.set_index("symbol").loc["AAA"]
    assert (event["event"], event["date"], event["last_date"], event["rows"]) == (
        "restated",
        days[40],
        days[-4],
        2,
    )
    assert f"close on {days[40]:%Y-%m-%d} was {was[days[40]]:.7g}" in event["detail"]
    assert "BBB" not in set(found.events["symbol"])


def test_a_bar_that_the_source_no_longer_gives_is_a_restatement(yesterday, days):
    store, source = yesterday
    source.world["AAA"] = source.world["AAA"][source.world["AAA"]["date"] != days[-3]]
    found = carry_out(store, source, ["AAA"], need())
    assert set(found.events["event"]) == {"restated", "gap_open"}
    assert "is no bar" in found.events.loc[found.events["event"] == "restated", "detail"].iloc[0]
    assert days[-3] not in set(store.bars(["AAA"])["date"])


def test_a_new_split_is_recorded_and_the_series_fetched_anew(yesterday, days):
    store, source = yesterday
    source.world["BBB"].loc[source.world["BBB"]["date"] == days[-1], "split"] = 4.0
    found = carry_out(store, source, ["AAA", "BBB"], need())
    assert ("BBB", "2026-01-02") in source.take()
    assert found.events[["symbol", "event", "date", "detail"]].to_numpy().tolist() == [
        ["BBB", "split", days[-1], "4 for 1"]
    ]


def test_digits_that_a_later_split_blurs_are_no_restatement_and_change_nothing_in_the_store(yesterday, days):
    store, source = yesterday
    was = store.bars(["AAA"])
    series = source.world["AAA"]
    series.loc[series["date"] == days[-1], "split"] = 4.0
    for column in ("open", "close", "volume"):
        series.loc[series["date"] < days[-1], column] *= 1 + 1e-6
    found = carry_out(store, source, ["AAA"], need())
    assert found.events["event"].tolist() == ["split"]
    pd.testing.assert_frame_equal(store.bars(["AAA"], end=days[-2]), was, check_exact=True)


def test_a_dividend_of_other_size_is_a_restatement_and_one_of_fewer_digits_is_not(tmp_path, days):
    source, store = ToySource(days, "AAA"), PriceStore(tmp_path / "store")
    series = source.world["AAA"]
    paid = series["date"] == days[30]
    series.loc[paid, "dividend"] = 0.123457
    carry_out(store, source, ["AAA"], need())
    series.loc[paid, "dividend"] = 0.12346
    assert carry_out(store, source, ["AAA"], need(recheck=True)).events.empty
    series.loc[paid, "dividend"] = 0.1236
    told = carry_out(store, source, ["AAA"], need(recheck=True)).events
    assert told[["event", "date"]].to_numpy().tolist() == [["restated", days[30]]]


def test_a_series_whose_fetching_anew_fails_keeps_the_old_bars_and_is_not_current(yesterday, days):
    store, source = yesterday
    source.world["AAA"].loc[source.world["AAA"]["date"] == days[-4], "close"] += 0.5
    was = store.bars(["AAA"])

    def second_fails(asks):
        if asks["start"].eq(pd.Timestamp("2026-01-02")).any():
            source.fails["AAA"] = "limited"
        return source(asks)

    asks = sync.due(store.series(), ["AAA"], need())
    with store.writing(wait=5) as writer:
        sync.bring_up(store, asks, need(), second_fails).write(writer)
    pd.testing.assert_frame_equal(store.bars(["AAA"]), was, check_exact=True)
    state = store.series().set_index("symbol").loc["AAA"]
    assert state["status"] == "limited"
    assert state["asked_through"] == days[-2]


def test_a_gap_is_asked_for_once_more_and_filled_where_the_source_has_it(tmp_path, days):
    whole = ToySource(days, "AAA")
    full = whole.world["AAA"]
    whole.world["AAA"] = full[~full["date"].isin(days[[50, 51, 80]])]
    store = PriceStore(tmp_path / "store")

    def second_has_one(asks):
        if whole.asked:
            whole.world["AAA"] = full[full["date"] != days[80]]
        return whole(asks)

    asks = sync.due(store.series(), ["AAA"], need())
    with store.writing(wait=5) as writer:
        found = sync.bring_up(store, asks, need(), second_has_one)
        found.write(writer)
    assert whole.take() == [("AAA", "2026-01-02"), ("AAA", f"{days[50]:%Y-%m-%d}")]
    told = found.events.set_index("date")
    assert told.loc[days[50], ["event", "rows"]].tolist() == ["gap_filled", 2]
    assert told.loc[days[80], ["event", "rows"]].tolist() == ["gap_open", 1]
    assert set(days) - set(store.bars(["AAA"])["date"]) == {days[80]}
    again = carry_out(store, whole, ["AAA"], need(recheck=True))
    assert whole.take() == [("AAA", "2026-01-02")]
    assert again.events.empty


def test_an_unknown_symbol_is_not_asked_for_again_the_same_day_but_a_refused_one_is(tmp_path, days):
    source, store = ToySource(days, "AAA"), PriceStore(tmp_path / "store")
    source.fails["AAA"] = "limited"
    carry_out(store, source, ["AAA", "ZZZ"], need())
    again = sync.due(store.series(), ["AAA", "ZZZ"], need(now=NOW + pd.Timedelta(hours=1)))
    assert again["symbol"].tolist() == ["AAA"]
    next_day = sync.due(store.series(), ["AAA", "ZZZ"], need(now=NOW + pd.Timedelta(hours=25)))
    assert next_day["symbol"].tolist() == ["AAA", "ZZZ"]


def test_missing_sessions_are_those_of_a_loop_over_days(days):
    series = pd.concat(
        [
            bars("AAA", days.delete([3, 4, 9]), 10),
            bars("BBB", days.delete([0, 1, 200]), 20),
            bars("CCC", days, 30),
        ]
    )
    found = sync.missing_sessions(series, "XNYS")
    naive = []
    for symbol, part in series.groupby("symbol"):
        there, run = set(part["date"]), []
        for day in calendar.sessions(part["date"].min(), part["date"].max()):
            if day not in there:
                run.append(day)
            elif run:
                naive.append((symbol, run[0], run[-1], len(run)))
                run = []
    assert list(found.itertuples(index=False, name=None)) == naive
    assert len(naive) == 3
