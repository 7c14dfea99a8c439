"""History from a broker on 127.0.0.1: pieces, repetitions, refusals, what is kept, and no token anywhere."""

import json
import random
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from lib.broker_tokens.grant import Grant
from lib.broker_tokens.store import TokenStore
from lib.errors import InputError, ReauthRequired
from lib.market import calendar, raw
from lib.market.providers import PROVIDERS, prepare
from lib.market.upstox.bucket import Bucket
from lib.market.upstox.candles import bars_of, fetch_bars, pieces
from lib.market.upstox.client import Client, Refused
from lib.market.upstox.instruments import instruments_of
from lib.policy import Policy
from tests.trading.broker.fake_broker import CANARY, FakeBroker
from tests.trading.broker.test_tokens import KEY

MM, AUTO = "NSE_EQ|INE101A01026", "NSE_EQ|INE917I01010"
DAYS = calendar.sessions("2005-01-03", "2026-02-27", "XNSE")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def candles(days=DAYS):
    """Rows of the service; the volume is the place of the day, so that none is lost unseen."""
    return [[f"{day:%Y-%m-%d}T00:00:00+05:30", 10, 12, 9, 11.5, n, 0] for n, day in enumerate(days)]


@pytest.fixture
def fake():
    with FakeBroker(candles={MM: candles(), AUTO: candles(DAYS[-3:])}) as running:
        running.token = running.grant()["access_token"]
        yield running


class Time:
    """A clock that only sleeping moves; what was slept is kept."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time():
    return Time()


def client(fake, time, **limits):
    given = {"attempts": 3, "base_wait": 1.0, "max_wait": 10.0, "deadline": 600.0, "timeout": 5.0, **limits}
    bucket = Bucket(1000, 60_000, time, time.sleep)
    more = {"sleep": time.sleep, "clock": time, "generator": random.Random(7)}
    told = []
    made = Client(fake.address, fake.token, "default", Policy(**given), bucket, told.append, **more)
    made.told = told
    return made


def bars(one, key=MM, symbol="M&M", start="2024-01-01", end="2024-03-31"):
    return fetch_bars(one, symbol, key, pd.Timestamp(start), pd.Timestamp(end))


def refused(one, kind=Refused, **more):
    with pytest.raises(kind) as caught:
        bars(one, **more)
    assert CANARY not in repr(caught.value) + str(caught.value) + json.dumps(one.told) + repr(one)
    return caught.value


def test_candles_are_bars_of_the_days_of_the_exchange(fake, time):
    found = bars(client(fake, time))
    wanted = DAYS[(DAYS >= "2024-01-01") & (DAYS <= "2024-03-31")]
    assert found["date"].tolist() == wanted.tolist()
    assert found["volume"].tolist() == [float(DAYS.get_loc(day)) for day in wanted]
    assert found.iloc[0].drop(["date", "volume"]).tolist() == ["M&M", 10.0, 12.0, 9.0, 11.5]
    assert fake.asked[-1][1] == "/v3/historical-candle/NSE_EQ%7CINE101A01026/days/1/2024-03-31/2024-01-01"
    assert fake.asked[-1][3] == fake.token


def test_a_moment_in_another_zone_is_still_the_day_in_india():
    found = bars_of([["2024-01-01T18:30:00Z", 1, 1, 1, 1, 1]], "X")
    assert found["date"].tolist() == [pd.Timestamp("2024-01-02")]


def test_a_key_with_blanks_and_signs_is_encoded(fake, time):
    fake.candles["NSE_INDEX|Nifty 50&x/-"] = candles(DAYS[-5:])
    assert len(bars(client(fake, time), key="NSE_INDEX|Nifty 50&x/-", end="2026-02-27")) == 5
    assert "/NSE_INDEX%7CNifty%2050%26x%2F-/days/" in fake.asked[-1][1]


def test_a_long_history_is_asked_in_pieces_of_ten_years_that_lose_no_day(fake, time):
    found = bars(client(fake, time), start="1990-01-01", end="2026-02-27")
    assert found["date"].tolist() == DAYS.tolist()
    assert len(fake.asked) == 3
    assert pieces(pd.Timestamp("2000-01-01"), pd.Timestamp("2009-12-31")) == [
        (pd.Timestamp("2000-01-01"), pd.Timestamp("2009-12-31"))
    ]
    assert pieces(pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-01")) == []


FUTURE = "Wed, 21 Oct 2099 07:28:00 GMT"
LONG_AGO = "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [({"Retry-After": "7"}, 7, 7), ({}, 60, 60), ({"Retry-After": LONG_AGO}, 0, 1)],
    ids=["seconds", "nothing named", "a date gone by"],
)
def test_after_429_the_named_time_is_waited_a_minute_where_none_is(fake, time, headers, least, most):
    fake.failing.append((429, headers, b""))
    assert len(bars(client(fake, time))) == len(bars(client(fake, time)))
    (wait,) = time.slept
    assert least <= wait <= most


def test_after_429_a_date_is_waited_for_and_beyond_the_deadline_it_is_given_up_at_once(fake, time):
    soon = datetime.now(UTC) + timedelta(seconds=90)
    fake.failing.append((429, {"Retry-After": f"{soon:%a, %d %b %Y %H:%M:%S} GMT"}, b""))
    bars(client(fake, time))
    assert 60 < time.slept[0] <= 90
    fake.failing.append((429, {"Retry-After": FUTURE}, b""))
    assert refused(client(fake, time)).status == "limited"
    assert len(time.slept) == 1


def test_500_and_then_an_answer_is_an_answer(fake, time):
    one = client(fake, time)
    fake.failing += [(500, {}, CANARY.encode()), (503, {}, b"")]
    assert len(bars(one)) > 50
    assert one.requests == 3 and [event["detail"] for event in one.told] == ["status 500", "status 503"]
    assert 0 <= time.slept[0] <= 1 and 0 <= time.slept[1] <= 2


def test_waits_are_spread_over_their_whole_range(fake):
    """Full jitter: uniform from 0 to 1, 2, 4 seconds; over 60 draws each half of the range is met."""
    draws = []
    for seed in range(20):
        time = Time()
        one = client(fake, time, attempts=4, breaker=100)
        one.generator = random.Random(seed)
        fake.failing += [(500, {}, b"")] * 3
        bars(one)
        draws += [wait / 2**n for n, wait in enumerate(time.slept)]
    assert len(draws) == 60 and 0 <= min(draws) < 0.2 and 0.8 < max(draws) <= 1
    assert 0.4 < sum(draws) / 60 < 0.6


def test_attempts_and_deadline_end_it(fake, time):
    one = client(fake, time)
    fake.failing += [(500, {}, b"")] * 3
    assert str(refused(one)) == "transport: status 500"
    assert one.requests == 3
    one = client(fake, time, attempts=20, base_wait=8.0, max_wait=8.0, deadline=10.0)
    fake.failing += [(500, {}, b"")] * 20
    refused(one)
    assert sum(time.slept[2:]) <= 10 and one.requests < 20


@pytest.mark.parametrize(
    ("status", "body", "ends"),
    [
        (400, b'{"errors": [{"errorCode": "UDAPI100011"}]}', "unknown"),
        (400, b'{"errors": [{"errorCode": "UDAPI1148", "message": "canaryToken7Q"}]}', "invalid"),
        (403, b"canaryToken7Q", "invalid"),
        (404, b'{"errors": [{"errorCode": "canaryToken7Q"}]}', "unknown"),
        (302, b"", "invalid"),
    ],
)
def test_a_refusal_is_not_repeated(fake, time, status, body, ends):
    one = client(fake, time)
    fake.failing.append((status, {"Location": "http://127.0.0.1:9/"} if status == 302 else {}, body))
    assert refused(one).status == ends
    assert one.requests == 1 and time.slept == []


def test_401_asks_for_a_new_grant_and_is_not_repeated(fake, time):
    fake.valid.clear()
    one = client(fake, time)
    assert str(refused(one, ReauthRequired)).startswith("REAUTH_REQUIRED: user default may not ask")
    assert one.requests == 1


def test_refusals_in_a_row_end_all_questions(fake, time):
    one = client(fake, time, attempts=10, breaker=3)
    fake.failing += [(429, {"Retry-After": "1"}, b"")] * 3
    assert refused(one).status == "limited"
    assert "not asked" in refused(one).detail
    assert one.requests == 3


def test_an_answer_that_breaks_off_is_asked_for_again(fake, time):
    whole = json.dumps({"status": "success", "data": {"candles": candles(DAYS[:4])}}).encode()
    one = client(fake, time)
    fake.failing.append((200, {"Content-Length": str(len(whole)), "Connection": "close"}, whole[:40]))
    fake.failing.append((200, {"Transfer-Encoding": "chunked"}, b"ff\r\n" + whole[:40]))
    assert len(bars(one)) > 50
    assert one.requests == 3
    told = [event["detail"] for event in one.told]
    assert told == ["the answer is no JSON or breaks off", "no whole answer (IncompleteRead)"]


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"data": {"candles": 5}}', b'{"data": {"candles": [[1]]}}',
     b'{"data": {"candles": [["canaryToken7Q", 1, 1, 1, 1, 1]]}}'],
)  # fmt: skip
def test_an_answer_of_another_form_is_invalid(fake, time, body):
    fake.failing.append((200, {}, body))
    assert refused(client(fake, time)).status == "invalid"


def test_no_candles_are_no_bars_and_faulty_numbers_stay_for_the_stage_to_report(fake, time):
    fake.failing.append((200, {}, b'{"data": {"candles": []}}'))
    assert len(bars(client(fake, time))) == 0
    found = bars_of([["2024-01-02T00:00:00+05:30", None, "x", -1, 0, 5]], "X")
    assert found.iloc[0][["low", "close", "volume"]].tolist() == [-1.0, 0.0, 5.0]
    assert found[["open", "high"]].isna().all(axis=None)


def test_a_bucket_lets_a_burst_through_and_then_one_by_one(time):
    bucket = Bucket(3, 60, time, time.sleep)
    for _ in range(5):
        bucket.wait()
    assert time.slept == [1.0, 1.0]
    time.now += 100
    for _ in range(4):
        bucket.wait()
    assert time.slept == [1.0, 1.0, 1.0], "what was not used is kept up to the burst only"


def test_lines_name_instruments():
    found = instruments_of([f"M&M = {MM}", f"BAJAJ-AUTO={AUTO}", "NIFTY50 = NSE_INDEX|Nifty 50"])
    assert [(one.symbol, one.kind) for one in found.values()] == [
        ("M&M", "stock"), ("BAJAJ-AUTO", "stock"), ("NIFTY50", "index"),
    ]  # fmt: skip
    for odd in ("M&M", "m&m = NSE_EQ|X", "X = NSE_EQ/X", "= NSE_EQ|X", "X = NSE_EQ|../../x"):
        with pytest.raises(InputError, match=r"data\.instruments: .*names no instrument"):
            instruments_of([odd])
    with pytest.raises(InputError, match="named twice"):
        instruments_of([f"X = {MM}", f"X = {AUTO}"])


@pytest.fixture
def world(fake, tmp_path, monkeypatch):
    """Asks the hook as a run does; everything that it answers and writes goes through the canary's check."""
    names = {"TOKEN_KEY": KEY, "TOKENS": str(tmp_path / "tokens" / "tokens.json"), "UPSTOX_ID": "app"}
    names |= {"UPSTOX_ADDRESS": fake.address, "UPSTOX_SECRET": f"{CANARY}S", "UPSTOX_REDIRECT": "https://x/"}
    for name, value in names.items():
        monkeypatch.setenv(f"WORKBENCH_{name}", value)
    TokenStore.of_environment().put("default", Grant(fake.token, "", datetime.now(UTC) + timedelta(days=1)))
    defaults = {name: one.default for name, one in PROVIDERS["upstox"].settings.items()}

    def ask(as_of="2026-02-27", symbols=("M&M", "BAJAJ-AUTO", "SBIN"), now=NOW, settings=None, **more):
        lines = [f"M&M = {MM}", f"BAJAJ-AUTO = {AUTO}", "GONE = NSE_EQ|INE0"]
        given = {**defaults, "provider": "upstox", "instruments": lines, "base_wait": 0.0, **(settings or {})}
        request = {"as_of": as_of, "settings": given, "symbols": list(symbols), "exchange": "XNSE"}
        request |= {"now": now.isoformat(), "store": str(tmp_path / "store"), "params_file": "p.yaml", **more}
        answer = prepare(request)
        held = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert not [path for path in held if CANARY.encode() in path.read_bytes()]
        shown = {name: one.to_csv() if isinstance(one, pd.DataFrame) else one for name, one in answer.items()}
        assert CANARY not in json.dumps(shown)
        return answer

    return ask


def test_the_hook_answers_bars_instruments_and_a_log(world, fake):
    answer = world()
    prices, log = answer["raw_prices"], answer["raw_sync_log"].set_index("symbol")
    assert prices.groupby("symbol").size().to_dict() == {"BAJAJ-AUTO": 3, "M&M": len(DAYS)}
    assert log["status"].to_dict() == {"BAJAJ-AUTO": "ok", "M&M": "ok", "SBIN": "missing"}
    assert "data.instruments: add `SBIN = <key>`" in log.loc["SBIN", "detail"]
    assert set(answer["raw_instruments"]["currency"]) == {"INR"}
    assert set(prices["price_basis"]) == {"adjusted"} and prices["adj_close"].equals(prices["close"])
    assert answer["validity"]["until"] is None
    assert answer["moment"]["requests"] == len(fake.asked) == 6
    assert TokenStore.of_environment().status()[0].calls == 6


def test_what_is_kept_is_not_asked_for_again(world, fake):
    first = world()
    count = len(fake.asked)
    again = world()
    assert again["raw_prices"].equals(first["raw_prices"]) and len(fake.asked) == count
    earlier = world(as_of="2024-01-15")["raw_prices"]
    assert earlier["date"].max() == pd.Timestamp("2024-01-15") and len(fake.asked) == count
    world(refresh=True)
    assert len(fake.asked) == 2 * count
    world(settings={"start": "1999-01-01"})
    assert len(fake.asked) == 3 * count


