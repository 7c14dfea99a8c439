"""One root, and one subclass for each party that must act on the message."""

from __future__ import annotations

import re

LONGEST = 600
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str, most: int = LONGEST) -> str:
    """Text that may stand in a message: what is not seen is escaped, and what is too long is cut.

    The cut is in the middle, since a value's beginning and a sentence's end both matter.
    """
    if len(text) > most:
        half = most // 2
        text = f"{text[:half]}… ({len(text):,} characters) …{text[-half // 2 :]}"
    return _UNSEEN.sub(lambda one: one[0].encode("unicode_escape", "surrogatepass").decode(), text)


class WorkbenchError(Exception):
    """Anything the workbench refuses or reports; its text is what the person reads."""

    exit_code = 1


class InputError(WorkbenchError):
    """The params file, an input file or the command line is wrong: its author must mend it.

    The text reads ``file:line: field: what was found; mend``; parts that are not known are left out.
    """

    exit_code = 2

    def __init__(
        self,
        found: str,
        *,
        mend: str = "",
        file: str | None = None,
        line: int | None = None,
        field: str | None = None,
    ):
        found, mend = printable(found), printable(mend)
        file, field = (printable(part, 200) if part else part for part in (file, field))
        self.found, self.mend, self.file, self.line, self.field = found, mend, file, line, field
        place = f"{file}:{line}" if file and line else file or (f"line {line}" if line else "")
        head = ": ".join(part for part in (place, field, found) if part)
        super().__init__(f"{head}; {mend}" if mend else head)

    def as_dict(self) -> dict:
        """The parts as plain JSON, so that the error can cross a process border."""
        return {
            "found": self.found,
            "mend": self.mend,
            "file": self.file,
            "line": self.line,
            "field": self.field,
        }


class GraphError(WorkbenchError):
    """The pipeline is wrong (cycle, two writers, a read nobody writes): its developer must mend it."""

    exit_code = 2


class ContractError(WorkbenchError):
    """A table breaks its schema: the author of the stage that writes it must mend it."""


class DataError(WorkbenchError):
    """The data do not carry the analysis (coverage, length): the data's owner must act."""


class QualityError(DataError):
    """The data break the rules that the run sets for them: their owner must mend the data or the rule."""


class SourceLimited(DataError):
    """The source of the data refuses more requests for now: run again later."""


class SourceUnreachable(DataError):
    """The source of the data does not answer as it should: run again once it does."""


class StageError(WorkbenchError):
    """A stage was opened or used in a way that cannot work: the message says what to do."""


class StoreError(WorkbenchError):
    """A stored result is damaged or not reproducible: the operator must look."""


class LockHeld(WorkbenchError):
    """Another run holds the outputs folder: try again later."""

    exit_code = 75
