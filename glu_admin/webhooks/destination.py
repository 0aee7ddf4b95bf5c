"""Where a webhook may go. Judged when an endpoint is saved, and again at the connected socket.

A name's every address is judged, the connection goes to a judged address and not to the
name, and the socket's peer is judged once more: a name that answers differently the second
time (DNS rebinding) changes nothing.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_network

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from glu_admin.webhooks.addresses import Network, may_reach

MOST_CHARACTERS = 500
# Services that speak no HTTP, or should never hear ours.
# fmt: off
CLOSED_PORTS = frozenset(
    [1719, 1720, 1723, 2049, 2375, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566,
     6665, 6666, 6667, 6668, 6669, 6679, 6697, 9100, 10080, 11211, 27017]
)
# fmt: on
# 2130706433, 0x7f.1, 0177.0.0.1: forms of an IPv4 address that only resolvers understand.
_ODD_NUMBER = re.compile(r"^(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*$")
_PLAIN_NUMBER = re.compile(r"^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$")


class DestinationError(Exception):
    """Webhooks may not go there; the message says why, for the person who set it up."""


@dataclass(frozen=True)
class Destination:
    """A judged URL in the parts that are sent: one parser for judging and for connecting."""

    scheme: str
    host: str
    port: int
    target: str
    host_header: str


def allowed_networks() -> tuple[Network, ...]:
    """The operator's exceptions; raises ImproperlyConfigured for what is no network."""
    try:
        return tuple(ip_network(each, strict=False) for each in settings.WEBHOOK_ALLOWED_NETWORKS)
    except ValueError as error:
        raise ImproperlyConfigured(f"GLU_WEBHOOK_ALLOWED_NETWORKS is not usable: {error}.") from None


def parse(url: str, *, https_only: bool, allowed: tuple[Network, ...] = ()) -> Destination:
    """The URL's parts; raises DestinationError. Names are judged later, when they are resolved."""
    if len(url) > MOST_CHARACTERS or not url.isprintable() or " " in url or "\\" in url:
        raise DestinationError("The address is too long, or holds spaces, backslashes or control characters.")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise DestinationError("The address is not a URL.") from None
    if parsed.scheme != "https" and (https_only or parsed.scheme != "http"):
        raise DestinationError(
            "The address must start with https://" + ("." if https_only else " or http://.")
        )
    if "@" in url.partition("//")[2].partition("/")[0]:
        raise DestinationError("The address must not hold a user name or password.")
    if parsed.fragment or "#" in url:
        raise DestinationError("The address must not hold a fragment (#…).")
    host = parsed.raw_host.decode()
    _check_host(host, allowed)
    port = parsed.port if parsed.port is not None else (443 if parsed.scheme == "https" else 80)
    _check_port(port)
    return Destination(parsed.scheme, host, port, parsed.raw_path.decode(), parsed.netloc.decode())


def _check_host(host: str, allowed: tuple[Network, ...]) -> None:
    name = host.rstrip(".")
    if not name or "%" in name:
        raise DestinationError("The address names no host.")
    if ":" in name or _PLAIN_NUMBER.match(name):
        if not may_reach(name, allowed):
            raise DestinationError(f"{name} is not a public address.")
    elif _ODD_NUMBER.match(name):
        raise DestinationError("Write an IPv4 address as four decimal numbers.")
    elif (name == "localhost" or name.endswith(".localhost")) and not may_reach("127.0.0.1", allowed):
        raise DestinationError("localhost is not a public address.")


def _check_port(port: int) -> None:
    if port not in (80, 443) and (port < 1024 or port > 65535 or port in CLOSED_PORTS):
        raise DestinationError(f"Port {port} is not for webhooks; use 443, 80 or one above 1023.")
