"""The rules of the house that a machine can see: who imports whom, how long, how named, what not."""

import ast
import importlib
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from lib import commands
from lib.pipeline import PIPELINE
from lib.run.planning.graph import check_graph, print_pipeline
from lib.run.request import params, settings
from lib.settings import Provider
from lib.subjects import KINDS
from lib.tables import TABLES

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "lib").rglob("*.py"))
}
CHAPTERS = ("market", "portfolio", "risk", "funds", "signals", "trading", "review")
PURE = ("stats", "pricing")
MARKET_FOR_ALL = ("lib.market.calendar", "lib.market.instruments", "lib.market.occ")
TOP_LEVEL = {
    "notebooks", "lib", "params", "outputs", "tests", "docs", "deploy", "environment.yml", "run_all.py",
    "README.md", "pyproject.toml", "Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md",
}  # fmt: skip
LONGEST = 400
BAD_NAMES = {"utils", "util", "helpers", "helper", "misc", "core", "common"}
GENERATORS = {"default_rng", "Generator", "SeedSequence", "PCG64", "BitGenerator", "Philox"}
STYLER = {"format", "background_gradient", "bar", "highlight_max", "highlight_min", "to_html", "set_caption"}


def tree(name):
    return ast.parse(MODULES[name].read_text())


@cache
def imports(name):
    """Every module of ours that a module imports, anywhere in its text."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".") if MODULES[name].name == "__init__.py" else name.split(".")[:-1]
                above = parts[: len(parts) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= {one for one in inner if one in MODULES} or {base}
    return {one for one in found if one.split(".")[0] == "lib"}


def part(name):
    """The folder of lib that a module is in; a file beside them is ``shared``, as is any other folder."""
    parts = name.split(".")
    known = len(parts) > 1 and parts[1] in (*CHAPTERS, *PURE, "run")
    return parts[1] if known else "shared"


def may_import(name, other):
    own, theirs = part(name), part(other)
    if own in PURE:
        return theirs == own or other in ("lib.conventions", "lib.errors")
    if name.startswith(("lib.funds.sample", "lib.signals.sample")) and other.startswith("lib.market.sample"):
        return True
    if own in CHAPTERS:
        return theirs in (own, "shared", *PURE) or other in MARKET_FOR_ALL
    if name == "lib.book":
        return theirs == own or other in MARKET_FOR_ALL
    return theirs in ("shared", own)


@pytest.mark.parametrize("name", MODULES)
def test_imports_run_one_way(name):
    wrong = sorted(other for other in imports(name) if not may_import(name, other))
    assert not wrong, f"{name} may not import {', '.join(wrong)}"


@pytest.mark.parametrize(
    ("name", "other", "allowed"),
    [
        ("lib.stats.tails", "lib.conventions", True),
        ("lib.stats.tails", "lib.wording", False),
        ("lib.stats.tails", "lib.pricing.black_scholes", False),
        ("lib.risk.metrics", "lib.stats.tails", True),
        ("lib.risk.metrics", "lib.market.calendar", True),
        ("lib.risk.metrics", "lib.market.quality.bars", False),
        ("lib.risk.metrics", "lib.portfolio.valuation", False),
        ("lib.risk.metrics", "lib.run.stage", False),
        ("lib.run.engine", "lib.risk.metrics", False),
        ("lib.run.engine", "lib.pipeline", True),
        ("lib.tables", "lib.contracts", True),
        ("lib.book", "lib.market.occ", True),
        ("lib.book", "lib.portfolio.valuation", False),
        ("lib.tables", "lib.market.occ", False),
    ],
)
def test_the_rule_itself(name, other, allowed):
    assert may_import(name, other) is allowed


@pytest.mark.parametrize("opening", ["lib.run.stage", "lib.run.browse"])
def test_what_a_notebook_opens_a_run_with_needs_nothing_else_of_run(opening):
    """Not by way of another module either: work on the engine must invalidate no result."""
    needed, waiting = set(), [opening]
    while waiting:
        fresh = imports(waiting.pop()) - needed
        needed |= fresh
        waiting += [name for name in fresh if name in MODULES]
    assert not [name for name in needed if name.startswith("lib.run.")]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_short_and_says_what_it_is_for(name):
    path = MODULES[name]
    assert ast.get_docstring(tree(name)), f"{path} has no docstring"
    length = len(path.read_text().splitlines())
    assert length <= LONGEST, f"{path} has {length} lines"


def of_pages(name):
    return part(name) in CHAPTERS and name.split(".")[2:3] == ["pages"]


@pytest.mark.parametrize("name", [name for name in MODULES if part(name) in (*CHAPTERS, *PURE)])
def test_computation_computes_and_pages_frame_say_and_check(name):
    """What a page says stands under ``pages/``; what is computed stands beside it."""
    if of_pages(name):
        heavy = {"scipy", "statsmodels", "sklearn", "mibian"}
        assert not [one for one in imports(name) if part(one) in PURE], "computation belongs beside pages/"
        assert not heavy & outside(name), "computation belongs beside pages/"
    else:
        words = ("lib.wording", "lib.exhibits", "lib.figures")
        assert not [one for one in imports(name) if one.startswith(words)], "words belong under pages/"
        assert not [one for one in imports(name) if of_pages(one)], "computation needs no page"


def outside(name):
    """The packages of others that a module imports."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("stage", [stage.name for stage in PIPELINE])
