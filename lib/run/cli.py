"""The command line: ``run`` is the default command; every refusal is a line a fault and exit code 2."""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib import commands, user_files
from lib.command_line import Parser
from lib.errors import InputError
from lib.nearest import nearest
from lib.run import foresight
from lib.run.alerts.command import add_options as add_alert_options
from lib.run.alerts.command import warnings as alert_warnings
from lib.run.events import make_events
from lib.run.planning.prepare import Prepared
from lib.run.refusals import reported
from lib.run.session import ROOT, Options, Session, carry_out
from lib.run.stopping import heed_signals
from lib.run_folder import folder_of
from lib.subjects import KINDS

DEVELOPER = {
    "test": "run the tests (arguments go to pytest)",
    "check": "quick checks: format, lint, types, notebooks, architecture",
    "bench": "run the benchmarks (names of tests/bench/bench_*.py)",
}
COMMANDS = (
    *("run", "plan", "validate", "verify", "audit", "runs", "clean", "lab", "register", "alerts"),
    *DEVELOPER,
)
OF_CHAPTERS = {one.name: one for one in commands.COMMANDS}
FOLDER = "give the path of a folder, which may be absent"
SAMPLE = ROOT / "params" / "sample.yaml"


def main(arguments: list[str]) -> int:
    """Carry out one command; the exit code. That nobody reads the output any more is no fault."""
    if sys.stdout is None or sys.stderr is None:
        sys.stdout = sys.stderr = io.StringIO()
    try:
        code = _main(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return 0


def _main(arguments: list[str]) -> int:
    return reported(lambda: _carried_out(arguments))


def _carried_out(arguments: list[str]) -> int:
    if any("\0" in one for one in arguments):
        raise InputError("a NUL in the command line", mend="no name, date or value holds one")
    mine, rest = _split(arguments)
    if arguments and arguments[0] in DEVELOPER:
        return _developer(arguments[0], mine[1:], rest)
    if arguments and arguments[0] in OF_CHAPTERS:
        return _of_chapter(OF_CHAPTERS[arguments[0]], arguments[1:])
    options = _parser().parse_args(_with_default(mine))
    options.rest = rest
    return options.do(options)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The arguments before and after ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def _with_default(arguments: list[str]) -> list[str]:
    if arguments and arguments[0] in (*COMMANDS, *OF_CHAPTERS, "-h", "--help"):
        return arguments
    looks_like_a_command = arguments and not any(mark in arguments[0] for mark in "./")
    if looks_like_a_command and not arguments[0].startswith("-") and not os.path.lexists(arguments[0]):
        known = (*COMMANDS, *OF_CHAPTERS)
        mend = nearest(arguments[0], known) or f"commands: {', '.join(known)}"
        raise InputError(f"no command and no params file {arguments[0]!r}", mend=mend)
    return ["run", *arguments]


def _parser() -> Parser:
    parser = Parser(prog="run_all.py", description="A research workbench: reproducible runs of notebooks.")
    named = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)

    def add(
        name: str, does: str, function: Any, *, asks: bool = False, **more: Any
    ) -> argparse.ArgumentParser:
        command = named.add_parser(name, help=does, description=_sentence(does), **more)
        command.set_defaults(do=function)
        command.add_argument("--outputs", type=_folder, default=ROOT / "outputs", metavar="DIR")
        if asks:
            _add_asks(command)
        return command

    run = add("run", "carry a params file out (the default command)", _run, asks=True)
    _add_engine(run)
    run.add_argument("--offline", action="store_true", help="ask no source; take what the price store holds")
    run.add_argument("--refresh", action="store_true", help="ask a live source anew for what it answered")
    run.add_argument("--force", action="store_true", help="execute every stage, stored results or not")
    plan = add("plan", "say what would run and why; run nothing", _plan, asks=True)
    validate = add("validate", "check params, their files and data; run nothing", _validate, asks=True)
    verify = add("verify", "repeat a run from its own inputs and compare every byte", _verify)
    verify.add_argument("run", nargs="?", help="a run's id; the newest complete one by default")
    verify.add_argument(
        "--anyway", action="store_true", help="compare numbers where code or place are others"
    )
    _add_engine(verify)
    _add_audit(add("audit", "does any result at a date rest on what was known only later?", _audit))
    listed = add("runs", "list the runs", _runs)
    for command in (plan, validate, listed):
        command.add_argument("--json", action="store_true", help="one line of JSON (docs/formats.md)")
    clean = add("clean", "remove runs, and stored results that no run uses", _clean)
    clean.add_argument("run", nargs="?", help="the id of a run to be removed")
    clean.add_argument("--keep", type=int, metavar="N", help="remove all but the newest N complete runs")
    clean.add_argument("--yes", action="store_true", help="remove; without it, only say what would go")
    passed_on = "What stands after -- is passed on: `lab -- --port 9000`; `lab -- --help` shows its options."
    does = "start JupyterLab, at a stage of a run if named; what follows -- goes to it"
    lab = add("lab", does, _lab, epilog=passed_on)
    lab.add_argument("run", nargs="?", help="a run's id")
    lab.add_argument("stage", nargs="?", help="chapter/stage or chapter/stage@subject")
    does = "freeze a subject's question and its pass bar, before its answer is looked at"
    register = add("register", does, _register)
    register.add_argument(
        "question", metavar="ID", help="the id of a subject that can be registered, a signal"
    )
    register.add_argument("params", nargs="?", type=Path, default=SAMPLE, help="default: params/sample.yaml")
    register.add_argument("--set", nargs="+", action="extend", default=[], metavar="CHAPTER/STAGE.NAME=VALUE")
    alerts = add("alerts", "list what rules of alerts told, acknowledge it, test channels", _alerts)
    add_alert_options(alerts, _folder, SAMPLE)
    for name, does in DEVELOPER.items():
        named.add_parser(name, help=does)
    for one in OF_CHAPTERS.values():
        named.add_parser(one.name, help=one.does)
    return parser


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}" + ("" if words.endswith("?") else ".")


