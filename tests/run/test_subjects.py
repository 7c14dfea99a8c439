"""Two kinds of subject in one run: declared once, run for each, read together, shown, chosen, left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from toy.baskets import add_baskets

from lib.errors import InputError
from lib.published import read_manifest
from lib.run.request import params
from lib.run.request.subjects import ACCEPTED, read_subjects
from lib.subjects import TYPES, Field, Kind
from lib.yaml_file import Document

NEXT_DAY = "2022-12-29"
OF_PORTFOLIOS = ("toy/book", "toy/total", "toy/history", "toy/again")
OF_BASKETS = ("toy/basket", "toy/growth")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A toy with portfolios and baskets, run once on each of two days; not to be changed."""
    from toy.workbench import make

    bench = add_baskets(make(tmp_path_factory.mktemp("both") / "bench"))
    for day in ("2022-12-28", NEXT_DAY):
        code, _, err = bench.run("--as-of", day)
        assert code == 0, err
    return bench


@pytest.fixture
def copied(both, tmp_path):
    """A copy of the toy with both kinds."""
    return both.copy(tmp_path / "copy")


def table(bench, path: str, run: str = "latest") -> pd.DataFrame:
    return pd.read_parquet(bench.outputs / run / "tables" / path)


def by_hand(bench, code: str, *arguments: str) -> subprocess.CompletedProcess:
    """Python in the toy's folder, as a notebook that is opened by hand would have it."""
    variables = {**os.environ, "PYTHONPATH": str(bench.root)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=bench.root, env=variables, capture_output=True, text=True)


def test_every_stage_runs_for_each_subject_of_its_kind(both):
    manifest = both.manifest()
    assert {kind: [one["id"] for one in found] for kind, found in manifest["subjects"].items()} == {
        "portfolio": ["one", "two"],
        "basket": ["one", "south"],
    }
    assert manifest["subjects"]["basket"][0] == {
        "id": "one",
        "name": "The north",
        "currency": "EUR",
        "proxies": ["ZZZ"],
        "floor": 1.0,
        "since": None,
    }
    owners = {(one["stage"], one["kind"], one["subject"]) for one in manifest["stages"]}
    assert {("toy/book", "portfolio", "one"), ("toy/basket", "basket", "one")} <= owners
    assert {("toy/growth", "basket", "south"), ("toy/together", None, None)} <= owners
    folder = both.outputs / "latest"
    assert (folder / "tables/basket=south/members.parquet").is_file()
    assert (folder / "pages/toy/basket.south.html").is_file()
    assert (both.outputs / f"state/toy/levels/basket=south/{NEXT_DAY}.parquet").is_file()
    key_figures = next((both.outputs / "store/toy/basket").glob("*/tables/key_figures.parquet"))
    assert set(pd.read_parquet(key_figures)["subject"]) <= {"one", "south"}


def test_fields_reach_stages_as_settings_and_files_and_the_source_as_symbols(both):
    settings = {
        one["subject"]: one["parameters"] for one in both.manifest()["stages"] if one["stage"] == "toy/basket"
    }
    assert settings["one"]["floor"] == 1.0
    assert settings["one"]["members_file"] == "north.csv"
    assert settings["south"]["currency"] == "USD"
    asked = pd.read_parquet(both.outputs / "latest/inputs/market/raw_prices.parquet")["symbol"]
    assert set(asked) == {"AAA", "BBB", "CCC", "ZZZ"}


def test_a_stage_of_the_whole_run_reads_the_table_and_the_history_of_every_subject(both):
    overview = table(both, "overview.parquet")
    assert overview["whose"].tolist() == ["one", "two", "one", "one", "south", "one", "south"]
    entry = next(one for one in both.manifest()["stages"] if one["stage"] == "toy/together")
    assert entry["verdict"] == "portfolio basket basket"
    page = BeautifulSoup((both.outputs / "latest/pages/toy/together.html").read_text(), "html.parser")
    rows = [
        row.get_text(" ", strip=True)
        for row in page.select("table[aria-label='Tables that went in'] tbody tr")
    ]
    assert [row.split()[:3] for row in rows[-2:]] == [["totals", "of", "one"], ["totals", "of", "two"]]
    assert "of every one, from toy/total" in page.select_one(".exhibit .source").text
    links = {
        one["href"].partition("#")[0] for one in page.select("table[aria-label='Tables that went in'] a")
    }
    assert {"../../pages/toy/total.two.html", "../../tables/basket=south/members.parquet"} <= links


