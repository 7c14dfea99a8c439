"""JupyterLab in the environment, at the clone's root or at a stage of a run with that run's inputs.

This process becomes Jupyter's, so that a signal reaches it and its kernels end with it. It listens on the
loopback interface, and asks for a token unless the owner's own Jupyter settings say otherwise.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import quote

from lib import disk
from lib.errors import InputError
from lib.published import RUN_VARIABLE, examined, runs_of
from lib.run.request.tasks import task_id
from lib.run.session import ROOT
from lib.run_folder import folder_of

KERNELS = ROOT / "lib" / "run" / "jupyter"
"""The folder whose ``kernels`` Jupyter takes before all others."""


def lab(outputs: Path, run: str | None, stage: str | None, rest: list[str]) -> int:
    """Become JupyterLab; with ``run`` and ``stage`` on a copy of the notebook with that run's parameters.

    Where ``outputs`` is not the clone's own folder, notebooks read from ``run`` or else from its newest one.
    """
    found = [str(KERNELS), os.environ.get("JUPYTER_PATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "JUPYTER_PATH": os.pathsep.join(filter(None, found)),
    }
    page = "/lab"
    if run is not None:
        folder = folder_of(outputs, run)
        opened = prepare_copy(folder, stage)
        page = f"/lab/tree/{quote(opened.relative_to(ROOT).as_posix())}"
        environment[RUN_VARIABLE] = str(folder.resolve())
    elif outputs.resolve() != (ROOT / "outputs").resolve():
        environment[RUN_VARIABLE] = str(_newest(outputs))
    options = [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url={page}"]
    if not any(one.startswith(("--ip", "--ServerApp.ip")) for one in rest):
        options.append("--ServerApp.ip=127.0.0.1")
    sys.stdout.flush()
    command = [sys.executable, "-m", "jupyterlab", *options, *rest]
    os.execve(sys.executable, command, environment)


def prepare_copy(folder: Path, stage: str | None) -> Path:
    """A notebook under ``outputs/scratch`` with the parameters that the run gave to ``stage[@subject]``.

    It lies in the clone wherever the run is, since JupyterLab reaches nothing else.
    """
    manifest, fault = examined(folder)
    if manifest is None:
        raise InputError(f"no run {folder.name}: {fault}", mend="`python3 run_all.py runs` lists the runs")
    name, _, subject = (stage or "").partition("@")
    made = [
        one
        for one in manifest["stages"]
        if one["notebook"] and one["stage"] == name and subject in ("", one["subject"] or "")
    ]
    if not made:
        known = ", ".join(task_id(one["stage"], one["subject"]) for one in manifest["stages"])
        found = f"{folder.name} has no notebook of stage {stage!r}" if stage else "a run, and no stage of it"
        raise InputError(found, mend=f"one of {known}")
    notebook = json.loads((folder / made[0]["notebook"]).read_bytes())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    place = ROOT / "outputs" / "scratch" / folder.name / Path(made[0]["notebook"]).name
    disk.write_whole(place, disk.dump(notebook))
    return place


def _newest(outputs: Path) -> Path:
    runs = runs_of(outputs)
    if not runs.complete:
        found = f"{runs.none_complete()} in {outputs}"
        raise InputError(found, mend="`python3 run_all.py runs` lists the runs")
    return runs.complete[0][0].resolve()
