"""Channels of alerts against servers on 127.0.0.1: what arrives, what fails and how that is told."""

from __future__ import annotations

import email
import threading
import time
from pathlib import Path

import pytest
from alert_receivers import Hooks, Mails, serving

from lib.run.alerts.channels import send
from lib.run.request.alert_channels import Channel

CERTIFICATE = Path(__file__).parent / "localhost.pem"
SECRET = "canary-77aa"
ALERT = {
    "id": "0a1b2c3d",
    "rule": "var",
    "subject": "one",
    "as_of": "2022-12-28",
    "run": "demo-2022-12-28",
    "value": 0.04,
    "threshold": 0.03,
    "priority": "high",
    "message": "Value at risk of one is 4.00%, above 3.00%",
}
MAIL = {
    "host": "localhost",
    "port": 25,
    "security": "none",
    "user": None,
    "password": None,
    "sender": "workbench@example.org",
    "to": ["a@example.org", "${OTHER:-b@example.org}"],
    "timeout": 10.0,
}
HOOK = {"url": "", "form": "json", "chat": None, "authorization": None, "timeout": 10.0}


def mail(environ=None, **settings):
    return send(Channel("desk", "email", {**MAIL, **settings}), ALERT, environ or {})


def hook(environ=None, **settings):
    return send(Channel("hook", "webhook", {**HOOK, **settings}), ALERT, environ or {})


def test_a_mail_arrives_with_what_a_person_needs_and_a_number_by_which_a_repetition_is_known():
    with serving(Mails()) as server:
        assert mail(port=server.port).sent
    (text,) = server.messages
    got = email.message_from_string(text)
    assert got["Subject"] == "[high] Value at risk of one is 4.00%, above 3.00%"
    assert (got["From"], got["To"]) == ("workbench@example.org", "a@example.org, b@example.org")
    assert got["Message-ID"].startswith("<0a1b2c3d.")
    body = got.get_payload()
    for word in (
        "Rule var, one",
        "as of 2022-12-28",
        "0.04",
        "runs/demo-2022-12-28/index.html",
        "ack 0a1b2c3d",
    ):
        assert word in body
    assert sum(line.startswith("RCPT") for line in map(str.upper, server.heard)) == 2


def test_a_password_goes_over_a_trusted_encrypted_line_and_over_no_other(monkeypatch):
    login = {"user": "robot", "password": "${PASSWORD}", "security": "starttls"}
    with serving(Mails()) as bare, serving(Mails(CERTIFICATE)) as other:
        refused = mail({"PASSWORD": SECRET}, port=bare.port, **login)
        unknown = mail({"PASSWORD": SECRET}, port=other.port, **login)
        assert not [line for line in [*bare.heard, *other.heard] if line.startswith("AUTH")]
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert mail({"PASSWORD": SECRET}, port=other.port, **login).sent
        assert any(line.startswith("AUTH") for line in other.heard)
    assert refused.detail == "SMTPNotSupportedError"
    assert unknown.detail == "the certificate of the server is not trusted"


def test_a_webhook_gets_the_alert_as_json_or_as_the_text_that_a_chat_takes():
    with serving(Hooks()) as server:
        given = {"PLACE": "x", "TOKEN": f"Bearer {SECRET}"}
        assert hook(given, url=f"{server.url}/${{PLACE}}", authorization="${TOKEN}").sent
        assert hook(given, url=f"{server.url}/${{PLACE}}", form="slack").sent
        assert hook(given, url=f"{server.url}/${{PLACE}}", form="telegram", chat="7").sent
    first, slack, telegram = server.posts
    assert (first["path"], first["value"], first["id"]) == ("/x", 0.04, "0a1b2c3d")
    assert (first["headers"]["Authorization"], first["headers"]["Idempotency-Key"]) == (
        f"Bearer {SECRET}",
        "0a1b2c3d",
    )
    assert slack["text"].startswith("[high] Value at risk") and "value" not in slack
    assert (telegram["chat_id"], telegram["text"]) == ("7", slack["text"])


@pytest.mark.parametrize("status", [302, 404, 503])
def test_a_webhook_that_refuses_or_leads_elsewhere_has_failed_and_its_words_are_not_repeated(status):
    with serving(Hooks(status)) as server:
        outcome = hook({"PLACE": SECRET}, url=f"{server.url}/${{PLACE}}")
        assert (outcome.sent, outcome.detail) == (False, f"HTTP status {status}")
        assert len(server.posts) == 1


def test_a_channel_that_does_not_answer_has_its_time_and_no_more():
    with serving(Hooks()) as server:
        server.waits = threading.Event()
        began = time.monotonic()
        outcome = hook(url=server.url, timeout=0.3)
        assert time.monotonic() - began < 5
        server.waits.set()
    assert outcome.detail in ("no answer in time", "no answer within 0.3 s")


def test_a_dead_channel_a_variable_that_is_not_set_and_an_odd_address_are_failures_that_tell_no_secret():
    assert hook(url="http://127.0.0.1:9").detail == "ConnectionRefusedError: Connection refused"
    assert mail(port=9).detail == "ConnectionRefusedError: Connection refused"
    assert hook(url="${NOWHERE}").detail == "NOWHERE is not set in the environment"
    for place in (
        f"file:///{SECRET}",
        f"http://{SECRET}:x/",
        f"http://127.0.0.1:9/{SECRET}\n",
        f"http://[{SECRET}",
    ):
        outcome = hook({"PLACE": place}, url="${PLACE}")
        assert not outcome.sent
        assert SECRET not in outcome.detail
    outcome = mail({"OTHER": f"{SECRET}\nBcc: x@example.org"}, port=9)
    assert not outcome.sent
    assert SECRET not in outcome.detail


def apprise(where):
    channel = Channel("any", "apprise", {"url": "${WHERE}", "timeout": 10.0})
    return send(channel, ALERT, {"WHERE": where})


def test_apprise_delivers_and_what_it_cannot_do_is_a_failure_that_tells_no_secret(caplog, capfd):
    with serving(Hooks()) as good, serving(Hooks(500)) as bad:
        assert apprise(f"{good.url.replace('http', 'json')}/{SECRET}").sent
        outcome = apprise(f"{bad.url.replace('http', 'json')}/{SECRET}")
    assert (outcome.sent, outcome.detail) == (False, "apprise could not deliver it")
    assert (good.posts[0]["title"], good.posts[0]["path"]) == (f"[high] {ALERT['message']}", f"/{SECRET}")
    assert apprise(f"pigeon://{SECRET}").detail == "apprise does not know this kind of address"
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_apprise_is_said_to_be_missing_where_it_is(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert apprise(f"json://{SECRET}").detail == "the package apprise is not installed"
