"""What a code declares: its words, and how bad it is."""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("rejected", "warning", "info")


@dataclass(frozen=True)
class Code:
    """A flag or reason as tables hold it, with its ``words`` for people: a reason as it stands after "n/a".

    ``severity`` is rejected, warning or info; ``message`` is the sentence of a row issue, which may hold one
    ``{value}``, the text that was found. ``nouns`` name what has the code, one and several.
    """

    name: str
    words: str
    severity: str = "info"
    message: str = ""
    nouns: tuple[str, str] = ("", "")

    @property
    def warning(self) -> bool:
        """Whether a reader should be warned."""
        return self.severity != "info"
