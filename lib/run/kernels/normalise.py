"""What is taken out of an executed notebook, so that equal inputs give equal bytes.

Times, random ids, process numbers, memory addresses and the paths of this machine go; so does the chunking
of what was printed, which depends on when a buffer was flushed. Numbers, tables and pictures are not
touched: whatever else differs between two runs is a fault of the stage.
"""

from __future__ import annotations

import json
import re
import sys
import sysconfig
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from lib.run.environment.fixed import ROOT

INJECTED = "injected-parameters"
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
CELL_FILE = re.compile(r"[^\s\"'()<>\x1b]{0,300}ipykernel_\d+[/\\]\d+\.py")
CELL_NUMBER = re.compile(r"\(\d{5,}\.py, line ")
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{4,}")
TEXTS = ("text/plain", "text/html", "text/markdown", "text/latex")
TEXT_LIMIT = 1_000_000
"""Characters of a value's plain text that are kept."""


def normalise(notebook: Any, scrub: Callable[[str], str]) -> dict:
    """A plain copy of an executed notebook, its texts passed through ``scrub`` (see ``scrubber``)."""
    metadata = {**_without(notebook["metadata"], "papermill", "widgets"), "language_info": LANGUAGE}
    return {
        "cells": [_cell(cell, scrub) for cell in notebook["cells"]],
        "metadata": json.loads(json.dumps(metadata)),
        "nbformat": notebook["nbformat"],
        "nbformat_minor": notebook["nbformat_minor"],
    }


def dump(notebook: dict) -> bytes:
    """The notebook as a file: sorted keys, texts split into lines, as Jupyter writes it."""
    split = {**notebook, "cells": [_split_cell(cell) for cell in notebook["cells"]]}
    return (json.dumps(split, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode()


def _cell(cell: Any, scrub: Callable[[str], str]) -> dict:
    metadata = _without(cell["metadata"], "papermill", "execution")
    if not metadata.get("tags", True):
        del metadata["tags"]
    plain = json.loads(json.dumps({**cell, "metadata": metadata, "outputs": []}))
    if cell["cell_type"] != "code":
        del plain["outputs"]
        return plain
    if INJECTED in metadata.get("tags", []):
        plain["id"] = INJECTED
    plain["outputs"] = [_output(output, scrub) for output in _merged(cell["outputs"])]
    return plain


def _merged(outputs: list) -> list:
    """Between two other outputs, all of standard output, then all of standard error."""
    merged: list = []
    for is_stream, group in groupby(outputs, key=lambda output: output["output_type"] == "stream"):
        if not is_stream:
            merged += group
            continue
        texts: dict[str, list[str]] = {"stdout": [], "stderr": []}
        for output in group:
            texts[output["name"]].append(output["text"])
        for name, parts in texts.items():
            if parts:
                merged.append({"output_type": "stream", "name": name, "text": _overwritten("".join(parts))})
    return merged


def _overwritten(text: str) -> str:
    """What a terminal would still show: a carriage return starts the line again."""
    if "\r" not in text:
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _output(output: Any, scrub: Callable[[str], str]) -> dict:
    plain = json.loads(json.dumps(output))
    if "text" in plain:
        plain["text"] = scrub(plain["text"])
    if "traceback" in plain:
        plain["traceback"] = [scrub(line) for line in plain["traceback"]]
        plain["evalue"] = scrub(plain["evalue"])
    if "data" in plain:
        plain["data"] = _data(plain["data"], scrub)
    return plain


def _data(data: dict, scrub: Callable[[str], str]) -> dict:
    data.pop(WIDGET_VIEW, None)
    for kind in TEXTS:
        if isinstance(data.get(kind), str):
            data[kind] = scrub(data[kind])
    plain = data.get("text/plain", "")
    if len(plain) > TEXT_LIMIT:
        cut = len(plain) - TEXT_LIMIT
        data["text/plain"] = f"{plain[:TEXT_LIMIT]}\n[{cut:,} further characters are left out]"
    return data


def scrubber(private: Iterable[str] = ()) -> Callable[[str], str]:
    """A function that takes process numbers, addresses and this machine's folders out of a text.

    ``private`` are folders of this run. Of a path below a folder its relative part stays.
    """
    places = [sysconfig.get_paths()[name] for name in ("purelib", "platlib", "stdlib")]
    places += [sys.prefix, sys.base_prefix, str(ROOT), *private]
    both = {str(place) for text in places for place in (Path(text), Path(text).resolve())}
    long_enough = sorted((place for place in both if len(place) > 4), key=lambda place: (-len(place), place))
    any_place = "|".join(re.escape(place) for place in long_enough)
    folders = re.compile(rf"(?:{any_place})(?:([/\\])|(?![\w.-]))")

    def scrub(text: str) -> str:
        if "ipykernel_" in text:
            text = CELL_FILE.sub("<cell>", text)
        text = CELL_NUMBER.sub("(line ", text)
        return ADDRESS.sub("", folders.sub(lambda found: "" if found[1] else ".", text))

    return scrub


def _without(mapping: Any, *names: str) -> dict:
    return {name: value for name, value in mapping.items() if name not in names}


def _split_cell(cell: dict) -> dict:
    split = {**cell, "source": cell["source"].splitlines(keepends=True)}
    if "outputs" in cell:
        split["outputs"] = [_split_output(output) for output in cell["outputs"]]
    return split


def _split_output(output: dict) -> dict:
    split = dict(output)
    if "text" in output:
        split["text"] = output["text"].splitlines(keepends=True)
    if "data" in output:
        split["data"] = {
            kind: value.splitlines(keepends=True) if _is_text(kind, value) else value
            for kind, value in output["data"].items()
        }
    return split


def _is_text(kind: str, value: Any) -> bool:
    return isinstance(value, str) and (kind.startswith("text/") or kind == "image/svg+xml")
