"""nbclient on a kernel of ours, with a limit to what a cell may print and show.

A cell keeps the first million characters of each output stream; a text or picture beyond its limit is left
out, and a line says so. The limit of time and a dying kernel take one and the same way: the kernel ends, and
nbclient's wait for its reply ends with it.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from lib.run.kernels.provisioner import Kernel, quiet

STREAM_LIMIT = 1_000_000
"""Characters of one output stream that a cell keeps."""
TEXT_LIMIT, PICTURE_LIMIT = 1_000_000, 10_000_000
"""Characters of one text, such as an HTML table, and of one picture that a cell keeps."""
STREAM_NAMES = {"stdout": "standard output", "stderr": "standard error"}
SHOWN = ("display_data", "update_display_data", "execute_result")
LAST_MESSAGES = 0.1
"""Seconds in which what a dead kernel had sent may still arrive."""


class Cells(NotebookClient):
    """The cells of one notebook."""

    def __init__(self, notebook: NotebookNode, kernel: Kernel):
        settings = {"record_timing": False, "store_widget_state": False}
        super().__init__(notebook, km=kernel.manager, log=quiet, **settings)
        self.kernel = kernel
        self.kc = kernel.client
        self.left = False
        self._printed = dict.fromkeys(STREAM_NAMES, 0)
        self.on_cell_executed = self._look_for_exit

    async def execute_cell_at(self, index: int) -> None:
        """Run the cell at ``index``; what nbclient raises, this raises."""
        self._printed = dict.fromkeys(STREAM_NAMES, 0)
        cell = self.nb.cells[index]
        try:
            await self.async_execute_cell(cell, index, execution_count=self.code_cells_executed + 1)
        finally:
            self._say_what_was_cut(cell)

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Take a message of the kernel, without what is too long to be shown."""
        if msg["msg_type"] in SHOWN and (data := msg["content"].get("data")):
            msg["content"]["data"] = _within_limits(data)
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: list, msg: dict, display_id: str | None, cell_index: int) -> NotebookNode | None:
        """Keep an output, as far as the limit allows."""
        if msg["msg_type"] == "stream":
            name, text = msg["content"]["name"], msg["content"]["text"]
            room = max(STREAM_LIMIT - self._printed[name], 0)
            self._printed[name] += len(text)
            msg["content"]["text"] = text[:room]
            if not room:
                return None
        return super().output(outs, msg, display_id, cell_index)

    def clear_output(self, outs: list, msg: dict, cell_index: int) -> None:
        """Forget the outputs so far, and what they count against the limit."""
        self._printed = dict.fromkeys(STREAM_NAMES, 0)
        super().clear_output(outs, msg, cell_index)

    async def _async_poll_kernel_alive(self) -> None:
        await asyncio.wait([self.kernel.ended])
        await asyncio.sleep(LAST_MESSAGES)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    def _look_for_exit(self, execute_reply: dict, **ignored: Any) -> None:
        payload = execute_reply["content"].get("payload", [])
        self.left = self.left or any(part.get("source") == "ask_exit" for part in payload)

    def _say_what_was_cut(self, cell: NotebookNode) -> None:
        for name, words in STREAM_NAMES.items():
            if (cut := self._printed[name] - STREAM_LIMIT) > 0:
                kept = f"a cell keeps {STREAM_LIMIT:,}"
                text = f"\n[{cut:,} further characters of {words} are left out; {kept}]\n"
                cell.outputs.append(nbformat.v4.new_output("stream", name=name, text=text))


def _within_limits(data: dict[str, Any]) -> dict[str, Any]:
    """What a cell shows, by MIME type, or a line in its place where a part is too long."""
    kept, cut = {}, []
    for kind, value in data.items():
        length = len(value if isinstance(value, str) else json.dumps(value))
        limit = PICTURE_LIMIT if kind.startswith("image/") else TEXT_LIMIT
        if length <= limit:
            kept[kind] = value
        else:
            cut.append(f"[{length:,} characters of {kind} are left out; a cell keeps {limit:,}]")
    return {"text/plain": "\n".join(cut)} if cut else kept
