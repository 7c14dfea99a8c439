"""The fixed environment: what every kernel, hook and page export sees of the machine, and nothing else.

Equal inputs shall give equal bytes on any x86-64 Linux machine. So a child's environment is built from
this list and not copied from the caller: one thread for the numerical libraries, one instruction set
(AVX2, which every machine since 2013 has), one time zone, locale, hash seed and date, and matplotlib's own
settings and fonts. The settings folders of IPython and Jupyter lie in the run's private folder, so that a
person's profile changes no result.
"""

from __future__ import annotations

import fcntl
import functools
import os
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[3]
INLINE = "module://matplotlib_inline.backend_inline"
EARLIEST_ZIP_DATE = "315532800"
"""1980-01-01 as seconds since 1970: the earliest date that a zip file can hold."""

COPIED = ("PATH", "HOME", "USER", "LOGNAME", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
NETWORK = (
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)
KEYS = ("FRED_API_KEY",)
"""Keys of sources, which hooks may read and no kernel, page, table or message ever holds."""
FIXED = {
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")},
    "ARROW_IO_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "SOURCE_DATE_EPOCH": EARLIEST_ZIP_DATE,
    "COLUMNS": "80",
    "LINES": "24",
    "MPLBACKEND": INLINE,
    "JUPYTER_PLATFORM_DIRS": "1",
    "JUPYTER_NO_CONFIG": "1",
}
AVX2_ONLY = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "ARROW_USER_SIMD_LEVEL": "AVX2",
}
MATPLOTLIBRC = """\
svg.hashsalt: workbench
svg.fonttype: path
font.family: DejaVu Sans
font.sans-serif: DejaVu Sans
font.serif: DejaVu Serif
font.monospace: DejaVu Sans Mono
"""
FOLDER_PREFIX = "workbench-kernels-"


def environment(folder: Path) -> dict[str, str]:
    """All variables of a child process whose private folder is ``folder``."""
    private = {
        "TMPDIR": str(_made(folder / "tmp")),
        "IPYTHONDIR": str(_made(folder / "ipython")),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_DATA_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "MPLCONFIGDIR": str(_matplotlib_folder(folder)),
        "PYTHONPATH": str(ROOT),
    }
    copied = {name: os.environ[name] for name in COPIED if name in os.environ}
    return {**copied, **FIXED, **(AVX2_ONLY if _has_avx2() else {}), **private}


def for_calls() -> dict[str, str]:
    """What a hook sees in addition: the way to the network, keys of sources, the workbench's variables."""
    names = [name for name in os.environ if name in NETWORK + KEYS or name.startswith("WORKBENCH_")]
    return {name: os.environ[name] for name in names}


def private_folder() -> tuple[Path, IO[str]]:
    """A new folder for the owner's eyes, short enough for socket names, and the lock that claims it.

    Folders that a killed run has left behind are removed on the way.
    """
    base = Path(tempfile.gettempdir())
    if len(str(base)) > 60 and os.name == "posix":
        base = Path("/tmp")
    _sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=base))
    lock = open(folder / "lock", "w")  # noqa: SIM115
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


def _sweep(base: Path) -> None:
    """Remove private folders older than a minute that nobody holds any more."""
    for folder in base.glob(f"{FOLDER_PREFIX}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            if time.time() - folder.stat().st_mtime < 60:
                continue
            with open(folder / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _matplotlib_folder(fallback: Path) -> Path:
    """Where matplotlib finds its settings and keeps its font list: in the environment, if it is writable."""
    for folder in (Path(sys.prefix) / "var" / "workbench" / "matplotlib", fallback / "matplotlib"):
        settings = folder / "matplotlibrc"
        try:
            _made(folder)
            if not settings.is_file() or settings.read_text() != MATPLOTLIBRC:
                draft = folder / f"matplotlibrc.{os.getpid()}"
                draft.write_text(MATPLOTLIBRC)
                draft.replace(settings)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return fallback


@functools.cache
def _has_avx2() -> bool:
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    try:
        return " avx2 " in Path("/proc/cpuinfo").read_text()
    except OSError:
        return True
