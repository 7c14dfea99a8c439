"""Params: what is accepted, what is refused, and that each refusal says file, line, field and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import InputError
from lib.run import params, yamlfile

GOOD = """\
name: demo
as_of: 2022-12-28
data: {provider: sample}
portfolios:
  - {id: one, positions: one.csv, cash: 5}
"""


def resolve(text: str) -> params.Request:
    return params.resolve(yamlfile.parse(text, "demo.yaml"), Path("params"))


def test_defaults_are_filled_in():
    request = resolve(GOOD)
    assert request.seed == 7
    assert request.run_stages == ("all",)
    assert request.portfolios[0] == {
        "id": "one",
        "name": "one",
        "positions": "one.csv",
        "currency": "USD",
        "cash": 5.0,
        "benchmark": None,
        "trades": None,
    }


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
        ("cash: 5", "cash: lots", "demo.yaml:5: portfolios[0].cash", "lots"),
        ("cash: 5", "cash: ON", "demo.yaml:5: portfolios[0].cash", "'ON'"),
        ("cash: 5", "currency: dollar", "demo.yaml:5: portfolios[0].currency", "ISO code"),
        ("cash: 5", "benchmark: 'a b'", "demo.yaml:5: portfolios[0].benchmark", "symbol"),
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


def test_a_display_name_may_be_any_text():
    name = "<img src=x onerror=alert(1)>"
    assert resolve(GOOD.replace("cash: 5", f'name: "{name}"')).portfolios[0]["name"] == name


def test_a_request_survives_being_written_and_read_again():
    request = resolve(GOOD)
    again = params.from_dict(request.as_dict(), Path(), "run", b"")
    assert again.as_dict() == request.as_dict()


def test_the_command_line_changes_date_portfolios_and_settings():
    request = params.override(resolve(GOOD), "2022-12-27", ["one"], ["risk/metrics.window=60"])
    assert request.as_of == "2022-12-27"
    assert request.stages == {"risk/metrics": {"window": 60}}
    with pytest.raises(InputError, match="did you mean `one`"):
        params.override(resolve(GOOD), None, ["onee"], [])
    with pytest.raises(InputError, match="chapter/stage"):
        params.override(resolve(GOOD), None, [], ["window=60"])
