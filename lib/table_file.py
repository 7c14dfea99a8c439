"""A stored table as a file: written with checksums, and never read without them.

Every read of a table that a run keeps goes through ``read``, by stages and by hand. The bytes that are parsed
are the bytes that are hashed, so that a bit which changed on the disk, wherever it lies, is found before it
becomes a number.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pandas as pd

from lib.errors import StoreError

ANEW = "`python3 run_all.py` makes it anew"


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table; its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False, compression="zstd", write_page_checksum=True)


def read(path: Path | str, sha256: str | None, *, mend: str = ANEW) -> pd.DataFrame:
    """The table in a file whose content has that digest; its pages only are verified where there is None.

    Raises StoreError, with the ``mend``, when the file is missing or not what was written.
    """
    content = whole(path, sha256, mend=mend)
    try:
        return pd.read_parquet(io.BytesIO(content), page_checksum_verification=True)
    except (OSError, ValueError) as fault:
        raise _damaged(path, " ".join(str(fault).split()), mend) from None


def whole(path: Path | str, sha256: str | None, *, mend: str = ANEW) -> bytes:
    """The bytes of a file that has that digest; StoreError as in ``read``."""
    try:
        content = Path(path).read_bytes()
    except OSError as fault:
        found = "it is missing" if isinstance(fault, FileNotFoundError) else f"{fault.strerror}"
        raise _damaged(path, found, mend) from None
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise _damaged(path, "its content is not what was written", mend)
    return content


def _damaged(path: Path | str, found: str, mend: str) -> StoreError:
    return StoreError(f"{path} is damaged: {found}; {mend}")
