"""A mail server and a receiver of webhooks on 127.0.0.1, which keep what they are sent or refuse it."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Mails(socketserver.ThreadingTCPServer):
    """A mail server: SMTP as far as one message needs it, with STARTTLS where it has a certificate."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, certificate: Path | None = None):
        super().__init__(("127.0.0.1", 0), _Mail)
        self.certificate, self.messages, self.heard = certificate, [], []

    @property
    def port(self) -> int:
        return self.server_address[1]


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 local")
        while line := self.rfile.readline():
            text = line.decode().strip()
            self.server.heard.append(text)
            word = text.split(" ")[0].upper()
            if word == "EHLO":
                offers = ["250-local", "250-AUTH PLAIN"]
                offers += ["250-STARTTLS"] if self.server.certificate else []
                self._say("\r\n".join([*offers, "250 8BITMIME"]))
            elif word == "STARTTLS":
                self._say("220 go on")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(self.server.certificate)
                self.request = context.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
            elif word == "AUTH":
                self._say("235 welcome")
            elif word == "DATA":
                self._say("354 go on")
                parts = []
                while (one := self.rfile.readline()) != b".\r\n":
                    parts.append(one)
                self.server.messages.append(b"".join(parts).decode())
                self._say("250 kept")
            elif word == "QUIT":
                return self._say("221 bye")
            else:
                self._say("250 good")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Hooks(ThreadingHTTPServer):
    """A receiver of webhooks; ``status`` is what it answers, after ``waits`` is set where that is given."""

    daemon_threads = True

    def __init__(self, status: int = 200):
        super().__init__(("127.0.0.1", 0), _Hook)
        self.status, self.waits, self.posts = status, None, []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append({"path": self.path, "headers": dict(self.headers), **json.loads(content)})
        if self.server.waits:
            self.server.waits.wait()
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(f"you sent {self.path}".encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator:
    """The server, answering until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
