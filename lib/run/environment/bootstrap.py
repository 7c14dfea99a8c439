"""From any Python to the right environment, by the standard library alone.

An interpreter that already holds what the lock pins (conda, a container, a person's own environment) is
used as it is. Otherwise `.venv` is entered, and made first where it is missing or out of date. A stamp in
`.venv`, one for each lock, says that its installation came to an end: the digest of the lock, and the
time of the packages' folder, so that packages changed by hand are noticed. It is written last; an
interrupted installation leaves a mark instead and is done again from the start.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lib.run.environment.requirements import NOT_SATISFIED, satisfies
from lib.run.environment.venv import UNFINISHED, SetupError, python_of, say, site_packages

LOCK, TEST_LOCK = "requirements.lock", "requirements-test.lock"
TEST_COMMANDS = ("test", "check", "bench")
SENT = "WORKBENCH_SENT_TO"


def enter(root: Path, argv: list[str]) -> int | None:
    """None when this process may go on; else the exit code of the process that took over, or 2."""
    lock, venv = root / lock_for(argv), root / ".venv"
    sent = os.environ.pop(SENT, "")
    try:
        if not _inside(venv):
            if satisfies(lock):
                _settle(root)
                return None
            prepare(root, venv, lock)
            return _restart(python_of(venv), root, argv, sent=str(venv))
        if ready(venv, lock):
            _write_pth(venv, root)
            _settle(root)
            return None
        if sent:
            raise SetupError(f"{venv} does not stay as it was installed; remove this folder and start again")
        return _restart(Path(sys._base_executable), root, argv)  # type: ignore[attr-defined]
    except SetupError as fault:
        say(str(fault))
    except (OSError, ValueError) as fault:
        say(f"The environment cannot be set up: {fault}; mend this and start again.")
    except KeyboardInterrupt:
        say("Interrupted; the next start takes it up again.")
        return 130
    return 2


def lock_for(argv: list[str]) -> str:
    """The lock that a command line needs; the test lock holds all of the other one."""
    return TEST_LOCK if argv[:1] and argv[0] in TEST_COMMANDS else LOCK


def prepare(root: Path, venv: Path, lock: Path) -> None:
    """Make sure that ``venv`` holds the lock; the second of two at once waits for the first."""
    if ready(venv, lock) or _adopt(root, venv, lock):
        return
    from lib.run.environment.install import install

    with _one_at_a_time(root / ".boot"):
        if ready(venv, lock):
            return
        usable = _state(root, venv, lock) is not None
        if usable:
            (venv / UNFINISHED).touch()
            for name in (LOCK, TEST_LOCK):
                _stamp_of(venv, root / name).unlink(missing_ok=True)
        install(root, venv, lock, fresh=not usable)
        _write_pth(venv, root)
        (site_packages(venv) / "__pycache__").mkdir(exist_ok=True)
        _stamp(root, venv, lock)
        (venv / UNFINISHED).unlink(missing_ok=True)


def ready(venv: Path, lock: Path) -> bool:
    """Whether the stamp of this lock is there and true."""
    try:
        return _stamp_of(venv, lock).read_text() == _seal(venv, lock) and python_of(venv).exists()
    except OSError:
        return False


def _adopt(root: Path, venv: Path, lock: Path) -> bool:
    """Stamp an environment that was made by hand, copied or added to, when it holds the lock all the same."""
    if not _state(root, venv, lock):
        return False
    with suppress(OSError):  # a read-only image is checked anew at each start
        _write_pth(venv, root)
        _stamp(root, venv, lock)
    return True


def _state(root: Path, venv: Path, lock: Path) -> bool | None:
    """Whether ``venv`` holds the lock; None when it must be made anew: absent, interrupted, other Python."""
    import subprocess

    if not python_of(venv).exists() or (venv / UNFINISHED).exists():
        return None
    command = [str(python_of(venv)), "-m", "lib.run.environment.requirements", str(lock)]
    code = subprocess.run(command, cwd=root, capture_output=True, check=False).returncode
    return {0: True, NOT_SATISFIED: False}.get(code)


def _stamp(root: Path, venv: Path, lock: Path) -> None:
    """Written last. The test lock holds all of the other, so that one installation serves both."""
    for held in (lock, root / LOCK) if lock.name == TEST_LOCK else (lock,):
        partial = venv / f"{held.name}.{os.getpid()}"
        partial.write_text(_seal(venv, held))
        partial.replace(_stamp_of(venv, held))


def _stamp_of(venv: Path, lock: Path) -> Path:
    return venv / f"{lock.name}.stamp"


def _seal(venv: Path, lock: Path) -> str:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{digest} {site_packages(venv).stat().st_mtime_ns}"


def _write_pth(venv: Path, root: Path) -> None:
    """Make ``lib`` importable from any folder; rewritten when the clone has moved."""
    path = site_packages(venv) / "workbench.pth"
    text = f"{root}\n"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _inside(venv: Path) -> bool:
    return venv.is_dir() and Path(sys.prefix).resolve() == venv.resolve()


def _settle(root: Path) -> None:
    """This clone's ``lib`` comes first, here and in everything that is started from here."""
    before = os.environ.get("PYTHONPATH", "")
    parts = [str(root), *(part for part in before.split(os.pathsep) if part and part != str(root))]
    os.environ["PYTHONPATH"] = os.pathsep.join(parts)
    if sys.path[0] != str(root):
        sys.path.insert(0, str(root))


def _restart(python: Path, root: Path, argv: list[str], sent: str = "") -> int:
    """The same command in another interpreter: in this process's place where the system can do that."""
    command = [str(python), str(root / "run_all.py"), *argv]
    environment = {**os.environ, **({SENT: sent} if sent else {})}
    if os.name != "nt":
        os.execve(command[0], command, environment)
    import subprocess

    return subprocess.run(command, env=environment, check=False).returncode


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Hold the lock of installations; children inherit it, so that a killed parent does not free it early."""
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "a+") as handle:
        os.set_inheritable(handle.fileno(), True)
        if not _take(handle, wait=False):
            say("Another setup of this environment is under way; waiting for it.")
            _take(handle, wait=True)
        yield


def _take(handle: IO[str], wait: bool) -> bool:
    if sys.platform == "win32":
        import msvcrt
        import time

        while True:
            try:
                msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
                return True
            except OSError:
                if not wait:
                    return False
                time.sleep(0.5)
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return True
    except BlockingIOError:
        return False
