"""The channels of alerts as a params file writes them: where a message goes, and which variables it needs.

A secret is never written into a params file: it is the name of an environment variable, ``${NAME}``, which is
looked up when a message is sent and nowhere kept. Other texts of a channel may hold variables too, there with
a default, ``${NAME:-default}``. What a refusal shows of a value that may be a secret is nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from lib.nearest import nearest
from lib.run.request.settings import checked
from lib.settings import Setting

if TYPE_CHECKING:
    from lib.run.request.params import Checker

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
SECURITIES = ("starttls", "tls", "none")
FORMS = ("json", "slack", "telegram")
TIMEOUT = Setting("number", 20.0, most=300)
TYPES: dict[str, dict[str, Setting]] = {
    "email": {
        "host": Setting("text", required=True),
        "port": Setting("count", most=65_535),
        "security": Setting("text", "starttls", choices=SECURITIES),
        "user": Setting("text"),
        "password": Setting("text"),
        "sender": Setting("text", required=True),
        "to": Setting("texts", required=True),
        "timeout": TIMEOUT,
    },
    "webhook": {
        "url": Setting("text", required=True),
        "form": Setting("text", "json", choices=FORMS),
        "chat": Setting("text"),
        "authorization": Setting("text"),
        "timeout": TIMEOUT,
    },
    "apprise": {"url": Setting("text", required=True), "timeout": TIMEOUT},
}
SECRETS = {"email": ("password",), "webhook": ("authorization",), "apprise": ()}
"""Settings that are nothing but the name of a variable."""
HIDDEN = ("url", *(name for names in SECRETS.values() for name in names))
"""Settings of which no refusal shows the value."""
TELLING = re.compile(r"(?i)key|token|secret|pass|sig|auth")
USUAL_VARIABLE = "write ${NAME}, the name of an environment variable, in quotes"


@dataclass(frozen=True)
class Channel:
    """One channel: its settings as they were written, variables and all."""

    id: str
    type: str
    settings: dict[str, Any]

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it needs, those with a default left out."""
        found = (VARIABLE.finditer(text) for text in texts(self.settings))
        return tuple(dict.fromkeys(one[1] for each in found for one in each if one[2] is None))


def texts(settings: dict[str, Any]) -> list[str]:
    """Every text among the settings, those of lists too."""
    lists = [value if isinstance(value, list) else [value] for value in settings.values()]
    return [one for each in lists for one in each if isinstance(one, str)]


def read_channel(check: Checker, value: Any, path: tuple) -> Channel | None:
    """One channel of the list, checked; None where it lacks what it needs, which is noted.

    Raises InputError.
    """
    check.kind(value, dict, "a mapping with id, type and where it sends to", *path)
    if not check.required(value, ("id", "type"), path):
        return None
    type_ = value.get("type")
    if not (isinstance(type_, str) and type_ in TYPES):
        mend = nearest(type_, TYPES) or f"one of {', '.join(TYPES)}"
        raise check.fault(f"found {type_!r}", mend, *path, "type")
    declared = TYPES[type_]
    check.keys(value, ("id", "type", *declared), path)
    if not check.required(value, tuple(name for name, one in declared.items() if one.required), path):
        return None
    settings: dict[str, Any] = {}
    for name, setting in declared.items():
        given = value.get(name)
        settings[name] = setting.default if given is None else _checked(check, setting, given, (*path, name))
    for name in SECRETS[type_]:
        if settings[name] is not None and not _is_variable(settings[name]):
            raise check.fault("a secret that is written out", USUAL_VARIABLE, *path, name)
    _refuse_told(check, type_, settings, path)
    return Channel(check.slug(value.get("id"), *path, "id"), type_, settings)


def _checked(check: Checker, setting: Setting, value: Any, path: tuple) -> Any:
    """The value, with variables that are written as they must be; what may be secret is not shown."""

    def fault(found: str, mend: str) -> Exception:
        return check.fault("no text that can be used" if path[-1] in HIDDEN else found, mend, *path)

    found = checked(setting, value, fault)  # type: ignore[arg-type]
    for text in texts({"": found}):
        if "${" in VARIABLE.sub("", text):
            raise check.fault("a variable that is not well written", "write ${NAME} or ${NAME:-text}", *path)
        if any(ord(one) < 32 for one in text):
            raise check.fault("a line break or another character that is not seen", "take it out", *path)
    return found


def _refuse_told(check: Checker, type_: str, settings: dict[str, Any], path: tuple) -> None:
    """Refuse what does not go together, and addresses that tell a secret."""
    if type_ == "email":
        if settings["password"] and settings["security"] == "none":
            mend = "take starttls or tls, or leave the password out"
            raise check.fault("a password would travel in the open", mend, *path, "security")
        if bool(settings["password"]) != bool(settings["user"]):
            absent = "user" if settings["password"] else "password"
            raise check.fault("missing", "give user and password, or none of them", *path, absent)
        return
    url = settings["url"]
    if type_ == "apprise" or settings.get("form") in ("slack", "telegram"):
        if all(one[2] is not None for one in VARIABLE.finditer(url)):
            raise check.fault("an address that holds a secret", USUAL_VARIABLE, *path, "url")
    elif _tells(url):
        raise check.fault("a secret that is written out", USUAL_VARIABLE, *path, "url")
    if type_ == "webhook":
        if not url.startswith(("${", "http://", "https://")):
            raise check.fault("no address of the web", "begin with https:// or http://", *path, "url")
        if (settings["form"] == "telegram") != bool(settings["chat"]):
            mend = "give the chat's id, in quotes" if settings["form"] == "telegram" else "leave it out"
            raise check.fault("a chat is of the form telegram, and only of it", mend, *path, "chat")


def _tells(url: str) -> bool:
    """Whether an address holds, written out, a password or what looks like a key."""
    try:
        parts = urlsplit(VARIABLE.sub("x", url))
        written = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    except ValueError:
        return True
    password = urlsplit(url).netloc.rpartition("@")[0].partition(":")[2] if "@" in parts.netloc else ""
    if password and not VARIABLE.fullmatch(password):
        return True
    return any(TELLING.search(name) and "${" not in value for name, value in written.items())


def _is_variable(value: str) -> bool:
    match = VARIABLE.fullmatch(value)
    return match is not None and match[2] is None