def _folder(text: str) -> Path:
    """A folder by its whole path, since a run's processes work elsewhere. Raises InputError."""
    try:
        path = Path(text).expanduser().absolute()
    except RuntimeError:
        raise InputError(f"no home of {text!r}", field="--outputs", mend=FOLDER) from None
    try:
        user_files.check_folder(path if text else "", text)
    except InputError as fault:
        raise InputError(f"{text!r}: {fault.found}", field="--outputs", mend=FOLDER) from None
    return path


def _add_asks(command: argparse.ArgumentParser) -> None:
    command.add_argument("params", nargs="?", type=Path, default=SAMPLE, help="default: params/sample.yaml")
    command.add_argument("--only", nargs="+", action="extend", default=[], metavar="CHAPTER/STAGE")
    command.add_argument("--subject", nargs="+", action="extend", default=[], metavar="KIND:ID")
    for kind in KINDS.values():
        command.add_argument(f"--{kind.name}", nargs="+", action="extend", default=[], metavar="ID")
    command.add_argument("--set", nargs="+", action="extend", default=[], metavar="CHAPTER/STAGE.NAME=VALUE")
    command.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD, or latest: the last closed session")


def _add_audit(command: argparse.ArgumentParser) -> None:
    command.add_argument("stage", help="chapter/stage or chapter/stage@subject, one that is point-in-time")
    command.add_argument("run", nargs="?", help="a run's id; the newest complete one by default")
    command.add_argument("--subject", nargs="+", action="extend", default=[], metavar="KIND:ID")
    for kind in KINDS.values():
        command.add_argument(f"--{kind.name}", nargs="+", action="extend", default=[], metavar="ID")
    command.add_argument(
        "--moments", type=int, metavar="N", help="days to audit; as many as fit in three times its own time"
    )
    command.add_argument(
        "--warm-up", action="store_true", help="how far results depend on the length of the history, too"
    )
    command.add_argument("--json", action="store_true", help="one line of JSON for each subject")
    _add_engine(command)


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="stages at once")
    command.add_argument(
        "--timeout", type=float, default=900.0, metavar="S", help="limit of a stage, seconds"
    )
    command.add_argument("--cold-kernels", action="store_true", help="ordinary kernels, slower")


def _options(asked: argparse.Namespace) -> Options:
    if getattr(asked, "jobs", 1) < 1 or not 0 < getattr(asked, "timeout", 1) < math.inf:
        raise InputError("--jobs and --timeout must be positive", mend="give a number above zero")
    given = getattr(asked, "params", SAMPLE)
    return Options(
        params=_shorter(given),
        only=tuple(getattr(asked, "only", ())),
        subjects=_subjects(asked),
        settings=tuple(getattr(asked, "set", ())),
        as_of=getattr(asked, "as_of", None),
        outputs=asked.outputs,
        jobs=getattr(asked, "jobs", 1),
        timeout=getattr(asked, "timeout", 900.0),
        cold=getattr(asked, "cold_kernels", False),
        force=getattr(asked, "force", False),
        offline=getattr(asked, "offline", False),
        refresh=getattr(asked, "refresh", False),
    )


