"""JupyterLab in the environment, at the notebooks or at a stage of a run with that run's inputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from lib import disk
from lib.errors import InputError
from lib.published import RUN_VARIABLE, examined
from lib.run.request.tasks import task_id
from lib.run.session import ROOT
from lib.run_folder import folder_of


def lab(outputs: Path, run: str | None, stage: str | None, rest: list[str]) -> int:
    """Start JupyterLab; with ``run`` and ``stage`` on a copy of the notebook with that run's parameters."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    opened = ROOT / "notebooks"
    if run is not None:
        folder = folder_of(outputs, run)
        opened = prepare_copy(outputs, folder, stage or "")
        environment[RUN_VARIABLE] = str(folder.resolve())
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", *rest, str(opened)]
    return subprocess.call(command, env=environment)


def prepare_copy(outputs: Path, folder: Path, stage: str) -> Path:
    """A notebook under ``outputs/scratch`` with the parameters that the run gave to ``stage[@subject]``."""
    manifest, fault = examined(folder)
    if manifest is None:
        raise InputError(f"no run {folder.name}: {fault}", mend="`python3 run_all.py runs` lists the runs")
    name, _, subject = stage.partition("@")
    found = [
        one for one in manifest["stages"] if one["stage"] == name and subject in ("", one["subject"] or "")
    ]
    made = [one for one in found if one["notebook"]]
    if not made:
        known = ", ".join(task_id(one["stage"], one["subject"]) for one in manifest["stages"])
        raise InputError(f"{folder.name} has no notebook of stage {stage!r}", mend=f"one of {known}")
    notebook = json.loads((folder / made[0]["notebook"]).read_bytes())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    place = outputs / "scratch" / folder.name / Path(made[0]["notebook"]).name
    disk.write_whole(place, disk.dump(notebook))
    return place
