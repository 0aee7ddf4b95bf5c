"""Sockets that only reach judged addresses, and never outlive their deadline.

The name is resolved here, all its addresses are judged, one of them is connected to, and
the peer is judged again; TLS and Host keep the name. The deadline counts the wall clock, so
a receiver that drips one byte a second gains nothing.
"""

import socket
import ssl
import threading
import time
import typing
from collections.abc import Callable, Iterable

import httpcore
from httpcore import NetworkStream

from glu_admin.webhooks.addresses import Network, may_reach
from glu_admin.webhooks.destination import DestinationError

CONNECT_SECONDS = 5.0
Resolver = Callable[[str, int], list[str]]
Options = Iterable[httpcore.SOCKET_OPTION] | None


class UnknownNameError(Exception):
    """The host's name has no address now."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name; raises UnknownNameError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownNameError(f"The name {host} was not found.") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Deadline:
    """A moment on the monotonic clock after which nothing waits any more."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Seconds, at least a little, because 0 means "for ever" or "don't wait" to sockets."""
        left = self._end - time.monotonic()
        return max(0.001, left if most is None else min(most, left))

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end


class GuardedBackend(httpcore.NetworkBackend):
    """The network as webhooks see it."""

    def __init__(
        self, deadline: Deadline, allowed: tuple[Network, ...], resolver: Resolver = resolve
    ) -> None:
        self._deadline = deadline
        self._allowed = allowed
        self._resolver = resolver
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> NetworkStream:
        connecting = Deadline(self._deadline.left(CONNECT_SECONDS))
        addresses = self._judged(_resolve_within(connecting, self._resolver, host, port), host)
        problem: Exception = httpcore.ConnectError("No address answered.")
        for number, address in enumerate(addresses):
            # a black hole among the addresses leaves time for the ones behind it
            share = connecting.left() / (len(addresses) - number)
            try:
                stream = self._plain.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
                continue
            self._check_peer(stream)
            return TimedStream(stream, self._deadline)
        raise problem

    def _judged(self, addresses: list[str], host: str) -> list[str]:
        if not addresses:
            raise UnknownNameError(f"The name {host} was not found.")
        if not all(may_reach(address, self._allowed) for address in addresses):
            raise DestinationError(f"{host} leads to an address that is not public.")
        return addresses

    def _check_peer(self, stream: NetworkStream) -> None:
        peer = stream.get_extra_info("server_addr")[0]
        if not may_reach(peer, self._allowed):
            stream.close()
            raise DestinationError("The connection leads to an address that is not public.")


class TimedStream(NetworkStream):
    """A stream whose every wait ends at the deadline."""

    def __init__(self, stream: NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._deadline.is_over:
            raise httpcore.ReadTimeout("The time is up.")
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # in pieces, because a wait for each piece would start the clock anew inside one call
        for start in range(0, len(buffer), 16_384):
            if self._deadline.is_over:
                raise httpcore.WriteTimeout("The time is up.")
            self._stream.write(buffer[start : start + 16_384], self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._stream.get_extra_info(info)


def _resolve_within(deadline: Deadline, resolver: Resolver, host: str, port: int) -> list[str]:
    """The system's resolver knows no time limit, so it works in a thread that may be left behind."""
    found: list[list[str]] = []

    def look_up() -> None:
        try:
            found.append(resolver(host, port))
        except UnknownNameError:
            found.append([])

    worker = threading.Thread(target=look_up, name="webhook-resolver", daemon=True)
    worker.start()
    worker.join(deadline.left())
    if not found:
        raise httpcore.ConnectTimeout("The name was not resolved in time.")
    return found[0]
