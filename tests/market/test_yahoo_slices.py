"""What a run gets of the price store: which answers count, which are left out, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from lib.market import calendar, raw
from lib.market.store import PriceStore
from lib.market.store.tables import INSTRUMENTS, checked
from lib.market.sync import Need
from lib.market.yahoo import asks as client
from lib.market.yahoo import oddities, profiles, slices

DAYS = calendar.sessions("2026-06-01", "2026-11-20")
TARGET, EARLIER = DAYS[-1], DAYS[-8]
NOW = pd.Timestamp("2026-11-21 09:00").as_unit("us")
OPTION = "AAA270115C00100000"
SETTINGS = {"stale": False, "options": True, "yields": False}


def need(target=TARGET) -> Need:
    return Need(
        start=DAYS[0].as_unit("us"),
        target=target,
        closed=TARGET,
        now=NOW,
        refresh=pd.Timedelta(hours=24),
        exchange="XNYS",
        source="yahoo",
    )


def bars(symbol: str, days: pd.DatetimeIndex, close: float = 50.0) -> pd.DataFrame:
    frame = pd.DataFrame({"symbol": symbol, "date": days, "dividend": 0.0, "split": 1.0, "volume": 100.0})
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    return frame.assign(**prices, source="yahoo", origin="real", fetched_at=NOW)


def state(symbol: str, status: str = "ok", through=TARGET, detail: str = "") -> dict:
    asked = {"asked_from": DAYS[0], "asked_through": through, "checked_at": NOW - pd.Timedelta(days=3)}
    return {"symbol": symbol, "source": "yahoo", "status": status, "detail": detail, **asked}


@pytest.fixture
def store(tmp_path):
    made = PriceStore(tmp_path / "store")
    paid = bars("AAA", DAYS)
    paid.loc[paid["date"] == DAYS[20], "dividend"] = 2.0
    paid.loc[paid["date"] == DAYS[60], "split"] = 4.0
    paid.loc[paid["date"] < DAYS[60], ["open", "high", "low", "close"]] = 200.0
    paid.loc[paid["date"] == TARGET, "dividend"] = 1.0
    with made.writing(wait=1) as writer:
        writer.put(pd.concat([paid, bars("OLD", DAYS[:-7])]))
        rows = [
            state("AAA"),
            state("OLD", "transport", EARLIER, "no answer"),
            state("BRK.B", "unknown", None, "Yahoo says: no such symbol"),
            state("ZZZ", "limited", None, "refused"),
        ]
        series = pd.DataFrame(rows).assign(first_date=DAYS[0], last_date=EARLIER, rows=1)
        series = series.astype({"asked_through": "datetime64[us]"})
        writer.set_series(series)
    return made


def cut(store, target=TARGET, offline=False, **settings) -> dict[str, pd.DataFrame]:
    request = raw.Request(
        as_of=target,
        symbols=("AAA", OPTION, "BRK.B", "NEW", "OLD", "ZZZ"),
        settings={**SETTINGS, **settings},
        offline=offline,
    )
    return slices.cut(store, request, need(target)).tables(request)


def log_of(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return tables["raw_sync_log"].set_index("symbol")[["status", "rows", "detail"]]


def test_only_series_that_reach_the_session_count_and_the_others_have_their_reason(store):
    log = log_of(cut(store))
    assert log["status"].to_dict() == {
        "AAA": "ok",
        OPTION: "missing",
        "BRK.B": "unknown",
        "NEW": "missing",
        "OLD": "transport",
        "ZZZ": "limited",
    }
    assert log["rows"].gt(0).to_dict() == {name: name == "AAA" for name in log.index}
    assert log.loc["OLD", "detail"] == "no answer"
    assert log.loc["NEW", "detail"] == slices.NOT_STORED
    assert log.loc["BRK.B", "detail"].endswith("a class of shares as BRK-B")
    assert log.loc["ZZZ", "detail"] == "refused"


@pytest.mark.parametrize("asked", [{"stale": True}, {"offline": True}])
def test_an_older_answer_counts_where_it_was_asked_for_and_says_so(store, asked):
    log = log_of(cut(store, **asked))
    assert log.loc["OLD", "status"] == "stale"
    assert log.loc["OLD", "rows"] == len(DAYS) - 7
    assert f"last bar {EARLIER:%Y-%m-%d}" in log.loc["OLD", "detail"]
    assert "no answer" in log.loc["OLD", "detail"]
    assert log.loc["ZZZ", "status"] == "limited"


def test_option_quotes_that_are_not_asked_for_say_so(store):
    assert log_of(cut(store, options=False)).loc[OPTION, "detail"] == slices.NOT_ASKED


def test_adjusted_closes_and_yields_know_actions_up_to_the_session_only(store):
    """Before the split 200 a share, after it 50; two dividends, 2.0 before and 1.0 after the split.

    Who held one share on the ex-date of d at a close of P has P + d, so earlier closes count P / (P + d).
    """
    today = cut(store)["raw_prices"].set_index(["symbol", "date"]).loc["AAA"]
    before = cut(store, target=DAYS[-2])["raw_prices"].set_index(["symbol", "date"]).loc["AAA"]
    assert today["close"].iloc[0] == before["close"].iloc[0] == 200.0
    first = 200.0 / 4 * 200.0 / 202.0
    assert before["adj_close"].iloc[0] == pytest.approx(first)
    assert before["adj_close"].iloc[-1] == 50.0
    assert today["adj_close"].iloc[0] == pytest.approx(first * 50.0 / 51.0)
    known = cut(store)["raw_instruments"].set_index("symbol").loc["AAA", "dividend_yield"]
    assert known == pytest.approx((2.0 / 4 + 1.0) / 50.0)


def profile(told, **said) -> pd.DataFrame:
    row = dict.fromkeys(INSTRUMENTS.column_names) | {"symbol": "AAA", "kind": "stock", "currency": "USD"}
    times = {"fetched_at": NOW, "told_at": told}
    return checked(pd.DataFrame([row | {"country": "Japan", "market_cap": 5e9} | times | said]), INSTRUMENTS)


@pytest.mark.parametrize(
    ("told", "target", "session"),
    [
        ("2026-11-20 22:00", "2026-11-20", "2026-11-20"),
        ("2026-11-21 09:00", "2026-11-20", "2026-11-20"),
        ("2026-11-20 22:00", "2026-11-19", None),
        ("2026-11-20 16:00", "2026-11-19", None),
        ("2026-11-20 16:00", "2026-11-20", "2026-11-20"),
        ("2026-11-20 12:00", "2026-11-19", "2026-11-19"),
        ("2026-10-21 22:00", "2026-11-20", "2026-10-21"),
        ("2026-10-20 22:00", "2026-11-20", None),
        (None, "2026-11-20", None),
    ],
)
def test_a_capitalisation_is_of_the_session_it_was_fetched_in_and_unknown_before_it_or_a_month_on(
    store, told, target, session
):
    """New York trades from 14:30 to 21:00 UTC in November; 20 November 2026 is a Friday."""
    with store.writing(wait=1) as writer:
        writer.set_instruments(profile(pd.Timestamp(told).as_unit("us") if told else pd.NaT))
    row = cut(store, pd.Timestamp(target).as_unit("us"))["raw_instruments"].set_index("symbol").loc["AAA"]
    assert row["country"] == "Japan"
    if session is None:
        assert row[["market_cap", "market_cap_date"]].isna().all()
    else:
        assert (row["market_cap"], row["market_cap_date"]) == (5e9, pd.Timestamp(session))


def test_a_profile_is_due_once_a_month_though_it_says_the_same_and_an_old_store_is_not_asked_at_once(
    store,
):
    month = profiles.AGE
    known = profile(NOW - month / 2, fetched_at=NOW - 3 * month)
    assert profiles.due(known, ["AAA", "BBB", "CCC"], {"CCC"}, need()) == ["BBB"]
    assert profiles.due(profile(NOW - month), ["AAA"], (), need()) == ["AAA"]
    assert profiles.due(profile(pd.NaT, fetched_at=NOW - month / 2), ["AAA"], (), need()) == []
    assert profiles.due(profile(pd.NaT, fetched_at=NOW - 2 * month), ["AAA"], (), need()) == ["AAA"]
    told = client.frame_of("profiles", [profile(NOW)])
    with store.writing(wait=1) as writer:
        writer.set_instruments(profiles.found(told, replace(need(), now=NOW - 2 * month)))
    with store.writing(wait=1) as writer:
        writer.set_instruments(profiles.found(told, need()))
    assert profiles.due(store.instruments(), ["AAA"], (), need()) == []


def test_odd_days_and_proposed_repairs_are_events_told_once_and_the_bars_stay(store):
    day = DAYS[40].as_unit("us")
    odd = pd.DataFrame({"symbol": ["AAA"], "date": [day], "event": ["given_twice"], "detail": ["taken once"]})
    proposed = pd.DataFrame(
        {
            "symbol": "AAA",
            "date": day,
            "column": ["close", "low"],
            "before": [5000.0, 49.5],
            "after": [50.0, 0.5],
        }
    )
    was = store.bars(["AAA"])
    for _ in range(2):
        with store.writing(wait=1) as writer:
            writer.add_events(oddities.events_of(odd, proposed, need()))
    pd.testing.assert_frame_equal(store.bars(["AAA"]), was, check_exact=True)
    told = cut(store)["raw_sync_events"]
    assert told[["symbol", "date", "last_date", "event", "rows", "detail"]].to_numpy().tolist() == [
        ["AAA", day, day, "given_twice", 1, "taken once"],
        ["AAA", day, day, "source_repair", 1, "close 5000 would be 50; low 49.5 would be 0.5"],
    ]
