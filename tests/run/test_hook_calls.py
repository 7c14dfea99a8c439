"""What the child makes of its hooks: facts of any kind, symbols for who needs them, tables as declared."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pandas as pd
import pytest

from lib.errors import InputError, StageError
from lib.run.planning import hook_calls
from lib.run.planning.prepare import prepare_key, symbols_of

RATES = pd.DataFrame({"date": pd.to_datetime(["2022-12-28"]), "tenor": "10Y", "rate": 0.04}).assign(
    source="office", origin="real"
)


@pytest.fixture
def call(monkeypatch, tmp_path):
    """Perform with a module of hooks whose answers a test gives; what the prepare hooks were told is kept."""
    told = []

    def perform(checks=(), fetches=None, made=None, known=(), check=None):
        hooks = SimpleNamespace(
            prepare=lambda request: told.append(request) or made,
            **{f"check{n}": lambda request, answer=one: answer for n, one in enumerate(checks)},
            refuse=check,
        )
        monkeypatch.setitem(sys.modules, "hooks_of_a_test", hooks)
        payload = {
            "checks": {
                f"t{n}": {"target": f"hooks_of_a_test:check{n}", "request": {}} for n in range(len(checks))
            }
            | ({"refused": {"target": "hooks_of_a_test:refuse", "request": {}}} if check else {}),
            "done": {"t@a": {"symbols": ["OLD"]}, "t@b": {"rows": 3}},
            "symbols": ["SP500"],
            "fetches": fetches or {},
            "known": {key: {} for key in known},
            "stored": {},
            "foretold": {},
            "look": False,
            "refused": False,
            "out": str(tmp_path / "out"),
        }
        return hook_calls.perform(payload)

    perform.told = told
    return perform


def fetch(*, symbols=False, makes=("raw_yields",), keeps=False):
    target = "hooks_of_a_test:prepare"
    return {
        "target": target,
        "makes": list(makes),
        "symbols": symbols,
        "keeps": keeps,
        "base": "b",
        "request": {"as_of": "x"},
    }


def test_a_check_may_answer_anything_and_symbols_are_gathered_where_there_are_some(call):
    facts = [{}, {"funds": 7, "names": ["a", "b"]}, {"symbols": ["NEW"]}]
    answer = call(facts, {"a": fetch(symbols=True), "b": fetch()}, {"raw_yields": RATES})
    assert list(answer["checks"].values()) == facts
    asked = {"as_of": "x", "progress": ""}
    assert call.told == [{**asked, "symbols": ["NEW", "OLD", "SP500"]}, asked]
    assert answer["fetches"]["a"]["slices"]["raw_yields"]["rows"] == 1
    assert answer["fetches"]["a"]["slices"]["raw_yields"]["origins"] == ["real"]


def test_only_a_hook_that_is_told_the_symbols_depends_on_them():
    with_them, without = fetch(symbols=True), fetch()
    assert prepare_key(with_them, ["A"]) != prepare_key(with_them, ["B"])
    assert prepare_key(without, ["A"]) == prepare_key(without, ["B"])
    assert symbols_of({"one": {"rows": 2}}, []) == []


@pytest.mark.parametrize(("keeps", "asked"), [(True, 0), (False, 1)])
def test_a_source_that_keeps_its_answers_is_not_asked_once_something_is_refused(call, keeps, asked):
    def refuse(request):
        raise InputError("found 7", file="x.csv")

    with pytest.raises(InputError, match="found 7"):
        call((), {"a": fetch(keeps=keeps)}, {"raw_yields": RATES}, check=refuse)
    assert len(call.told) == asked


def test_what_is_known_is_not_fetched_again(call):
    key = prepare_key(fetch(symbols=True), ["OLD", "SP500"])
    answer = call((), {"a": fetch(symbols=True), "b": fetch()}, {"raw_yields": RATES}, known=[key])
    assert answer["fetches"]["a"] == {"key": key, "slices": None}
    assert answer["fetches"]["b"]["slices"]
    assert call.told == [{"as_of": "x", "progress": ""}]


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({}, "made nothing; its row in lib/pipeline.py says raw_yields"),
        ({"raw_yields": RATES, "raw_prices": RATES}, "made raw_prices, raw_yields; its row"),
        ({"raw_yields": RATES, "validity": {"until": 3}}, "which lib/run/store/cache.py cannot use"),
        ({"raw_yields": RATES.drop(columns="rate")}, "table raw_yields lacks rate"),
    ],
)
def test_a_hook_that_does_not_give_what_its_row_says_is_named(call, made, words):
    with pytest.raises(Exception, match=words):
        call((), {"a": fetch()}, made)


@pytest.mark.parametrize("symbols", ["AAPL", [1], None])
def test_symbols_that_are_no_list_of_texts_are_refused(call, symbols):
    with pytest.raises(StageError, match="hooks_of_a_test:check0 answered the symbols"):
        call([{"symbols": symbols}])
