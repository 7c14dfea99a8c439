"""The site that the browser tests open: every kind of page, each with attacks wherever data can stand."""

from __future__ import annotations

from pathlib import Path

import pages_fixtures as made
import pytest
import runs_fixtures as runs

from lib.run.pages import writing


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> dict[str, Path]:
    """Every kind of page, by name, each with attacks wherever data can stand."""
    root = tmp_path_factory.mktemp("site")
    found = {}
    nothing = {"verdict": None, "key_figures": [], "checks": [], "tables": {}}
    attack = {"verdict": f"{made.ATTACK} <script>alert(1)</script>", "title": f"A stage {made.ATTACK}"}
    attacked = made.notebook(
        made.shown("markup", "pass", made.display({"text/html": f"{made.ATTACK}<script>alert(1)</script>"})),
        made.said("prose", f"{made.ATTACK} [a link](javascript:alert(1))"),
        name=made.ATTACK,
    )
    for name, payload in {
        "stage": made.write(root / "stage", made.notebook(), made.record()),
        "failed": made.write(
            root / "failed", made.failed_notebook(), made.record(failure=made.FAILURE, **nothing)
        ),
        "attacked": made.write(root / "attacked", attacked, made.record(**attack)),
    }.items():
        writing.write_stage_page(payload)
        found[name] = Path(payload["page"])
    owners = [{**runs.OWNERS[0], "name": made.ATTACK}, runs.OWNERS[1]]
    for name, text in {
        "run": writing.run_page(runs.manifest()),
        "failed run": writing.run_page(runs.failed_manifest()),
        "attacked run": writing.run_page(runs.manifest(owners=owners)),
        "runs": writing.runs_page(runs.manifests()),
    }.items():
        found[name] = root / f"{name}.html"
        found[name].write_text(text)
    return found


@pytest.fixture
def open_page(open_file, site):
    """Open a page of the site by name."""
    return lambda name, *arguments, **more: open_file(site[name], *arguments, **more)
