"""Executing notebooks: forked kernels against papermill as it comes, with a kernel started for each.

``python tests/bench/bench_kernels.py``. Both sides run the same notebook and the outputs are compared.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import report  # noqa: E402

CELLS = (
    "days: int = 252  # trading days",
    "import numpy as np\nimport pandas as pd\n"
    "rng = np.random.default_rng(7)\n"
    "returns = pd.DataFrame(rng.normal(0, 0.01, (days, 3)), columns=list('abc'))\nreturns.describe()",
    "import matplotlib.pyplot as plt\n"
    "fig, ax = plt.subplots()\nax.plot((1 + returns).cumprod())\nax.set_title('Growth')\nplt.show()",
    "import statsmodels.api as sm\nfit = sm.OLS(returns['a'], sm.add_constant(returns[['b', 'c']])).fit()\n"
    "print(fit.params.round(12).to_dict())",
)
DRIVER = """
import sys, papermill
for path in sys.argv[1:]:
    papermill.execute_notebook(path, path + ".out", {"days": 252}, progress_bar=False)
"""
IMPORTS = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
OURS = "import lib.run.kernels.pool, lib.run.kernels.notebook_engine"
PEER = "import papermill"


def write_notebook(path: Path) -> Path:
    """The four-cell notebook that every row executes."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {"tags": ["parameters"]} if number == 0 else {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book))
    return path


def results(notebook: dict) -> list:
    """The printed and returned text of every cell, and how many pictures it shows."""
    found = []
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            text = output.get("text", data.get("text/plain", ""))
            found.append("picture" if "image/png" in data else "".join(text))
    return found


def timed(work: Callable[[], object], repeats: int) -> tuple[float, object]:
    """Median seconds, and the last result."""
    seconds, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def import_seconds(statement: str) -> float:
    """Median seconds of an import in a fresh interpreter."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def once() -> float:
        command = [sys.executable, "-c", IMPORTS.format(statement)]
        return float(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)

    once()
    return statistics.median(once() for _ in range(3))


def without_messages(payload: dict) -> dict:
    """The same cells in a fork of the zygote, in IPython without messages: the least it could cost."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    for source in payload["cells"]:
        with contextlib.redirect_stdout(io.StringIO()):
            shell.run_cell(source)
    return {}


def bench_one(book: Path, kernels, job) -> None:
    """Row 10a: one notebook, the driver warm on both sides."""
    import papermill

    def peer() -> dict:
        with contextlib.redirect_stderr(io.StringIO()):
            return papermill.execute_notebook(str(book), None, {"days": 252}, progress_bar=False)

    start = time.perf_counter()
    kernels.get_ready()
    kernels.execute(job)
    first = time.perf_counter() - start
    peer()
    seconds, outcome = timed(lambda: kernels.execute(job), 5)
    reference, expected = timed(peer, 3)
    same = results(outcome.notebook) == results(expected)
    note = f"{'same' if same else 'OTHER'} outputs; {first:.2f} s with the start of the zygote"
    report.line("10a one notebook of four cells", seconds, reference, ">= 6x", note)
    call = partial(kernels.call, "tests.bench.bench_kernels:without_messages", {"cells": CELLS})
    least, _ = timed(call, 5)
    report.line("10a ... and a fork without messages", seconds, least, ">= 0.4x", "the limit, not a peer")


def bench_twenty(folder: Path, book: Path, job) -> None:
    """Row 10b: twenty notebooks on two cores, everything started anew on both sides."""
    from lib.run.kernels.pool import Kernels

    copies = [write_notebook(folder / f"book-{number}.ipynb") for number in range(20)]

    def ours() -> list:
        with Kernels() as kernels:
            kernels.get_ready()
            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(lambda _: kernels.execute(job), copies))

    def peer() -> None:
        halves = (copies[::2], copies[1::2])
        command = [sys.executable, "-c", DRIVER]
        drivers = [
            subprocess.Popen(
                [*command, *map(str, half)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            for half in halves
        ]
        if any(driver.wait() for driver in drivers):
            raise RuntimeError("the peer failed")

    seconds, outcomes = timed(ours, 1)
    reference, _ = timed(peer, 1)
    failed = sum(outcome.failure is not None for outcome in outcomes)
    note = f"{failed} failed; the start of everything is in it"
    report.line("10b twenty notebooks on two cores", seconds, reference, ">= 8x", note)


def main() -> None:
    """Print rows 10a, 10b and 10c."""
    logging.disable(logging.WARNING)
    report.head("Executing notebooks")
    ours, peer = import_seconds(OURS), import_seconds(PEER)
    report.line("10c what drives a notebook, imported", ours, peer, "<= 1 s", "peer: import papermill")
    from lib.run.kernels.job import Job
    from lib.run.kernels.pool import Kernels

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = write_notebook(folder / "book.ipynb")
        job = Job(book, {"days": 252}, {}, folder, seed=7, timeout=120)
        with Kernels() as kernels:
            bench_one(book, kernels, job)
        bench_twenty(folder, book, job)


if __name__ == "__main__":
    main()
