"""The pages of a run: what they depend on, and who writes them.

Nothing but the standard library is imported before a page is to be written, since a run that has nothing to
do asks for the digest too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

from lib.run.pages import TEMPLATES

LIB = Path(__file__).parents[2]
MODULES = (
    "run/pages/runs_page.py",
    "run/store/what_changed.py",
    "run/pages/graph_layout.py",
    "run/pages/notebook_html.py",
    "run/pages/mail_summary.py",
    "run/pages/search_page.py",
    "run/pages/writing.py",
    "run/pages/run_page.py",
    "run/pages/sanitise.py",
    "run/pages/html_shell.py",
    "run/pages/stage_page.py",
    "run/pages/failures.py",
    "pipeline.py",
    "pipeline_signals.py",
    "pipeline_trading.py",
    "run_folder.py",
    "stages.py",
    "subjects.py",
    "wording.py",
)


@cache
def page_digest() -> str:
    """sha256 over everything of ours that a page depends on beside its notebook and record."""
    digest = sha256()
    files = [LIB / name for name in MODULES]
    files += sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    for path in files:
        digest.update(path.relative_to(LIB).as_posix().encode() + b"\0")
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def write_stage_page(payload: dict) -> dict:
    """Write the page of a stage's result; runs in a process of its own.

    ``payload`` names the executed ``notebook``, its ``record`` (stage.json) and the ``page`` to write;
    ``again``, for a failed stage, what was asked: run, params and as-of date.
    Returns ``{sha256, bytes, undescribed}``: the page's digest and size, and how many of its pictures had
    no description of their own.
    """
    from lib.run.pages.stage_page import stage_page

    page, undescribed = stage_page(Path(payload["notebook"]), Path(payload["record"]), payload.get("again"))
    data = page.encode()
    Path(payload["page"]).write_bytes(data)
    return {"sha256": sha256(data).hexdigest(), "bytes": len(data), "undescribed": undescribed}


def run_page(manifest: dict) -> str:
    """The front page of a run, ``index.html`` beside its manifest."""
    from lib.run.pages.run_page import page_of

    return page_of(manifest)


def mail_summary(manifest: dict) -> dict[str, str]:
    """The summary of a run for mail: name of the file beside the manifest → content."""
    from lib.run.pages.mail_summary import files_of

    return files_of(manifest)


def search_page(manifest: dict, read: Callable[[str], str]) -> str:
    """The page that finds things in a run; ``read`` gives the text of a page by its address in the run."""
    from lib.run.pages.search_page import page_of

    return page_of(manifest, read)


def runs_page(
    manifests: list[dict], damaged: dict[str, str] | None = None, alerts: list[dict] | None = None
) -> str:
    """The list of every run, newest first, and what changed from one to the next: ``outputs/index.html``.

    ``damaged`` are the ids of runs that cannot be read, and why; ``alerts`` those that fired, newest first.
    """
    from lib.run.pages.runs_page import page_of

    return page_of(manifests, damaged or {}, alerts or [])


def audit_page(told: dict, up: str, stage: str) -> str:
    """The page of an audit; ``up`` leads to the run's folder, ``stage`` is the stage's page in it."""
    from lib.run.pages.audit_page import page_of

    return page_of(told, up, stage)
