"""A clock that another server keeps, as `[clock] url` names one: it stands still."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

LATER = datetime(2027, 3, 8, 9, tzinfo=UTC)


class Told(BaseHTTPRequestHandler):
    """LATER at /clock, no time anywhere else."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        at = LATER.isoformat() if self.path == "/clock" else "noon"
        self.wfile.write(json.dumps({"now": at, "speed": 60, "version": 1}).encode())

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def clock_server() -> Iterator[str]:
    """Its address."""
    with HTTPServer(("127.0.0.1", 0), Told) as served:
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{served.server_port}"
        finally:
            served.shutdown()
            thread.join()
