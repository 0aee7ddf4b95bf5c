"""Asks a server as fast as it answers: `python -m tests.bench.client PORT FILE CONNECTIONS`.

A process of its own, so that its processor time is nobody's. The file holds one request a
line as JSON; each is sent once, over connections that stay open. Prints what came of it.
"""

import json
import socket
import sys
import threading
import time
from itertools import count


def build(line: str, port: int) -> bytes:
    request = json.loads(line)
    body = request.get("body", "").encode()
    headers = {"Host": f"127.0.0.1:{port}", "Content-Length": str(len(body)), **request.get("headers", {})}
    head = f"{request['method']} {request['path']} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode() + b"\r\n" + body


class Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, bytes]:
        self.socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, body = data[:end].lower(), data[end + 4 :]
        if b"content-length:" in head:
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            while len(body) < length:
                body += self._more()
        else:  # in chunks, the last of which is empty
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more()
            body = body.partition(b"\r\n")[2]
        return int(data[9:12]), body

    def _more(self) -> bytes:
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("The server closed the connection.")
        return piece


def run(port: int, requests: list[bytes], connections: int) -> dict[str, object]:
    places, times, bad = count(), [], []

    def work() -> None:
        connection = Connection(port)
        while (place := next(places)) < len(requests):
            started = time.perf_counter()
            status, body = connection.ask(requests[place])
            times.append(time.perf_counter() - started)
            if status != 200 or not body.startswith(b'{"success":true'):
                bad.append(f"{status} {body[:200]!r}")

    threads = [threading.Thread(target=work) for _ in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    times.sort()
    return {
        "asked": len(times),
        "seconds": seconds,
        "bad": bad[:3],
        "p50_ms": 1000 * times[len(times) // 2],
        "p99_ms": 1000 * times[len(times) * 99 // 100],
    }


def main() -> None:
    port, file, connections = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    with open(file, encoding="utf-8") as lines:
        requests = [build(line, port) for line in lines]
    print(json.dumps(run(port, requests, connections)))


if __name__ == "__main__":
    main()
