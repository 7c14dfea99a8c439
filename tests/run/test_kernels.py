"""One notebook: what it gives, how it fails, what is left of it; the same from a forked and a cold kernel."""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import indent

import psutil
import pytest

from lib.errors import DataError, InputError, StageError
from lib.run.kernels.call import call_in_subprocess
from lib.run.kernels.job import Job
from lib.run.kernels.normalise import dump
from lib.run.kernels.pool import Kernels

ROOT = Path(__file__).resolve().parents[2]
TARGETS = "tests.run.call_targets"
PICTURES = (
    "import random, warnings\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport lib.errors",
    "plt.plot([1, 3, 2])\nplt.title('Growth of 1 €')\nplt.show()",
    "from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats('svg')",
    "plt.plot([1, 3, 2], label=r'$\\sigma^2$')\nplt.legend()\nplt.show()",
    "warnings.warn('careful')\nprint(np.random.rand(), random.random(), {'a', 'b', 'c'}, object())",
    "import os, time\n(time.tzname, hash('a'), os.environ['LC_ALL'], os.getcwd())",
    "rng = np.random.default_rng(1)\na = rng.normal(size=(300, 40))\nnp.linalg.eigh(a.T @ a)[0][:3].tolist()",
)
DRIVER = """
import sys
from pathlib import Path
from lib.run.kernels.job import Job
from lib.run.kernels.pool import Kernels
from lib.run.kernels.normalise import dump
book, target, cold = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "cold"
with Kernels(cold=cold) as kernels:
    print(kernels.folder, flush=True)
    kernels.get_ready()
    if sys.argv[4] == "idle":
        print(kernels._zygote._process.pid, flush=True)
    target.write_bytes(dump(kernels.execute(Job(book, {}, {}, book.parent, 7)).notebook))
"""
CHILDREN = """
import os, subprocess, time
from pathlib import Path
near = subprocess.Popen(["sleep", "300"])
far = subprocess.Popen(["sleep", "300"], start_new_session=True)
Path("pids").write_text(f"{os.getpid()} {near.pid} {far.pid}")
time.sleep(300)
"""


