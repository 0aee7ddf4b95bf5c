"""The id of the request in hand, for logs, errors and the audit log."""

from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """32 hex digits; "" outside a request."""
    return _request_id.get()


def set_request_id(value: str) -> None:
    _request_id.set(value)
