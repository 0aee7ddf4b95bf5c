"""One POST to a receiver, and what came of it in words that a person can act on.

No redirect is followed, nothing is unpacked, no proxy is taken from the environment, at most
64 KiB are read, and after the time limit it is over, whatever the receiver does.
"""

import ssl
import time
from dataclasses import dataclass, field
from functools import lru_cache

import httpcore
import httpx

from glu_admin.webhooks.addresses import Network
from glu_admin.webhooks.connecting import Deadline, GuardedBackend, Resolver, UnknownNameError, resolve
from glu_admin.webhooks.destination import Destination, DestinationError

MOST_READ = 64 * 1024
MOST_KEPT = 1024


@dataclass(frozen=True)
class Answer:
    """What came back. `status` is empty unless an answer came whole; `head` is its beginning."""

    status: int | None
    problem: str
    head: bytes = field(repr=False)
    milliseconds: int
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class _Reply:
    status: int
    head: bytes = field(repr=False)
    retry_after: str


_FAULTS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class _BrokenOffError(Exception):
    """The answer began and did not end; the message says how it began and why it stopped."""


def post(
    destination: Destination,
    headers: dict[str, str],
    body: bytes,
    *,
    seconds: float,
    allowed: tuple[Network, ...] = (),
    resolver: Resolver = resolve,
) -> Answer:
    """Send it, once. Never raises for what a receiver or the network does."""
    started = time.monotonic()
    backend = GuardedBackend(Deadline(seconds), allowed, resolver)
    reply, problem = None, ""
    try:
        reply = _exchange(destination, headers, body, backend)
        problem = _judge(reply.status)
    except (DestinationError, UnknownNameError, _BrokenOffError) as error:
        problem = str(error)
    except _FAULTS as error:
        problem = _diagnose(error, seconds)
    milliseconds = int((time.monotonic() - started) * 1000)
    if reply is None:
        return Answer(None, problem[:200], b"", milliseconds)
    return Answer(reply.status, problem, reply.head, milliseconds, reply.retry_after)


def _exchange(
    destination: Destination, headers: dict[str, str], body: bytes, backend: GuardedBackend
) -> _Reply:
    sent = {
        "Host": destination.host_header,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    url = httpcore.URL(
        scheme=destination.scheme, host=destination.host, port=destination.port, target=destination.target
    )
    with (
        httpcore.ConnectionPool(
            ssl_context=_trust(), network_backend=backend, max_connections=1, max_keepalive_connections=0
        ) as pool,
        pool.stream("POST", url, headers=list(sent.items()), content=body) as response,
    ):
        return _read(response)


def _read(response: httpcore.Response) -> _Reply:
    status = response.status
    content = b""
    try:
        for piece in response.iter_stream():
            content += piece
            if len(content) >= MOST_READ:
                break
    except httpcore.TimeoutException:
        raise _BrokenOffError(f"It began to answer {status} and did not finish in time.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise _BrokenOffError(f"It began to answer {status} and broke off before the end.") from None
    given = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
    return _Reply(status, content[:MOST_KEPT], given.decode("latin-1")[:100])


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The usual certificate authorities; SSL_CERT_FILE adds a company's own."""
    return httpx.create_ssl_context()


def _judge(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered {status}; redirects are not followed. Enter the final address."
    if status in (401, 403):
        return f"It answered {status}: your server refused the signature or the sender."
    if status == 410:
        return "It answered 410: your server wants no more webhooks, so the endpoint was disabled."
    return f"It answered {status}; a webhook is taken with 200 to 299."


def _diagnose(error: Exception, seconds: float) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"TLS: {cause.verify_message or 'the certificate is not valid'}."
    if isinstance(cause, ssl.SSLError):
        return f"TLS failed: {cause.reason or 'no common protocol'}."
    return next(words for kind, words in _DIAGNOSES if isinstance(error, kind)).format(seconds=seconds)


# the first that fits
_DIAGNOSES: tuple[tuple[type[Exception], str], ...] = (
    (httpcore.ConnectTimeout, "No connection within 5 s."),
    (httpcore.TimeoutException, "It did not answer within {seconds:g} s."),
    (httpcore.ConnectError, "The connection was refused, or no way leads there."),
    (httpcore.NetworkError, "The connection broke off before an answer."),
    (httpcore.ProtocolError, "What it answered is not HTTP."),
)
