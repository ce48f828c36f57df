"""Where a node tells how it is: `/status` as JSON, `/metrics` for Prometheus; on loopback alone."""

from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from threading import Thread
from typing import Any

import msgspec
from attrs import define, field


def check_loopback(host: str) -> None:
    """Make sure that `host` is an address of loopback.

    Raises: ValueError where it is not.
    """
    if not ip_address(host).is_loopback:
        raise ValueError(f"{host}: status is told on loopback alone, as on 127.0.0.1")


@define
class StatusServer:
    """Answers in a thread of its own, so that a busy node can still be looked at.

    Attributes:
        host: the address; it must be a loopback one.
        port: 0 for any that is free.
        status: returns what `/status` says.
        metrics: returns what `/metrics` says.
    """

    host: str
    port: int
    status: Callable[[], Mapping[str, Any]]
    metrics: Callable[[], bytes]
    _server: ThreadingHTTPServer = field(init=False)

    def __attrs_post_init__(self) -> None:
        check_loopback(self.host)
        self._server = ThreadingHTTPServer((self.host, self.port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, name="status", daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answers: Mapping[str, tuple[str, Callable[[], bytes]]] = {
            "/status": ("application/json", lambda: msgspec.json.encode(self.status())),
            "/metrics": ("text/plain; version=0.0.4; charset=utf-8", self.metrics),
        }

        class Handler(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self) -> None:
                if self.path not in answers:
                    self.send_error(404, f"there is {' and '.join(answers)}")
                    return
                kind, text = answers[self.path]
                body = text()
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing: the node has a log of its own."""

        return Handler
