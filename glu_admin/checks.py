"""What an operator must mend before people depend on it, each with a hint how.

Production does not start while one of the refusals holds. `manage.py check --deploy` tells
the same of a development set-up, as what production would refuse.
"""

import base64
import binascii
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

MASTER_KEY_BYTES = 32
OLDEST_POSTGRES = 150000
# words that secrets in documents and examples have; long enough to be no chance in a random one
SAMPLES = ("change", "example", "sample", "secret", "insecure", "password")


def register_all() -> None:
    checks.register(check_for_production, checks.Tags.security, deploy=True)
    checks.register(check_proxies, checks.Tags.security, deploy=True)
    checks.register(check_database_version, checks.Tags.database)


def refuse_unfit_production() -> None:
    """Called as Django starts; raises ImproperlyConfigured with every refusal and its hint."""
    found = check_for_production() if settings.GLU_ENV == "production" else []
    if found:
        raise ImproperlyConfigured("\n".join(f"{each.msg} {each.hint}" for each in found))


def check_for_production(**_: Any) -> list[CheckMessage]:
    """What GLU_ENV=production refuses; pure but for the settings that it reads."""
    return [
        *_check_debug(),
        *_check_secret_key(settings.SECRET_KEY),
        *_check_master_keys(settings.MASTER_KEYS),
        *_check_hosts(settings.ALLOWED_HOSTS),
        *_check_public_url(settings.PUBLIC_URL),
    ]


def check_proxies(**_: Any) -> list[CheckMessage]:
    if not settings.SECURE_SSL_REDIRECT or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "Plain requests are sent to https, but no proxy is trusted to say which ones came by https.",
            hint="Behind a proxy that ends TLS set GLU_TRUSTED_PROXIES=1; without one set"
            " GLU_HTTPS_REDIRECT=false.",
            id="glu.W001",
        )
    ]


def check_database_version(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Asked by `migrate`, and by `check --database default`."""
    if not databases or "default" not in databases:
        return []
    try:
        connection.ensure_connection()
    except OperationalError:
        return [Error("The database does not answer.", hint="Check DATABASE_URL.", id="glu.E007")]
    return _check_postgres(int(connection.connection.info.server_version))


def _check_postgres(version: int) -> list[CheckMessage]:
    if version >= OLDEST_POSTGRES:
        return []
    return [
        Error(
            f"PostgreSQL {version // 10000} is too old.",
            hint="Use PostgreSQL 15 or newer.",
            id="glu.E006",
        )
    ]


def _check_debug() -> list[CheckMessage]:
    if not settings.DEBUG:
        return []
    return [
        Error(
            "GLU_DEBUG is on, and shows settings and code to visitors.",
            hint="Unset GLU_DEBUG.",
            id="glu.E001",
        )
    ]


def _check_secret_key(key: str) -> list[CheckMessage]:
    if len(key) >= 50 and _looks_random(key) and not any(word in key.lower() for word in SAMPLES):
        return []
    return [
        Error(
            "GLU_SECRET_KEY is a sample or too short.",
            hint="Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'",
            id="glu.E002",
        )
    ]


def _looks_random(key: str) -> bool:
    """Whether nearly every three characters in a row are new; also true of random hex digits."""
    triples = [key[at : at + 3] for at in range(len(key) - 2)]
    return len(set(triples)) >= 0.8 * len(triples)


def _check_master_keys(keys: Sequence[str]) -> list[CheckMessage]:
    if keys and all(_is_usable(_decode(key)) for key in keys):
        return []
    return [
        Error(
            "GLU_MASTER_KEY is a sample, or not 32 random bytes in base64.",
            hint="Make one: python3 -c 'import base64, secrets;"
            " print(base64.b64encode(secrets.token_bytes(32)).decode())'",
            id="glu.E003",
        )
    ]


def _decode(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except binascii.Error:
        return b""


def _is_usable(key: bytes) -> bool:
    steps = {(after - before) % 256 for before, after in pairwise(key)}
    # random bytes neither repeat a step (0, 1, 2…) nor keep to a few values, nor spell a text
    return (
        len(key) == MASTER_KEY_BYTES and len(steps) > 4 and not (key.isascii() and key.decode().isprintable())
    )


def _check_hosts(hosts: Sequence[str]) -> list[CheckMessage]:
    if hosts and "*" not in hosts:
        return []
    said = "allows any host" if hosts else "is not set"
    return [
        Error(
            f"GLU_ALLOWED_HOSTS {said}.",
            hint="Name the hosts that people use, such as GLU_ALLOWED_HOSTS=glu.example.com.",
            id="glu.E004",
        )
    ]


def _check_public_url(url: str) -> list[CheckMessage]:
    if url.startswith("https://"):
        return []
    said = "is plain http, which shows tokens to the network" if url else "is not set"
    return [
        Error(
            f"GLU_PUBLIC_URL {said}.",
            hint="Set the address that people use, such as GLU_PUBLIC_URL=https://glu.example.com.",
            id="glu.E005",
        )
    ]
