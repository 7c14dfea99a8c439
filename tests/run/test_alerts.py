"""Alerts of whole runs: asked after publishing, told once, and no part of any result."""

from __future__ import annotations

import json

import pytest
from alert_receivers import Hooks, Mails, serving
from toy.alerts import watch, with_hook

CANARY = "canary-6f1d2a"
RULES = """\
alerts:
  channels:
    - {{id: desk, type: webhook, url: "{url}/${{PLACE}}", authorization: "${{TOKEN}}"}}
    - {{id: dead, type: webhook, url: "http://127.0.0.1:9/${{PLACE}}"}}
    - {{id: post, type: email, host: 127.0.0.1, port: {port}, security: none, sender: w@x.org, to: [a@x.org]}}
  rules:
    - {{id: aaa-high, type: price, symbol: AAA, above: 37, priority: critical}}
    - {{id: worth, type: table, table: totals, column: value, subject: one, above: 100}}
    - {{id: quiet, type: table, table: totals, column: value, below: 0}}
"""


@pytest.fixture(scope="module")
def alerted(tmp_path_factory):
    """A toy with rules, run on two days; what it said, and what its receiver got. Not to be changed."""
    from toy.workbench import make

    bench = with_hook(make(tmp_path_factory.mktemp("alerted") / "bench"))
    variables = {"TOKEN": CANARY, "PLACE": f"{CANARY}-place"}
    with serving(Hooks()) as hooks, serving(Mails()) as mails:
        watch(bench, RULES.format(url=hooks.url, port=mails.port))
        days = ("2022-12-28", "2022-12-28", "2022-12-29")
        said = [bench.run("--as-of", day, env=variables) for day in days]
    return bench, said, hooks.posts, mails.messages


def alerts_of(events):
    return {one["rule"]: one for one in events if one.get("event") == "alert"}


def test_a_critical_alert_ends_a_run_whose_stages_are_all_done_with_3(alerted):
    said = alerted[1]
    code, events, err = said[0]
    assert code == 3, err
    assert events[-1]["status"] == "done"
    assert alerts_of(events)["aaa-high"]["message"] == "AAA on 28 Dec 2022: the close is 38, above 37"
    worth = alerts_of(events)["worth"]
    assert (worth["subject"], worth["priority"]) == ("one", "medium")
    assert set(alerts_of(events)) == {"aaa-high", "worth"}


def test_the_same_day_again_and_a_day_on_which_it_still_holds_fire_nothing(alerted):
    _, said, posts, messages = alerted
    for code, events, _ in said[1:]:
        assert (code, alerts_of(events)) == (0, {})
    assert len(posts) == len(messages) == 2
    assert any("Subject: [critical] AAA on 28 Dec 2022: the close is 38, above 37" in one for one in messages)


def test_a_channel_that_is_dead_is_in_the_history_and_changes_no_exit_code(alerted):
    bench, said, posts, _ = alerted
    assert {one["rule"] for one in posts} == {"aaa-high", "worth"}
    assert any("channel dead was not told" in one.get("message", "") for one in said[0][1])
    code, events, _ = bench.run("alerts", "list", "--priority", "medium")
    assert code == 0
    assert "desk sent, post sent, dead failed: ConnectionRefusedError" in events[1]["text"]
    assert not any("aaa-high" in one["text"] or "AAA" in one["text"] for one in events)


def test_secrets_are_sent_and_are_nowhere_else(alerted):
    bench, said, posts, _ = alerted
    assert posts[0]["headers"]["Authorization"] == CANARY
    assert posts[0]["path"] == f"/{CANARY}-place"
    assert CANARY not in json.dumps([[code, events, err] for code, events, err in said])
    files = [path for path in bench.root.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert not [path for path in files if CANARY.encode() in path.read_bytes()]


def test_rules_and_channels_are_no_part_of_a_key_or_of_a_run(alerted):
    bench, said = alerted[:2]
    first = said[0][1][-1]["run"]
    plain = bench.manifest(first)
    assert "alerts" not in plain["request"]
    watch(bench, "")
    try:
        code, events, _ = bench.run("--as-of", "2022-12-28")
        assert (code, events[-1]["run"], events[-1]["status"]) == (0, first, "unchanged")
    finally:
        watch(bench, RULES.format(url="http://127.0.0.1:9", port=9))


def test_a_variable_that_is_not_set_is_told_by_validate_and_refuses_nothing(alerted):
    code, events, err = alerted[0].run("validate", env={"TOKEN": "x"})
    assert code == 0, err
    assert "channel desk cannot send, PLACE is not set" in events[0]["text"]


def test_a_run_that_failed_is_asked_for_what_it_has_and_its_exit_code_stays_1(alerted, tmp_path):
    bench = alerted[0].copy(tmp_path / "bench")
    bench.edit("lib/toy/sums.py", "return book.assign(", "assert len(book) > 1\n    return book.assign(")
    watch(bench, RULES.format(url="http://127.0.0.1:9", port=9).replace("above: 37", "above: 38.5"))
    code, events, _ = bench.run("--as-of", "2022-12-29")
    assert (code, events[-1]["status"]) == (1, "failed")
    assert set(alerts_of(events)) == {"aaa-high"}


def test_the_page_of_every_run_says_what_waits_until_it_is_acknowledged(alerted, tmp_path):
    bench = alerted[0].copy(tmp_path / "bench")
    page = bench.outputs / "index.html"
    assert "the close is 38, above 37" in page.read_text()
    assert "not told: dead" in page.read_text()
    code, events, _ = bench.run("alerts", "list")
    ids = [one["text"][:8] for one in events if one["text"][:1] != " "]
    assert code == 0
    for one in ids:
        code, events, err = bench.run("alerts", "ack", one[:6], "--note", "sold it")
        assert code == 0, err
    assert "the close is 38, above 37" not in page.read_text()
    assert bench.run("alerts", "list")[1][0]["text"] == "no such alert waits; 2 in the history"
    listed = [one["text"] for one in bench.run("alerts", "list", "--all")[1]]
    assert sum("sold it" in one for one in listed) == 2
    counted = [one["text"] for one in bench.run("alerts", "stats")[1]]
    assert counted[0] == "2 alerts fired, 0 not acknowledged"
    assert any("dead failed" in one and one.endswith("2") for one in counted)
