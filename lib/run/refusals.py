"""What a command may end with: every refusal becomes a line a fault on standard error, and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

from lib import disk
from lib.errors import InputError, WorkbenchError, printable
from lib.run.stopping import Stopped

LONGEST_LINE = 2000


def reported(command: Callable[[], int]) -> int:
    """Carry a command out; its exit code, or that of what it refused. A pipe that nobody reads is raised."""
    try:
        return command()
    except SystemExit as shown:
        return int(shown.code or 0)
    except WorkbenchError as fault:
        for one in fault.each if isinstance(fault, InputError) else (fault,):
            print(f"error: {visible(str(one))}", file=sys.stderr)
        return fault.exit_code
    except BrokenPipeError:
        raise
    except OSError as fault:
        print(f"error: {disk.refusal(fault)}", file=sys.stderr)
        return 1
    except Stopped as stop:
        print(f"ended by {stop.name}; nothing half-written is left", file=sys.stderr)
        return 128 + stop.number


def visible(message: str) -> str:
    """A message line by line, without what is not seen."""
    return "\n".join(printable(line, LONGEST_LINE) for line in message.split("\n"))
