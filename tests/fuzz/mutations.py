"""Small random changes of good text: bits, slices, lines, and words replaced by evil ones."""

from __future__ import annotations

import random
import re

NUMBERS = (
    *("nan", "inf", "-inf", "1e999", "-1e999", "1e-999", "1e308", "-1e308", "1e15", "-0", "0", "-1", "0x10"),
    *("1_000", "1,000", "$5", "(5)", "5%", "1.2.3", "--5", "１２", "٣", "½", "1e", ".", "9" * 5000, "1/0"),
    *("0." + "3" * 5000, "1" + "0" * 300, "18446744073709551616", "=1+1", "+5", "1 000", "1\u00a0000"),
)
DATES = (
    *("2022-02-30", "0001-01-01", "9999-12-31", "0000-00-00", "2262-04-12", "1677-09-20", "1677-09-21"),
    *("2022-12-28T00:00:00", "2022-12-28 09:30", "28.12.2022", "12/28/2022", "2022-1-1", "latest", "today"),
    *("2022-12-28+25:00", "-2022-12-28", "22-12-28", "２０２２-12-28", "99999-12-31", "2022-W52"),
)
WORDS = (
    *("", " ", "\0", "\x1b[31mred\x1b[0m", "\x07", "\x7f", "\u202eabc", "\u2028", "\u2066x", "a\u0301", "😀"),
    *("\ufeff", "null", "~", "true", "NO", "None", "*x", "&x", "!!python/object:os.system", "!x", "[", "{"),
    *(
        "]",
        "}",
        "- ",
        "? ",
        "|",
        ">",
        "%YAML 9.9",
        "@",
        "`",
        "---",
        "...",
        "#",
        ":",
        ",",
        ";",
        '"',
        '""',
        "'",
    ),
    *('"""', "\\", "\\x00", "\r", "\n", "\r\n", "\t", "..", "../../etc/passwd", "/dev/zero", "/etc/passwd"),
    *("/proc/self/mem", "~", "~nosuchuser/x", "A" * 300, "é" * 300, "x" * 100_000, "<script>", "{{7*7}}"),
    *("%s%n", "${HOME}", "$(id)", "AAA230317C00010000", "AAA991399C00010000", "AAA230317C99999999", "aux"),
    *(
        "AAA000000P00000000",
        "__class__",
        "AAA.B",
        "^GSPC",
        "ＡＡＡ",
        "ß",
        "ﬁ",
        "İ",
        "a/b",
        "\u0085",
        "\x9b2J",
    ),
)
EVIL = (*NUMBERS, *DATES, *WORDS)
BYTES = (b"\xff", b"\xfe\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\0\0\0\0", b"\x80")


def mutated(rng: random.Random, content: bytes) -> bytes:
    """The content after one to four random changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice(CHANGES)(rng, content)
    return content


def evil(rng: random.Random) -> bytes:
    """An evil word, number or date, or bytes that are no text."""
    return rng.choice(BYTES) if rng.random() < 0.05 else rng.choice(EVIL).encode()


def _place(rng: random.Random, content: bytes) -> int:
    return rng.randrange(len(content) + 1)


def _flip(rng: random.Random, content: bytes) -> bytes:
    if not content:
        return b"\x01"
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]


def _insert(rng: random.Random, content: bytes) -> bytes:
    at = _place(rng, content)
    return content[:at] + evil(rng) + content[at:]


def _slice(rng: random.Random, content: bytes) -> tuple[int, int]:
    start = _place(rng, content)
    return start, min(len(content), start + rng.choice((1, 3, 10, 50)))


def _delete(rng: random.Random, content: bytes) -> bytes:
    start, end = _slice(rng, content)
    return content[:start] + content[end:]


def _repeat(rng: random.Random, content: bytes) -> bytes:
    start, end = _slice(rng, content)
    return content[:end] + content[start:end] * rng.choice((1, 2, 50, 2000)) + content[end:]


def _truncate(rng: random.Random, content: bytes) -> bytes:
    return content[: _place(rng, content)]


def _word(rng: random.Random, content: bytes) -> bytes:
    words = list(re.finditer(rb"[\w.-]+", content))
    if not words:
        return evil(rng)
    found = rng.choice(words)
    return content[: found.start()] + evil(rng) + content[found.end() :]


def _cell(rng: random.Random, content: bytes) -> bytes:
    """Replace what stands between two separators, also nothing."""
    signs = [0, *(found.end() for found in re.finditer(rb"[,:\n\[{ ]", content))]
    start = rng.choice(signs)
    end = re.compile(rb"[,\n\]}]|$").search(content, start)
    assert end
    return content[:start] + evil(rng) + content[end.start() :]


def _lines(rng: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return b"\n"
    at = rng.randrange(len(lines))
    what = rng.choice(("drop", "twice", "move", "many"))
    line = lines[at]
    if what == "drop":
        del lines[at]
    elif what == "twice":
        lines.insert(at, line)
    elif what == "move":
        lines.insert(rng.randrange(len(lines)), lines.pop(at))
    else:
        lines[at:at] = [line] * 3000
    return b"".join(lines)


def _indent(rng: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    at = rng.randrange(len(lines))
    lines[at] = rng.choice((b" ", b"\t", b"  - ", b"        ")) + lines[at].lstrip()
    return b"".join(lines)


def _encoding(rng: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", errors="replace")
    return rng.choice(
        (
            lambda: text.encode("utf-16"),
            lambda: text.encode("utf-16-le"),
            lambda: text.encode("utf-8-sig") + b"\xef\xbb\xbf",
            lambda: text.encode("latin-1", errors="replace").replace(b"e", b"\xe9"),
            lambda: content.replace(b"\n", b"\r\n"),
            lambda: content.replace(b"\n", b"\r"),
            lambda: content.replace(b",", b";"),
            lambda: content.upper(),
        )
    )()


CHANGES = (
    *(_word, _word, _word, _cell, _cell, _cell),
    *(_flip, _insert, _insert, _delete, _repeat, _truncate, _lines, _indent, _encoding),
)
