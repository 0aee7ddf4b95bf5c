"""What a player page may do in a browser, and who may frame it."""

import re
from collections.abc import Iterable, Mapping

from django.http.response import HttpResponseBase
from django.utils.csp import CSP

from glu_admin.config import EnvironmentConfig

# whatever else an allowed origin holds would become a rule of its own
ORIGIN = re.compile(r"https?://[A-Za-z0-9.*\[\]:-]+")
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def secure(answer: HttpResponseBase, config: EnvironmentConfig | None, pictures: Iterable[str] = ()) -> None:
    """Set the page's headers. A refusal that knows no environment holds nothing worth framing against.

    `pictures` are origins beside our own from which the page shows some.
    """
    for name, value in HEADERS.items():
        answer.headers[name] = value
    answer._csp_config = content_policy(origins(config), pictures)  # type: ignore[attr-defined]  # Django's own mark


def origins(config: EnvironmentConfig | None) -> list[str]:
    """The origins that may frame the page, beside our own; ["*"] for any."""
    listed = ["*"] if config is None else config.environment.allowed_origins
    if "*" in listed:
        return ["*"]
    return [each for each in listed if isinstance(each, str) and ORIGIN.fullmatch(each)]


def content_policy(framers: list[str], pictures: Iterable[str] = ()) -> Mapping[str, list[str]]:
    return {
        "default-src": [CSP.NONE],
        "script-src": [CSP.SELF, CSP.NONCE],
        "style-src": [CSP.SELF, CSP.NONCE],
        "img-src": [CSP.SELF, "data:", *sorted(each for each in pictures if ORIGIN.fullmatch(each))],
        "connect-src": [CSP.SELF],
        "form-action": [CSP.SELF],
        "base-uri": [CSP.NONE],
        "frame-ancestors": framers if framers == ["*"] else [CSP.SELF, *framers],
    }