def test_a_history_of_another_stage_is_that_of_the_day_before(both):
    first, second = sorted(path.name for path in (both.outputs / "runs").iterdir())
    days = {}
    for run in (first, second):
        agains = table(both, "portfolio=one/agains.parquet", f"runs/{run}").set_index("measure")["value"]
        days[run] = agains["days"]
    assert days == {first: 0.0, second: 1.0}
    assert both.manifest(second)["state_inputs"]["days@one"] == "inputs/states/days/portfolio=one.parquet"
    assert both.manifest(first)["state_inputs"]["levels@south"] is None


def test_a_run_of_both_kinds_verifies(both):
    code, events, err = both.run("verify")
    assert code == 0, err
    assert "all equal" in events[0]["text"]


def test_the_front_page_has_a_part_for_each_kind_led_by_the_stage_that_says_so(both):
    page = BeautifulSoup((both.outputs / "latest/index.html").read_text(), "html.parser")
    assert [one.text for one in page.select("h2[id^=each-]")] == [
        "What matters in each portfolio",
        "What matters in each basket",
    ]
    led = {one.h3.a["href"]: one.select_one(".said").text for one in page.select("article.owner") if one.h3.a}
    assert led["pages/toy/total.two.html"] == "It is worth something."
    assert led["pages/toy/basket.south.html"] == "1 members."
    assert "in USD" in page.select("section[aria-labelledby=each-basket] article")[1].h3.text
    assert "over the portfolios and baskets" in page.text
    cells = [cell.get_text(strip=True) for cell in page.select("#stage-toy-growth td")]
    assert cells[1:] == ["", "", "", "Done", "Done"]


def test_the_page_of_runs_and_the_differences_speak_of_every_kind(both):
    lines = BeautifulSoup((both.outputs / "index.html").read_text(), "html.parser").select("article.run")
    figures = [one.text for one in lines[0].select(".sparks .quiet")]
    assert figures == ["one \u00b7 Value", "two \u00b7 Value", "one \u00b7 Price"]
    changes = " ".join(lines[0].select_one(".what").text.split())
    assert "figure one: Value USD" in changes
    assert "figure south: Price USD" in changes
    assert "figure one: Price EUR" in changes


@pytest.mark.parametrize("chosen", [("--basket", "south"), ("--subject", "basket:south")])
def test_subjects_are_chosen_on_the_command_line(both, chosen):
    plan = both.plan("--as-of", NEXT_DAY, *chosen)
    assert {task for task in plan if "basket" in task or "growth" in task} == {
        "toy/basket@south",
        "toy/growth@south",
    }
    assert {task for task in plan if "book" in task} == {"toy/book@one", "toy/book@two"}
    changed = [f"the list of subjects of {table} changed" for table in ("levels", "members")]
    assert plan["toy/together"].startswith(f"run {'; '.join(changed)}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--basket", "suoth"], "--basket: no basket 'suoth' in params/sample.yaml; did you mean `south`?"),
        (["--subject", "baskt:one"], "--subject: 'baskt:one'; did you mean `basket`?"),
        (["--subject", "south"], "write --subject portfolio:ID or basket:ID"),
        (
            ["--set", "toy/basket.floor=2"],
            "toy/basket.floor: is set for each basket; set it under `baskets:`",
        ),
    ],
)
def test_a_wrong_choice_of_subjects_is_refused(both, arguments, words):
    code, _, err = both.run("plan", *arguments)
    assert code == 2
    assert words in err


def test_another_order_of_subjects_is_another_input_of_a_stage_that_reads_them_all(copied):
    text = (copied.root / "params/sample.yaml").read_text()
    head, _, section = text.partition("baskets:\n")
    (copied.root / "params/sample.yaml").write_text(
        head + "baskets:\n" + "".join(reversed(section.splitlines(True)))
    )
    plan = copied.plan("--as-of", NEXT_DAY)
    changed = {task: said for task, said in plan.items() if said != "have"}
    assert set(changed) == {"toy/together"}
    assert "the list of subjects of members changed" in changed["toy/together"]
    assert copied.executed("--as-of", NEXT_DAY)["toy/together"] == "done"
    assert table(copied, "overview.parquet")["whose"].tolist()[2:5] == ["south", "one", "one"]


