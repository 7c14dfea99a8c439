"""A stage that nobody of the run reads needs no section of its raw tables; one that was asked for does."""

from lib.contracts import Prepare, Stage
from lib.stages import Pipeline

MACRO = Prepare(
    "lib.toy:prepare", section="macro", folder="macro", makes=("raw_macro",), providers="lib.toy:P"
)
ROWS = Pipeline(
    Stage("a/prices", "?", ("raw_prices",), ("prices",)),
    Stage("a/macro", "?", ("raw_macro",), ("macro",), prepare=MACRO),
    Stage("a/alone", "?", ("raw_macro",), ("alone",), prepare=MACRO),
    Stage("b/score", "?", ("macro",), ("score",), per="fund_list"),
    Stage("c/book", "?", ("prices",), ("book",), per="portfolio"),
)


def test_it_is_left_out_where_only_stages_of_another_kind_read_it_and_its_section_is_absent():
    assert ROWS.part({"portfolio"}, {"data"}).names == ("a/prices", "a/alone", "c/book")


def test_it_stays_where_its_section_is_there_or_a_reader_is():
    assert "a/macro" in ROWS.part({"portfolio"}, {"data", "macro"}).names
    assert "a/macro" in ROWS.part({"fund_list"}, {"data"}).names
    assert "a/macro" in ROWS.part({"portfolio"}).names


def test_what_nobody_reads_at_all_is_asked_for_itself():
    assert "a/alone" in ROWS.part({"portfolio"}, {"data"}).names


def test_what_needs_it_is_left_out_with_it_unless_a_subject_needs_that():
    rows = Pipeline(*ROWS, Stage("a/told", "?", ("macro",), ("told",)))
    assert "a/told" not in rows.part({"portfolio"}, {"data"}).names
    assert "a/told" in rows.part({"fund_list"}, {"data"}).names
