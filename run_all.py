"""Run the workbench: `python3 run_all.py` for the sample run, `python3 run_all.py --help` for the rest.

The first start makes the environment in `.venv`; later ones enter it at once. Nothing here is newer than
Python 3.6, so that an old Python can still say what is missing.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 13)


def python_fault(version):
    """One sentence when a Python of this version cannot run the workbench, else an empty text."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return ""
    found, oldest, newest = (".".join(str(part) for part in pair[:2]) for pair in (version, OLDEST, NEWEST))
    return (
        f"The workbench needs Python {oldest} to {newest} and this is {found}: install Python {oldest}, "
        f"then start it with `python{oldest} run_all.py`."
    )


def main(argv):
    """Enter the environment, then carry out the command; returns the exit code."""
    fault = python_fault(sys.version_info)
    if fault:
        print(fault, file=sys.stderr)
        return 2
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if sys.path[0] != str(ROOT):
        sys.path.insert(0, str(ROOT))
    from lib.run.environment.bootstrap import enter

    code = enter(ROOT, argv)
    if code is None:
        from lib.run import cli

        code = cli.main(argv)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