def test_what_a_stage_repeats_is_part_of_its_key_and_given_to_it(copied):
    asked = ("--as-of", NEXT_DAY, "--set", "toy/book.factor=2")
    plan = copied.plan(*asked)
    assert plan["toy/again@one"] == "run toy/book, which it repeats: parameter factor: 1.0 → 2.0"
    assert plan["toy/basket@one"] == "have"
    code, events, err = copied.run(*asked, "--only", "toy/again", "--portfolio", "one")
    assert code == 0, err
    made = Path(events[-1]["report"]).parent / "tables/portfolio=one/agains.parquet"
    agains = pd.read_parquet(made).set_index("measure")["value"]
    assert (agains["factor"], agains["shares"]) == (2.0, 14.0)
    page = BeautifulSoup((made.parents[2] / "pages/toy/again.one.html").read_text(), "html.parser")
    shown = page.select("table[aria-label='Settings of stages that it repeats'] tbody tr")
    assert [row.get_text(" ", strip=True) for row in shown] == ["toy/book factor 2.0"]


def test_one_byte_of_a_file_of_what_it_repeats_runs_a_stage_again(copied):
    copied.edit("params/one.csv", "AAA,3", "AAA,5")
    assert copied.plan("--as-of", NEXT_DAY)["toy/again@one"].startswith(
        "run file toy/book:positions_file changed"
    )


BY_HAND = """
import sys
from lib.run.stage import open_stage
stage = open_stage(sys.argv[1], as_of="2022-12-29", **dict(one.split("=") for one in sys.argv[2:]))
"""


def test_by_hand_a_stage_has_its_settings_files_and_subjects_from_the_newest_run(both):
    again = BY_HAND + (
        'print(stage.settings("toy/book")["factor"], stage.file("positions_file", of="toy/book").name)\n'
        'print(len(stage.history("days")), len(stage.read("positions")))'
    )
    done = by_hand(both, again, "toy/again", "portfolio=one")
    assert done.stdout.splitlines()[1:] == ["1.0 one.csv", "1 2"], done.stderr
    together = BY_HAND + 'print(stage.read("members")["basket"].tolist(), list(stage.history("levels")))'
    done = by_hand(both, together, "toy/together")
    assert done.stdout.splitlines()[1:] == ["['one', 'one', 'south'] ['basket', 'date', 'value']"], (
        done.stderr
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["toy/basket", "portfolio=one"],
            "toy/basket takes no portfolio=: it runs for each basket, so give basket=",
        ),
        (["toy/basket"], "toy/basket runs for each basket: open it with basket="),
        (["toy/source", "basket=one"], "toy/source takes no basket=: it runs once, for the whole run"),
        (["toy/basket", "basket=west"], "no run has basket 'west'"),
    ],
)
def test_a_stage_is_opened_for_a_subject_of_its_own_kind(both, arguments, words):
    assert words in by_hand(both, BY_HAND, *arguments).stderr


def test_lab_opens_a_stage_of_a_subject_of_any_kind(copied):
    code = (
        "import sys\nfrom pathlib import Path\nfrom lib.run import lab\nout = Path(sys.argv[1])\n"
        "print(lab.prepare_copy((out / 'latest').resolve(), 'toy/growth@south'))"
    )
    done = by_hand(copied, code, str(copied.outputs))
    assert Path(done.stdout.strip()).name == "growth.south.ipynb", done.stderr
    assert "south" in Path(done.stdout.strip()).read_text()


def test_stages_of_a_kind_without_a_section_are_not_part_of_the_run(copied):
    path = copied.root / "params/sample.yaml"
    whole = path.read_text()
    path.write_text(whole.partition("baskets:\n")[0])
    stages = {task.split("@")[0] for task in copied.plan()}
    assert stages == {"toy/source", *OF_PORTFOLIOS, "toy/alone"}
    path.write_text(whole.partition("portfolios:\n")[0] + "baskets:\n" + whole.partition("baskets:\n")[2])
    assert {task.split("@")[0] for task in copied.plan()} == {"toy/source", *OF_BASKETS, "toy/alone"}
    path.write_text(whole.partition("portfolios:\n")[0])
    assert copied.executed("--as-of", NEXT_DAY).keys() == {"toy/source", "toy/alone"}
    front = BeautifulSoup((copied.outputs / "latest/index.html").read_text(), "html.parser")
    assert "All 2 stages ran" in front.select_one(".verdict").text
    assert not front.select("h2[id^=each-]")
    code, _, err = copied.run("--only", "toy/together")
    assert code == 2
    assert "--only: toy/together needs portfolios, and params/sample.yaml has none; add the section" in err


