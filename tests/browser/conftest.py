"""A real browser with every network address blocked, and the pages that it opens from files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pages_fixtures as made
import pytest
import runs_fixtures as runs

from lib.run import pages

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NO_BROWSER = "no chromium on PATH: the pages were not opened (REQUIRE_BROWSER=1 makes this a failure)"


@pytest.fixture(scope="session")
def browser():
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


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
        pages.write_stage_page(payload)
        found[name] = Path(payload["page"])
    owners = [{**runs.OWNERS[0], "name": made.ATTACK}, runs.OWNERS[1]]
    for name, text in {
        "run": pages.run_page(runs.manifest()),
        "failed run": pages.run_page(runs.failed_manifest()),
        "attacked run": pages.run_page(runs.manifest(owners=owners)),
        "catalogue": pages.catalogue_page(runs.manifests()),
    }.items():
        found[name] = root / f"{name}.html"
        found[name].write_text(text)
    return found


class Opened:
    """A page that was opened, with what it said and asked for."""

    def __init__(self, page, path: Path):
        self.page, self.path = page, path
        self.errors: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        page.on("dialog", lambda dialog: (self.errors.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))
        page.route("**/*", lambda route: route.continue_() if _own(route.request.url) else route.abort())
        page.goto(path.as_uri())


def _own(address: str) -> bool:
    return address.startswith(("file:", "data:"))


@pytest.fixture
def open_page(browser, site):
    """Open a page by name; ``scheme`` is light or dark, ``width`` in pixels."""
    contexts = []

    def opened(name: str, scheme: str = "light", width: int = 1280, script: bool = True) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
        )
        contexts.append(context)
        return Opened(context.new_page(), site[name])

    yield opened
    for context in contexts:
        context.close()