def write_book(folder, *cells):
    def cell(number, source):
        tags = {"tags": ["parameters"]} if number == 0 else {}
        fixed = {"cell_type": "code", "execution_count": None, "outputs": []}
        return {**fixed, "id": f"cell-{number}", "metadata": tags, "source": source}

    sources = ["days: int = 5  # trading days", *cells]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {
        "cells": [cell(number, source) for number, source in enumerate(sources)],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = folder / "book.ipynb"
    path.write_text(json.dumps(book))
    return path


def printed(outcome):
    cells = outcome.notebook["cells"]
    return "".join(o.get("text", "") for c in cells for o in c.get("outputs", []))


def gone(pids, seconds=2.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(running(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def entries(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for(path, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path.name} did not appear"
        time.sleep(0.02)
    return [int(text) for text in path.read_text().split()]


@pytest.fixture(scope="module")
def kernels():
    with Kernels() as kernels:
        kernels.get_ready()
        yield kernels


@pytest.fixture
def run(kernels, tmp_path):
    def execute(*cells, timeout=60.0, parameters=None, on_cell=None, environment=None):
        book = write_book(tmp_path, *cells)
        job = Job(book, parameters or {}, environment or {}, tmp_path, 7, timeout, on_cell)
        return kernels.execute(job)

    return execute


def test_parameters_environment_folder_and_modules_reach_the_kernel(run, tmp_path):
    seen = []
    outcome = run(
        "import os\nimport lib.errors\nprint(days * 2, os.environ['EXTRA'])\nopen('here', 'w').close()\n"
        "print(os.environ['CONTEXT'])",
        parameters={"days": 21},
        environment={"EXTRA": "yes", "CONTEXT": "/private/run/context.json"},
        on_cell=lambda done, total: seen.append((done, total)),
    )
    assert outcome.failure is None
    assert printed(outcome) == "42 yes\ncontext.json\n"
    assert (tmp_path / "here").exists()
    assert outcome.modules == ["lib", "lib.errors"]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert [cell["execution_count"] for cell in outcome.notebook["cells"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("source", "reason", "words"),
    [
        ("1 / 0", "error", "raised ZeroDivisionError: division by zero"),
        ("x = (", "error", "raised SyntaxError"),
        ("input()", "error", "does not support input"),
        ("import sys\nsys.exit(3)", "error", "raised SystemExit: 3"),
        ("import sys\nsys.exit(0)", "unfinished", "left the notebook by sys.exit()"),
        ("raise SystemExit", "unfinished", "left the notebook by sys.exit()"),
        ("exit()", "unfinished", "left the notebook by exit()"),
        ("import os\nos._exit(3)", "kernel", "ended with exit code 3"),
        ("import os\nos.kill(os.getpid(), 9)", "kernel", "was ended by SIGKILL"),
        ("import os\nos.kill(os.getpid(), 11)", "kernel", "was ended by SIGSEGV"),
    ],
)
def test_every_way_to_fail_is_named_with_its_cell_and_keeps_what_ran(run, source, reason, words):
    start = time.monotonic()
    outcome = run("print('before')", source, "print('after')")
    assert time.monotonic() - start < 10
    assert outcome.failure.reason == reason
    assert words in outcome.failure.message and "cell 3 (cell-2)" in outcome.failure.message
    assert (outcome.failure.cell, outcome.failure.cell_id) == (2, "cell-2")
    assert printed(outcome).startswith("before\n") and "after" not in printed(outcome)
    assert outcome.notebook["cells"][3]["execution_count"] is None
    assert len(outcome.notebook["cells"]) == 4


def test_an_error_keeps_its_traceback_without_colours_and_without_paths(run):
    outcome = run("import json\njson.loads('{')")
    assert outcome.failure.ename == "JSONDecodeError"
    text = "\n".join(outcome.failure.traceback)
    assert "json/decoder.py" in text and "\x1b" not in text and sys.prefix not in text
    assert outcome.notebook["cells"][1]["outputs"][0]["output_type"] == "error"


def test_a_cell_that_may_raise_does_not_end_the_notebook(kernels, tmp_path):
    book = write_book(tmp_path, "1 / 0", "print('after')")
    content = json.loads(book.read_text())
    content["cells"][1]["metadata"]["tags"] = ["raises-exception"]
    book.write_text(json.dumps(content))
    outcome = kernels.execute(Job(book, {}, {}, tmp_path, 7))
    assert outcome.failure is None and printed(outcome) == "after\n"


def test_a_kernel_that_does_not_say_what_it_has_loaded_is_a_failure(run):
    outcome = run("__import__ = None")
    assert outcome.failure.reason == "kernel" and "which modules" in outcome.failure.message


def test_a_time_out_ends_the_kernel_and_all_that_it_started(run, tmp_path):
    start = time.monotonic()
    outcome = run("print('before')", CHILDREN, "print('after')", timeout=2)
    assert time.monotonic() - start < 8
    assert outcome.failure.reason == "timeout" and "its limit of 2 seconds" in outcome.failure.message
    assert printed(outcome) == "before\n"
    assert gone(wait_for(tmp_path / "pids"))


def test_a_kernel_that_cannot_start_is_a_failure_with_its_last_words(kernels, tmp_path):
    outcome = kernels.execute(Job(write_book(tmp_path), {}, {}, tmp_path / "nowhere", 7))
    assert outcome.failure.reason == "kernel" and "FileNotFoundError" in outcome.failure.message


def test_a_flood_of_output_is_cut_and_the_notebook_goes_on(run):
    many = "for i in range(5000):\n    print(i)"
    flood = f"import sys\nprint('é' * 50_000_000)\n{many}\nprint('e', file=sys.stderr)"
    outcome = run(flood, "print('after')")
    assert outcome.failure is None
    assert len(dump(outcome.notebook)) < 3_000_000
    text = printed(outcome)
    assert "[49,023,891 further characters of standard output are left out" in text
    assert text.endswith("e\nafter\n")


def test_a_page_or_picture_of_many_megabytes_is_left_out_and_said(run):
    shown = "from IPython.display import HTML, Image, display\n"
    outcome = run(f"{shown}display(HTML('x' * 30_000_000))\nHTML('y' * 3_000)", "print('after')")
    assert outcome.failure is None
    assert len(dump(outcome.notebook)) < 100_000
    first, last = outcome.notebook["cells"][1]["outputs"]
    assert "30,000,000 characters of text/html are left out" in first["data"]["text/plain"]
    assert last["data"]["text/html"] == "y" * 3_000


def test_notebooks_side_by_side_do_not_mix(kernels, tmp_path):
    def one(number):
        folder = tmp_path / str(number)
        folder.mkdir()
        cells = [f"print('{number}-{i}', days)" for i in range(3)]
        job = Job(write_book(folder, *cells), {"days": number}, {}, folder, 7)
        return printed(kernels.execute(job))

    with ThreadPoolExecutor(3) as pool:
        texts = list(pool.map(one, range(6)))
    assert texts == ["".join(f"{n}-{i} {n}\n" for i in range(3)) for n in range(6)]


def test_nothing_is_left_after_a_notebook(run, kernels):
    run("1")
    descriptors, files = entries("/proc/self/fd"), entries(kernels.folder)
    for _ in range(3):
        run("import os\nos.getpid()")
    assert len(entries("/proc/self/fd")) == len(descriptors)
    assert entries(kernels.folder) == files
    assert psutil.Process(kernels._zygote._process.pid).children() == []


def test_forked_and_cold_give_the_same_bytes_whatever_the_caller_has_set(kernels, tmp_path):
    book = write_book(tmp_path, *PICTURES)
    forked = dump(kernels.execute(Job(book, {}, {}, tmp_path, 7)).notebook)
    other = tmp_path / "other"
    other.mkdir()
    caller = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TZ": "Asia/Tokyo",
        "LC_ALL": "de_DE.UTF-8",
        "PYTHONHASHSEED": "99",
        "OMP_NUM_THREADS": "2",
        "MPLBACKEND": "svg",
        "MPLCONFIGDIR": str(other),
        "HOME": str(other),
        "PYTHONWARNINGS": "ignore",
        "COLUMNS": "40",
    }
    (other / "matplotlibrc").write_text("lines.linewidth: 9\n")
    command = [
        sys.executable,
        "-c",
        DRIVER,
        write_book(other, *PICTURES),
        tmp_path / "cold.ipynb",
        "cold",
        "",
    ]
    subprocess.run(command, env=caller, cwd=other, check=True, stdout=subprocess.DEVNULL)
    assert (tmp_path / "cold.ipynb").read_bytes() == forked
    text = forked.decode()
    assert "image/png" in text and "image/svg+xml" in text and "UserWarning: careful" in text
    assert str(ROOT) not in text and str(tmp_path) not in text and "object at" not in text


@pytest.mark.parametrize("kind", ["forked", "cold"])
def test_a_killed_driver_leaves_nothing(tmp_path, kind):
    book = write_book(tmp_path, CHILDREN)
    command = [sys.executable, "-c", DRIVER, book, tmp_path / "out", kind, ""]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as driver:
        folder = Path(driver.stdout.readline().strip())
        pids = wait_for(tmp_path / "pids")
        pids += [child.pid for child in psutil.Process(driver.pid).children(recursive=True)]
        driver.kill()
    assert gone(pids)
    assert gone([], 0.1) and not folder.exists()


def test_a_driver_killed_while_the_zygote_starts_leaves_nothing(tmp_path):
    command = [sys.executable, "-c", DRIVER, write_book(tmp_path), tmp_path / "out", "forked", "idle"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as driver:
        folder, pid = Path(driver.stdout.readline().strip()), int(driver.stdout.readline())
        time.sleep(0.7)
        driver.kill()
    assert gone([pid]) and not folder.exists()


@pytest.mark.parametrize("cold", [False, True])
def test_closing_ends_a_running_notebook_at_once(tmp_path, cold):
    kernels = Kernels(cold=cold)
    folder = kernels.folder
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(kernels.execute, Job(write_book(tmp_path, CHILDREN), {}, {}, tmp_path, 7))
        pids = wait_for(tmp_path / "pids")
        start = time.monotonic()
        kernels.close()
        with pytest.raises(StageError, match="the run was stopped"):
            future.result(5)
        assert time.monotonic() - start < 3
    assert gone(pids) and not folder.exists()
    kernels.close()
    with pytest.raises(StageError, match="the run was stopped"):
        kernels.call("json:dumps", {})


def test_a_zygote_that_dies_is_started_once_more_and_the_notebook_run_again_then_kernels_start_cold(tmp_path):
    once = "from pathlib import Path\nif not Path('pids').exists():\n" + indent(CHILDREN.strip(), "    ")
    begun = []
    with Kernels() as kernels, ThreadPoolExecutor(1) as pool:
        book = write_book(tmp_path, once, "print('whole')")
        job = Job(book, {}, {}, tmp_path, 7, begin=lambda: begun.append(1))
        future = pool.submit(kernels.execute, job)
        kernel, near, far = wait_for(tmp_path / "pids")
        os.kill(kernels._zygote._process.pid, signal.SIGKILL)
        outcome = future.result(30)
        assert (outcome.failure, printed(outcome), len(begun)) == (None, "whole\n", 2)
        assert gone([kernel, near])
        os.kill(far, signal.SIGKILL)
        job = Job(write_book(tmp_path, "print(1)"), {}, {}, tmp_path, 7)
        assert kernels.execute(job).failure is None
        os.kill(kernels._zygote._process.pid, signal.SIGKILL)
        kernels._zygote._process.wait()
        assert printed(kernels.execute(job)) == "1\n"
        assert kernels._zygote is None
        assert kernels.call(f"{TARGETS}:double", {"value": 1})["value"] == 2


@pytest.fixture(params=["forked", "subprocess"])
def call(request, kernels):
    return kernels.call if request.param == "forked" else call_in_subprocess


def test_a_call_returns_what_the_function_returns(call, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    answer = call(f"{TARGETS}:double", {"value": "é" * 300_000})
    assert answer == {"value": "é" * 600_000, "cwd": str(ROOT), "proxy": "http://127.0.0.1:1"}


def test_errors_of_a_call_come_back_as_what_they_are(call):
    with pytest.raises(InputError) as caught:
        call(f"{TARGETS}:refuse", {})
    assert caught.value.as_dict() == {
        "found": "found -1",
        "mend": "use a positive number",
        "file": "p.yaml",
        "line": 3,
        "field": "days",
    }
    with pytest.raises(DataError, match="too short"):
        call(f"{TARGETS}:narrow", {})
    with pytest.raises(StageError, match="ZeroDivisionError: no"):
        call(f"{TARGETS}:fail", {})
    with pytest.raises(StageError, match="not JSON serializable"):
        call(f"{TARGETS}:not_json", {})
    with pytest.raises(StageError, match="No module named 'nowhere'"):
        call("nowhere:function", {})


def test_a_call_that_dies_or_lasts_is_an_error(call):
    with pytest.raises(StageError, match=r"ended with exit code 7[\s\S]*out of luck"):
        call(f"{TARGETS}:die", {})
    start = time.monotonic()
    with pytest.raises(StageError, match=r"took longer than 0\.5 seconds"):
        call(f"{TARGETS}:wait", {}, 0.5)
    assert time.monotonic() - start < 3
