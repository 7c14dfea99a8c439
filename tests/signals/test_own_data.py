"""What of all data concerns one signal, and names that the data do not hold."""

import pandas as pd
import pytest

from lib.errors import QualityError
from lib.signals.own_data import own_data

TABLES = {
    "signal_entities": pd.DataFrame({"universe": ["banks", "banks", "stocks"], "entity": ["a", "b", "c"]}),
    "signal_memberships": pd.DataFrame({"universe": ["banks", "stocks"], "entity": ["a", "c"]}),
    "signal_returns": pd.DataFrame({"entity": ["a", "b", "c"], "return": [0.1, 0.2, 0.3]}),
    "signal_delistings": pd.DataFrame({"entity": ["c"]}),
    "signal_facts": pd.DataFrame({"entity": ["b"]}),
    "signal_benchmarks": pd.DataFrame({"benchmark": ["Bank index", "Stock index"]}),
    "factor_sets": pd.DataFrame({"factor_set": ["french", "own"]}),
    "signal_events": pd.DataFrame({"event_list": ["crises", "shocks"]}),
}
NAMES = {"universe": "banks", "benchmark": "Bank index", "factor_set": "own", "events": "crises"}


def test_each_table_holds_what_is_of_this_signal_alone():
    own = own_data(TABLES, **NAMES)
    assert own["universe_returns"]["entity"].tolist() == ["a", "b"]
    assert [len(own[f"universe_{name}"]) for name in ("entities", "memberships", "delistings", "facts")] == [
        2,
        1,
        0,
        1,
    ]
    assert own["universe_factors"]["factor_set"].tolist() == ["own"]
    assert own["universe_events"]["event_list"].tolist() == ["crises"]


def test_what_is_not_named_gives_an_empty_table():
    own = own_data(TABLES, universe="stocks", benchmark=None, factor_set=None, events=None)
    assert own["universe_benchmarks"].empty and own["universe_factors"].empty and own["universe_events"].empty


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("universe", "bank", "no universe 'bank' in the data; .*banks"),
        ("benchmark", "Bank indx", "no benchmark 'Bank indx' in the data; .*Bank index"),
        ("factor_set", "frenhc", "no factor set 'frenhc' in the data; .*french"),
        ("events", "zzz", "no event list 'zzz' in the data; there are crises, shocks"),
    ],
)
def test_a_name_that_the_data_do_not_hold_is_an_error_with_the_nearest_one(name, wrong, said):
    with pytest.raises(QualityError, match=said):
        own_data(TABLES, **{**NAMES, name: wrong})
