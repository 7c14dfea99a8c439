"""What the tests of commands of chapters call."""

import json
import os
import sys
from pathlib import Path

from lib.errors import InputError


def tell(arguments: list[str], outputs: Path) -> int:
    """Say what was given and what stands on standard input."""
    said = {"arguments": arguments, "outputs": str(outputs), "folder": str(Path.cwd())}
    print(json.dumps({**said, "input": sys.stdin.read(), "key": os.environ.get("WORKBENCH_TEST")}))
    return 7


def refuse(arguments: list[str], outputs: Path) -> int:
    """Refuse as a chapter does."""
    raise InputError("three wheels", mend="take four", field="--wheels")
