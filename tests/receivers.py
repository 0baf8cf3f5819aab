"""What stands in for a collector of traces and for a place that takes error reports: keeps what it is sent."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import brotli

from tests.ports import free_port


@dataclass
class Receiver:
    """One that listens; sent has path, headers and unpacked body of each."""

    port: int
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def everything(self) -> bytes:
        """All that left, headers included."""
        return b"\n".join(repr(headers).encode() + path.encode() + body for path, headers, body in self.sent)


@contextmanager
def running_receiver() -> Iterator[Receiver]:
    receiver = Receiver(free_port())

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress, "identity": bytes}[self.headers.get("Content-Encoding", "identity")]
            receiver.sent.append((self.path, dict(self.headers), unpack(body)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            receiver.came.set()

        def log_message(self, *_words: object) -> None:
            """Nothing: it is told by what was sent."""

    server = ThreadingHTTPServer(("127.0.0.1", receiver.port), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
