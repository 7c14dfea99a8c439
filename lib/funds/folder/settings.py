"""What a params file must say to the folder provider of funds."""

from __future__ import annotations

from lib.settings import Setting

SETTINGS = {"path": Setting("path", required=True)}
