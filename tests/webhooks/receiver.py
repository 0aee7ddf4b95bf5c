"""A receiver that behaves or misbehaves as its path says, and remembers what it got."""

import contextlib
import gzip
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BOMB = gzip.compress(b"\0" * 50_000_000)


@dataclass
class Got:
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.time)


class Receiver(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host="127.0.0.1"):
        super().__init__((host, 0), Handler)
        self.got: list[Got] = []
        self.released = threading.Event()
        self.at_once = self.most_at_once = 0
        self.counting = threading.Lock()
        self.trap_url = ""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def let_go(self):
        """Forget what was, and wait until nothing hangs from before."""
        self.released.set()
        end = time.monotonic() + 5
        while self.at_once and time.monotonic() < end:
            time.sleep(0.005)
        self.released.clear()
        self.got.clear()
        self.most_at_once = 0

    def handle_error(self, request, client_address):
        """A sender that hangs up is part of the game."""


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.counting:
            self.server.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        try:
            mode = self.path.strip("/").split("/")[0].split("?")[0]
            getattr(self, f"answer_{mode}", lambda: self.answer_status(int(mode)))()
        finally:
            with self.server.counting:
                self.server.at_once -= 1

    def answer_status(self, status, body=b"thanks", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_wait(self):
        self.answer_status(429, Retry_After="7")

    def answer_redirect(self):
        self.answer_status(int(self.path.split("/")[2]), Location=self.server.trap_url)

    def answer_hang(self):
        self.server.released.wait(30)

    def answer_slow(self):
        time.sleep(0.3)
        self.answer_status(200)

    def answer_drip(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        while not self.server.released.wait(0.05):
            self.wfile.write(b".")

    def answer_driphead(self):
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * 1000:
            self.wfile.write(bytes([byte]))
            if self.server.released.wait(0.05):
                return

    def answer_huge(self):
        self.send_response(200)
        self.send_header("Content-Length", str(10 * 2**30))
        self.end_headers()
        while not self.server.released.is_set():
            self.wfile.write(b"x" * 65536)

    def answer_bomb(self):
        self.answer_status(200, BOMB, Content_Encoding="gzip")

    def answer_reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def answer_short(self):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")

    def answer_noise(self):
        self.wfile.write(b"\x00\x01 this is no HTTP\r\n\r\n")

    def answer_interim(self):
        while not self.server.released.wait(0.02):
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")

    def answer_echo(self):
        self.answer_status(200, self.server.got[-1].body)


@contextlib.contextmanager
def running(host="127.0.0.1"):
    server = Receiver(host)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
