"""The documents say what is so: generated parts, links, commands, exit codes, and nothing of any machine."""

import re
from pathlib import Path

import pytest

from lib.errors import WorkbenchError
from lib.pipeline import PIPELINE
from lib.run import cli
from lib.run.pages.data_dictionary import (
    DICTIONARY,
    GUIDE,
    README,
    data_dictionary,
    with_pipeline,
    with_settings,
)
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "lib").rglob("*.md")])
NOT_YET = {"docs/report.png"}

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_data_dictionary_is_that_of_the_tables():
    assert text_of(DICTIONARY) == data_dictionary(), "python -m lib.run.pages.data_dictionary --write"


def test_the_readme_prints_the_pipeline():
    assert text_of(README) == with_pipeline(text_of(README)), (
        "python -m lib.run.pages.data_dictionary --write"
    )


def test_the_guide_lists_every_setting_with_what_it_may_be():
    text = text_of(GUIDE)
    assert text == with_settings(text), "python -m lib.run.pages.data_dictionary --write"
    assert "| `risk/betas` | `cap` | `3.0` | 0 < x ≤ 100 | betas beyond it are" in text


def test_the_data_dictionary_names_every_table_and_column():
    page = data_dictionary()
    for table in TABLES.values():
        assert f"## {table.name}\n" in page
        assert all(f"| `{column}` |" in page for column in table.column_names)


@every_document
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        if ":" not in target and str((path.parent / target).relative_to(ROOT)) not in NOT_YET:
            assert (path.parent / target).exists(), target


@every_document
def test_paths_that_are_named_exist(path):
    allowed = re.compile(r"[<…*{]|^outputs/|^params/mine|RUN")
    for name in re.findall(r"`((?:lib|tests|notebooks|params|docs|\.ci)/[^`\s]+)`", path.read_text("utf-8")):
        assert allowed.search(name) or (ROOT / name).exists(), name


@every_document
def test_nothing_of_any_machine_stands_in_it(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/home/|/root/|/work/|/tmp/|[A-Z]:\\\\", text)
    assert not re.search(r"index-url\s*=|pypi\.", text)


def test_the_readme_lists_every_command():
    listed = set(re.findall(r"^\| `(\w+)[^`]*` \|", text_of(README), re.MULTILINE))
    assert set(cli.COMMANDS) <= listed


def test_the_readme_lists_every_exit_code():
    codes = {WorkbenchError.exit_code, *(one.exit_code for one in WorkbenchError.__subclasses__())}
    listed = set(re.findall(r"^\| (\d+) \|", text_of(README), re.MULTILINE))
    assert {"0", *map(str, codes)} <= listed


def test_the_changelog_names_every_stage():
    assert not [stage.name for stage in PIPELINE if f"`{stage.name}`" not in text_of("CHANGELOG.md")]


def test_the_changelog_begins_with_this_version():
    version = re.search(r'^version = "([^"]+)"', text_of("pyproject.toml"), re.MULTILINE)[1]
    assert re.search(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)[1] == version


def test_every_alias_of_the_makefile_is_a_command():
    for target, line in re.findall(r"^(\w+):.*\n\t(.+)$", text_of("Makefile"), re.MULTILINE):
        named = re.search(r"run_all\.py (\w+)", line)
        assert target in ("help", "env", "run", "docs", "lock") or named[1] == target
