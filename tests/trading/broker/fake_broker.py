"""A broker on 127.0.0.1 that grants, renews and ends tokens, tells history, and fails when told to.

Every token that it ever gives begins with the canary, so that a test can look for it in whatever was written.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

CANARY = "canaryToken7Q"
CODE = "mk404x"


class FakeBroker:
    """Serves while its ``with`` lasts.

    ``asked`` are the requests (method, path as sent, form, token); ``failing`` are answers to be given first,
    (status, headers, body) each; ``candles`` by instrument key are rows as the service has them.
    """

    def __init__(self, *, renewable=False, lifetime=None, candles=None, users=1):
        self.renewable, self.lifetime, self.candles = renewable, lifetime, candles or {}
        self.asked, self.failing, self.given = [], [], 0
        self.valid = set()
        self.cut_off = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def grant(self):
        """A new answer with tokens."""
        self.given += 1
        access = f"{CANARY}Access{self.given}"
        self.valid.add(access)
        more = {"refresh_token": f"{CANARY}Refresh{self.given}"} if self.renewable else {}
        more |= {"expires_in": self.lifetime} if self.lifetime else {}
        return {"access_token": access, "user_id": "AB1234", **more}

    def answer(self, method, path, form, bearer):
        """Status and object of one request."""
        if path.endswith("/authorization/token"):
            good = form.get("grant_type") == "authorization_code" and form.get("code") == CODE
            renews = form.get("grant_type") == "refresh_token" and self.renewable
            return (200, self.grant()) if good or renews else refusal(401, "UDAPI100057")
        if bearer not in self.valid:
            return refusal(401, "UDAPI100050")
        if method == "DELETE":
            self.valid.discard(bearer)
            return 200, {"status": "success", "data": True}
        return self.history(path)

    def history(self, path):
        """Candles between two days, newest first; more than ten years are refused."""
        *_, key, unit, interval, last, first = path.split("/")
        if (unit, interval) != ("days", "1") or int(last[:4]) - int(first[:4]) > 10:
            return refusal(400, "UDAPI1148")
        if unquote(key) not in self.candles:
            return refusal(400, "UDAPI100011")
        rows = [row for row in self.candles[unquote(key)] if first <= row[0][:10] <= last]
        return 200, {"status": "success", "data": {"candles": sorted(rows, reverse=True)}}

    def _handler(fake):
        class Handler(BaseHTTPRequestHandler):
            def _serve(self):
                parts = urlsplit(self.path)
                length = int(self.headers.get("Content-Length") or 0)
                form = {name: one[0] for name, one in parse_qs(self.rfile.read(length).decode()).items()}
                bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
                fake.asked.append((self.command, parts.path, form, bearer))
                if fake.failing:
                    status, headers, body = fake.failing.pop(0)
                else:
                    (status, content), headers = fake.answer(self.command, parts.path, form, bearer), {}
                    body = json.dumps(content).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = _serve

            def log_message(self, *_):
                pass

        return Handler


def refusal(status, code):
    """An error as the broker words it; it repeats a secret, as careless services do."""
    return status, {"status": "error", "errors": [{"errorCode": code, "message": f"no, {CANARY}"}]}
