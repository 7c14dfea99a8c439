"""A real browser with every network address blocked, and the pages that it opens from files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NO_BROWSER = "no chromium on PATH: the pages were not opened (REQUIRE_BROWSER=1 makes this a failure)"


@pytest.fixture(scope="module")
def browser():
    """Chromium, or a skip that says so; its event loop must end before the next module begins."""
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
def open_file(browser):
    """Open a page by its path; ``scheme`` is light or dark, ``width`` in pixels."""
    contexts = []

    def opened(path: Path, scheme: str = "light", width: int = 1280, script: bool = True) -> Opened:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
        )
        contexts.append(context)
        return Opened(context.new_page(), path)

    yield opened
    for context in contexts:
        context.close()
