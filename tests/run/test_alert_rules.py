"""Rules of alerts in a params file: what is accepted, and each refusal with file, line, field and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import yaml_file
from lib.errors import Faults, InputError
from lib.pipeline import PIPELINE
from lib.run.request import alert_tables, params
from lib.run.request.selection import select

HEAD = """\
name: demo
as_of: 2022-12-28
data: {provider: sample}
portfolios:
  - {id: one, positions: one.csv, cash: 5}
alerts:
"""
CHANNELS = """\
  channels:
    - {id: desk, type: email, host: mail.example.org, sender: a@example.org, to: [b@example.org],
       user: "${MAIL_USER:-robot}", password: "${MAIL_PASSWORD}"}
    - {id: hook, type: webhook, url: "https://example.org/${HOOK}", timeout: 3}
    - {id: chat, type: webhook, form: telegram, url: "https://api.telegram.org/bot${BOT}/send", chat: "7"}
    - {id: any, type: apprise, url: "${WHERE}"}
"""
GOOD = (
    "{id: r, type: table, table: risk_metrics, column: value, subject: one, above: 0.03, priority: high, "
    "where: {metric: var_95, window: 1y}, cooldown: 30 minutes, channels: [hook], message: 'now {value}'}"
)
PLACE = "demo.yaml:14: alerts.rules[0]"


def resolve(text: str) -> params.Request:
    return params.resolve(yaml_file.document(yaml_file.parse(text, "demo.yaml")), Path("params"))


def with_rule(rule: str) -> params.Request:
    return resolve(f"{HEAD}{CHANNELS}  rules:\n    - {rule}\n")


def test_a_rule_has_its_defaults_and_stands_outside_of_what_identifies_a_run():
    request = with_rule(GOOD)
    (rule,) = request.alerts.rules
    assert (rule.side, rule.threshold, rule.cooldown, rule.channels) == (
        "above",
        0.03,
        (30, "minute"),
        ("hook",),
    )
    assert rule.asks["measure"] == "value"
    assert request.as_dict() == resolve(HEAD.replace("alerts:\n", "")).as_dict()
    desk = request.alerts.channels[0]
    assert desk.variables == ("MAIL_PASSWORD",)
    assert (desk.settings["security"], desk.settings["timeout"]) == ("starttls", 20.0)


@pytest.mark.parametrize(
    ("rule", "asks"),
    [
        ("{id: r, type: change, symbol: A}", {"symbol": "A", "above": 0.03}),
        ("{id: r, type: volume_spike, symbol: A}", {"symbol": "A", "above": 2.0, "period": 30}),
        ("{id: r, type: macd_cross, symbol: M&M}", {"symbol": "M&M", "direction": "up"}),
        ("{id: r, type: support, symbol: BAJAJ-AUTO}", {"symbol": "BAJAJ-AUTO", "period": 20}),
        ("{id: r, type: rsi, symbol: A, below: 30}", {"symbol": "A", "below": 30.0, "period": 14}),
    ],
)
def test_rules_over_bars_have_the_usual_settings(rule, asks):
    assert with_rule(rule).alerts.rules[0].asks == asks


@pytest.mark.parametrize(
    ("rule", "place", "words"),
    [
        ("{id: r, type: prise, symbol: A, above: 1}", ".type", "did you mean `price`"),
        ("{id: r, type: price, symbol: A, above: 0}", ".above", "found 0; give a number above 0"),
        ("{id: r, type: price, symbol: A, below: -5}", ".below", "found -5"),
        ("{id: r, type: price, symbol: A, above: '9'}", ".above", "found '9'"),
        ("{id: r, type: price, symbol: A, above: .inf}", ".above", "found '.inf'"),
        ("{id: r, type: price, symbol: A}", ".above", "missing; add `above:` or `below:`"),
        ("{id: r, type: price, symbol: A, above: 2, below: 1}", ".below", "make two rules of it"),
        ("{id: r, type: price, symbol: '', above: 1}", ".symbol", "give 1 to"),
        ("{id: r, type: price, symbol: ' ', above: 1}", ".symbol", "give 1 to"),
        ("{id: r, type: price, above: 1}", ".symbol", "missing"),
        ("{id: r, type: change, symbol: A, below: 0.1}", ".below", "unknown key"),
        ("{id: r, type: rsi, symbol: A, above: 170}", ".above", "up to 100"),
        ("{id: r, type: rsi, symbol: A, above: 70, period: 1.5}", ".period", "a whole number"),
        ("{id: r, type: rsi, symbol: A, above: 70, perod: 9}", ".perod", "did you mean `period`"),
        ("{id: r, type: macd_cross, symbol: A, direction: sideways}", ".direction", "one of up, down"),
        ("{id: R R, type: support, symbol: A}", ".id", "1 to 64 of a-z"),
        ("{type: support, symbol: A}", ".id", "missing"),
        ("{id: r, symbol: A}", ".type", "missing"),
        ("{id: r, type: support, symbol: A, priority: hgih}", ".priority", "did you mean `high`"),
        ("{id: r, type: failure, above: 1}", ".above", "unknown key"),
        ("{id: r, type: support, symbol: A, cooldown: 0}", ".cooldown", "sessions or minutes"),
        ("{id: r, type: support, symbol: A, cooldown: 3 weeks}", ".cooldown", "sessions or minutes"),
        ("{id: r, type: support, symbol: A, enabled: maybe}", ".enabled", "true or false"),
        ("{id: r, type: support, symbol: A, channels: [dsek]}", ".channels[0]", "did you mean `desk`"),
        ("{id: r, type: support, symbol: A, message: 'at {valeu}'}", ".message", "did you mean `value`"),
        ("{id: r, type: support, symbol: A, message: '${MAIL_PASSWORD}'}", ".message", "MAIL_PASSWORD"),
        (GOOD.replace("risk_metrics", "risk_metric"), ".table", "did you mean `risk_metrics`"),
        (GOOD.replace("risk_metrics", "key_figures"), ".table", "found 'key_figures'"),
        (GOOD.replace("column: value", "column: valu"), ".column", "did you mean `value`"),
        (GOOD.replace("column: value", "column: flag"), ".column", "numbers: value, observations"),
        (GOOD.replace("window: 1y", "window: 2y"), ".where.window", "did you mean"),
        (GOOD.replace("window: 1y", "widow: 1y"), ".where.widow", "did you mean `window`"),
        (GOOD.replace("metric: var_95", "metric: 95"), ".where.metric", "holds str"),
        (GOOD.replace("subject: one", "subject: two"), ".subject", "portfolios: one"),
        (GOOD.replace("above: 0.03", "above: lots"), ".above", "found 'lots'"),
        (GOOD.replace("priority", "measure: chang, priority"), ".measure", "did you mean `change`"),
        ("{id: r, type: table, table: prices, column: close, subject: one, above: 1}", ".subject", "leave"),
        ("just text", "", "give a mapping"),
    ],
)
def test_a_bad_rule_is_refused_with_one_message_at_its_place(rule, place, words):
    with pytest.raises(InputError) as refused:
        with_rule(rule)
    assert len(refused.value.each) == 1
    assert str(refused.value).startswith(f"{PLACE}{place}: ")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ('"${MAIL_PASSWORD}"', "hunter2", "channels[0].password", "a secret that is written out"),
        ('"${MAIL_PASSWORD}"', '"${MAIL_PASSWORD:-hunter2}"', "channels[0].password", "written out"),
        ('"${MAIL_PASSWORD}"', '"${MAIL PASSWORD}hunter2"', "channels[0].password", "not well written"),
        (', password: "', ', security: none, password: "', "channels[0].security", "in the open"),
        ("host: mail", "hots: mail", "channels[0].hots", "did you mean `host`"),
        ("to: [b@example.org]", "to: []", "channels[0].to", "a list of 1 to"),
        ("https://example.org/${HOOK}", "https://a:hunter2@example.org/", "channels[1].url", "written out"),
        ("https://example.org/${HOOK}", "https://example.org/?key=hunter2", "channels[1].url", "written out"),
        ("https://example.org/${HOOK}", "file:///hunter2", "channels[1].url", "begin with https://"),
        ("timeout: 3", "timeout: 0", "channels[1].timeout", "above 0"),
        ("bot${BOT}", "bothunter2", "channels[2].url", "holds a secret"),
        (', chat: "7"', "", "channels[2].chat", "give the chat's id"),
        ('"${WHERE}"', "tgram://hunter2/7", "channels[3].url", "holds a secret"),
        ("type: apprise", "type: pigeon", "channels[3].type", "one of email, webhook, apprise"),
        ("id: any", "id: desk", "channels[3].id", "used twice"),
    ],
)
def test_a_bad_channel_is_refused_and_no_refusal_shows_a_secret(old, new, field, words):
    assert old in CHANNELS
    with pytest.raises(InputError) as refused:
        resolve(HEAD + CHANNELS.replace(old, new))
    assert f"alerts.{field}: " in str(refused.value)
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("rule", "field", "words"),
    [
        ("{id: r, type: table, table: fund_scores, column: quartile, above: 1}", "table", "section `funds:`"),
        ("{id: r, type: table, table: macro, column: value, above: 1}", "table", "market/macro"),
    ],
)
def test_a_rule_about_what_no_stage_of_the_run_makes_is_refused(rule, field, words):
    request, faults = with_rule(rule), Faults()
    alert_tables.note_unmade(request, request.alerts, select(PIPELINE, request), faults)
    (fault,) = faults.found.values()
    assert str(fault).startswith(f"{PLACE}.{field}: no stage of this run makes")
    assert words in str(fault)
