"""A FRED on 127.0.0.1 that speaks ``/fred/series`` and ``/fred/series/observations`` and fails when told to.

Vintages are ``{series: {period: [(known from, value), …]}}``. As the service does, an answer gives each
observation for the real-time window asked for, what was known before it under the window's first day, and
refuses a window with more than 2,000 days of release.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "0123456789abcdef0123456789abcdef"
MOST_VINTAGES = 2000


class FakeFred:
    """Serves while its ``with`` lasts; ``asked`` are the queries, ``failing`` statuses still to be given."""

    def __init__(self, vintages, described):
        self.vintages, self.described = vintages, described
        self.asked, self.failing, self.page = [], [], 100_000
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_port}/fred"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, asked):
        """Status and object for a query."""
        if self.failing:
            return self.failing.pop(0), {"error_message": f"no, {asked.get('api_key')}"}
        if asked.get("api_key") != KEY:
            return 400, {"error_message": "Bad Request.  The value for variable api_key is not registered."}
        if asked["series_id"] not in self.vintages:
            return 400, {"error_message": "Bad Request.  The series does not exist."}
        if path.endswith("/series"):
            frequency, units = self.described[asked["series_id"]]
            return 200, {"seriess": [{"frequency_short": frequency, "units": units}]}
        first, last = asked["realtime_start"], asked["realtime_end"]
        own = self.vintages[asked["series_id"]]
        if len({day for known in own.values() for day, _ in known if first <= day <= last}) > MOST_VINTAGES:
            return 400, {"error_message": "Bad Request.  This exceeds the maximum number of vintage dates"}
        rows = []
        for period, known in sorted(own.items()):
            for place, (day, value) in enumerate(known):
                until = known[place + 1][0] if place + 1 < len(known) else "9999-12-31"
                if day <= last and until > first and period >= asked["observation_start"]:
                    rows.append({"realtime_start": max(day, first), "date": period, "value": value})
        offset = int(asked.get("offset", 0))
        return 200, {"count": len(rows), "observations": rows[offset : offset + self.page]}

    def _handler(fake):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                fake.asked.append((parts.path, asked))
                status, content = fake.answer(parts.path, asked)
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler
