"""Tokens are encrypted, renewed in time by a clock of the test, several users' own, and in no message."""

import base64
import json
import stat
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet

from lib import errors
from lib.broker_tokens.access import access_token
from lib.broker_tokens.broker import Broker, upstox
from lib.broker_tokens.grant import Grant, grant_of, next_daily_end
from lib.broker_tokens.leave import ask_leave, take_leave
from lib.broker_tokens.store import TokenStore
from lib.errors import InputError, ReauthRequired, SourceUnreachable, StoreError
from tests.trading.broker.fake_broker import CANARY, CODE, FakeBroker

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OTHER_KEY = base64.urlsafe_b64encode(bytes(32)).decode()
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


class Clock:
    def __init__(self, moment=START):
        self.moment = moment

    def __call__(self):
        return self.moment

    def to(self, moment):
        self.moment = moment


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    return TokenStore(tmp_path / "kept" / "tokens.json", KEY, clock)


@pytest.fixture
def fake():
    with FakeBroker(renewable=True, lifetime=86_400) as running:
        yield running


def broker(fake, **more):
    app = {"client_id": "id &1", "redirect_uri": "https://here/x?a=b", "client_secret": f"{CANARY}Secret"}
    return Broker("Upstox", fake.address, **app, **{"fixed_daily_expiry": False, **more})


def kept(store, seconds, user="default", refresh=f"{CANARY}OldRefresh"):
    store.put(user, Grant(f"{CANARY}Old", refresh, store.now() + timedelta(seconds=seconds)))


def raised(kind, function, *arguments):
    with pytest.raises(kind) as caught:
        function(*arguments)
    assert CANARY not in repr(caught.value) + str(caught.value) + str(caught.value.__cause__)
    return str(caught.value)


def test_a_fresh_token_is_given_without_a_question(store, fake):
    kept(store, 86_400)
    assert access_token(store, "default", broker(fake)) == f"{CANARY}Old"
    assert fake.asked == []


@pytest.mark.parametrize(
    ("left", "renewed"), [(301, False), (300, True), (299, True), (0, True), (-90_000, True)]
)
def test_a_token_is_renewed_when_300_seconds_or_less_are_left(store, fake, left, renewed):
    kept(store, left)
    assert access_token(store, "default", broker(fake)) == f"{CANARY}{'Access1' if renewed else 'Old'}"
    assert len(fake.asked) == renewed
    if renewed:
        assert fake.asked[0][2]["grant_type"] == "refresh_token"
        assert fake.asked[0][2]["refresh_token"] == f"{CANARY}OldRefresh"
        assert access_token(store, "default", broker(fake)) == f"{CANARY}Access1"
        assert store.get("default").refresh == f"{CANARY}Refresh1"
        assert len(fake.asked) == 1, "the renewed one is kept"


@pytest.mark.parametrize(
    "failing",
    [
        (401, {}, b'{"errors": [{"errorCode": "UDAPI100057", "message": "canaryToken7QRefresh"}]}'),
        (503, {}, b"canaryToken7Q"),
        (200, {}, b"not JSON canaryToken7Q"),
        (200, {}, b'{"refresh_token": "canaryToken7Q"}'),
        (302, {"Location": "http://127.0.0.1:9/canaryToken7Q"}, b""),
    ],
)
def test_a_renewal_that_fails_asks_for_a_new_grant_and_keeps_the_old_one(store, fake, failing):
    kept(store, 100)
    fake.failing.append(failing)
    text = raised(ReauthRequired, access_token, store, "default", broker(fake))
    assert text.startswith("REAUTH_REQUIRED: ") and "token init" in text
    assert store.get("default").access == f"{CANARY}Old"


def test_reauth_required_crosses_a_process_as_itself():
    assert errors.ReauthRequired("x").code == "REAUTH_REQUIRED"
    assert issubclass(errors.ReauthRequired, errors.DataError)


def test_a_token_that_cannot_be_renewed_serves_until_its_end_and_no_longer(store, fake, clock):
    kept(store, 200, refresh="")
    assert access_token(store, "default", broker(fake)) == f"{CANARY}Old"
    clock.to(START + timedelta(seconds=200))
    assert "ended 2026-03-02 06:03 UTC" in raised(
        ReauthRequired, access_token, store, "default", broker(fake)
    )
    assert fake.asked == []


def test_two_users_have_tokens_of_their_own(store, fake):
    kept(store, 86_400, "asha")
    store.put("ravi", Grant(f"{CANARY}Ravi", "", START + timedelta(days=1)))
    assert access_token(store, "asha", broker(fake)) == f"{CANARY}Old"
    assert access_token(store, "ravi", broker(fake)) == f"{CANARY}Ravi"
    store.revoke("asha")
    assert access_token(store, "ravi", broker(fake)) == f"{CANARY}Ravi"
    assert "--user asha" in raised(ReauthRequired, access_token, store, "asha", broker(fake))


def test_a_revoked_token_is_gone_from_the_file_and_asks_for_a_new_grant(store, fake):
    kept(store, 86_400)
    before = json.loads(store.path.read_text())["users"]["default"]["access"]
    assert store.revoke("default") is True
    assert before not in store.path.read_text()
    assert "was revoked" in raised(ReauthRequired, access_token, store, "default", broker(fake))
    assert store.revoke("default") is False


def test_calls_are_counted_by_user_and_session(store, clock):
    kept(store, 86_400, "asha")
    clock.to(START + timedelta(minutes=1))
    store.count("asha", started=START, calls=12)
    store.count("asha", started=START, calls=3)
    kept(store, 86_400, "asha")
    (status,) = store.status()
    assert (status.calls, status.created, status.updated) == (15, START, clock())
    assert [one["calls"] for one in store.sessions("asha")] == [12, 3]
    assert store.sessions("asha")[0]["ended"] == clock().isoformat()


def test_the_file_is_the_owners_alone_and_holds_no_token_in_the_open(store):
    kept(store, 86_400)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert CANARY not in store.path.read_text()
    secret = json.loads(store.path.read_text())["users"]["default"]["access"]
    assert Fernet(KEY.encode()).decrypt(secret.encode()).decode() == f"{CANARY}Old"


def test_another_key_is_refused_and_overwrites_nothing(store, clock):
    kept(store, 86_400)
    before = store.path.read_bytes()
    other = TokenStore(store.path, OTHER_KEY, clock)
    for attempt in (lambda: other.get("default"), other.status, lambda: kept(other, 10)):
        text = raised(InputError, attempt)
        assert text.startswith("WORKBENCH_TOKEN_KEY: is not the key of the kept tokens")
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("key", ["", "  ", "short", f"{CANARY}é", "A" * 44])
def test_without_a_key_nothing_is_kept(tmp_path, key):
    text = raised(InputError, TokenStore, tmp_path / "tokens.json", key)
    assert text.startswith("WORKBENCH_TOKEN_KEY: ") and "token key" in text
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_named_and_left_as_it_is(store):
    kept(store, 86_400)
    store.path.write_text(store.path.read_text()[:-20])
    before = store.path.read_bytes()
    assert "damaged" in raised(StoreError, store.get, "default")
    assert "damaged" in raised(StoreError, kept, store, 10)
    assert store.path.read_bytes() == before


def test_no_object_shows_a_token(store, fake):
    kept(store, 86_400)
    shown = repr([store, store.get("default"), store.status(), broker(fake)])
    assert CANARY not in shown and KEY not in shown


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-03-02T14:30:00+00:00", "2026-03-02T22:00:00+00:00"),
        ("2026-03-02T21:00:00+00:00", "2026-03-02T22:00:00+00:00"),
        ("2026-03-02T22:00:00+00:00", "2026-03-03T22:00:00+00:00"),
    ],
    ids=["20:00 in India, next day", "02:30, the same night", "03:30 itself"],
)
def test_a_token_of_a_broker_with_a_daily_end_ends_at_half_past_three_in_india(moment, end):
    assert next_daily_end(datetime.fromisoformat(moment)) == datetime.fromisoformat(end)
    grant = grant_of({"access_token": "a"}, datetime.fromisoformat(moment), fixed_daily_expiry=True)
    assert grant.expires == datetime.fromisoformat(end)


def test_a_day_is_taken_only_where_the_broker_does_not_say():
    def lives(answer):
        return grant_of(answer, START, fixed_daily_expiry=False).expires - START

    assert lives({"access_token": "a"}) == timedelta(seconds=86_400)
    assert lives({"access_token": "a", "expires_in": 3600}) == timedelta(seconds=3600)
    for odd in (0, -1, "3600", True, None, float("nan"), 1e12):
        with pytest.raises(SourceUnreachable):
            lives({"access_token": "a", "expires_in": odd})


def test_leave_is_asked_with_encoded_parameters_and_granted_by_the_address_that_comes_back(store, fake):
    address = ask_leave(store, "default", broker(fake))
    asked = parse_qs(urlsplit(address).query, strict_parsing=True)
    assert "client_id=id%20%261" in address and "redirect_uri=https%3A%2F%2Fhere%2Fx%3Fa%3Db" in address
    assert asked["response_type"] == ["code"]
    take_leave(store, "default", broker(fake), f"https://here/x?a=b&code={CODE}&state={asked['state'][0]}\n")
    assert access_token(store, "default", broker(fake)) == f"{CANARY}Access1"
    assert fake.asked[0][2]["code"] == CODE and fake.asked[0][2]["redirect_uri"] == "https://here/x?a=b"


def state_of(address):
    return parse_qs(urlsplit(address).query)["state"][0]


def test_another_state_is_refused_and_serves_no_second_time(store, fake):
    state = state_of(ask_leave(store, "default", broker(fake)))
    text = raised(InputError, take_leave, store, "default", broker(fake), f"?code={CODE}&state={CANARY}")
    assert "its state differs" in text
    text = raised(InputError, take_leave, store, "default", broker(fake), f"?code={CODE}&state={state}")
    assert "no question for leave is open" in text
    assert fake.asked == []


def test_a_question_for_leave_is_open_for_ten_minutes(store, fake, clock):
    state = state_of(ask_leave(store, "default", broker(fake)))
    clock.to(START + timedelta(minutes=10, seconds=1))
    assert "older" in raised(
        InputError, take_leave, store, "default", broker(fake), f"?code={CODE}&state={state}"
    )


@pytest.mark.parametrize(
    "answer", ["", "https://here/", f"?code={CODE}", "?code=a&code=b&state=c", "&" * 500]
)
def test_an_address_without_code_and_state_is_refused(store, fake, answer):
    ask_leave(store, "default", broker(fake))
    assert "whole address" in raised(InputError, take_leave, store, "default", broker(fake), answer)


def test_a_code_that_the_broker_does_not_take_is_told_with_its_code_only(store, fake):
    state = state_of(ask_leave(store, "default", broker(fake)))
    text = raised(ReauthRequired, take_leave, store, "default", broker(fake), f"?code=no&state={state}")
    assert "(status 401, UDAPI100057)" in text


@pytest.mark.parametrize("user", ["", "a b", "../x", "x" * 65, "é"])
def test_a_name_that_is_none_is_refused(store, user):
    assert "no name of a user" in raised(InputError, store.get, user)


def test_a_secret_goes_nowhere_in_the_open(monkeypatch):
    for name in ("ID", "SECRET", "REDIRECT"):
        monkeypatch.setenv(f"WORKBENCH_UPSTOX_{name}", CANARY)
    assert upstox().address == "https://api.upstox.com"
    for odd in ("http://example.org", "ftp://127.0.0.1", "example.org"):
        monkeypatch.setenv("WORKBENCH_UPSTOX_ADDRESS", odd)
        assert "in the open" in raised(InputError, upstox)
    monkeypatch.delenv("WORKBENCH_UPSTOX_SECRET")
    monkeypatch.delenv("WORKBENCH_UPSTOX_ADDRESS")
    assert raised(InputError, upstox).startswith("WORKBENCH_UPSTOX_SECRET: ")
