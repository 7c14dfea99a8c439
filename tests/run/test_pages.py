"""The pages of a run: what they say, that they are the same each time, and that nothing in them acts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pages_fixtures as made
import pytest
import runs_fixtures as runs
from bs4 import BeautifulSoup

from lib import exhibits, run_folder
from lib.pipeline import PIPELINE
from lib.run.pages import graph_layout, html_shell, sanitise, writing
from lib.run.store import what_changed

ROOT = Path(__file__).resolve().parents[2]
ACTING = ("script", "iframe", "object", "embed", "form", "link", "base", "template", "svg script")


def stage_page(folder: Path, cells=None, **changes) -> BeautifulSoup:
    payload = made.write(folder, cells or made.notebook(), made.record(**changes))
    writing.write_stage_page(payload)
    return BeautifulSoup(Path(payload["page"]).read_text(), "html.parser")


AGAIN = {"run": "sample-1.failed-2", "params": "params/mine.yaml", "as_of": "2022-12-28"}


def failed_page(folder: Path, **changes) -> BeautifulSoup:
    nothing = {"verdict": None, "key_figures": [], "checks": [], "tables": {}}
    record = made.record(failure={**made.FAILURE, **changes}, **nothing)
    payload = {**made.write(folder, made.failed_notebook(), record), "again": AGAIN}
    writing.write_stage_page(payload)
    return BeautifulSoup(Path(payload["page"]).read_text(), "html.parser")


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def inert(page: BeautifulSoup) -> None:
    """Only our own script, no handler, no address but relative ones and plain links to the web."""
    assert len(page.find_all("script")) == 1
    assert not page.select("iframe, object, embed, form, link, base, meta[http-equiv=refresh]")
    for one in page.find_all(True):
        assert not [name for name in one.attrs if name.startswith("on") or name == "style"], one
        assert not str(one.get("href", "")).lower().lstrip().startswith(("javascript:", "data:", "vbscript:"))
        assert one.name != "img" or one["src"].startswith("data:image/")


def test_names_of_pages_and_notebooks():
    assert run_folder.page_path("portfolio/positions", "a") == "pages/portfolio/positions.a.html"
    assert run_folder.page_path("market/prices", None) == "pages/market/prices.html"
    assert run_folder.notebook_path("risk/metrics", "a") == "notebooks/risk/metrics.a.ipynb"
    assert run_folder.notebook_path("market/prices", None) == "notebooks/market/prices.ipynb"


def test_names_and_digest_need_the_standard_library_only():
    code = (
        "import sys; from lib.run.pages import writing; writing.page_digest(); "
        "print([n for n in ('jinja2', 'nbconvert', 'pandas', 'matplotlib', 'bleach') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_digest_covers_every_module_that_makes_pages():
    code = (
        "import sys; from lib.run.pages import writing, run_page, runs_page, stage_page; "
        "print([n for n in sys.modules if n.startswith('lib.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.removeprefix("lib.").replace(".", "/") + ".py" for name in eval(done.stdout)}
    beside = {
        "run/__init__.py",
        "run.py",
        "run/pages.py",
        "run/store.py",
        "run/planning.py",
        "run/planning/graph.py",
        "disk.py",
        "published.py",
        "errors.py",
        "contracts.py",
        "conventions.py",
    }
    declared = {name for name in loaded if name.startswith("tables")}
    assert loaded - beside - declared <= set(writing.MODULES)


def test_a_stage_page_is_the_same_each_time_and_holds_no_run(tmp_path):
    first = stage_page(tmp_path / "a")
    second = stage_page(tmp_path / "b")
    assert str(first) == str(second)
    assert str(tmp_path) not in str(first)


def test_verdict_and_key_figures_come_first(tmp_path):
    top = stage_page(tmp_path).select_one("header.top")
    assert top.h1.text == "What could the balanced book lose?"
    assert "28 Dec 2022" in top.select_one(".about").text
    assert top.select_one(".verdict").text.strip().startswith("On one day in twenty")
    assert [one.text for one in top.select(".figures strong")][:3] == [
        "1,217,640",
        "\u22121.6%",
        "\u221218.4%",
    ]
    assert top.select_one(".figures dt").text == "Net asset value, USD"
    assert top.select_one("nav.sections a").text == "What is held"


def test_the_title_of_the_notebook_is_not_shown_twice(tmp_path):
    page = stage_page(tmp_path)
    assert len(page.find_all("h1")) == 1
    assert "Today's book is taken" in page.main.text


def test_results_and_displays_are_both_shown(tmp_path):
    told = made.shown(
        "told", "x", {"output_type": "display_data", "data": {"text/plain": "displayed"}, "metadata": {}}
    )
    page = stage_page(
        tmp_path, made.notebook(told, made.shown("result", "x", made.display({"text/plain": "result"})))
    )
    assert len(page.select("main figure.exhibit")) == 5
    assert [one.text for one in page.select("main .cell > pre.printed")] == ["displayed", "result"]


def test_headings_over_nothing_but_code_are_left_out(tmp_path):
    cells = [
        made.said("outputs", "## Outputs"),
        made.shown("write", "stage.write()"),
        made.said("end", "## End"),
    ]
    page = stage_page(tmp_path, made.notebook(*cells))
    assert "Outputs" not in [one.text for one in page.select("main h2, nav.sections a")]
    assert page.select("#cell-write details.code")
    assert page.select("h2#s-end")


def test_a_heading_with_prose_is_left_out_over_nothing_only_where_it_is_tagged(tmp_path):
    tagged, kept = made.said("puts", "## Puts\n\nThey fall."), made.said("calls", "## Calls\n\nThey rise.")
    tagged.metadata["tags"] = ["if-shown"]
    cells = [tagged, made.shown("no-puts", "pass"), kept, made.shown("no-calls", "pass")]
    page = stage_page(tmp_path, made.notebook(*cells))
    assert "They fall." not in page.text and "They rise." in page.text
    cells[1] = made.shown("no-puts", "x", made.display({"text/plain": "puts"}))
    assert "They fall." in stage_page(tmp_path, made.notebook(*cells)).text


def test_only_settings_that_differ_from_the_default_are_marked(tmp_path):
    page = stage_page(tmp_path)
    assert (
        page.select_one("p.changed").get_text(" ", strip=True) == "set for this run window 504 (default 252)"
    )
    rows = {row.code.text: row for row in page.select("table[aria-label=Parameters] tbody tr")}
    assert rows["window"].select(".badge")
    assert rows["window"].select("td")[3].text == "20 ≤ x ≤ 5000"
    assert not rows["confidence"].select(".badge")


def test_a_stage_page_leads_to_its_run_and_to_what_it_was_made_from(tmp_path):
    links = {one["href"] for one in stage_page(tmp_path).find_all("a", href=True)}
    assert "../../index.html" in links
    assert "../../pages/portfolio/positions.individual.html#table-positions" in links
    assert "../../pages/market/prices.html#table-prices" in links
    assert "../../tables/portfolio=individual/positions.parquet" in links


def test_code_is_folded_and_escape_sequences_are_gone(tmp_path):
    page = stage_page(tmp_path)
    assert page.select("details.code .highlight")
    assert not page.select("main details.code[open]")
    assert "\x1b" not in str(page)
    assert "Warning: 3 days were left out" in page.text


def test_failed_checks_stand_in_a_banner(tmp_path):
    checks = [{"name": "weights sum to one", "passed": False, "detail": "0.9812 of 1"}]
    page = stage_page(tmp_path, checks=checks)
    assert page.select_one(".verdict.alarm").text.strip().startswith("1 of 1 check failed. On one day")
    assert "0.9812 of 1" in page.select_one(".banner").text


def test_a_failed_stage_says_what_where_why_and_what_next(tmp_path):
    page = failed_page(tmp_path)
    told = page.select_one("#failure")
    assert "prices end on 12 Dec 2022" in told.text
    assert page.select_one(told.a["href"]) is not None
    assert "whoever provides them must act" in told.text
    assert "python3 run_all.py lab sample-1.failed-2 risk/metrics@individual" in page.text
    assert "python3 run_all.py run params/mine.yaml --as-of 2022-12-28" in page.text
    assert "went on" not in page.text
    assert "review/portfolio" in page.select_one(".next").text
    assert not page.select(".next details[open]")
    assert page.select("main .broken .fault")
    inert(page)


@pytest.mark.parametrize("reason", ["timeout", "kernel", "unfinished", "table", "modules", "something new"])
def test_every_reason_of_failure_is_told_in_words(tmp_path, reason):
    empty = {"cell": None, "cell_id": None, "message": "", "ename": None, "evalue": None, "traceback": []}
    told = failed_page(tmp_path, reason=reason, **empty).select_one("#failure").text
    assert len(told.split()) > 5


def attacks() -> list:
    html = [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "<a href=' javascript:alert(1)'>x</a><svg onload=alert(1)><script>alert(1)</script></svg>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<math><style><img src=x onerror=alert(1)></style></math>",
        "<form action=//evil.example><input onfocus=alert(1) autofocus></form><base href=//evil.example>",
        "<p style='background:url(//evil.example)'>x</p><img src='https://evil.example/x.png'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<a href='data:text/html,x'>x</a>",
    ]
    cells = [
        made.shown(f"attack-{n}", "pass", made.display({"text/html": one})) for n, one in enumerate(html)
    ]
    markdown = (
        "<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![x](https://evil.example/x.png)\n\n" + html[0]
    )
    return [
        *cells,
        made.said("attack-prose", markdown),
        made.shown("attack-markdown", "pass", made.display({"text/markdown": markdown})),
        made.shown(
            "attack-js", "pass", made.display({"application/javascript": "alert(1)", "text/plain": html[0]})
        ),
        made.shown("attack-svg", "pass", made.display({"image/svg+xml": "<svg onload='alert(1)'/>"})),
        made.shown("attack-out", html[0], {"output_type": "stream", "name": "stdout", "text": html[0]}),
    ]


def test_nothing_that_data_or_cells_say_acts(tmp_path):
    page = stage_page(
        tmp_path,
        made.notebook(*attacks(), name=made.ATTACK),
        title=f"</title><script>alert(1)</script>{made.ATTACK}",
        verdict=made.ATTACK,
        question=made.ATTACK,
        checks=[{"name": made.ATTACK, "passed": False, "detail": made.ATTACK}],
        key_figures=[{**made.key_figures()[0], "name": made.ATTACK, "sentence": made.ATTACK}],
        parameters={"x": {"value": made.ATTACK, "default": "", "type": "str", "help": made.ATTACK}},
    )
    inert(page)
    assert made.ATTACK in page.select_one("figure table tbody").text
    assert all(one.has_attr("src") for one in page.find_all("img"))
    assert "evil.example" not in "".join(str(one.get("src", "")) for one in page.find_all(True))


def test_the_policy_admits_our_style_and_script_alone(tmp_path):
    policy = stage_page(tmp_path).select_one("meta[http-equiv=Content-Security-Policy]")["content"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_every_picture_of_a_page_is_described(tmp_path):
    drawn = made.shown("bare", "plt.show()", made.display({"image/png": "iVBORw0KGgo="}))
    payload = made.write(tmp_path, made.notebook(drawn), made.record())
    assert writing.write_stage_page(payload)["undescribed"] == 1
    page = soup(Path(payload["page"]).read_text())
    assert all(one.has_attr("alt") for one in page.find_all("img"))
    assert all(one["alt"] for one in page.select("img.picture"))


def test_tables_of_prose_keep_their_alignment_without_style():
    markup = sanitise.markdown("| a | b |\n|:--|--:|\n| 1 | 2 |")
    assert 'class="right"' in markup
    assert "style" not in markup


def test_the_front_page_says_that_all_is_well():
    page = soup(writing.run_page(runs.manifest()))
    stages = sum(2 if row.per else 1 for row in runs.ROWS)
    assert f"All {stages} stages ran and {2 * stages} checks held." in page.select_one(".verdict").text
    assert not page.select("#troubles")
    owners = page.select(".owner")
    assert [one.h3.a.text for one in owners] == ["Balanced individual investor", "Long/short fund"]
    assert owners[0].h3.a["href"] == "pages/review/portfolio.individual.html"
    assert owners[0].select(".figures strong")
    assert len(page.select(".pipeline .box")) == len(runs.ROWS)
    inert(page)


def test_faults_of_the_data_and_failed_checks_stand_before_the_value_of_a_subject():
    manifest = runs.manifest(states={"portfolio/exposures@longshort": "failed checks"})
    fault = "9 of 17 rows of the portfolio file were rejected and count nowhere."
    for one in manifest["stages"]:
        if one["stage"] == "portfolio/positions" and one["subject"] == "longshort":
            one |= {"faults": [fault], "verdict": f"{fault} {one['verdict']}"}
    page = soup(writing.run_page(manifest))
    sound, other = page.select(".owner")[:2]
    assert not sound.select(".wrong")
    told = [one.get_text(" ", strip=True) for one in other.select(".wrong li")]
    assert told == [
        f"Portfolio positions : {fault}",
        "Portfolio exposures : 1 of 2 checks failed: weights sum to one: 0.9812 of 1.",
    ]
    assert other.select_one(".wrong").find_next("p", class_="said") is not None
    said = page.select_one(".verdict.alarm").text
    assert "speaks against the figures below is told first: see longshort." in said and "real" not in said
    assert fault in page.select_one(".troubles").text


def test_data_that_are_only_generated_are_called_so_and_not_what_is_wrong():
    manifest = runs.manifest()
    made_up, wrong = "The returns are generated.", "12 firms are too few."
    for one in manifest["stages"]:
        if one["stage"] == "portfolio/positions":
            faults = [made_up] if one["subject"] == "individual" else [made_up, wrong]
            one |= {"faults": faults, "made_up": [made_up]}
    page = soup(writing.run_page(manifest))
    said = page.select_one(".verdict.alarm").text
    assert "told first: see longshort. Not all data are real: see individual and longshort." in said
    words = [one.get_text(strip=True) for one in page.select(".troubles .state")]
    assert words == ["Generated data", "Read with care"]
    sound, other = page.select(".owner")[:2]
    assert sound.select_one(".wrong svg.made") and other.select_one(".wrong svg.checks")
    manifest["stages"] = [one for one in manifest["stages"] if one["subject"] != "longshort"]
    alone = soup(writing.run_page(manifest))
    assert alone.select_one(".verdict svg.made") and "told first" not in alone.select_one(".verdict").text


def test_key_figures_of_the_front_page_lead_to_where_they_are_shown(tmp_path):
    page = soup(writing.run_page(runs.manifest()))
    links = [one.a["href"] for one in page.select(".figures dt")]
    assert len(links) == len(page.select(".figures dt")) > 5
    assert links[0] == "pages/review/portfolio.individual.html#figure-net-asset-value"
    assert stage_page(tmp_path).select_one("#figure-net-asset-value dt").text == "Net asset value, USD"


def test_stages_that_run_once_have_a_column_of_their_own():
    table = soup(writing.run_page(runs.manifest())).select_one("table.stages")
    heads = [one.text for one in table.select("thead th")]
    assert heads == ["Stage", "Question", "The whole run", "individual", "longshort"]
    for row in table.select("tbody tr"):
        whole, *own = [one.get_text(strip=True) for one in row.select("td")[1:]]
        assert bool(whole) != any(own), row
        assert len(own) == 2


def test_the_front_page_of_a_run_has_no_link_out_of_its_folder():
    page = soup(writing.run_page(runs.manifest()))
    assert not [one["href"] for one in page.select("a[href]") if one["href"].startswith("..")]


def test_exhibits_have_anchors_and_no_source_leads_to_its_own_page(tmp_path):
    own = {"subject": "individual", "stage": "portfolio/positions"}
    source = exhibits.source_of("positions", 3, ["real"], "portfolio/positions", own)
    shown = [
        exhibits.table_exhibit(made.positions(), title=title, reading="It is.", source=source)
        for title in ("Held", "Again", "Again")
    ]
    cells = [made.shown(f"show-{n}", "x", made.html_of(one)) for n, one in enumerate(shown)]
    page = stage_page(tmp_path, made.notebook(*cells), stage="portfolio/positions")
    marks = [one["id"] for one in page.select("figure.exhibit")][-3:]
    assert marks == ["table-positions", "x-again", "x-again-2"]
    every = [one["id"] for one in page.select("[id]")]
    assert len(every) == len(set(every))
    assert not [
        one for one in page.select(".source a") if "portfolio/positions.individual.html" in one["href"]
    ][1:]


def test_the_front_page_shows_a_failed_run_as_clearly():
    page = soup(writing.run_page(runs.failed_manifest()))
    assert "1 stage failed, 1 could not run because of it" in page.select_one(".verdict.alarm").text
    troubles = [one.get_text(" ", strip=True) for one in page.select(".troubles li")]
    assert any("prices end on 12 Dec 2022" in one for one in troubles)
    assert any("Not run because risk/metrics for longshort failed" in one for one in troubles)
    assert any("0.9812 of 1" in one for one in troubles)
    states = {one["href"]: one["class"][1] for one in page.select(".pipeline .box")}
    assert set(states.values()) == {"done", "failed", "failed-checks", "not-run"}


def test_the_front_page_holds_nothing_of_the_moment():
    one, other = runs.manifest(), runs.manifest()
    other["moments"] = {
        "started": "x",
        "finished": "y",
        "host": "z",
        "seconds": {},
        "executed": 0,
        "reused": 9,
    }
    assert writing.run_page(one) == writing.run_page(other)


def test_a_run_of_one_stage_and_no_portfolio_has_a_front_page():
    manifest = runs.manifest(owners=[])
    manifest["stages"] = manifest["stages"][:1]
    page = soup(writing.run_page(manifest))
    assert "All 1 stage ran" in page.select_one(".verdict").text


def test_names_of_portfolios_are_text_on_the_front_page_and_on_that_of_runs():
    owners = [{"id": "individual", "name": made.ATTACK, "currency": made.ATTACK}]
    manifest = runs.manifest(owners=owners, name=made.ATTACK, verdict=made.ATTACK)
    for page in (writing.run_page(manifest), writing.runs_page([manifest])):
        inert(soup(page))
        assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_the_page_of_runs_lists_every_run_newest_first():
    page = soup(writing.runs_page(runs.manifests()))
    lines = page.select("article.run")
    assert len(lines) == 5
    assert "failed-1" in lines[0].h2.a["href"]
    assert "21 Nov 2026, 03:10 UTC" in lines[0].text
    assert "The first run of sample." in lines[-1].text
    assert len(lines[1].select("svg.spark polyline")) == 2
    assert "Built on an older history: snapshots of individual, 27 Dec 2022" in lines[3].text
    inert(page)


def test_an_empty_page_of_runs_says_how_to_start():
    assert "python3 run_all.py" in soup(writing.runs_page([])).text


def told(before: dict, after: dict) -> list[str]:
    return [f"{one['kind']}: {one['text']}" for one in what_changed.between(before, after)]


def test_equal_runs_have_no_differences():
    assert told(runs.manifest(), runs.manifest()) == []


def test_figures_that_moved_are_told_before_their_causes():
    after = runs.manifest(nav=1_300_000.0)
    after["request"]["stages"]["risk/metrics"]["window"] = 252
    lines = told(runs.manifest(), after)
    assert lines[0] == "figure: individual: Net asset value USD 1,217,640 \u2192 1,300,000 (+6.8%)"
    assert "params: stages.risk/metrics.window 504 \u2192 252" in lines


def test_data_files_and_libraries_that_changed_are_named():
    before, after = runs.manifest(), runs.manifest()
    after["tables"]["raw_prices"] = {**after["tables"]["raw_prices"], "sha256": "x", "rows": 84029}
    after["files"]["inputs/files/ab/longshort.csv"] = "x"
    after["environment"]["lock"] = "x"
    lines = told(before, after)
    assert "data: prices (+1 row)" in lines
    assert "file: longshort.csv" in lines
    assert any(line.startswith("environment: lock") for line in lines)


def test_code_is_named_only_where_nothing_else_can_have_changed_the_key():
    before, after = runs.manifest(), runs.manifest()
    for one in after["stages"]:
        if one["stage"] == "risk/metrics":
            one["key"] = "x"
    assert told(before, after) == ["code: risk/metrics"]
    after["environment"]["lock"] = "x"
    assert not any(line.startswith("code") for line in told(before, after))


def test_the_layout_places_every_stage_right_of_what_it_needs():
    needs = {row.name: PIPELINE.needs(row.name) for row in PIPELINE.order()}
    layout = graph_layout.layers(needs)
    for name, own in needs.items():
        assert all(layout.boxes[need][0] < layout.boxes[name][0] for need in own)
    assert layout.width <= graph_layout.MOST_WIDTH + 2


def test_edges_that_follow_from_others_are_not_drawn():
    assert len(graph_layout.layers({"a": [], "b": ["a"], "c": ["a", "b"]}).edges) == 2


def test_a_long_edge_passes_between_the_boxes():
    layout = graph_layout.layers({"a": [], "x": [], "b": ["a"], "c": ["b"], "d": ["c", "x"]})
    assert set(layout.boxes) == set("axbcd")
    assert len(layout.edges) == 4


def test_a_level_line_is_drawn_in_the_middle():
    assert graph_layout.spark([2.0, 2.0], height=20)["y"] == 10


def test_an_address_keeps_its_anchor_and_encodes_what_is_odd_in_its_path():
    told = html_shell.address("../../pages/market/a b%.html#table-prices")
    assert told == "../../pages/market/a%20b%25.html#table-prices"
    assert html_shell.address("tables/portfolio=one/x.parquet") == "tables/portfolio=one/x.parquet"