def _subjects(asked: argparse.Namespace) -> tuple[str, ...]:
    """Every ``KIND:ID`` that was asked for; ``--<kind> ID`` is the short form."""
    short = [f"{name}:{one}" for name in KINDS for one in getattr(asked, name, ())]
    return (*getattr(asked, "subject", ()), *short)


def _shorter(path: Path) -> Path:
    """Relative to the working directory where that is shorter, for messages."""
    try:
        return path.absolute().relative_to(Path.cwd())
    except (OSError, RuntimeError, ValueError):
        return path


def _run(asked: argparse.Namespace) -> int:
    heed_signals()
    if asked.offline and asked.refresh:
        raise InputError("--offline and --refresh exclude each other", mend="leave one of them out")
    return carry_out(_options(asked), make_events())[0]


def _plan(asked: argparse.Namespace) -> int:
    session, prepared = _look(asked)
    plan = session.plan(prepared.slices)
    session.explain(plan)
    foresight.show_plan(plan, asked.json)
    return 0


def _validate(asked: argparse.Namespace) -> int:
    try:
        session, prepared = _look(asked)
    except InputError as fault:
        foresight.show_faults(asked.params, fault, asked.json)
        raise
    warnings = [*map(str, prepared.notes), *prepared.warnings, *alert_warnings(session.request)]
    foresight.show_valid(session, prepared, warnings, asked.json)
    return 0


def _look(asked: argparse.Namespace) -> tuple[Session, Prepared]:
    from lib.run.kernels.call import call_in_subprocess

    heed_signals()
    session = Session(replace(_options(asked), look=True))
    with tempfile.TemporaryDirectory(prefix="workbench-") as scratch:
        prepared = session.prepare(
            lambda target, payload: call_in_subprocess(target, {**payload, "out": scratch})
        )
    return session, prepared


def _verify(asked: argparse.Namespace) -> int:
    from lib.run.store.verify import newest, verify

    heed_signals()
    folder = folder_of(asked.outputs, asked.run) if asked.run else newest(asked.outputs)
    return verify(folder.resolve(), _options(asked), anyway=asked.anyway)


def _audit(asked: argparse.Namespace) -> int:
    from lib.run.audit.command import Asked, audit

    heed_signals()
    if asked.moments is not None and asked.moments < 2:
        raise InputError(f"found {asked.moments}", field="--moments", mend="audit at least two days")
    options, more = _options(asked), Asked(asked.moments, asked.warm_up, asked.json)
    return audit(asked.stage, asked.run, options, more)


def _runs(asked: argparse.Namespace) -> int:
    from lib.run.store.clean import list_runs

    return list_runs(asked.outputs, as_json=asked.json)


def _clean(asked: argparse.Namespace) -> int:
    from lib.run.store.clean import clean

    return clean(asked.outputs, asked.run, keep=asked.keep, sure=asked.yes)


def _lab(asked: argparse.Namespace) -> int:
    from lib.run.lab import lab

    return lab(asked.outputs, asked.run, asked.stage, asked.rest)


def _register(asked: argparse.Namespace) -> int:
    from lib.run.register import register

    return register(asked.question, replace(_options(asked), look=True))


def _alerts(asked: argparse.Namespace) -> int:
    from lib.run.alerts.command import carry_out

    return carry_out(asked)


def _developer(name: str, mine: list[str], rest: list[str]) -> int:
    from lib.run import developer

    if {"-h", "--help"} & set(mine):
        print(developer.help_of(name, _sentence(DEVELOPER[name])))
        return 0
    rest = [*mine, *rest]
    return {"test": developer.test, "check": developer.check, "bench": developer.bench}[name](rest)


def _of_chapter(command: commands.Command, arguments: list[str]) -> int:
    """``--outputs DIR`` is every command's; the rest is the chapter's to read."""
    from lib.run.chapter_commands import carry_out

    parser = Parser(prog=f"run_all.py {command.name}", add_help=False, allow_abbrev=False)
    parser.add_argument("--outputs", type=_folder, default=ROOT / "outputs", metavar="DIR")
    asked, rest = parser.parse_known_args(arguments)
    return carry_out(command.target, rest, asked.outputs)
