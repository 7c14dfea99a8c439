"""The files that a notebook opened by hand names in its settings, where it names others than the run did.

They are read from ``params/``, as the parameter cell says, and as a run reads them that has no such file
beside its params file.
"""

from __future__ import annotations

from pathlib import Path

from lib import user_files
from lib.errors import InputError, StageError

ENDINGS = (".yaml", ".yml")


def names_files(setting: str) -> bool:
    """Whether the value of a setting is the path of a file, or several."""
    return setting.endswith(("_file", "_files"))


def read_from_params(setting: str, value: str | list[str], params: Path, run_says: str) -> list[Path]:
    """The plain files that a setting names; of a folder in a list its YAML files, sorted.

    ``run_says`` tells what the run has instead. Raises StageError with what is wrong and both ways out.
    """
    found: list[Path] = []
    for written in [value] if isinstance(value, str) else value:
        path = params / written
        several = not isinstance(value, str) and path.is_dir()
        every = sorted(path.iterdir()) if several else [path]
        found += [one for one in every if not several or _meant(one)]
    shown = [_shown(path, params) for path in found]
    for path, name in zip(found, shown, strict=True):
        try:
            user_files.check(path, name)
        except InputError as fault:
            raise StageError(
                f"{setting} names {name}: {fault.found}; name a file in params/, or put the value of the run "
                f"back: {run_says}"
            ) from None
    return found


def _meant(path: Path) -> bool:
    return path.suffix in ENDINGS and not path.name.startswith(".")


def _shown(path: Path, params: Path) -> str:
    return f"params/{path.relative_to(params).as_posix()}" if path.is_relative_to(params) else str(path)
