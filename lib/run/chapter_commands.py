"""Commands of chapters, each carried out in a process of its own, since the run imports no chapter.

The process has the terminal of its caller: it may ask, and what it prints is not changed. It is
``python -P -m lib.run.chapter_commands TARGET OUTPUTS ARGUMENT …`` in the caller's environment and working
folder; what it refuses reads as every refusal of the command line does.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from lib.run.environment.fixed import ROOT
from lib.run.refusals import reported
from lib.run.stopping import heed_signals


def carry_out(target: str, arguments: Sequence[str], outputs: Path) -> int:
    """Call ``module:function`` with ``(arguments, outputs)``, and wait; its exit code."""
    heed_signals()
    call = [sys.executable, "-P", "-m", "lib.run.chapter_commands", target, str(outputs), *arguments]
    with subprocess.Popen(call, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            raise


def main(arguments: list[str]) -> int:
    """In the process: call the function; what it refuses is a line on standard error.

    That nobody reads the output any more is no fault.
    """
    target, outputs, *rest = arguments
    heed_signals()
    module, _, name = target.partition(":")
    try:
        code = reported(lambda: getattr(importlib.import_module(module), name)(rest, Path(outputs)))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