def test_the_words_of_a_stage_have_one_room(stage):
    chapter, name = stage.split("/")
    assert f"lib.{chapter}.pages.{name}" in MODULES
    assert f"lib.{chapter}.pages.{name}" in imported_by_notebook(stage)


def imported_by_notebook(stage):
    """Modules of ours that the code cells of a stage's notebook import."""
    cells = json.loads((ROOT / "notebooks" / f"{stage}.ipynb").read_text())["cells"]
    nodes = [
        node
        for cell in cells
        if cell["cell_type"] == "code"
        for node in ast.walk(ast.parse("".join(cell["source"])))
        if isinstance(node, ast.ImportFrom)
    ]
    return {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}


def named_things():
    notebooks = (path for path in (ROOT / "notebooks").rglob("*") if ".ipynb_checkpoints" not in path.parts)
    folders = (path for path in (ROOT / "lib").rglob("*") if path.is_dir() and path.name != "__pycache__")
    paths = [*MODULES.values(), *notebooks, *folders]
    return sorted({path.stem for path in paths if path.stem != "__init__"})


def test_no_name_is_empty_of_meaning():
    assert not BAD_NAMES & set(named_things())


def test_nothing_that_a_notebook_could_shadow_is_named_like_the_standard_library():
    notebooks = {path.stem for path in (ROOT / "notebooks").rglob("*.ipynb")}
    folders = {path.name for path in (ROOT / "notebooks").iterdir()} | {path.name for path in ROOT.iterdir()}
    beside = {path.stem for path in (ROOT / "lib").glob("*.py")}
    assert not (notebooks | folders | beside) & set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", MODULES)
def test_random_numbers_come_from_a_seeded_generator(name):
    """Only the kernel that a run starts may touch the global ones, to seed them for what others wrote."""
    allowed = GENERATORS | ({"seed"} if part(name) == "run" else set())
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name):
            text = ast.unparse(node)
            if re.match(r"(np|numpy)\.random\.", text):
                assert text.split(".")[2] in allowed, f"{name}: {text}"
            elif text.startswith("random."):
                assert text.split(".")[1] in allowed | {"Random"}, f"{name}: {text}"
        if isinstance(node, ast.ImportFrom):
            assert node.module != "random", f"{name} imports from random"


@pytest.mark.parametrize("name", MODULES)
def test_pages_come_from_exhibits_not_from_stylers_or_printed_summaries(name):
    for node in ast.walk(tree(name)):
        assert "Styler" not in (
            getattr(node, "id", ""),
            getattr(node, "attr", ""),
            getattr(node, "name", ""),
        ), name
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inner = node.func.value
            assert node.func.attr not in ("summary", "summary2"), f"{name}: {ast.unparse(node)}"
            styled = isinstance(inner, ast.Attribute) and inner.attr == "style" and node.func.attr in STYLER
            assert not styled, f"{name}: {ast.unparse(node)}"


