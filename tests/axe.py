"""axe-core, fetched from npm once a machine, and what it finds on a page with everything opened."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path

import pytest

VERSION = "4.14.1"
NO_AXE = (
    "axe-core could not be fetched from npm: pages were not audited (REQUIRE_BROWSER=1 makes it a failure)"
)
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "research-workbench"
OPEN_ALL = """async () => {
    for (const box of document.querySelectorAll("details")) box.open = true;
    for (const button of document.querySelectorAll("button.unfold[aria-expanded=false]")) button.click();
    await new Promise((settled) => setTimeout(settled, 100));
}"""
AUDIT = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
      .flatMap((one) => one.nodes.map((node) => [one.id, ...node.target, node.html.slice(0, 99)].join(" ")));
}"""


@cache
def source() -> str:
    """axe's script; skips with a reason where there is none, fails under REQUIRE_BROWSER=1."""
    script = CACHE / f"axe-core-{VERSION}.min.js"
    if not script.exists() and not _fetched(script):
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(NO_AXE)
        pytest.skip(NO_AXE)
    return script.read_text(encoding="utf-8")


def findings(page) -> list[str]:
    """Serious and critical findings of a page as it is, and again with everything opened."""
    found = _audit(page)
    page.evaluate(OPEN_ALL)
    return [*found, *(one for one in _audit(page) if one not in found)]


def _audit(page) -> list[str]:
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(source())
    return page.evaluate(AUDIT)


def _fetched(script: Path) -> bool:
    npm = shutil.which("npm")
    if npm is None:
        return False
    script.parent.mkdir(parents=True, exist_ok=True)
    command = [npm, "pack", f"axe-core@{VERSION}", "--silent"]
    try:
        done = subprocess.run(command, cwd=script.parent, capture_output=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        return False
    packed = script.parent / f"axe-core-{VERSION}.tgz"
    if done.returncode or not packed.exists():
        return False
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/axe.min.js")
        assert member is not None
        beside = script.with_suffix(f".{os.getpid()}")
        beside.write_bytes(member.read())
    beside.replace(script)
    packed.unlink()
    return True
