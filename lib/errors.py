"""One root, and one subclass for each party that must act on the message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

LONGEST = 600
MOST_NAMED = 50
"""Faults of one file that are told one by one; of further ones their number."""
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

    @property
    def each(self) -> tuple[InputError, ...]:
        """The faults that this one is made of: itself, or several that are told together."""
        return (self,)

    @property
    def notes(self) -> tuple[InputError, ...]:
        """What was found beside the faults and stops nothing by itself, such as rows that are left out."""
        return ()


class InputFaults(InputError):
    """Faults of what was handed in, told together, a line each, and what was noted beside them."""

    def __init__(self, faults: Iterable[InputError], notes: Iterable[InputError] = ()):
        self.faults, self._notes = tuple(faults), tuple(notes)
        super().__init__(**self.faults[0].as_dict())
        self.args = ("\n".join(map(str, self.faults)),)

    def as_dict(self) -> dict:
        """The faults and notes as plain JSON."""
        return {
            "faults": [one.as_dict() for one in self.faults],
            "notes": [one.as_dict() for one in self._notes],
        }

    @property
    def notes(self) -> tuple[InputError, ...]:
        """What was noted."""
        return self._notes

    @property
    def each(self) -> tuple[InputError, ...]:
        """The faults."""
        return self.faults


def input_error(parts: dict) -> InputError:
    """The error that ``as_dict`` gave the parts of."""
    if "faults" in parts:
        faults, notes = ([InputError(**one) for one in parts[name]] for name in ("faults", "notes"))
        return InputFaults(faults, notes)
    return InputError(**parts)


class Faults:
    """Collects faults of what was handed in, each once, so that a person is told all of them at once."""

    def __init__(self) -> None:
        self.found: dict[str, InputError] = {}
        self.notes: dict[str, InputError] = {}

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, fault: InputError) -> None:
        """Note a fault, or each of several."""
        for one in fault.each:
            self.found.setdefault(str(one), one)
        self.remark(fault.notes)

    def remark(self, notes: Iterable[InputError]) -> None:
        """Note what stops nothing, to be told beside the faults."""
        self.notes.update((str(one), one) for one in notes)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what the body refuses, and go on after it."""
        try:
            yield
        except InputError as fault:
            self.add(fault)

    def refuse(self) -> None:
        """Raise what was noted, if anything, as one error: file by file, in the order of lines."""
        files = list(dict.fromkeys(one.file for one in self.found.values()))
        faults = sorted(self.found.values(), key=lambda one: (files.index(one.file), one.line or 0))
        if faults:
            alone = len(faults) == 1 and not self.notes
            raise faults[0] if alone else InputFaults(faults, self.notes.values())


def first_named(faults: list[InputError], file: str, total: int = 0) -> list[InputError]:
    """The first faults of a file, and where there are more than ``MOST_NAMED`` a last one that counts them.

    ``total`` is how many there are where ``faults`` are not all.
    """
    named = faults[:MOST_NAMED]
    if more := max(total, len(faults)) - len(named):
        last = named[-1].line
        named.append(InputError(f"and {more:,} more", mend="mend these first", file=file, line=last))
    return named


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


class ReauthRequired(DataError):
    """A broker takes a person's token no more: the person must grant a new one."""

    code = "REAUTH_REQUIRED"


class StageError(WorkbenchError):
    """A stage was opened or used in a way that cannot work: the message says what to do."""


class StoreError(WorkbenchError):
    """A stored result is damaged or not reproducible: the operator must look."""


class LockHeld(WorkbenchError):
    """Another run holds the outputs folder: try again later."""

    exit_code = 75
