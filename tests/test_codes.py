"""Codes have words once, and asking for one never finds another that contains its name."""

import pandas as pd
import pytest

from lib import codes
from lib.errors import ContractError


def test_a_code_is_not_found_inside_another():
    flags = pd.Series(["MANUAL_STALE", "STALE", "MANUAL,STALE", "", None], dtype="str")
    assert codes.has(flags, "STALE").tolist() == [False, True, True, False, False]
    assert codes.has_any(flags, ("MANUAL", "MANUAL_STALE")).tolist() == [True, False, True, False, False]


def test_one_cell_can_be_asked_for_and_made():
    assert codes.has("MANUAL,STALE", "STALE") and not codes.has("MANUAL_STALE", "STALE")
    assert codes.cell(["few_months", "", "price_index"]) == "few_months,price_index"


def test_what_has_a_code_is_counted_in_words():
    reasons = pd.Series(["", "no_greeks", "manual", "no_greeks", "covered"])
    assert codes.counted(reasons) == {
        "manual": "1 holding valued by hand",
        "no_greeks": "2 options without a delta",
    }


def test_flags_are_joined_in_the_order_of_their_masks():
    masks = {"B": pd.Series([True, False, True]), "A": pd.Series([True, False, False])}
    assert codes.flags_of(masks, pd.RangeIndex(3)).tolist() == ["B,A", "", "B"]
    assert codes.flags_of({"C": True, **masks, "D": False}, pd.RangeIndex(3)).tolist() == [
        "C,B,A",
        "C",
        "C,B",
    ]


def test_words_keep_a_count_and_leave_sentences_alone():
    assert codes.words("UNPRICED") == "no price"
    assert codes.words("UNPRICED (2)") == "no price (2)"
    assert codes.words("the market was closed") == "the market was closed"
    assert codes.all_words("STALE,MANUAL") == "price older than the last trading day, valued by hand"


def test_the_first_code_of_a_list_gives_the_words():
    flags = pd.Series(["UNPRICED,CURRENCY", "MANUAL_STALE", ""], dtype="str")
    assert codes.first_words(flags, ("CURRENCY", "UNPRICED")).tolist() == ["other currency", "", ""]


def test_a_code_declared_twice_is_refused():
    one = codes.Code("STALE", "old")
    with pytest.raises(ContractError, match="STALE is declared twice"):
        codes.by_name((one,), (one,))


@pytest.mark.parametrize("code", codes.CODES.values(), ids=lambda code: code.name)
def test_words_are_words(code):
    assert code.words and code.words != code.name and "_" not in code.words and not code.words.endswith(".")
    assert code.severity in ("rejected", "warning", "info")
