"""Links to the files that a stage exports, as an exhibit: names are checked, addresses are relative."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from lib.errors import StageError
from lib.exhibits.frame import Exhibit, escape, wrap
from lib.run_folder import UP

NAME = re.compile(r"[A-Za-z0-9_-]+(\.[a-z]+)+")


def links_exhibit(files: Mapping[str, str], *, title: str, reading: str = "") -> Exhibit:
    """A list of exported files, by name, each with what it is for; links lead to the run's ``exports/``.

    Raises StageError for what is no name of an export, so that no address can lead anywhere else.
    """
    if wrong := [name for name in files if not NAME.fullmatch(name)]:
        raise StageError(f"{wrong[0]!r} is no name of an export")
    items = [
        f'<li><a href="{UP}exports/{quote(name)}">{escape(name)}</a>: {escape(purpose)}</li>'
        for name, purpose in files.items()
    ]
    page = wrap("links", f"<ul>{''.join(items)}</ul>", title=title, reading=reading, source=None, notes=[])
    text = "\n".join([title, *(f"{name}: {purpose}" for name, purpose in files.items())])
    return Exhibit(page, text)