def test_a_source_that_is_late_is_believed_for_a_while_and_then_asked_again(world, fake):
    fake.candles[MM] = candles(DAYS[:-2])
    answer = world(symbols=["M&M"])
    assert answer["raw_sync_log"]["status"].tolist() == ["ok"]
    assert answer["validity"]["until"] == (NOW + timedelta(hours=24)).isoformat()
    count = len(fake.asked)
    world(symbols=["M&M"], now=NOW + timedelta(hours=23))
    assert len(fake.asked) == count
    fake.candles[MM] = candles()
    answer = world(symbols=["M&M"], now=NOW + timedelta(hours=25))
    assert answer["raw_prices"]["date"].max() == DAYS[-1]
    assert answer["validity"]["until"] is None


def test_a_symbol_that_is_refused_is_left_out_with_its_reason(world):
    answer = world(symbols=["GONE", "M&M"])
    log = answer["raw_sync_log"].set_index("symbol")
    assert log["status"].to_dict() == {"GONE": "unknown", "M&M": "ok"}
    assert "UDAPI100011" in log.loc["GONE", "detail"]
    assert answer["validity"]["until"] == NOW.isoformat()


def test_offline_takes_what_is_kept_and_says_that_it_is_old(world, fake):
    assert set(world(offline=True)["raw_sync_log"]["status"]) == {"missing"}
    world(as_of="2026-02-20", now=datetime(2026, 2, 21, 12, tzinfo=UTC))
    count = len(fake.asked)
    later = world(offline=True)["raw_sync_log"].set_index("symbol")
    assert later.loc["M&M", "status"] == "stale" and "up to 2026-02-20" in later.loc["M&M", "detail"]
    assert len(fake.asked) == count


def test_a_token_that_is_not_taken_ends_the_run_with_its_own_error(world, fake):
    fake.valid.clear()
    with pytest.raises(ReauthRequired, match="REAUTH_REQUIRED") as caught:
        world()
    assert CANARY not in str(caught.value)
    assert TokenStore.of_environment().status()[0].calls == 1


def test_another_exchange_and_a_missing_key_are_refused(world, monkeypatch):
    with pytest.raises(InputError, match=r"p\.yaml: exchange: .*set `exchange: XNSE`"):
        world(exchange="XNYS")
    with pytest.raises(InputError, match="lies before the data"):
        world(settings={"start": "2026-02-28"})
    monkeypatch.delenv("WORKBENCH_TOKEN_KEY")
    with pytest.raises(InputError, match="WORKBENCH_TOKEN_KEY"):
        world()


def test_the_request_of_a_run_has_what_the_provider_reads():
    assert raw.Request.of({"as_of": "2026-02-27", "settings": {}, "symbols": ["m & m"]}).symbols == ("M&M",)
