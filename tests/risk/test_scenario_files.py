from pathlib import Path

import pytest

from lib.conventions import FACTORS
from lib.errors import InputError
from lib.risk.scenario_files import RATE, read_scenarios, validate

STANDARD = Path(__file__).resolve().parents[2] / "params" / "scenarios" / "standard.yaml"

WANTED = {
    "market_up_10": ("market", "moderate", {"market": 0.10}),
    "market_down_10": ("market", "moderate", {"market": -0.10}),
    "market_crash_35": ("market", "severe", {"market": -0.35}),
    "market_rally_25": ("market", "severe", {"market": 0.25}),
    "rates_up_25bp": ("rates", "mild", {RATE: 0.0025}),
    "rates_down_25bp": ("rates", "mild", {RATE: -0.0025}),
    "rates_up_100bp": ("rates", "moderate", {RATE: 0.01}),
    "rates_down_100bp": ("rates", "moderate", {RATE: -0.01}),
    "rate_spike_300bp": ("rates", "severe", {RATE: 0.03}),
    "value_rotation_20": ("rotation", "moderate", {"value": 0.20, "growth": -0.10}),
    "growth_rally_15": ("rotation", "moderate", {"growth": 0.15, "momentum": 0.10}),
    "small_cap_outperformance_10": ("rotation", "mild", {"size": 0.10}),
    "quality_flight_12": ("rotation", "mild", {"quality": 0.12, "market": -0.05}),
    "vix_spike_150": ("volatility", "severe", {"low_volatility": -0.25, "market": -0.15}),
    "liquidity_crisis": (
        "volatility",
        "severe",
        {"market": -0.20, "low_volatility": -0.30, "quality": 0.15, "size": -0.10},
    ),
    "financial_crisis_2008": (
        "historical",
        "extreme",
        {"market": -0.45, "value": -0.30, "size": -0.25, "quality": 0.20, "low_volatility": -0.35},
    ),
    "covid_crash_2020": (
        "historical",
        "extreme",
        {"market": -0.35, "growth": 0.15, "value": -0.40, "size": -0.30, "quality": 0.10},
    ),
    "dotcom_crash_2000": (
        "historical",
        "extreme",
        {"market": -0.45, "growth": -0.60, "value": 0.20, "momentum": -0.50, "quality": 0.15},
    ),
}
WINDOWS = {
    "financial_crisis_2008": ("2008-09-15", "2009-03-15"),
    "covid_crash_2020": ("2020-02-19", "2020-03-23"),
    "dotcom_crash_2000": ("2000-03-10", "2002-10-09"),
}
GOOD = "scenarios:\n  - {id: one, shocks: {market: -0.1}}\n"


def read(tmp_path, *texts, **options):
    paths = []
    for place, text in enumerate(texts):
        path = tmp_path / f"file{place}.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(path)
    return read_scenarios(paths, **options)


def refusal(tmp_path, *texts, **options):
    with pytest.raises(InputError) as caught:
        read(tmp_path, *texts, **options)
    return caught.value


def test_the_standard_file_has_the_eighteen_scenarios():
    found = read_scenarios([STANDARD])
    assert found.inactive == 0
    assert {one.id: (one.category, one.severity, one.shocks) for one in found.scenarios} == WANTED
    assert {one.id: one.window for one in found.scenarios if one.window} == WINDOWS
    factors = {one.id: one.volatility_factor for one in found.scenarios if one.volatility_factor}
    assert factors == {"vix_spike_150": 1.5}


def test_a_file_may_be_added_and_a_scenario_switched_off(tmp_path):
    mine = (
        "scenarios:\n  - {id: mine, shocks: {size: 1e-1}, active: true}\n"
        "  - {id: off, shocks: {market: 0.1}, active: false}\n"
    )
    found = read(tmp_path, GOOD, mine)
    assert [one.id for one in found.scenarios] == ["one", "mine"]
    assert found.inactive == 1
    assert found.scenarios[1].shocks == {"size": 0.1}
    assert (found.scenarios[1].category, found.scenarios[1].severity) == ("custom", "moderate")
    assert found.scenarios[1].name == "Mine"


@pytest.mark.parametrize(
    ("shocks", "severity"),
    [
        ("{market: 0.05}", "mild"),
        ("{market: -0.2, size: 0.1}", "severe"),
        ("{interest_rate: 0.01}", "moderate"),
        ("{growth: -0.6}", "extreme"),
    ],
)
def test_severity_follows_from_size_where_it_is_not_given(tmp_path, shocks, severity):
    assert read(tmp_path, f"scenarios:\n  - {{id: a, shocks: {shocks}}}\n").scenarios[0].severity == severity


def test_a_window_alone_is_a_replay(tmp_path):
    text = "scenarios:\n  - {id: a, window: {start: 2020-02-19, end: 2020-03-23}}\n"
    one = read(tmp_path, text).scenarios[0]
    assert (one.shocks, one.window) == ({}, ("2020-02-19", "2020-03-23"))


def one(body):
    return f"scenarios:\n  - id: a\n    {body}\n"


