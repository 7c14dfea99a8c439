"""The sample run as a whole: its wall time over its bare cells divided by the cores, and an unchanged run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BARE = """
import json, sys, time
sys.path.insert(0, {root!r})
import pandas, numpy, scipy.stats, matplotlib.pyplot, pandera.pandas, pyarrow.parquet
spent = 0.0
for path in json.load(sys.stdin):
    cells = json.load(open(path))["cells"]
    names = {{}}
    begun = time.perf_counter()
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    spent += time.perf_counter() - begun
print(spent)
"""


def run(outputs: Path, *arguments: str) -> tuple[float, dict]:
    """Seconds from start to exit, and the last event."""
    begun = time.perf_counter()
    command = [sys.executable, "run_all.py", "--outputs", str(outputs), *arguments]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return time.perf_counter() - begun, json.loads(process.stdout.splitlines()[-1])


def bare_cells(run_folder: Path) -> float:
    """Seconds of the notebooks' cells one after another in one zygote."""
    manifest = json.loads((run_folder / "manifest.json").read_text())
    paths = [str(run_folder / stage["notebook"]) for stage in manifest["stages"]]
    variables = {**os.environ, "WORKBENCH_RUN": str(run_folder), "MPLBACKEND": "agg"}
    process = subprocess.run(
        [sys.executable, "-c", BARE.format(root=str(ROOT))],
        input=json.dumps(paths),
        env=variables,
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    return float(process.stdout.splitlines()[-1])


def main() -> None:
    """Print the figures."""
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as place:
        outputs = Path(place) / "outputs"
        first, event = run(outputs)
        bare = bare_cells(Path(event["report"]).parent)
        unchanged = min(run(outputs)[0] for _ in range(5))
        again, _ = run(outputs, "--force")
    print(f"sample run, nothing stored          {first:7.2f} s")
    print(f"sample run, --force                 {again:7.2f} s")
    print(f"its bare cells, one process         {bare:7.2f} s, over {cores} cores {bare / cores:.2f} s")
    print(f"wall over bare cells / cores        {first / (bare / cores):7.2f} x")
    print(f"unchanged run, process start to exit {unchanged:6.3f} s (goal: under 1 s)")


if __name__ == "__main__":
    main()
