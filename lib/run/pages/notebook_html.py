"""An executed notebook as the body of a page: nbconvert with the workbench's own template.

The template writes cells only; ``lib.run.pages.stage_page`` puts the top, the provenance and the shell around
it.
Code is folded, escape sequences of terminals are removed, and a picture always has a description.
"""

from __future__ import annotations

import base64
import copy
import html
import re
import sys
from functools import cache
from itertools import chain, count, takewhile
from pathlib import Path
from typing import Any

from lib import run_folder, wording
from lib.run.pages import TEMPLATES, sanitise

SHOWN_FIRST = [
    "text/html",
    "image/svg+xml",
    "image/png",
    "image/jpeg",
    "text/markdown",
    "text/plain",
    "text/latex",
]
FIRST_HEADING = re.compile(r"\s*# [^\n]*\n*")
EXHIBIT = re.compile(r'<figure class="([a-z ]+)" id="(x-[a-z0-9-]*)"(?: data-table="([a-z0-9_]+)")?>')
CELLS = {"parameters": "default parameters", "injected-parameters": "parameters of this run"}
BARE_HEADING = re.compile(r"\s*##+ [^\n]*\s*")
IF_SHOWN = "if-shown"
NOT_DESCRIBED = "A picture without description, made by the code above it"


def read_notebook(path: Path) -> Any:
    """The notebook at ``path`` in its current format."""
    # A transitive import of nbformat compiles a grammar that nothing here uses, for seconds.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    import nbformat

    return nbformat.read(path, as_version=4)


def body_of(notebook: Any, broken: str | None = None) -> str:
    """HTML of the cells without the first title; the cell with id ``broken`` is marked and its code open."""
    prepared = _prepared(_without_empty_parts(notebook))
    body, _ = _exporter().from_notebook_node(prepared, resources={"workbench": {"broken": broken}})
    return _with_marks(str(body))


def _with_marks(body: str) -> str:
    """Each exhibit with an anchor: of its table, where it is the first that shows it, or of its title."""
    taken: set[str] = set()

    def marked(found: re.Match[str]) -> str:
        kind, name, table = found.groups()
        wanted = [run_folder.table_mark(table)] if table else []
        free = (f"{name}-{n}" for n in count(2))
        chosen = next(one for one in chain([*wanted, name], free) if one not in taken)
        taken.add(chosen)
        return f'<figure class="{kind}" id="{chosen}">'

    return EXHIBIT.sub(marked, body)


def headings_of(notebook: Any) -> list[tuple[str, str]]:
    """Anchor and text of the headings of the second level, for the list at the top of a page."""
    found = []
    for cell in _without_empty_parts(notebook).cells:
        if cell.cell_type == "markdown":
            for mark, text in re.findall(
                r'<h2 id="(s-[a-z0-9-]+)">(.*?)</h2>', sanitise.markdown(cell.source)
            ):
                found.append((mark, html.unescape(re.sub(r"<[^>]*>", "", text))))
    return found


def _without_empty_parts(notebook: Any) -> Any:
    """Without headings under which a reader finds nothing but code, such as those of inputs and outputs.

    One with prose stays, unless its cell is tagged ``if-shown``.
    """
    cells = notebook.cells
    kept = []
    for place, cell in enumerate(cells):
        tagged = IF_SHOWN in cell.metadata.get("tags", ())
        if cell.cell_type == "markdown" and (tagged or BARE_HEADING.fullmatch(cell.source)):
            after = list(takewhile(lambda one: one.cell_type != "markdown", cells[place + 1 :]))
            if after and not any(one.get("outputs") for one in after):
                continue
        kept.append(cell)
    return type(notebook)({**notebook, "cells": kept})


def _prepared(notebook: Any) -> Any:
    """A copy whose Markdown is rendered and whose outputs are clean."""
    notebook = copy.deepcopy(notebook)
    titled = False
    for cell in notebook.cells:
        cell.setdefault("id", "")
        if cell.cell_type == "markdown":
            source = cell.source if titled else FIRST_HEADING.sub("", cell.source, count=1)
            titled = titled or source != cell.source
            cell.metadata["workbench_html"] = sanitise.markdown(source)
        if cell.cell_type == "code":
            for output in cell.outputs:
                _clean_output(output)
    return notebook


def _clean_output(output: Any) -> None:
    data = output.get("data", {})
    for kind in list(data):
        if kind not in SHOWN_FIRST:
            del data[kind]
    if "text/html" in data:
        data["text/html"] = sanitise.clean(data["text/html"])
    if "text/markdown" in data:
        data["text/markdown"] = sanitise.markdown(data["text/markdown"])


@cache
def _exporter() -> Any:
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from nbconvert.exporters import TemplateExporter
    from nbconvert.utils.base import NbConvertBase
    from traitlets.config import Config

    settings = Config()
    settings[NbConvertBase.__name__].display_data_priority = SHOWN_FIRST
    filters = {
        "python": _highlighted,
        "words": _cell_name,
        "described": _described,
        "encoded": lambda text: base64.b64encode(text.encode()).decode(),
        "squeezed": lambda text: "".join(text.split()),
    }
    return TemplateExporter(
        config=settings,
        template_name="workbench",
        template_file="index.html.j2",
        extra_template_basedirs=[str(TEMPLATES)],
        default_preprocessors=[],
        filters=filters,
    )


def _cell_name(cell_id: str) -> str:
    return CELLS.get(cell_id) or wording.sentence_case(cell_id)


def _described(output: Any, cell: Any) -> str:
    metadata = output.get("metadata", {})
    given = [
        metadata.get(kind, {}).get("alt") for kind in SHOWN_FIRST if isinstance(metadata.get(kind), dict)
    ]
    return next((text for text in [*given, cell.metadata.get("alt")] if text), NOT_DESCRIBED)


def _highlighted(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(source, PythonLexer(), HtmlFormatter(cssclass="highlight", wrapcode=True)))
