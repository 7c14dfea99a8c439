"""The server: plain HTTP on a free port, one answer an endpoint, faults in front of it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

ENDPOINTS = {
    "/spages/NAVAll.txt": "daily",
    "/DownloadSchemeData_Po.aspx": "master",
    "/DownloadNAVHistoryReport_Po.aspx": "history",
    "/api/populate-te-rdata-revised": "expenses",
    "/api/average-aum-schemewise": "assets",
}
PAGE = "<!DOCTYPE html><html><title>Site under maintenance</title><body>Please come back.</body></html>"


class FakeAmfi:
    """The running server; a context manager. See the package for what it can do."""

    def __init__(self, world):
        self.world = world
        self.requests = []
        self.faults = []
        self._lock = threading.Lock()

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"amfi": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *fault):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self):
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def settings(self):
        """What leads the provider here."""
        return {"base_url": self.address, "api_url": self.address}

    def fault(self, endpoint, kind, *, times=None, **options):
        """Something goes wrong from now on."""
        self.faults.append({"endpoint": endpoint, "kind": kind, "left": times, **options})

    def heal(self):
        """Nothing goes wrong any more."""
        self.faults = []

    def count(self, endpoint=None):
        """How many requests came."""
        return sum(endpoint in (None, one) for one, _ in self.requests)

    def met(self, endpoint):
        """The fault of this request, used once; and the request is noted."""
        with self._lock:
            for one in self.faults:
                if one["endpoint"] == endpoint and one["left"] != 0:
                    one["left"] = one["left"] and one["left"] - 1
                    return one
        return {"kind": ""}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    amfi: FakeAmfi

    def log_message(self, *said):
        """Nothing on the terminal."""

    def do_GET(self):
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        endpoint = ENDPOINTS.get(address.path)
        self.amfi.requests.append((endpoint, query))
        if endpoint is None:
            self._send(404, b"not here")
            return
        fault = self.amfi.met(endpoint)
        kind = fault["kind"]
        if kind == "drop":
            self.close_connection = True
            return
        if kind in ("limited", "server_error"):
            named = {"Retry-After": str(fault["retry_after"])} if "retry_after" in fault else {}
            self._send(429 if kind == "limited" else 500, b"no", named)
            return
        text = {"empty": "", "html": PAGE}.get(kind)
        if text is None:
            world = self.amfi.world
            text = (
                getattr(world, endpoint)()
                if endpoint in ("daily", "master")
                else getattr(world, endpoint)(query)
            )
        if kind == "cut":
            text = text[: text.rindex("\r\n", 0, len(text) // 3)]
        body = text.encode()
        self._send(200, body, short=len(body) // 2 if kind == "truncated" else 0)

    def _send(self, status, body, headers=None, short=0):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) - short])
        if short:
            self.close_connection = True
