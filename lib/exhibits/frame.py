"""What every exhibit has around its content: title, reading and the quiet line that names its source.

Links are relative to a file two folders below the run's root (``pages/<chapter>/`` or
``notebooks/<chapter>/``), so that a page and a notebook carry the same ones.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lib import wording
from lib.pipeline import PIPELINE
from lib.run_folder import UP, page_path, table_mark, table_path

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Source:
    """Where the numbers of an exhibit stand: table, rows, origins, and links relative to the page.

    ``page`` leads to the exhibit that shows the table on its stage's page; ``own`` that this is it.
    """

    table: str
    rows: int
    origins: tuple[str, ...]
    parquet: str | None
    stage: str
    page: str | None
    own: bool = False


@dataclass(frozen=True)
class Exhibit:
    """A finished exhibit; notebooks show ``html``, consoles ``text``."""

    html: str
    text: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}


def source_of(table: str, rows: int, origins: Iterable[str], stage: str, context: dict) -> Source:
    """The source line of ``table``, written by ``stage``, for a stage opened with ``context``.

    ``context["subject"]`` says whose file it is where ``stage`` runs once for each subject; without one the
    rows are those of every subject, which are no one file. Tables ``raw_*`` are inputs of the run and have no
    page.
    """
    subject = context.get("subject")
    row, own = PIPELINE.find(stage), stage == context.get("stage")
    if row and row.per and not subject:
        return Source(table, int(rows), tuple(origins), None, stage, None)
    kind, owner = (row.per, subject) if row and row.per else (None, None)
    hook = PIPELINE.hook(table)
    if hook is not None:
        parquet, page = hook.path(table), None
    else:
        parquet = table_path(table, kind, owner)
        page = (
            None
            if own or row is None
            else f"{UP}{quote(page_path(stage, owner), safe='/.')}#{table_mark(table)}"
        )
    return Source(table, int(rows), tuple(origins), UP + quote(parquet, safe="/.="), stage, page, own)


def escape(value: Any) -> str:
    """Text safe in HTML content and quoted attributes, without characters that are not seen."""
    return html.escape(UNSEEN.sub("", str(value)), quote=True)


def wrap(
    kind: str, content: str, *, title: str, reading: str, source: Source | None, notes: list[str]
) -> str:
    """An exhibit's HTML: ``content`` is HTML already, all other text is escaped here."""
    own = f' data-table="{escape(source.table)}"' if source is not None and source.own else ""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    parts = [
        f'<figure class="exhibit {kind}" id="x-{slug}"{own}>',
        f"<figcaption><h3>{escape(title)}</h3></figcaption>",
        content,
    ]
    if reading:
        parts.append(f'<p class="reading">{escape(reading)}</p>')
    if line := source_line(source, notes):
        parts.append(f'<p class="source">{line}</p>')
    return "\n".join([*parts, "</figure>"])


def source_line(source: Source | None, notes: list[str]) -> str:
    """HTML of the quiet line under an exhibit; empty when nothing is known."""
    items = [escape(note) for note in notes if note]
    if source is not None:
        items.append(f"Table <code>{escape(source.table)}</code>, {wording.plural(source.rows, 'row')}")
        items += [badge(origin) for origin in source.origins if origin != "real"]
        if source.parquet:
            items.append(f'<a href="{escape(source.parquet)}">Parquet</a>')
        else:
            items.append(f"of every one, from {escape(source.stage)}")
        if source.page:
            items.append(f'<a href="{escape(source.page)}">from {escape(source.stage)}</a>')
    return " \u00b7 ".join(items)


def badge(origin: str) -> str:
    """HTML of an origin that is not ``real``, as a word in a frame."""
    return f'<span class="badge">{escape(origin)}</span>'
