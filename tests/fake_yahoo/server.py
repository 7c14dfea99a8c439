"""The proxy and the HTTPS server behind it, in one: CONNECT is answered, then TLS is spoken on the socket."""

import json
import shutil
import ssl
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from . import payloads
from .faults import FORM, REPLACING, ROWS, fault_of

HOSTS = ("finance.yahoo.com", "*.finance.yahoo.com", "yahoo.com", "*.yahoo.com")
COOKIE, CRUMB = "A3=fake", "fake.crumb"
SERVICES = {
    "/v8/finance/chart/": ("chart", "chart"),
    "/v10/finance/quoteSummary/": ("profile", "quoteSummary"),
    "/v7/finance/quote": ("quote", "quoteResponse"),
    "/v7/finance/options/": ("options", "optionChain"),
}
PAGE = "<!DOCTYPE html><html><body>Sorry, this page is not there.</body></html>"


@dataclass(frozen=True)
class Request:
    """One request as it came; ``status`` of the answer, None when none was given."""

    host: str
    path: str
    endpoint: str
    symbol: str | None
    status: int | None


class FakeYahoo:
    """The running server; a context manager. See the package for what it can do."""

    def __init__(self, world):
        self.world = world
        self.requests: list[Request] = []
        self.faults = []
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="fake-yahoo-"))
        self.certificate, key = _certificate(self.folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        context.set_alpn_protocols(["http/1.1"])
        handler = type("Handler", (_Handler,), {"yahoo": self, "context": context})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *fault):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        shutil.rmtree(self.folder)

    def environment(self):
        """The variables that lead a process here."""
        proxy, trusted = f"http://127.0.0.1:{self._server.server_port}", str(self.certificate)
        return {
            **dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy),
            **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
            **dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"), trusted),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }

    def fault(self, symbol, kind, **options):
        """Something goes wrong from now on."""
        with self._lock:
            self.faults.append(fault_of(symbol, kind, **options))

    def heal(self, symbol=None):
        """Nothing goes wrong any more, with one symbol or at all."""
        with self._lock:
            self.faults = [one for one in self.faults if symbol is not None and one.symbol != symbol]

    def count(self, symbol=None, *, endpoint=None, status=None):
        """How many requests came: for a symbol, to a service, with a status."""
        wanted = {"symbol": symbol, "endpoint": endpoint, "status": status}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        return sum(all(getattr(one, k) == v for k, v in wanted.items()) for one in list(self.requests))

    def met(self, symbol, endpoint):
        """The faults of this request: the one in the place of the answer, and those in it; each used once."""
        with self._lock:
            found = [one for one in self.faults if one.meets(symbol, endpoint)]
            instead = next((one for one in found if one.kind in REPLACING), None)
            inside = [one for one in found if one.kind in FORM | set(ROWS) and endpoint == "chart"]
            for one in [instead] if instead else inside:
                one.left = one.left and one.left - 1
        return instead, inside

    def record(self, request):
        """Keep a request for counting."""
        with self._lock:
            self.requests.append(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address):
        """A client that goes away is no event."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    yahoo: FakeYahoo
    context: ssl.SSLContext
    host = ""

    def log_message(self, *said):
        """Nothing on the terminal."""

    def do_CONNECT(self):
        self.host = self.path.split(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = self.request = self.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False
        while not self.close_connection:
            self.handle_one_request()

    def do_GET(self):
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        if not (self.host == "yahoo.com" or self.host.endswith(".yahoo.com")):
            self._send("stranger", None, 403, "only Yahoo is here")
        elif self.host == "fc.yahoo.com":
            cookie = f"{COOKIE}; Domain=.yahoo.com; Path=/; Max-Age=86400; Secure"
            self._send("cookie", None, 404, "", {"Set-Cookie": cookie})
        elif address.path == "/v1/test/getcrumb":
            self._serve("crumb", None, "finance", lambda inside: self._crumb())
        else:
            self._data(address.path, query)

    do_POST = do_GET

    def _crumb(self):
        return CRUMB if COOKIE in self.headers.get("Cookie", "") else ""

    def _data(self, path, query):
        start = next((one for one in SERVICES if path.startswith(one)), None)
        if start is None:
            self._send("other", None, 404, PAGE)
            return
        endpoint, envelope = SERVICES[start]
        symbol = unquote(path.removeprefix(start)) or query.get("symbols", "")
        if endpoint != "chart" and query.get("crumb") != CRUMB:
            said = payloads.error("finance", "Unauthorized", "Invalid Crumb")
            self._send(endpoint, symbol, 401, json.dumps(said))
            return
        self._serve(endpoint, symbol, envelope, lambda inside: self._answer(endpoint, symbol, query, inside))

    def _answer(self, endpoint, symbol, query, inside):
        """The payload; None for a symbol that the service answers with 404."""
        world = self.yahoo.world
        if endpoint == "quote":
            return payloads.quote(world, symbol)
        if endpoint == "options":
            return payloads.options(world, symbol, query)
        if symbol not in world.series:
            return None
        if endpoint == "profile":
            return payloads.profile(world, symbol)
        return payloads.chart(world, symbol, query, inside)

    def _serve(self, endpoint, symbol, envelope, answer):
        instead, inside = self.yahoo.met(symbol, endpoint)
        kind, options = (instead.kind, instead.options) if instead else ("", {})
        if kind in ("hang", "slow"):
            self.yahoo.closing.wait(options.get("seconds", 60 if kind == "hang" else 1))
        if kind in ("hang", "drop"):
            self.yahoo.record(Request(self.host, urlsplit(self.path).path, endpoint, symbol, None))
            self.close_connection = True
            return
        payload = None if kind == "unknown" else answer(inside)
        said = payload if isinstance(payload, str) else json.dumps(payload)
        status, text = 200, said
        if payload is None:
            status, text = 404, json.dumps(payloads.error(envelope, *payloads.UNKNOWN.values()))
        status, text = {
            "limited": (429, "Too Many Requests\r\n"),
            "server_error": (500, '{"finance":{"result":null,"error":{"code":"Internal Server Error"}}}'),
            "forbidden": (403, "Forbidden"),
            "html": (200, PAGE),
            "right_back": (200, "<html><body>Will be right back...</body></html>"),
            "truncated": (200, said[: len(said) // 2]),
            "empty_body": (200, ""),
        }.get(kind, (status, text))
        named = options.get("retry_after")
        self._send(endpoint, symbol, status, text, {} if named is None else {"Retry-After": str(named)})

    def _send(self, endpoint, symbol, status, text, headers=None):
        self.yahoo.record(Request(self.host, urlsplit(self.path).path, endpoint, symbol, status))
        body = text.encode()
        self.send_response(status)
        json_like = text.startswith("{")
        self.send_header("Content-Type", "application/json" if json_like else "text/html")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _certificate(folder):
    """A certificate for Yahoo's names that only a process told of it trusts, and its key; valid two days."""
    if shutil.which("openssl") is None:
        raise RuntimeError("the fake Yahoo makes its certificate with the command openssl: install it")
    made, key = folder / "certificate.pem", folder / "key.pem"
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-keyout", str(key), "-out", str(made), "-days", "2", "-subj", "/CN=fake yahoo"]
    subprocess.run([*command, "-addext", f"subjectAltName={names}"], check=True, capture_output=True)
    return made, key
