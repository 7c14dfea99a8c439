"""Notebooks are committed clean, thin and with the same parts in the same order."""

import ast
import json
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from lib.pipeline import PIPELINE
from lib.run.request.parameter_cell import read_parameters

ROOT = Path(__file__).resolve().parents[1]
STAGES = {stage.name: stage for stage in PIPELINE}
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PARAMETER = re.compile(r"[a-z]\w*: [^=#]+ = [^#]*\S  # \S.*")
LONGEST_CELL = 12
LAST_SECTIONS = ["## Checks", "## Outputs", "## What this does not show"]
FILE_NAME = re.compile(
    r"^(/|\.{1,2}/|~)|\.(csv|parquet|json|ya?ml|xlsx|txt|png|svg|html|ipynb)$", re.IGNORECASE
)
FILES = {"os", "pathlib", "glob", "shutil", "io", "subprocess", "sys"}
READS_FILES = {
    "open",
    "read_csv",
    "read_parquet",
    "read_json",
    "read_excel",
    "to_csv",
    "to_parquet",
    "to_json",
}


def path_of(name):
    return ROOT / "notebooks" / f"{name}.ipynb"


ALL = [
    str(path.relative_to(ROOT / "notebooks").with_suffix(""))
    for path in sorted((ROOT / "notebooks").rglob("*.ipynb"))
    if ".ipynb_checkpoints" not in path.parts
]
every_notebook = pytest.mark.parametrize("name", ALL)
every_stage = pytest.mark.parametrize("name", [name for name in ALL if name in STAGES])


@cache
def notebook(name):
    return json.loads(path_of(name).read_text(encoding="utf-8"))


