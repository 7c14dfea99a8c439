"""Params: what is accepted, what is refused, and that each refusal says file, line, field and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import yaml_file
from lib.errors import InputError
from lib.run.request import params

GOOD = """\
name: demo
as_of: 2022-12-28
data: {provider: sample}
portfolios:
  - {id: one, positions: one.csv, cash: 5}
"""


def resolve(text: str) -> params.Request:
    return params.resolve(yaml_file.document(yaml_file.parse(text, "demo.yaml")), Path("params"))


def test_defaults_are_filled_in():
    request = resolve(GOOD)
    assert request.seed == 7
    assert request.run_stages == ("all",)
    assert request.subjects["portfolio"][0] == {
        "id": "one",
        "name": "one",
        "positions": "one.csv",
        "currency": "USD",
        "cash": 5.0,
        "benchmark": None,
        "trades": None,
    }


@pytest.mark.parametrize("written", ["a.csv", "[a.csv]", "[a.csv, b.csv]"])
def test_one_file_and_a_list_of_files_are_a_list(written):
    request = resolve(GOOD.replace("cash: 5", f"trades: {written}"))
    assert request.subjects["portfolio"][0]["trades"] == ["a.csv", "b.csv"][: written.count(".")]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("name: demo", "name: Demo Run", "demo.yaml:1: name", "1 to 64 of a-z"),
        ("name: demo", "name: NO", "demo.yaml:1: name", "'NO'"),
        ("name: demo", "name: 123", "demo.yaml:1: name", "quote digits"),
        ("as_of: 2022-12-28", "as_of: 2022-13-28", "demo.yaml:2: as_of", "YYYY-MM-DD"),
        ("as_of: 2022-12-28", "as_fo: 2022-12-28", "demo.yaml:2: as_fo", "did you mean `as_of`"),
        ("as_of: 2022-12-28", "as_of: 2022-12-28\nseed: 1e3", "demo.yaml:3: seed", "whole number"),
        ("provider: sample", "provider: smaple", "demo.yaml:3: data.provider", "did you mean `sample`"),
        ("provider: sample", "provider: folder", "demo.yaml:3: data.path", "missing"),
        ("provider: sample", "provider: sample, path: x", "demo.yaml:3: data.path", "unknown key"),
        ("id: one", "id: a/b", "demo.yaml:5: portfolios[0].id", "a/b"),
        ("id: one", "id: ../up", "demo.yaml:5: portfolios[0].id", "beginning with a letter"),
        ("id: one", f"id: {'x' * 300}", "demo.yaml:5: portfolios[0].id", "300 characters"),
        ("as_of: 2022-12-28", "as_of: newest", "demo.yaml:2: as_of", "or `latest`"),
        ("name: demo", "name: demo\nexchange: nyse", "demo.yaml:2: exchange", "such as XNYS"),
        ("name: demo", "name: demo\nexchange: 7", "demo.yaml:2: exchange", "found 7"),
        ("name: demo", "name: demo\nexchnage: XNYS", "demo.yaml:2: exchnage", "did you mean `exchange`"),
        ("cash: 5", "cash: lots", "demo.yaml:5: portfolios[0].cash", "lots"),
        ("cash: 5", "cash: ON", "demo.yaml:5: portfolios[0].cash", "'ON'"),
        ("cash: 5", "currency: dollar", "demo.yaml:5: portfolios[0].currency", "ISO code"),
        ("cash: 5", "benchmark: 'a b'", "demo.yaml:5: portfolios[0].benchmark", "symbol"),
        ("cash: 5", "trades: 5", "demo.yaml:5: portfolios[0].trades", "or a list of them"),
        ("cash: 5", "trades: [a.csv, 5]", "demo.yaml:5: portfolios[0].trades", "or a list of them"),
        ("cash: 5", "csah: 5", "demo.yaml:5: portfolios[0].csah", "did you mean `cash`"),
        (
            "cash: 5}",
            "cash: 5}\n  - {id: one, positions: b.csv}",
            "demo.yaml:6: portfolios[1].id",
            "used twice",
        ),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(old, new, place, words):
    with pytest.raises(InputError) as fault:
        resolve(GOOD.replace(old, new))
    assert str(fault.value).startswith(place)
    assert words in str(fault.value)


def test_what_a_hook_refuses_is_placed_in_the_params_file_unless_it_stands_elsewhere():
    asked = resolve(GOOD + "exchange: XLON\n")
    line = (GOOD + "exchange: XLON\n").splitlines().index("exchange: XLON") + 1

    def told(request=asked, **parts):
        return str(params.placed(InputError("it is wrong", mend="mend it", **parts), request))

    assert told(field="exchange") == f"demo.yaml:{line}: exchange: it is wrong; mend it"
    assert told(field="data.provider", file="demo.yaml").startswith("demo.yaml:3: data.provider")
    assert told(field="close", file="prices.csv", line=7).startswith("prices.csv:7: close")
    assert told(field="as_of").startswith("demo.yaml:2: as_of")
    later = params.override(asked, "2022-12-27", [], [])
    assert told(later, field="as_of") == "command line: --as-of: it is wrong; mend it"
    assert told(field="no.such") == "no.such: it is wrong; mend it"


def yahoo(setting: str) -> params.Request:
    return resolve(GOOD.replace("{provider: sample}", f"\n  provider: yahoo\n  {setting}"))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("start: 2010-02-30", "data.start: found '2010-02-30'; give a date as YYYY-MM-DD"),
        ("start: 2010", "data.start: found 2010; give a date"),
        ("store: 12", "data.store: found 12; give text"),
        ("store: ' '", "data.store: 1 characters; give 1 to 1000 characters"),
        ("stale: yes", "data.stale: found 'yes'; give true or false"),
        ("repair: 1", "data.repair: found 1; give true or false"),
        ("options: maybe", "data.options: found 'maybe'"),
        ("yields: 'true'", "data.yields: found 'true'"),
        ("attempts: 0", "data.attempts: found 0; give a whole number from 1 to 20"),
        ("attempts: 21", "data.attempts: found 21"),
        ("attempts: 2.0", "data.attempts: found 2.0; give a whole number"),
        ("attempts: true", "data.attempts: found True"),
        ("deadline: 0", "data.deadline: found 0; give a number above 0 and up to 86400"),
        ("deadline: 1e9", "data.deadline: found 1000000000.0"),
        ("deadline: 1e999", "data.deadline: found inf"),
        ("timeout: -1", "data.timeout: found -1"),
        ("calls_per_second: 51", "data.calls_per_second: found 51; give a number above 0 and up to 50"),
        ("calls_per_second: fast", "data.calls_per_second: found 'fast'"),
        ("batch: 1001", "data.batch: found 1001; give a whole number from 1 to 1000"),
        ("breaker: [3]", "data.breaker: found [3]"),
        ("refresh_hours: -1", "data.refresh_hours: found -1; give a number from 0 to 8760"),
        ("atempts: 3", "data.atempts: unknown key; did you mean `attempts`"),
        ("path: prices", "data.path: unknown key; "),
    ],
)
def test_a_wrong_setting_of_the_live_provider_is_refused_at_its_place(setting, words):
    with pytest.raises(InputError) as fault:
        yahoo(setting)
    assert str(fault.value).startswith(f"demo.yaml:5: {words}")


def test_settings_of_the_live_provider_are_filled_in_and_the_policy_stands_apart():
    request = yahoo("deadline: 60")
    assert request.sources["data"].settings == {
        "provider": "yahoo",
        "start": "2010-01-01",
        "options": True,
        "yields": True,
        "stale": False,
        "repair": False,
    }
    policy = request.sources["data"].policy
    assert policy == {
        "store": None,
        "recheck": False,
        "refresh_hours": 24.0,
        "attempts": 4,
        "deadline": 60.0,
        "timeout": 30.0,
        "calls_per_second": 2.0,
        "batch": 50,
        "breaker": 3,
    }
    assert type(policy["deadline"]) is float
    assert not set(policy) & set(request.as_dict()["data"])
    assert yahoo("refresh_hours: 0").sources["data"].policy["refresh_hours"] == 0.0
    assert yahoo("attempts: 9").as_dict() == request.as_dict()
    assert yahoo("stale: true").as_dict() != request.as_dict()


def test_the_run_level_exchange_is_new_york_unless_it_is_named():
    assert resolve(GOOD).as_dict()["exchange"] == "XNYS"
    assert resolve(GOOD.replace("name: demo", "name: demo\nexchange: XNSE")).exchange == "XNSE"


def test_a_display_name_may_be_any_text():
    name = "<img src=x onerror=alert(1)>"
    assert resolve(GOOD.replace("cash: 5", f'name: "{name}"')).subjects["portfolio"][0]["name"] == name


def test_a_request_survives_being_written_and_read_again():
    request = resolve(GOOD)
    again = params.from_dict(request.as_dict(), Path(), "run", b"")
    assert again.as_dict() == request.as_dict()


def test_the_command_line_changes_date_portfolios_and_settings():
    request = params.override(resolve(GOOD), "2022-12-27", ["portfolio:one"], ["risk/metrics.window=60"])
    assert request.as_of == "2022-12-27"
    assert request.stages == {"risk/metrics": {"window": 60}}
    with pytest.raises(InputError, match="did you mean `one`"):
        params.override(resolve(GOOD), None, ["portfolio:onee"], [])
    with pytest.raises(InputError, match="chapter/stage"):
        params.override(resolve(GOOD), None, [], ["window=60"])
