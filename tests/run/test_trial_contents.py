"""A file that is edited in its place is another specification: rules of trade live in files."""

from pathlib import Path
from types import SimpleNamespace

from lib.ledger import Ledger, trial_of, with_contents
from lib.pipeline import PIPELINE
from lib.run.planning.trials import trials

ROW = PIPELINE.stage("trading/signals")


def task(file: Path, **parameters):
    settings = SimpleNamespace(files={"rules_file": file})
    named = {"rules_file": "rules.yaml", "train": 504, **parameters}
    return SimpleNamespace(
        row=ROW,
        subject="one",
        parameters=named,
        settings=settings,
        repeats={},
        notebook=SimpleNamespace(parameters=()),
    )


def specifications(tmp_path, *contents):
    file, found = tmp_path / "rules.yaml", []
    for content in contents:
        file.write_text(content)
        ((_, trial, _),) = trials([task(file)], "account", "one")
        found.append(trial)
    return found


def test_an_edited_file_of_rules_is_counted_and_the_same_one_is_not(tmp_path):
    first, again, edited = specifications(
        tmp_path, "rules: {}", "rules: {}", "rules: {average_cross: {fast: 5}}"
    )
    assert first.specification == again.specification != edited.specification
    book = Ledger(tmp_path, "account", "one")
    assert [book.note(one, by="run") for one in (first, again, edited)] == [True, False, True]
    assert len(book.trials()) == 2


def test_by_hand_and_by_run_a_file_of_one_content_is_one_specification(tmp_path):
    (by_run,) = specifications(tmp_path, "rules: {}")
    content = by_run.settings["trading/signals.rules_file_content"]
    assert len(content) == 16
    settings = with_contents({"rules_file": "rules.yaml", "train": 504}, {"rules_file": content + "0" * 48})
    assert trial_of(ROW, {"trading/signals": settings}) == by_run
