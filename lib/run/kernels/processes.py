"""The processes of one call: none before something needs them, none after its end."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any


class Children:
    """The kernels, started when something needs them and closed with the stack."""

    def __init__(self, stack: ExitStack, cold: bool):
        self.stack, self.cold = stack, cold
        self.started: Any = None
        self.guard = threading.Lock()

    def kernels(self) -> Any:
        """The kernels, getting ready."""
        with self.guard:
            if self.started is None:
                from lib.run.kernels.pool import Kernels

                self.started = self.stack.enter_context(Kernels(cold=self.cold))
                self.started.get_ready()
            return self.started

    def close(self) -> None:
        """End every process that was started."""
        with self.guard:
            if self.started is not None:
                self.started.close()

    def call(self, target: str, payload: dict) -> dict:
        """Call a hook in a child of its own while the zygote gets ready; it leaves tables with it."""
        return call(target, {**payload, "out": str(self.kernels().folder / "slices")})


def call(target: str, payload: dict) -> dict:
    """Call a hook in a child of its own."""
    from lib.run.kernels.call import call_in_subprocess

    return call_in_subprocess(target, payload)
