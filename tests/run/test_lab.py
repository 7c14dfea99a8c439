"""JupyterLab as `lab` starts it: one real server for all, its REST interface, and a kernel of it."""

import contextlib
import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from jupyter_client.blocking import BlockingKernelClient

SECONDS = 60


class Lab:
    """A server that was started by ``lab`` in a toy workbench."""

    def __init__(self, bench, runtime, *arguments, rest=()):
        self.bench, self.runtime = bench, runtime
        runtime.mkdir(parents=True)
        own = runtime / "own"
        own.mkdir()
        (own / "jupyter_server_config.json").write_text('{"ServerApp": {"ip": "0.0.0.0"}}')
        variables = {"JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_CONFIG_DIR": str(own)}
        rest = ("--no-browser", "--allow-root", "--ServerApp.port=0", *rest)
        self.process = bench.start("lab", *arguments, "--", *rest, env=variables)
        self.info = self._when_up()

    def _when_up(self):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            for path in self.runtime.glob("jpserver-*.json"):
                self.info = _json(path)
                with contextlib.suppress(OSError, TypeError):
                    self.ask("status")
                    return self.info
            time.sleep(0.1)
        self.process.kill()
        raise AssertionError(self.process.communicate()[1])

    def ask(self, path, data=None, token=None):
        """What the server answers to ``/api/PATH``."""
        request = urllib.request.Request(f"{self.info['url']}api/{path}")
        request.add_header("Authorization", f"token {self.info['token'] if token is None else token}")
        content = None if data is None else json.dumps(data).encode()
        with urllib.request.urlopen(request, content, timeout=SECONDS) as answer:
            return json.loads(answer.read())

    def kernel(self, path):
        """A client of the kernel of a notebook that was opened."""
        asked = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        key = self.ask("sessions", asked)["kernel"]["id"]
        client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{key}.json"))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=SECONDS)
        return client

    def end(self, number=signal.SIGTERM):
        """Send a signal to the process that was started; every process that is left after it."""
        known = [self._process, *self._process.children(recursive=True)]
        self.process.send_signal(number)
        self.process.wait(SECONDS)
        return psutil.wait_procs(known, timeout=SECONDS)[1]

    @property
    def _process(self):
        return psutil.Process(self.process.pid)


def _json(path):
    try:
        return json.loads(path.read_text())
    except ValueError:
        return None


def run_cell(client, code):
    """What a cell printed, and its error if there was one."""
    said = []

    def keep(message):
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])
        elif message["msg_type"] == "error":
            said.append(f"{message['content']['ename']}: {message['content']['evalue']}")

    client.execute_interactive(code, output_hook=keep, timeout=SECONDS)
    return "".join(said)


