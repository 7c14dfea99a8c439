"""The commands that documents show, as a reader would type them."""

from __future__ import annotations

import json
import re
import shlex
from argparse import Namespace
from pathlib import Path

from lib.run import cli

CALL = re.compile(r"python3? run_all\.py\b ?([^`\n#]*)")
SHORT = re.compile(rf"`((?:{'|'.join((*cli.COMMANDS, *cli.OF_CHAPTERS))})(?: [^`\n]+)?)`")
STANDS_FOR = {
    "RUN": "sample-2022-12-28-00000000",
    "STAGE": "risk/metrics",
    "PARAMS": "params/mine.yaml",
    "<chapter>/<stage>": "risk/metrics",
    "<subject>": "risk_chapter",
    "COMMAND": "run",
    "NAMES": "",
    "ARGUMENTS": "",
    "KIND:ID": "portfolio:individual",
}


def commands_in(path: Path) -> list[str]:
    """What follows ``run_all.py`` in a document or in a notebook's prose; in the README its table too.

    The rooms of the engine are no commands.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(one["source"]) for one in cells if one["cell_type"] == "markdown")
    calls = CALL.findall(re.sub(r"<!-- .*? -->", "", text))
    told = re.sub(r"^\| `lib/run/` .*$", "", text, flags=re.MULTILINE)
    short = [one for one in SHORT.findall(told) if path.name == "README.md"]
    found = [re.split(r" >>| && ", one)[0].strip() for one in (*calls, *short)]
    return list(dict.fromkeys(found))


def filled(command: str) -> list[str]:
    """The arguments, with an example for each word in capitals or brackets."""
    for word, example in STANDS_FOR.items():
        command = command.replace(f"[{word}]", example).replace(word, example)
    return shlex.split(command.replace("[", " ").replace("]", " "))


def parsed(command: str) -> Namespace:
    """What the command line makes of it. Raises WorkbenchError when it is not understood."""
    arguments = filled(command)
    elsewhere = {*cli.DEVELOPER, *cli.OF_CHAPTERS}
    if "--help" in arguments or (arguments and arguments[0] in elsewhere):
        return Namespace()
    mine, _ = cli._split(arguments)
    return cli._parser().parse_args(cli._with_default(mine))
