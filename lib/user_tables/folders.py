"""A folder of tables that a setting names: where it is, how refusals name its files, its last day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from lib import user_files
from lib.errors import Faults, InputError

AHEAD_OF_UTC = pd.Timedelta(hours=14)


def folder_of(
    settings: dict[str, Any], params_file: str | None, *, field: str, holds: str, whose: str
) -> Path:
    """The folder of the setting ``path``, which must be there and should hold a file called ``holds``.

    ``whose`` names the provider, ``field`` the setting, in messages.
    """
    path = settings.get("path")
    if not path or not user_files.is_folder(path):
        found = (
            f"no folder {settings.get('path_shown', path)}" if path else f"{whose} needs the path of a folder"
        )
        raise InputError(found, mend=f"name a folder that holds {holds}", file=params_file, field=field)
    return Path(path)


def read(faults: Faults, shown: str | None, reader: Callable[..., Any], *given: Any) -> Any:
    """What a reader gives; None where it refuses a file, which is noted with the folder as it is written."""
    try:
        return reader(*given)
    except InputError as fault:
        for one in fault.each:
            faults.add(in_folder(one, shown))
    return None


def in_folder(fault: InputError, shown: str | None) -> InputError:
    """The fault with the folder, as the params write it, before the file's name."""
    parts = fault.as_dict()
    if shown and fault.file:
        parts["file"] = f"{shown.rstrip('/')}/{fault.file}"
    return InputError(**parts)


def last_day(now: str, as_of: pd.Timestamp) -> pd.Timestamp | None:
    """The last day that an observation can be of: today where it is latest on Earth, or the as-of date."""
    if not now:
        return None
    moment = pd.Timestamp(now)
    moment = moment if moment.tzinfo is None else moment.tz_convert("UTC").tz_localize(None)
    return max((moment + AHEAD_OF_UTC).normalize(), as_of)