def said(name):
    """The texts and names of a module that do something: all but its docstrings."""
    whole = tree(name)
    told = {
        id(node.body[0].value)
        for node in ast.walk(whole)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(whole):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value
        yield from (
            text for place in ("id", "attr", "arg") if isinstance(text := getattr(node, place, None), str)
        )


TEMPLATES = sorted((ROOT / "lib/run/pages/templates").rglob("*.j2"))
NAMES_OF_KINDS = {*KINDS, *(kind.section for kind in KINDS.values())}
SENT_TO_PROCESSES = {"signal", "signals"}
"""A kind of subject and what the operating system sends share a word: the engine may say it of the latter."""
KIND_NAMES = "|".join(sorted(NAMES_OF_KINDS - SENT_TO_PROCESSES))
KIND = re.compile(rf"(?:\b|_)(?:{KIND_NAMES})(?:\b|_)")
STAGE = re.compile(rf"(?:{'|'.join(CHAPTERS)})/\w")


@pytest.mark.parametrize("name", [name for name in MODULES if part(name) == "run"])
def test_the_engine_names_no_chapter_no_stage_and_no_kind_of_subject(name):
    """What is particular stands in lib/pipeline.py and lib/subjects.py; the documents may give examples."""
    kinds = name != "lib.run.pages.data_dictionary"
    found = [text for text in said(name) if STAGE.search(text) or text in CHAPTERS]
    assert not found + [text for text in said(name) if kinds and KIND.search(text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_page_of_the_engine_names_a_stage_or_a_kind_of_subject(path):
    assert not KIND.findall(path.read_text())
    assert not STAGE.findall(path.read_text())


def test_the_graph_of_the_pipeline_is_whole():
    check_graph(PIPELINE, ROOT)


def test_every_notebook_in_a_chapter_is_a_stage():
    """One that lies beside the chapters (a tour, say) is none."""
    notebooks = {
        str(path.relative_to(ROOT / "notebooks").with_suffix(""))
        for path in (ROOT / "notebooks").glob("*/**/*.ipynb")
        if ".ipynb_checkpoints" not in path.parts
    }
    assert notebooks == {stage.name for stage in PIPELINE}


@pytest.mark.parametrize("row", [row for row in PIPELINE if row.point_in_time], ids=lambda row: row.name)
def test_a_stage_of_points_in_time_writes_a_dated_history_and_reads_what_has_a_clock(row):
    assert [name for name in row.writes if TABLES[name].dated]
    assert [name for name in row.reads if TABLES[name].known_at or TABLES[name].dated]


def test_every_declared_table_is_used():
    used = {table for stage in PIPELINE for table in (*stage.reads, *stage.writes)} | {"key_figures"}
    assert set(TABLES) == used


HOOKS = {hook for stage in PIPELINE for hook in (stage.validate, stage.latest) if hook}
PREPARES = {stage.name: stage.prepare for stage in PIPELINE if stage.prepare}


FUNCTIONS = {*HOOKS, *(one.hook for one in PREPARES.values()), *(one.target for one in commands.COMMANDS)}


@pytest.mark.parametrize("hook", sorted(FUNCTIONS))
def test_every_hook_is_a_function(hook):
    module, function = hook.split(":")
    assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize("prepare", PREPARES.values(), ids=PREPARES)
def test_a_hook_declares_its_section_and_each_provider_beside_its_module(prepare):
    assert prepare.section not in params.TOP, "a params file has this key for something else"
    for name, provider in settings.providers_of(prepare).items():
        assert isinstance(provider, Provider)
        assert provider.module in MODULES, f"{name} is in {provider.module}, which is not there"
        odd = {one.kind for one in provider.settings.values()} - {*settings.KINDS}
        assert not odd, f"{name} has settings of an unknown kind: {', '.join(odd)}"


@pytest.mark.parametrize("resource", sorted({r for stage in PIPELINE for r in stage.resources}))
def test_every_resource_is_there(resource):
    assert (ROOT / resource).exists()


def test_the_readme_shows_the_pipeline_as_it_is():
    shown = re.search(r"<!-- pipeline -->\n```text\n(.*?)\n```\n<!-- /pipeline -->", readme(), re.DOTALL)
    assert shown, "README.md has no pipeline between its markers"
    assert shown[1] == print_pipeline(PIPELINE), "refresh it: python -m lib.run.pages.data_dictionary --write"


def readme():
    return (ROOT / "README.md").read_text()


def test_the_top_of_the_repository_holds_what_was_agreed():
    allowed = re.compile(r"\..+|requirements[\w-]*\.lock|__pycache__")
    listed = [path.name for path in ROOT.iterdir()]
    assert not [name for name in listed if name not in TOP_LEVEL and not allowed.fullmatch(name)]


def test_what_an_unchanged_run_imports_is_light():
    """The graph, the params and what providers declare are checked before anything heavy is imported."""
    code = "import sys, lib.run.planning.graph; heavy = ('numpy', 'pandas', 'pydantic')\n"
    code += "from pathlib import Path; from lib.run.request import params\n"
    code += "params.load(Path('params/yahoo.yaml'), 'yahoo.yaml')\n"
    code += "print(*[name for name in heavy if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