@pytest.fixture(scope="module")
def lab(finished_toy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    elsewhere = folder / "else where"
    bench = finished_toy.copy(folder / "bench")
    shutil.move(bench.outputs, elsewhere)
    run = (elsewhere / "latest").resolve().name
    started = Lab(bench, folder / "runtime", run, "toy/book@two", "--outputs", str(elsewhere))
    yield started
    assert not started.end(), "a process outlived the server"


@pytest.fixture
def kernel(lab):
    clients = []

    def opened(path="notebooks/toy/book.ipynb"):
        clients.append(lab.kernel(path))
        return clients[-1]

    yield opened
    for client in clients:
        client.stop_channels()


def test_it_shows_the_root_of_the_clone(lab):
    names = {one["name"] for one in lab.ask("contents/")["content"]}
    assert {"lib", "notebooks", "outputs", "params", "run_all.py"} <= names
    assert lab.ask("contents/lib/toy/sums.py")["type"] == "file"
    assert Path(lab.info["root_dir"]) == lab.bench.root


def test_it_listens_on_the_loopback_interface_and_asks_for_a_token(lab):
    """Although the settings of the person say 0.0.0.0."""
    heard = {one.laddr.ip for one in lab._process.net_connections() if one.status == psutil.CONN_LISTEN}
    assert heard == {"127.0.0.1"}
    assert len(lab.info["token"]) >= 32
    for path in ("contents/", "sessions"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            lab.ask(path, token="wrong")


def test_a_stage_of_a_run_elsewhere_is_opened_with_its_parameters_and_inputs(lab, kernel):
    run = next((lab.bench.root.parent / "else where" / "runs").iterdir()).name
    (copy,) = (lab.bench.outputs / "scratch").glob("*/*.ipynb")
    path = copy.relative_to(lab.bench.root).as_posix()
    cells = lab.ask(f"contents/{path}")["content"]["cells"]
    client = kernel(path)
    said = "".join(run_cell(client, one["source"]) for one in cells if one["cell_type"] == "code")
    assert f"Inputs from run {run}." in said
    assert "Error" not in said
    assert run_cell(client, "print(portfolio, positions['symbol'].tolist())") == "two ['AAA']\n"


EDITED = """
from __future__ import annotations
from dataclasses import dataclass
from lib.toy.levels import LEVEL

@dataclass(frozen=True)
class Point:
    x: int
    def shown(self): return f"{type(self).__name__} of {self.x}"

def point(): return Point(LEVEL)
"""


def test_an_edit_in_lib_is_seen_by_the_next_cell(lab, kernel):
    """Functions, dataclasses, and constants that another module imports by name."""
    module, levels = lab.bench.root / "lib/toy/points.py", lab.bench.root / "lib/toy/levels.py"
    module.write_text(EDITED)
    levels.write_text("LEVEL = 1\n")
    client = kernel()
    opening = "from lib.toy import points\nfrom lib.toy.points import Point, point\n"
    show = "print(point().shown(), points.point() == Point(points.LEVEL), isinstance(point(), Point))"
    assert run_cell(client, opening + show) == "Point of 1 True True\n"
    assert run_cell(client, show) == "Point of 1 True True\n"
    levels.write_text("LEVEL = 2\n")
    said = run_cell(client, show)
    assert said.splitlines()[0] == "Read anew, since it has changed: lib/toy/levels.py."
    assert "Run All Cells" in said
    assert said.splitlines()[-1] == "Point of 2 True True"
    grown = EDITED.replace("    x: int", "    x: int\n    y: int = 5")
    module.write_text(grown.replace("of {", "with {self.y} of {"))
    assert run_cell(client, opening + show).splitlines()[-1] == "Point with 5 of 2 True True"
    module.write_text("def broken(:\n")
    said = run_cell(client, show)
    assert "It cannot be imported, so names mean the old text: SyntaxError" in said
    assert said.splitlines()[-1] == "Point with 5 of 2 True True"
    module.write_text(EDITED)
    assert run_cell(client, show).splitlines()[-1] == "Point of 2 True True"


def test_a_run_reads_lib_as_it_is_and_its_kernels_have_no_such_extension(ran):
    """Even one that is started from a terminal in JupyterLab."""
    ran.cell(
        "alone",
        2,
        'import sys\nassert "lib.run.jupyter" not in sys.modules\nimport pandas as pd\n'
        'loaded = get_ipython().extension_manager.loaded\nassert not {"autoreload"} & loaded, loaded\n'
        'notes = pd.DataFrame({"symbol": ["x"], "value": [1.0]})',
    )
    variables = {"JUPYTER_PATH": str(ran.root / "lib/run/jupyter"), "PYTHONPATH": str(ran.root)}
    code, events, err = ran.run("--only", "toy/alone", env=variables)
    assert code == 0, (events, err)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "toy/book"], "no run nothing"),
        ([None, "toy/bok"], "has no notebook of stage 'toy/bok'"),
        ([None], "a run, and no stage of it"),
        (["--outputs", "empty"], "no run yet in"),
    ],
)
def test_what_cannot_be_opened_is_said_before_anything_starts(finished_toy, arguments, words):
    run = (finished_toy.outputs / "latest").resolve().name
    process = finished_toy.start("lab", *(one or run for one in arguments))
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert words in err
    assert "Traceback" not in err
    assert not os.path.lexists(finished_toy.root / "empty")
