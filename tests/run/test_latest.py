"""`as_of: latest`: a date before anything else, asked once, believed until it ends; and the exchange."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lib import yaml_file
from lib.errors import InputError
from lib.run.planning.code_digests import Sources
from lib.run.request import latest, params
from lib.run.store import cache

PAST, FUTURE = "2000-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"
NOW = datetime(2024, 7, 3, 17, 30, tzinfo=UTC)


def answer(bench, as_of: str, until: str) -> None:
    (bench.root / "latest.json").write_text(json.dumps({"as_of": as_of, "until": until}))


def asked(bench) -> list[dict]:
    path = bench.root / "calls.txt"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [line["request"] for line in lines if line["what"] == "latest"]


def test_latest_is_the_day_that_the_hook_says_and_is_asked_once(ran):
    answer(ran, "2022-12-28", FUTURE)
    dated = ran.manifest()["run"]
    for _ in range(2):
        code, events, err = ran.run("--as-of", "latest")
        assert code == 0, err
        assert [(event["run"], event["status"]) for event in events] == [(dated, "unchanged")]
    assert [one["exchange"] for one in asked(ran)] == ["XNYS"]
    assert datetime.fromisoformat(asked(ran)[0]["now"]) - datetime.now(UTC) < timedelta(minutes=5)


def test_a_day_later_latest_is_another_run_that_says_how_it_was_asked(ran):
    ran.edit("params/sample.yaml", "as_of: 2022-12-28", "as_of: latest")
    answer(ran, "2022-12-28", PAST)
    assert ran.run()[0] == 0
    answer(ran, "2022-12-29", PAST)
    code, events, err = ran.run()
    assert code == 0, err
    assert events[-1]["run"].startswith("toy-2022-12-29-")
    assert len(asked(ran)) == 2
    manifest = ran.manifest()
    assert manifest["as_of"] == manifest["request"]["as_of"] == "2022-12-29"
    assert manifest["moments"].pop("asked_as_of") == "latest"
    assert "latest" not in json.dumps(manifest)
    (ran.root / "latest.json").unlink()
    code, events, err = ran.run("verify")
    assert code == 0, err
    assert "all equal" in events[0]["text"]


def test_a_date_on_the_command_line_asks_nobody(ran):
    ran.edit("params/sample.yaml", "as_of: 2022-12-28", "as_of: latest")
    assert ran.run("--as-of", "2022-12-28")[0] == 0
    assert asked(ran) == []


def test_without_a_hook_latest_is_refused_where_it_was_written(ran):
    ran.edit("lib/pipeline.py", '        latest="lib.toy.hooks:latest",\n', "")
    code, _, err = ran.run("--as-of", "latest")
    assert code == 2
    assert "--as-of: `latest`, and no row of lib/pipeline.py says which session that is" in err
    ran.edit("params/sample.yaml", "as_of: 2022-12-28", "as_of: latest")
    code, _, err = ran.run()
    assert code == 2
    assert err.startswith("error: params/sample.yaml:2: as_of: `latest`")
    assert err.count("\n") == 1


def test_the_exchange_reaches_hooks_and_the_stages_that_declare_it(ran):
    ran.cell(
        "alone", 0, 'as_of: str = "2022-12-28"  # day\nseed: int = 7  # seed\nexchange: str = "XNYS"  # code'
    )
    answer(ran, "2022-12-28", FUTURE)
    ran.edit("params/sample.yaml", "as_of: 2022-12-28", "as_of: latest\nexchange: XNSE")
    plan = ran.plan()
    assert plan["toy/alone"] == "run the notebook changed; parameter exchange: None → 'XNSE'"
    assert plan["toy/source"] == "have"
    assert asked(ran)[-1]["exchange"] == "XNSE"
    ran.edit("params/sample.yaml", "seed: 7", "seed: 7\nstages: {toy/alone: {exchange: XNYS}}")
    code, _, err = ran.run()
    assert code == 2
    assert "stages.toy/alone.exchange: is set for the whole run" in err


def resolved(calls: list, known: dict, now: datetime = NOW, target: str = "lib.a:f", told=None):
    """The request and what to remember, for a pipeline of one row whose hook gives ``told``."""
    text = "name: a\nas_of: latest\ndata: {provider: sample}\nportfolios: [{id: a, positions: a.csv}]"
    request = params.resolve(yaml_file.document(yaml_file.parse(text, "a.yaml")), None)
    row = type("Row", (), {"latest": target})

    def call(function, payload):
        calls.append((function, payload))
        return told or {"as_of": "2024-07-02", "until": "2024-07-03T17:31:00+00:00"}

    return latest.resolve(request, [row], Sources(params.Path("/nowhere")), "lock", known, now, call)


def test_an_answer_is_taken_again_only_from_the_same_code_lock_and_exchange():
    calls: list = []
    request, fresh = resolved(calls, {})
    assert request.as_of == "2024-07-02"
    assert calls == [("lib.a:f", {"exchange": "XNYS", "now": "2024-07-03T17:30:00+00:00"})]
    assert resolved(calls, fresh) == (request, {})
    assert len(calls) == 1
    resolved(calls, fresh, target="lib.b:f")
    assert len(calls) == 2


@pytest.mark.parametrize(
    "told", [{"as_of": "today", "until": PAST}, {"as_of": "2024-07-02"}, {"until": "soon"}]
)
def test_a_hook_that_answers_nonsense_is_named(told):
    with pytest.raises(latest.StageError, match=r"lib\.a:f answered"):
        resolved([], {}, told=told)


def test_nothing_is_refused_when_nobody_asks_for_latest():
    text = "name: a\nas_of: 2024-07-02\ndata: {provider: sample}\nportfolios: [{id: a, positions: a.csv}]"
    request = params.resolve(yaml_file.document(yaml_file.parse(text, "a.yaml")), None)
    assert latest.resolve(request, [], None, "", {}, NOW, None) == (request, {})
    with pytest.raises(InputError):
        latest.resolve(params.override(request, "latest", [], []), [], None, "", {}, NOW, None)


@pytest.mark.parametrize(
    ("until", "holds"),
    [
        (None, True),
        ("2024-07-03T17:30:00+00:00", False),
        ("2024-07-03T17:30:01Z", True),
        ("2024-07-03T17:30:01", True),
        ("2024-07-03T18:30:00+02:00", False),
    ],
)
def test_a_time_is_to_come_or_it_is_not(until, holds):
    assert cache.before(NOW, until) is holds
    assert cache.stands({"until": until, "watch": {}}, NOW) is holds


def test_an_answer_stands_while_every_watched_file_is_as_it_was(tmp_path):
    there, gone = tmp_path / "there", tmp_path / "gone"
    there.write_text("abc")
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    validity = {"until": None, "watch": {str(there): abc, str(gone): ""}}
    assert cache.stands(validity, NOW)
    gone.write_text("")
    assert not cache.stands(validity, NOW)
    gone.unlink()
    there.write_text("abd")
    assert not cache.stands(validity, NOW)
    there.unlink()
    assert not cache.stands(validity, NOW)
    assert cache.stands(None, NOW)