@pytest.mark.parametrize(
    ("text", "line", "field", "found"),
    [
        (one("shocks: {markt: 0.1}"), 3, "scenarios[0].shocks.markt", "unknown factor"),
        (one("shocks: {Market: 0.1}"), 3, "scenarios[0].shocks.Market", "unknown factor"),
        (one("shocks: {market: ten}"), 3, "scenarios[0].shocks.market", "'ten', no number"),
        (one("shocks: {market: NO}"), 3, "scenarios[0].shocks.market", "'NO', no number"),
        (one("shocks: {market: '0.1'}"), 3, "scenarios[0].shocks.market", "'0.1', no number"),
        (one("shocks: {market: 10%}"), 3, "scenarios[0].shocks.market", "'10%', no number"),
        (one("shocks: {market: .inf}"), 3, "scenarios[0].shocks.market", "no number"),
        (one("shocks: {market: .nan}"), 3, "scenarios[0].shocks.market", "no number"),
        (one("shocks: {market: 1e999}"), 3, "scenarios[0].shocks.market", "no number"),
        (one("shocks: {market: }"), 3, "scenarios[0].shocks.market", "no number"),
        (one("shocks: {market: -1.01}"), 3, "scenarios[0].shocks.market", "over the cap 1"),
        (one("shocks: {interest_rate: 25}"), 3, "scenarios[0].shocks.interest_rate", "over the cap 0.1"),
        (one("shocks: {}"), 3, "scenarios[0].shocks", "no shock"),
        (one("shocks: -0.1"), 3, "scenarios[0].shocks", "'-0.1'"),
        (one("shocks: {market: 0.1, market: 0.2}"), 3, "scenarios[0].shocks.market", "given twice"),
        (one("shock: {market: 0.1}"), 3, "scenarios[0].shock", "unknown key"),
        (one("name: nothing else"), 2, "scenarios[0]", "no shocks and no window"),
        (one("shocks: {market: 0.1}\n    active: NO"), 4, "scenarios[0].active", "'NO'"),
        (one("shocks: {market: 0.1}\n    category: other"), 4, "scenarios[0].category", "'other'"),
        (one("shocks: {market: 0.1}\n    severity: big"), 4, "scenarios[0].severity", "'big'"),
        (one("shocks: {market: 0.1}\n    volatility_factor: 50"), 4, "scenarios[0].volatility_factor", "50"),
        (one("window: {start: 2020-02-19}"), 3, "scenarios[0].window", "no key `end`"),
        (one("window: {start: 2020-02-30, end: 2020-03-01}"), 3, "scenarios[0].window.start", "'2020-02-30'"),
        (one("window: {start: 2020-03-01, end: 2020-03-01}"), 3, "scenarios[0].window.end", "is not after"),
        ("scenarios:\n  - {shocks: {market: 0.1}}\n", 2, "scenarios[0]", "no key `id`"),
        ("scenarios:\n  - {id: Bad Id, shocks: {market: 0.1}}\n", 2, "scenarios[0].id", "'Bad Id'"),
        ("scenarios:\n  - {id: x_replay, shocks: {market: 0.1}}\n", 2, "scenarios[0].id", "'x_replay'"),
        ("scenarios: {a: 1}\n", 1, "scenarios", "found a mapping"),
        ("scenario: []\n", 1, "scenario", "unknown key"),
        ("- a\n", 1, None, "found a list"),
        ("scenarios: [\n", 2, None, "not valid YAML"),
        (b"scenarios: []\n# \xff\n", 2, None, "not UTF-8"),
        ("", None, None, "the file is empty"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_file_line_and_field(tmp_path, text, line, field, found):
    error = refusal(tmp_path, text)
    assert (error.file, error.line, error.field) == ("file0.yaml", line, field)
    assert found in error.found
    assert error.mend


def test_a_near_miss_is_named(tmp_path):
    assert refusal(tmp_path, one("shocks: {markt: 0.1}")).mend == "did you mean `market`?"


def test_an_id_may_be_used_once_in_all_files(tmp_path):
    error = refusal(tmp_path, GOOD, GOOD)
    assert (error.file, error.line, error.field) == ("file1.yaml", 2, "scenarios[0].id")
    assert "first at file0.yaml:2" in error.found
    off = "scenarios:\n  - {id: one, shocks: {market: 0.1}, active: false}\n"
    assert "used twice" in refusal(tmp_path, GOOD, off).found


def test_a_scenario_that_is_switched_off_is_checked_all_the_same(tmp_path):
    assert "unknown factor" in refusal(tmp_path, one("shocks: {x: 0.1}\n    active: false")).found


def test_the_cap_is_a_setting(tmp_path):
    assert "over the cap 0.3" in refusal(tmp_path, one("shocks: {market: 0.4}"), shock_cap=0.3).found
    assert read(tmp_path, one("shocks: {market: 1.5}"), shock_cap=2.0).scenarios[0].shocks == {"market": 1.5}


def test_nothing_falls_by_more_than_everything_whatever_the_cap(tmp_path):
    error = refusal(tmp_path, one("shocks: {market: -1.5}"), shock_cap=2.0)
    assert (error.line, error.field) == (3, "scenarios[0].shocks.market")
    assert "more than everything" in error.found
    assert read(tmp_path, one("shocks: {market: -1}"), shock_cap=2.0).scenarios[0].shocks == {"market": -1.0}


def test_the_hook_counts_and_refuses(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(GOOD)
    files = {"scenario_files[0]": {"path": str(path), "name": "scenarios/a.yaml"}}
    files["scenario_files[1]"] = {"path": str(STANDARD), "name": "scenarios/standard.yaml"}
    answer = validate({"files": files, "settings": {"shock_cap": 1.0}})
    assert answer == {"scenarios": 19, "inactive": 0}
    path.write_text(one("shocks: {oil: 0.1}"))
    with pytest.raises(
        InputError, match=r"^scenarios/a.yaml:3: scenarios\[0\].shocks.oil: unknown factor; one of"
    ):
        validate({"files": files})
    with pytest.raises(InputError, match="no scenario file"):
        validate({"files": {}})


def test_the_factors_are_those_of_the_workbench(tmp_path):
    for name in (*FACTORS, RATE):
        assert read(tmp_path, one(f"shocks: {{{name}: 0.01}}")).scenarios[0].shocks == {name: 0.01}