def test_another_row_of_the_pipeline_changes_no_key(copied):
    copied.edit("lib/pipeline.py", "And the rest?", "And what else?")
    plan = copied.plan("--as-of", NEXT_DAY)
    assert {task for task, said in plan.items() if said != "have"} == {"toy/alone"}


EVERY = Kind(
    "thing",
    "things",
    tuple(Field(f"a_{name}", name, "", required=name == "file") for name in TYPES),
)
VALUES = {
    "text": ("words", 7),
    "texts": (["a", "b"], []),
    "number": (0.5, "half"),
    "money": (5, "lots"),
    "currency": ("EUR", "euro"),
    "symbol": ("SP500", "s p"),
    "symbols": (["A", "B"], ["a b"]),
    "file": ("x.csv", ""),
    "files": (["x.csv", "y.csv"], []),
    "date": ("2022-12-28", "2022-13-28"),
    "flag": (True, "yes"),
}


def read(**fields: object) -> dict:
    check = params.Checker(Document("demo.yaml", {}, {}))
    return read_subjects(check, EVERY, [{"id": "one", "a_file": "x.csv", **fields}])[0]


@pytest.mark.parametrize("name", TYPES)
def test_every_type_of_field_takes_what_it_says_and_nothing_else(name):
    good, bad = VALUES[name]
    assert read(**{f"a_{name}": good})[f"a_{name}"] == good
    with pytest.raises(InputError, match=rf"things\[0\]\.a_{name}: "):
        read(**{f"a_{name}": bad})


def test_every_type_that_a_field_may_have_is_checked():
    assert {*ACCEPTED, "text", "file"} == set(TYPES)


def test_fields_that_are_left_out_have_their_defaults_and_unknown_ones_are_refused():
    assert read() == {"id": "one", "name": "one", **{f"a_{name}": None for name in TYPES}, "a_file": "x.csv"}
    with pytest.raises(InputError, match="did you mean `a_symbol`"):
        read(a_symbl="A")
    with pytest.raises(InputError, match="give a mapping with id, name and a_file"):
        read_subjects(params.Checker(Document("demo.yaml", {}, {})), EVERY, ["one"])


def test_a_manifest_of_the_first_form_is_read_in_todays(tmp_path):
    first = {
        "schema": 1,
        "run": tmp_path.name,
        "name": "old",
        "as_of": "2022-12-28",
        "state": "done",
        "portfolios": [{"id": "one", "name": "One"}],
        "stages": [
            {"stage": "review/portfolio", "portfolio": "one"},
            {"stage": "market/prices", "portfolio": None},
        ],
        "tables": {},
        "states": [{"table": "snapshots", "portfolio": "one"}],
        "inputs": {},
        "files": {},
        "moments": {"finished": "x", "later_states": [{"table": "snapshots", "portfolio": "one"}]},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(first))
    found = read_manifest(tmp_path)
    assert found["subjects"] == {"portfolio": [{"id": "one", "name": "One"}]}
    assert [(one["kind"], one["subject"], one["front"]) for one in found["stages"]] == [
        ("portfolio", "one", "subject"),
        (None, None, "data"),
    ]
    assert [one["subject"] for one in (*found["states"], *found["moments"]["later_states"])] == ["one", "one"]
    (tmp_path / "manifest.json").write_text(json.dumps({**first, "moments": {}}))
    assert read_manifest(tmp_path) is None


def recipe(name: str) -> str:
    """The section of CONTRIBUTING.md under a heading."""
    text = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text()
    return text.partition(f"## {name}\n")[2].partition("\n## ")[0]


def test_the_recipe_for_a_kind_of_subject_is_what_the_toy_does(both):
    """The toy has its kind by a declaration, rows, tables, a hook and notebooks; its engine is this one."""
    told = recipe("Add a kind of subject")
    for named in ("lib/subjects.py", "KINDS", 'front="subject"', "validate", "tests/toy/baskets.py"):
        assert named in told
    from toy.workbench import REPOSITORY

    lighter = REPOSITORY / "lib/run/kernels/kernel_main.py"
    paths = [path for path in (REPOSITORY / "lib/run").rglob("*.py") if path != lighter]
    engine = [path.relative_to(REPOSITORY) for path in paths]
    assert all((both.root / path).read_bytes() == (REPOSITORY / path).read_bytes() for path in engine)
    assert both.run("validate", "--as-of", NEXT_DAY)[0] == 0
    assert "--basket ID" in " ".join(event.get("text", "") for event in both.run("run", "--help")[1])
