"""How jupyter_client comes to a kernel here: our provisioner, a manager on IPC sockets, short waits.

The manager is built for one notebook and thrown away. Its provisioner does not know whether the process
behind it was forked or started: it is given a function that starts one.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

RECONNECT_MILLISECONDS = 5
START_LIMIT = 60.0
"""Seconds within which a started kernel must answer."""
POLITE_LIMIT = 1.0
"""Seconds that an idle kernel gets to end by itself."""
KILL_LIMIT = 5.0

quiet = logging.getLogger("workbench.kernels")
quiet.addHandler(logging.NullHandler())
quiet.propagate = False


@dataclass(frozen=True)
class KernelProcess:
    """A kernel's process: its number, its exit code to come, and how to signal it and its group."""

    pid: int
    exit: Future[int | None]
    signal: Callable[[int], None]


Starter = Callable[[dict], KernelProcess]
"""Starts a kernel for a request as ``kernel_main.run_kernel`` describes it."""


class KernelGone(Exception):
    """The kernel ended, or never answered; the text says when."""


class Provisioner(LocalProvisioner):
    """A local kernel whose process comes from a Starter."""

    starter: Starter
    request: dict
    kernel_process: KernelProcess | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is a process that has not been seen to end."""
        return self.kernel_process is not None and not self.kernel_process.exit.done()

    async def poll(self) -> int | None:
        """None while the process runs."""
        return None if self.has_process else 0

    async def wait(self) -> int | None:
        """Wait for the end."""
        if self.kernel_process is not None:
            await asyncio.wait([asyncio.wrap_future(self.kernel_process.exit)])
        return 0

    async def send_signal(self, signum: int) -> None:
        """Signal the process group."""
        if self.kernel_process is not None:
            self.kernel_process.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End it at once."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """Ask it to end."""
        await self.send_signal(signal.SIGTERM)

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:
        """Start the process; the command line of the kernel's specification is not used."""
        assert self.parent is not None
        self.kernel_process = self.starter({**self.request, "connection": self.parent.connection_file})
        self.pid = self.kernel_process.pid
        return self.connection_info


class Kernel:
    """One kernel of one notebook: started, ready to be talked to, ended."""

    def __init__(self, starter: Starter, request: dict):
        stem = str(Path(request["folder"]) / uuid.uuid4().hex[:8])
        local = {"transport": "ipc", "ip": stem} if sys.platform != "win32" else {}
        self.manager = AsyncKernelManager(connection_file=f"{stem}.json", log=quiet, **local)
        self.manager.context.setsockopt(zmq.RECONNECT_IVL, RECONNECT_MILLISECONDS)
        spec = KernelSpec(argv=["python3"], display_name="Python 3", language="python")
        self.manager._kernel_spec = spec
        provisioner = Provisioner(kernel_id=str(uuid.uuid4()), kernel_spec=spec, parent=self.manager)
        provisioner.starter, provisioner.request = starter, request
        self.manager.provisioner = self._provisioner = provisioner
        self.client: AsyncKernelClient = self.manager.client(context=self.manager.context)
        self.ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Start the process and wait until both channels are up; KernelGone when that does not happen."""
        try:
            await self.manager.start_kernel(env={})
        except BaseException:
            self.manager.ready.exception()
            raise
        process = self._provisioner.kernel_process
        assert process is not None
        self.ended = asyncio.wrap_future(process.exit)
        self.client.load_connection_info(self.manager.get_connection_info())
        self.client.start_channels(hb=False)
        self.client.allow_stdin = False
        answering = asyncio.ensure_future(self._answered())
        either: list[asyncio.Future] = [answering, self.ended]
        await asyncio.wait(either, timeout=START_LIMIT, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done():
            answering.cancel()
            raise KernelGone("before it was ready" if self.ended.done() else "without an answer in time")
        answering.result()

    async def _answered(self) -> None:
        """The reply on one channel, and anything at all on the other, which shows that it is subscribed."""
        self.client.kernel_info()
        heard = [self.client.get_shell_msg(timeout=None), self.client.get_iopub_msg(timeout=None)]
        await asyncio.gather(*heard)

    async def value_of(self, expression: str, limit: float) -> str | None:
        """Text of an expression, evaluated in the idle kernel without leaving a trace; None if it fails."""
        request = self.client.execute(
            "", silent=True, store_history=False, user_expressions={"value": expression}, stop_on_error=False
        )
        try:
            async with asyncio.timeout(limit):
                while True:
                    reply = await self.client.get_shell_msg(timeout=None)
                    if reply["parent_header"].get("msg_id") == request:
                        break
            return reply["content"]["user_expressions"]["value"]["data"]["text/plain"]
        except (TimeoutError, KeyError):
            return None

    def kill(self) -> None:
        """End the process and its group at once; ``ended`` says when it is done."""
        if self._provisioner.kernel_process is not None:
            self._provisioner.kernel_process.signal(signal.SIGKILL)

    async def end(self, *, politely: bool) -> None:
        """End the process, close every socket, remove the connection's files."""
        try:
            if self._provisioner.has_process:
                if politely:
                    await self.manager.request_shutdown()
                    await asyncio.wait([self.ended], timeout=POLITE_LIMIT)
                if not self.ended.done():
                    self.kill()
                    await asyncio.wait([self.ended], timeout=KILL_LIMIT)
        finally:
            self.ended.cancel()
            self.client.stop_channels()
            await self.manager.cleanup_resources()
