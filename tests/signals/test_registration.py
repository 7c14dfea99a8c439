"""A registered question against the one that a run answers."""

import pytest

from lib.errors import InputError
from lib.signals.registration import CHANGED, NONE, SAME, compare

TEXT = """\
signal: momentum
registered: 2026-01-02T03:04:05+00:00
tried_before: 4
question: {hypothesis: higher, universe: us-stocks, rhythm_days: 31.0}
settings:
  signals/deciles: {n_groups: 10, weighting: equal}
  signals/report: {bar_t: 3.0}
"""
QUESTION = {"hypothesis": "higher", "universe": "us-stocks", "rhythm_days": 31}
SETTINGS = {
    "signals/deciles": {"n_groups": 10, "weighting": "equal", "new": 1},
    "signals/report": {"bar_t": 3},
}


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "momentum.yaml"
    made.write_text(TEXT)
    return made


def test_without_a_file_nothing_was_registered():
    assert compare(None, question=QUESTION, settings=SETTINGS).state == NONE


def test_the_same_question_is_as_registered_and_new_settings_are_no_change(path):
    found = compare(path, question=QUESTION, settings=SETTINGS)
    assert (found.state, found.changes, found.tried_before) == (SAME, (), 4)
    assert found.registered.startswith("2026-01-02")


def test_each_change_is_named_with_what_it_was(path):
    settings = {
        **SETTINGS,
        "signals/deciles": {"n_groups": 5, "weighting": "equal"},
        "signals/report": {"bar_t": 2.0},
    }
    found = compare(path, question={**QUESTION, "hypothesis": "lower"}, settings=settings)
    assert found.state == CHANGED
    assert found.changes == (
        "hypothesis higher → lower",
        "signals/deciles.n_groups 10 → 5",
        "signals/report.bar_t 3.0 → 2.0",
    )


def test_a_file_that_is_no_registration_is_refused(tmp_path):
    made = tmp_path / "x.yaml"
    made.write_text("- 1\n")
    with pytest.raises(InputError):
        compare(made, question=QUESTION, settings=SETTINGS)
