"""How the packages of a lock get into `.venv`: by uv from the PATH, by uv fetched with pip, or by pip.

Imported by the bootstrap only when there is something to install; standard library only. Every package is
checked against the hashes of the lock. Settings of pip (a mirror, a folder of wheels, a certificate) hold for
uv too and are handed over in its environment; none is written to any file.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lib.run.environment.requirements import pins
from lib.run.environment.venv import UNFINISHED, SetupError, python_of, say

FOR_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
}
LOCATIONS = ("index-url", "extra-index-url", "find-links")
NO_NETWORK = re.compile(
    r"name resolution|name or service not known|getaddrinfo|dns error|could not connect|connection refused"
    r"|network is unreachable|error sending request|failed to fetch|newconnectionerror|timed out"
    r"|max retries exceeded|connection broken|tunnel",
    re.IGNORECASE,
)


def install(root: Path, venv: Path, lock: Path, fresh: bool) -> None:
    """Fill ``venv`` with the lock, made anew where ``fresh``; SetupError says what to do."""
    started = time.monotonic()
    say(f"Setting up the environment in .venv from {lock.name}; the first time this takes a minute or more.")
    if fresh:
        _create(root, venv)
    pip = _pip(venv)
    settings = pip_settings(pip)
    failure = ""
    if uv := shutil.which("uv") or _fetched_uv(root, pip):
        command = [
            uv,
            "pip",
            "install",
            "--python",
            str(python_of(venv)),
            "--require-hashes",
            "--no-progress",
        ]
        code, failure = _run([*command, "-r", str(lock)], root, uv_environment(settings, os.environ))
        if code == 0:
            say(f"Environment ready after {time.monotonic() - started:.0f} s.")
            return
    if pip is None:
        raise SetupError(_sentence(lock, failure) if failure else NO_INSTALLER)
    if uv:
        say("uv did not manage; trying pip, which takes a few minutes.")
    code, failure = _run([*_into(pip, venv), "--no-compile", "-r", str(lock)], root)
    if code:
        raise SetupError(_sentence(lock, failure))
    say(f"Environment ready after {time.monotonic() - started:.0f} s.")


NO_INSTALLER = (
    "uv, pip and Python's venv are all missing, so nothing can be installed: install one of them (on Debian "
    "and Ubuntu `apt-get install python3-venv`), then start again."
)


def pip_settings(pip: list[str] | None) -> dict[str, str]:
    """pip's own settings that decide where packages come from, environment over files."""
    found: dict[str, str] = {}
    if pip is not None:
        listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
        for line in listed.splitlines():
            match = re.match(r"(global|install)\.([\w-]+)=(.+)$", line)
            if match:
                found[match[2]] = str(ast.literal_eval(match[3]))
    for name in FOR_UV:
        if value := os.environ.get("PIP_" + name.upper().replace("-", "_")):
            found[name] = value
    return found


def uv_environment(settings: dict[str, str], environ: os._Environ | dict[str, str]) -> dict[str, str]:
    """``environ`` with pip's settings in uv's words; what uv was told itself holds."""
    added: dict[str, str] = {}
    for name, variable in FOR_UV.items():
        parts = settings.get(name, "").split()
        if name in LOCATIONS:
            parts = [part for part in parts if _is_there(part)]
        if parts and variable not in environ:
            added[variable] = ("," if name == "find-links" else " ").join(parts)
    if "UV_INDEX" in added:
        added.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip does; the hashes decide
    return {**added, **environ}


def _is_there(location: str) -> bool:
    """False for a local folder that does not exist: pip passes over it, uv stops at it."""
    parts = urlsplit(location)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path)).exists()
    return len(parts.scheme) > 1 or Path(location).expanduser().exists()


def _create(root: Path, venv: Path) -> None:
    """An empty environment, marked as unfinished; what was there is removed."""
    if venv.is_dir() and not venv.is_symlink():
        shutil.rmtree(venv)
    else:
        venv.unlink(missing_ok=True)
    python = sys._base_executable  # type: ignore[attr-defined]
    code, failure = _run([python, "-m", "venv", "--without-pip", str(venv)], root)
    if code and (uv := shutil.which("uv")):
        code, failure = _run([uv, "venv", "--python", python, str(venv)], root)
    if code:
        raise SetupError(
            f"Python's venv does not work ({_last_line(failure)}): install it (on Debian and Ubuntu "
            "`apt-get install python3-venv`) or uv, then start again."
        )
    (venv / UNFINISHED).touch()


def _pip(venv: Path) -> list[str] | None:
    """A pip that can be called: this interpreter's, or the one that Python brings along."""
    if _quiet([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    inner = str(python_of(venv))
    if _quiet([inner, "-m", "pip", "--version"]) or _quiet([inner, "-m", "ensurepip"]):
        return [inner, "-m", "pip"]
    return None


def _fetched_uv(root: Path, pip: list[str] | None) -> str | None:
    """uv in `.boot`, fetched by pip at the version and hashes of requirements-boot.lock."""
    lock = root / "requirements-boot.lock"
    folder = root / ".boot" / f"uv-{pins(lock.read_text())['uv']}"
    program = folder / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    if not program.exists() and pip is not None:
        partial = folder.with_name(f"{folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        code, failure = _run([*_hashed(pip), "--target", str(partial), "-r", str(lock)], root)
        if code and NO_NETWORK.search(failure):
            raise SetupError(_sentence(lock, failure))
        if code == 0:
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
    return str(program) if program.exists() else None


def _into(pip: list[str], venv: Path) -> list[str]:
    return [*pip[:3], "--python", str(python_of(venv)), *_hashed(pip)[3:]]


def _hashed(pip: list[str]) -> list[str]:
    return [*pip, "install", "--quiet", "--no-input", "--require-hashes"]


def _run(command: list[str], root: Path, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """Exit code and what was said on the way; settings that would forbid a separate target are set aside."""
    environment = {**(environ or os.environ), "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            close_fds=False,
            check=False,
        )
    except OSError as fault:
        return 127, str(fault)
    return done.returncode, done.stdout


def _quiet(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _sentence(lock: Path, failure: str) -> str:
    """What went wrong, in one sentence with the mend."""
    if "No space left" in failure:
        return "The disk is full: free 2 GB, then start again."
    if re.search(r"do not match the hashes|hash mismatch", failure, re.IGNORECASE):
        return (
            f"A package is not the one that {lock.name} pins ({_last_line(failure)}): use an index that "
            "serves the original files, then start again."
        )
    if NO_NETWORK.search(failure):
        return (
            "The packages cannot be fetched, because the package index is out of reach: connect this machine "
            "or point pip at a mirror (PIP_INDEX_URL, PIP_FIND_LINKS), then start again."
        )
    return (
        f"The packages of {lock.name} cannot be installed: {_last_line(failure)}; mend this and start again."
    )


def _last_line(failure: str) -> str:
    lines = [line.strip() for line in failure.splitlines() if line.strip()]
    return re.sub(r"//[^/@\s]+@", "//", lines[-1]) if lines else "no reason given"