def cells(name, kind):
    return [cell for cell in notebook(name)["cells"] if cell["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def code(name):
    """(cell id, syntax tree) of every code cell."""
    return [(cell["id"], ast.parse(source(cell))) for cell in cells(name, "code")]


@every_notebook
def test_it_is_written_as_jupyter_writes_it(name):
    text = path_of(name).read_text(encoding="utf-8")
    assert text == json.dumps(notebook(name), indent=1, ensure_ascii=False) + "\n"
    assert (notebook(name)["nbformat"], notebook(name)["nbformat_minor"]) == (4, 5)


@every_notebook
def test_it_has_no_outputs_counts_or_changing_metadata(name):
    for cell in cells(name, "code"):
        assert cell["outputs"] == [], cell["id"]
        assert cell["execution_count"] is None, cell["id"]
    assert {key for cell in notebook(name)["cells"] for key in cell["metadata"]} <= {"tags"}
    metadata = notebook(name)["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert metadata["language_info"] == {"name": "python"}
    assert set(metadata) == {"kernelspec", "language_info"}


@every_notebook
def test_cells_have_names_that_mean_something(name):
    ids = [cell["id"] for cell in notebook(name)["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(SLUG.fullmatch(one) for one in ids), ids
    assert not [one for one in ids if re.fullmatch(r"(cell-?)?\d*|[0-9a-f]{8}", one)]


@every_stage
def test_the_parts_come_in_order(name):
    every = notebook(name)["cells"]
    headings = [
        line for cell in cells(name, "markdown") for line in source(cell).splitlines() if line.startswith("#")
    ]
    assert every[0]["cell_type"] == "markdown"
    assert re.match(r"# \S.*\n\n\S", source(every[0])), "a title, then what to look for"
    assert [line for line in headings if line.startswith("# ")] == headings[:1]
    assert every[1]["metadata"].get("tags") == ["parameters"]
    assert f'open_stage("{name}"' in source(every[2]) or f'open_stage("{name}"' in source(every[3])
    assert headings[-3:] == LAST_SECTIONS
    assert every[-1]["cell_type"] == "markdown"
    assert source(every[-1]).startswith(f"{LAST_SECTIONS[-1]}\n\n")


@every_stage
def test_checks_are_shown_and_then_the_stage_is_concluded(name):
    last = [source(cell).strip().splitlines()[0] for cell in notebook(name)["cells"]]
    checks, outputs = last.index("## Checks"), last.index("## Outputs")
    every = [source(cell) for cell in notebook(name)["cells"]]
    assert "stage.show_checks(" in "".join(every[checks:outputs])
    assert "stage.conclude(" in "".join(every[outputs:])


@every_stage
def test_one_cell_holds_the_parameters_one_a_line_with_its_meaning(name):
    tagged = [cell for cell in cells(name, "code") if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    lines = source(tagged[0]).splitlines()
    assert not [line for line in lines if not PARAMETER.fullmatch(line)]
    assert len(read_parameters(source(tagged[0]), name)) == len(lines)


@every_stage
def test_every_number_has_a_range_that_its_meaning_does_not_repeat(name):
    for one in read_parameters(source(notebook(name)["cells"][1]), name):
        numeric = any(word in one.type for word in ("int", "float"))
        assert not numeric or "x" in one.limits.split(), f"{one.name} has no range"
        assert one.help, one.name
        assert "<=" not in one.limits, f"{one.name}: write ≤, since papermill reads no line with two ="


@every_stage
def test_papermill_sees_the_same_parameters(name):
    """All but those of a type with ``None``, which its own inspection is known to pass over."""
    sys.modules.setdefault("rfc3987_syntax", None)
    import papermill

    ours = read_parameters(source(notebook(name)["cells"][1]), name)
    seen = papermill.inspect_notebook(str(path_of(name)))
    assert set(seen) == {one.name for one in ours if "|" not in one.type}
    assert all(ast.literal_eval(seen[one.name]["default"]) == one.default for one in ours if one.name in seen)


@every_stage
def test_a_stage_asks_for_its_date_and_for_its_portfolio_where_it_has_one(name):
    named = {one.name: one.type for one in read_parameters(source(notebook(name)["cells"][1]), name)}
    assert named["as_of"] == "str"
    assert (named.get("portfolio") == "str") == (STAGES[name].per == "portfolio")


@every_stage
def test_it_reads_and_writes_what_its_row_says(name):
    text = "\n".join(source(cell) for cell in cells(name, "code"))
    read = set(re.findall(r'stage\.read\("(\w+)"\)', text))
    assert read == set(STAGES[name].reads)
    assert set(re.findall(r'stage\.state\("(\w+)"\)', text)) == set(STAGES[name].states)


@every_stage
def test_a_file_is_asked_for_with_what_the_parameter_cell_says(name):
    """So that a file named by hand is read, and not silently that of the run."""
    for cell, tree in code(name):
        for node in ast.walk(tree):
            asks = isinstance(node, ast.Call) and ast.unparse(node.func) in ("stage.file", "stage.files")
            if asks and "of" not in {keyword.arg for keyword in node.keywords}:
                setting, value = (ast.unparse(one) for one in node.args)
                assert setting == repr(value), cell


@every_notebook
def test_cells_are_short(name):
    for cell in cells(name, "code"):
        if "parameters" in cell["metadata"].get("tags", []):
            continue
        lines = [line for line in source(cell).splitlines() if re.search(r"[^\s)\]},]", line)]
        assert len(lines) <= LONGEST_CELL, f"{cell['id']}: {len(lines)} lines"


@every_stage
def test_cells_call_and_show_and_do_nothing_else(name):
    for cell, tree in code(name):
        for node in ast.walk(tree):
            assert not isinstance(
                node,
                ast.FunctionDef
                | ast.AsyncFunctionDef
                | ast.ClassDef
                | ast.Lambda
                | ast.While
                | ast.Try
                | ast.With,
            ), f"{cell}: {type(node).__name__}"
            assert not isinstance(node, ast.For), f"{cell}: a loop belongs in lib"


@every_notebook
def test_cells_know_no_files_no_clock_and_no_chance(name):
    for cell, tree in code(name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and cell != "parameters":
                assert not FILE_NAME.search(node.value), f"{cell}: {node.value}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                roots = [getattr(node, "module", None) or alias.name for alias in node.names]
                assert not {one.split(".")[0] for one in roots} & (FILES | {"random", "time"}), cell
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called.split(".")[-1] not in READS_FILES, f"{cell}: {called}"
                assert not re.search(r"\.(now|today|utcnow)$|random", called), f"{cell}: {called}"


@every_stage
def test_every_exhibit_is_read_aloud(name):
    """A figure says what it shows, to the eye and to the ear; a table may be left to speak for itself."""
    for cell, tree in code(name):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "stage.show_figure":
                given = {keyword.arg for keyword in node.keywords}
                declared = [ast.unparse(one.value) for one in node.keywords if one.arg is None]
                by_page = any(one.startswith("page.") for one in declared)
                assert by_page or {"title", "reading", "source"} <= given, cell
