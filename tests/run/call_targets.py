"""Functions that the tests of calls name."""

import os
import time
from pathlib import Path

from lib.errors import DataError, InputError


class NarrowError(DataError):
    """A class of a chapter's own."""


def double(payload):
    print("a hook may print")
    return {"value": payload["value"] * 2, "cwd": str(Path.cwd()), "proxy": os.environ.get("HTTPS_PROXY")}


def refuse(payload):
    raise InputError("found -1", mend="use a positive number", file="p.yaml", line=3, field="days")


def narrow(payload):
    raise NarrowError("too short")


def fail(payload):
    raise ZeroDivisionError("no")


def not_json(payload):
    return {"value": object()}


def die(payload):
    os.write(2, b"out of luck\n")
    os._exit(7)


def wait(payload):
    time.sleep(60)
