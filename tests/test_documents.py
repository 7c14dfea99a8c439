"""The documents say what is so: generated parts, links, commands, exit codes, and nothing of any machine."""

import json
import re
from pathlib import Path

import pytest
from documented_commands import commands_in, parsed

from lib.errors import WorkbenchError
from lib.pipeline import PIPELINE
from lib.run import cli, developer
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
    assert {*cli.COMMANDS, *cli.OF_CHAPTERS} <= listed


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


START = "notebooks/start_here.ipynb"
SHOWN = {
    f"{path.relative_to(ROOT)}: {command}": command
    for path in [*DOCUMENTS, ROOT / START]
    for command in commands_in(path)
}


@pytest.mark.parametrize("command", SHOWN.values(), ids=SHOWN)
def test_a_command_that_is_shown_is_one(command):
    """Its options exist, its params file unless it is the reader's own, and the stage has its setting."""
    asked = parsed(command)
    params = getattr(asked, "params", None)
    assert params is None or str(params).endswith("mine.yaml") or (ROOT / params).is_file()
    for name in getattr(asked, "only", ()):
        assert name in PIPELINE.names or any(one.startswith(f"{name}/") for one in PIPELINE.names)
    for text in getattr(asked, "set", ()):
        stage, _, setting = text.partition("=")[0].partition(".")
        notebook = json.loads(text_of(f"notebooks/{stage}.ipynb"))
        assert re.search(rf"^{setting}: ", "".join(notebook["cells"][1]["source"]), re.MULTILINE)


def test_commands_are_found_in_the_text():
    assert {"lab RUN STAGE", "run params/yahoo.yaml", "plan", ""} <= set(commands_in(ROOT / "README.md"))
    with pytest.raises(WorkbenchError):
        parsed("run --no-such-option")


def test_the_checks_are_listed_where_they_are_told():
    for name, start in {
        "README.md": "| `check [NAMES]` | ",
        "CONTRIBUTING.md": "run_all.py check     # ",
    }.items():
        line = text_of(name).partition(start)[2].partition("\n")[0]
        assert set(re.findall(r"[a-z]+", line)) >= set(developer.TOOLS), name


def test_modules_that_are_called_by_name_exist():
    for path in DOCUMENTS:
        for name in re.findall(r"python -m (lib[\w.]+)", path.read_text("utf-8")):
            assert (ROOT / f"{name.replace('.', '/')}.py").is_file(), name


def test_the_rooms_of_the_engine_are_all_named():
    rooms = {one.parent.name for one in (ROOT / "lib/run").glob("*/__init__.py")}
    line = next(one for one in text_of(README).splitlines() if one.startswith("| `lib/run/`"))
    assert set(re.findall(r"`(\w+)`", line)) == rooms


def test_the_tour_names_every_stage_in_order_and_what_exists():
    cells = json.loads(text_of(START))["cells"]
    words = "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "markdown")
    named = [one for one in re.findall(r"`(\w+/\w+)`", words) if one in PIPELINE.names]
    assert named == list(PIPELINE.names)
    assert f"The {len(named)} stages" in words
    paths = re.findall(r"`((?:lib|notebooks|params|docs)/[^`]*)`", words)
    assert len(paths) >= 10
    for name in paths:
        assert (ROOT / name).is_dir() if name.endswith("/") else (ROOT / name).is_file(), name


WAYS = text_of("docs/architecture.md").split("\n## ")


def test_the_architecture_is_told_in_ten_sentences_with_few_files():
    assert [one.partition("\n")[0] for one in WAYS[1:]] == [
        "The way of a price",
        "The way of a parameter",
        "The way of a row of a portfolio file",
        "The way of a stage's result",
    ]
    assert sum(len(re.findall(r"^- ", way, re.MULTILINE)) for way in WAYS) <= 10
    for way in WAYS[1:]:
        named = re.findall(r"`([\w/]+\.\w+)`", way)
        assert 4 <= len(set(named)) <= 8, way
        assert all((ROOT / name).is_file() for name in named)


def test_the_picture_of_the_architecture_names_what_exists():
    words = text_of("docs/architecture.svg")
    rooms = set(re.findall(r'font-weight="600"[^>]*>(\w+)</text>', words))
    assert rooms == {"request", "planning", "kernels", "store", "pages"}
    assert all((ROOT / "lib/run" / room).is_dir() for room in rooms)
    shared = re.findall(
        r">([a-z, ]+)</text>", words.partition("shared by all chapters")[2].partition("<path")[0]
    )
    for name in re.findall(r"\w+", " ".join(shared)):
        assert (ROOT / "lib" / name).is_dir() or (ROOT / f"lib/{name}.py").is_file(), name
