"""What AMFI answered, kept from run to run: a Parquet file for each list, and month and house of history.

``index.json`` says of each item its file with sha256, when it was asked, how it ended, and to which day it
reaches. Files appear whole or not at all, the index last; a file whose content is not what the index says is
given up and asked for anew.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lib import disk

INDEX = "index.json"


@dataclass
class Store:
    """The folder and its index: by item ``file sha256 asked_at status detail rows skipped through``."""

    folder: Path
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: bool = False

    @classmethod
    def opened(cls, folder: str | Path) -> Store:
        """The store in a folder, which need not exist."""
        found = disk.read_json(Path(folder) / INDEX, {})
        items = found.get("items", {}) if isinstance(found, dict) else {}
        return cls(Path(folder), {name: one for name, one in items.items() if isinstance(one, dict)})

    def holds(self, prefix: str = "") -> list[str]:
        """Items with a table, by name."""
        return sorted(name for name, one in self.items.items() if one.get("file") and name.startswith(prefix))

    def keep(self, item: str, frame: pd.DataFrame, **facts: Any) -> None:
        """Keep the table of an item, with what is known of it."""
        target = io.BytesIO()
        frame.to_parquet(target, index=False, compression="zstd")
        content = target.getvalue()
        sha256 = hashlib.sha256(content).hexdigest()
        name = f"{item}.{sha256[:12]}.parquet"
        disk.write_whole(self.folder / name, content, synced=False)
        self.items[item] = {"file": name, "sha256": sha256, "rows": len(frame), **facts}
        self.changed = True

    def note(self, item: str, **facts: Any) -> None:
        """Facts of an item beside the table that is kept of it, if there is one."""
        self.items[item] = {**self.items.get(item, {}), **facts}
        self.changed = True

    def table(self, item: str) -> pd.DataFrame | None:
        """The table of an item; None where there is none or its file is damaged, which gives it up.

        What was noted of its kind, such as to which day the lists reach, is given up with it.
        """
        entry = self.items.get(item, {})
        if not entry.get("file"):
            return None
        path = self.folder / entry["file"]
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            del self.items[item]
            self.items.pop(item.partition("/")[0], None)
            self.changed = True
            return None
        return pd.read_parquet(io.BytesIO(content))

    def give_up_damaged(self) -> list[str]:
        """The items whose files are not what the index says, which are forgotten."""
        return [item for item in self.holds() if self.table(item) is None]

    def commit(self) -> None:
        """Write the index where anything has changed, then remove the files that nothing names any more."""
        if not self.changed:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        disk.sync_tree(self.folder)
        disk.write_whole(self.folder / INDEX, disk.dump({"version": 1, "items": self.items}))
        named = {one["file"] for one in self.items.values() if one.get("file")}
        for path in self.folder.rglob("*.parquet"):
            if str(path.relative_to(self.folder)) not in named:
                path.unlink(missing_ok=True)
        self.changed = False

    @property
    def digest(self) -> str:
        """sha256 of the index, empty when there is none."""
        path = self.folder / INDEX
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
