"""What a params file must say to the folder provider of signals."""

from __future__ import annotations

from lib.settings import Setting

SETTINGS = {
    "path": Setting("path", required=True),
    "french": Setting("texts", default=[]),
    "french_set": Setting("text", default="french"),
}
