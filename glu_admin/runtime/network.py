"""Where the web server listens and how others reach it."""

import socket

FIRST_PORT, LAST_PORT = 8000, 8999
ALL_INTERFACES = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, never a default


class PortError(Exception):
    """No usable address; the message names the option to change."""


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Lets a port be taken again right after a stop, never one that somebody listens on.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose_port(host: str, wanted: int | None) -> int:
    """The wanted port, else the first free one from 8000; raises PortError."""
    if wanted is not None:
        if not 1 <= wanted <= 65535:
            raise PortError(f"--port is {wanted}; it must be from 1 to 65535.")
        if not is_free(host, wanted):
            raise PortError(f"Port {wanted} on {host} is taken or not allowed; choose another with --port.")
        return wanted
    for port in range(FIRST_PORT, LAST_PORT + 1):
        if is_free(host, port):
            return port
    raise PortError(f"No port from {FIRST_PORT} to {LAST_PORT} is free on {host}; choose one with --port.")


def own_address(host: str) -> str:
    """How this machine itself reaches a server that listens on `host`."""
    return reachable_address(ALL_INTERFACES.get(host, host))


def is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def reachable_address(host: str) -> str:
    """The address to print for a server that listens on `host`."""
    if host not in ALL_INTERFACES:
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing: it only asks for the route's own address.
            probe.connect(("10.255.255.255", 1))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
