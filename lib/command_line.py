"""A parser of command lines that refuses as the workbench refuses every other input, in one sentence."""

from __future__ import annotations

import argparse
from typing import NoReturn

from lib.errors import InputError


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line as the workbench reports every wrong input."""

    def error(self, message: str) -> NoReturn:
        """Raise InputError in place of printing the usage."""
        raise InputError(message, mend=f"`python3 {self.prog.split()[0]} --help` shows the commands")
