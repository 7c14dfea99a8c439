"""Sends an alert through a channel: by mail, to an address of the web, or by Apprise where that is installed.

Variables are looked up here, at the last moment. Nothing of their values leaves but to the channel itself:
what is said of a failure is the kind of fault and a status, never a text of the other side. Each channel has
its time; what takes longer is a failure.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import smtplib
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from lib.run.request.alert_channels import VARIABLE, Channel

PORTS = {"starttls": 587, "tls": 465, "none": 25}
HEAD = 200
"""Characters of a mail's subject."""
NO_APPRISE = "the package apprise is not installed"


@dataclass(frozen=True)
class Outcome:
    """Whether a channel took a message; ``detail`` says why not."""

    sent: bool
    detail: str = ""

    @property
    def word(self) -> str:
        """For the history."""
        return "sent" if self.sent else "failed"


def unset(channel: Channel, environ: Mapping[str, str]) -> list[str]:
    """Variables that a channel needs and that are not set, or empty."""
    return [name for name in channel.variables if not environ.get(name)]


def send(channel: Channel, alert: Mapping[str, Any], environ: Mapping[str, str]) -> Outcome:
    """Hand an alert to a channel and wait for it as long as its ``timeout`` says; never raises."""
    if missing := unset(channel, environ):
        return Outcome(False, f"{', '.join(missing)} is not set in the environment")
    settings = {name: _filled(value, environ) for name, value in channel.settings.items()}
    answer: list[Outcome] = []

    def work() -> None:
        try:
            SENDERS[channel.type](settings, alert)
            answer.append(Outcome(True))
        except Exception as fault:
            answer.append(Outcome(False, _kind_of(fault)))

    thread = threading.Thread(target=work, daemon=True, name=f"alert-{channel.id}")
    thread.start()
    thread.join(settings["timeout"])
    return answer[0] if answer else Outcome(False, f"no answer within {settings['timeout']:g} s")


class Refused(Exception):
    """What a channel cannot do, in words that hold no secret."""


def _filled(value: Any, environ: Mapping[str, str]) -> Any:
    """A setting with its variables replaced."""
    if isinstance(value, list):
        return [_filled(one, environ) for one in value]
    if not isinstance(value, str):
        return value
    return VARIABLE.sub(lambda one: environ.get(one[1]) or one[2] or "", value)


def _kind_of(fault: Exception) -> str:
    """What went wrong, from the fault's kind and status alone, since its text may quote what was sent."""
    if isinstance(fault, Refused):
        return str(fault)
    if isinstance(fault, urllib.error.HTTPError):
        return f"HTTP status {fault.code}"
    if isinstance(fault, urllib.error.URLError) and isinstance(fault.reason, Exception):
        return _kind_of(fault.reason)
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return f"the server refuses {len(fault.recipients)} of the addresses"
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{type(fault).__name__}, status {fault.smtp_code}"
    if isinstance(fault, TimeoutError | socket.timeout):
        return "no answer in time"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "the certificate of the server is not trusted"
    if isinstance(fault, OSError) and fault.strerror and not isinstance(fault, smtplib.SMTPException):
        return f"{type(fault).__name__}: {fault.strerror}"
    return type(fault).__name__


def _subject(alert: Mapping[str, Any]) -> str:
    return f"[{alert['priority']}] {alert['message']}"


def _body(alert: Mapping[str, Any]) -> str:
    whose = f", {alert['subject']}" if alert["subject"] else ""
    lines = [
        f"{alert['message']}.",
        "",
        f"Rule {alert['rule']}{whose}, priority {alert['priority']}, as of {alert['as_of']}.",
        f"Value {alert['value']:.10g}, threshold {alert['threshold']:.10g}.",
        f"Run {alert['run']}, page runs/{alert['run']}/index.html in the outputs.",
        f"Alert {alert['id']}: `run_all.py alerts ack {alert['id']}` when it is seen.",
    ]
    return "\n".join(lines)


def _email(settings: dict[str, Any], alert: Mapping[str, Any]) -> None:
    mail = EmailMessage()
    mail["Subject"] = _subject(alert)[:HEAD]
    mail["From"], mail["To"] = settings["sender"], ", ".join(settings["to"])
    mail["Message-ID"] = f"<{alert['id']}.{alert['as_of']}@workbench.invalid>"
    mail.set_content(_body(alert))
    security = settings["security"]
    port, limit = settings["port"] or PORTS[security], settings["timeout"]
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if security == "tls":
        server = smtplib.SMTP_SSL(settings["host"], port, timeout=limit, context=context)
    else:
        server = smtplib.SMTP(settings["host"], port, timeout=limit)
    with server:
        if security == "starttls":
            server.starttls(context=context)
        if settings["password"]:
            server.login(settings["user"], settings["password"])
        refused = server.send_message(mail)
    if refused:
        raise Refused(f"the server refuses {len(refused)} of {len(settings['to'])} addresses")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected message would arrive without its content, or where nobody meant it to."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none."""


def _webhook(settings: dict[str, Any], alert: Mapping[str, Any]) -> None:
    url = settings["url"]
    if not url.startswith(("http://", "https://")):
        raise Refused("its address is none of the web")
    content = {
        "json": lambda: {**alert, "text": _subject(alert)},
        "slack": lambda: {"text": f"{_subject(alert)}\n{_body(alert)}"},
        "telegram": lambda: {"chat_id": settings["chat"], "text": f"{_subject(alert)}\n{_body(alert)}"},
    }[settings["form"]]()
    headers = {"Content-Type": "application/json", "Idempotency-Key": alert["id"], "User-Agent": "workbench"}
    if settings["authorization"]:
        headers["Authorization"] = settings["authorization"]
    asked = urllib.request.Request(url, json.dumps(content).encode(), headers, method="POST")
    with urllib.request.build_opener(_NoRedirects).open(asked, timeout=settings["timeout"]) as answer:
        if not 200 <= answer.status < 300:
            raise Refused(f"HTTP status {answer.status}")


def _apprise(settings: dict[str, Any], alert: Mapping[str, Any]) -> None:
    if importlib.util.find_spec("apprise") is None:
        raise Refused(NO_APPRISE)
    import apprise

    logger = logging.getLogger("apprise")
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    sender = apprise.Apprise()
    if not sender.add(settings["url"]):
        raise Refused("apprise does not know this kind of address")
    if not sender.notify(title=_subject(alert)[:HEAD], body=_body(alert)):
        raise Refused("apprise could not deliver it")


SENDERS: dict[str, Callable[[dict[str, Any], Mapping[str, Any]], None]] = {
    "email": _email,
    "webhook": _webhook,
    "apprise": _apprise,
}
