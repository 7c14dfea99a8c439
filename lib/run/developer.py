"""The habits as commands: ``check`` (under a minute), ``test`` and ``bench``.

Each tool runs as its own process in this environment. Bytecode is written whatever the caller's shell says,
since a tool or kernel that compiles everything anew at each start is several times slower.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTEST = ("-m", "pytest", "-p", "no:cacheprovider")
TOOLS = {
    "format": ("-m", "ruff", "format", "--quiet", "--check", "."),
    "lint": ("-m", "ruff", "check", "--quiet", "."),
    "types": ("-m", "mypy"),
    "architecture": (*PYTEST, "tests/test_architecture.py"),
    "notebooks": (*PYTEST, "tests/test_notebooks.py"),
    "environment": (*PYTEST, "tests/test_environment.py"),
    "documents": (*PYTEST, "tests/test_documents.py"),
}
ONE_PROCESS = ("-n", "--numprocesses", "--pdb", "-s", "--capture", "--collect-only", "--co", "-p")
MOST_WORKERS = 4
USES = {
    "test": "run_all.py test [ARGUMENT ...]\n\n{}\n\nEvery argument is passed on to pytest, such as a file, "
    "-x or -k WORDS; `test -- --help` shows pytest's own help.",
    "check": "run_all.py check [NAME ...]\n\n{}\n\nNAME is one of {}; all of them by default. Nothing is "
    "passed on to the tools.",
    "bench": "run_all.py bench [NAME ...]\n\n{}\n\nNAME is one of {}; all of them by default. Nothing is "
    "passed on to them.",
}


def help_of(name: str, does: str) -> str:
    """How a command of this module is used; ``does`` is the sentence that says what for."""
    return f"usage: {USES[name].format(does, ', '.join(TOOLS if name == 'check' else _benchmarks()))}"


def check(arguments: Sequence[str] = ()) -> int:
    """Run the quick tools (all, or those named), a line each; 0 when every one is content."""
    unknown = [name for name in arguments if name not in TOOLS]
    if unknown:
        print(f"error: no check {unknown[0]!r}; there are {', '.join(TOOLS)}", file=sys.stderr)
        return 2
    names = list(arguments) or list(TOOLS)
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, (passed, told) in zip(names, pool.map(_checked, names), strict=True):
            print(told, flush=True)
            failed += [] if passed else [name]
    print(
        f"{len(failed)} of {len(names)} checks failed: {', '.join(failed)}" if failed else "all checks passed"
    )
    return 1 if failed else 0


def test(arguments: Sequence[str] = ()) -> int:
    """Run pytest with these arguments, in several processes where that helps; its exit code."""
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", *_workers(arguments), f"--junitxml={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT, env=_environment(), check=False).returncode
        print(_browser_sentence(report), flush=True)
    return code


def bench(arguments: Sequence[str] = ()) -> int:
    """Call ``main()`` of every ``tests/bench/bench_*.py``, or of those named, one after another."""
    scripts = _benchmarks()
    unknown = [name for name in arguments if name not in scripts]
    if unknown:
        known = ", ".join(sorted(scripts)) or "none yet"
        print(f"error: no benchmark {unknown[0]!r}; there are: {known}", file=sys.stderr)
        return 2
    failed = []
    for name in list(arguments) or sorted(scripts):
        print(f"== {name}", flush=True)
        call = f"import runpy; runpy.run_path({str(scripts[name])!r})['main']()"
        if subprocess.run([sys.executable, "-c", call], cwd=ROOT, env=_environment(), check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _benchmarks() -> dict[str, Path]:
    """The scripts of ``tests/bench`` by name."""
    paths = sorted((ROOT / "tests/bench").glob("bench_*.py"))
    return {path.stem.removeprefix("bench_"): path for path in paths}


def _checked(name: str) -> tuple[bool, str]:
    """Whether a tool is content, and its line, with what it said when it is not."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *TOOLS[name]],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    seconds, passed = time.monotonic() - started, done.returncode == 0
    line = f"{'ok    ' if passed else 'FAILED'}  {name:<13} {seconds:4.1f} s"
    return passed, line if passed else f"{line}\n{done.stdout.rstrip()}"


def _workers(arguments: Sequence[str]) -> list[str]:
    """Several processes for a whole run, each with neighbouring tests, which share what is made for them.

    One where a few files, an order or a debugger is asked for.
    """
    cores = min(os.cpu_count() or 1, MOST_WORKERS)
    chosen = any(argument.split("::")[0].endswith(".py") for argument in arguments)
    alone = any(argument.startswith(ONE_PROCESS) for argument in arguments)
    return [] if cores == 1 or chosen or alone else ["-n", str(cores), "--dist", "worksteal"]


def _browser_sentence(report: Path) -> str:
    """Whether the tests that need a browser ran, which a green result alone would not tell."""
    if not report.is_file():
        return "Browser tests did not run."
    cases = [
        case
        for case in ElementTree.parse(report).iter("testcase")
        if case.get("classname", "").startswith("tests.browser")
    ]
    skipped = [case.find("skipped") for case in cases if case.find("skipped") is not None]
    if not cases:
        return "Browser tests were not among those asked for."
    if not skipped:
        return f"Browser tests: all {len(cases)} ran."
    why = skipped[0].get("message", "") if skipped[0] is not None else ""
    return f"Browser tests: {len(cases) - len(skipped)} of {len(cases)} ran ({why})."


def _environment() -> dict[str, str]:
    dropped = ("PYTHONDONTWRITEBYTECODE",)
    return {name: value for name, value in os.environ.items() if name not in dropped}
