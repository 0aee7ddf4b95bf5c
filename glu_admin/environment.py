"""Environment variables, read once at start.

Every reader takes a name and a default, accepts `<NAME>_FILE` for secrets, and stops
with one sentence that names the variable when its value can't be used.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def read_text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that `<NAME>_FILE` names."""
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return os.environ.get(name) or default
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {file}, which can't be read: {error.strerror}."
        ) from None


def read_choice(name: str, choices: tuple[str, ...], default: str) -> str:
    value = read_text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value


def read_bool(name: str, default: bool) -> bool:
    value = read_text(name, "true" if default else "false").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be true or false.")
    return value in TRUE


def read_int(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    value = read_text(name, str(default))
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number from {least} to {most}.")
    return int(value)


def read_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in read_text(name, default).split(",") if part.strip()]


def read_url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    """An absolute URL with one of the schemes, without a closing slash; "" if unset."""
    value = read_text(name, default).rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and (bool(parts.netloc) or parts.scheme == "pgmq")
    except ValueError:
        usable = False
    if not usable:
        forms = " or ".join(f"{scheme}://…" for scheme in schemes)
        raise ImproperlyConfigured(f"{name} is not a usable address; it must look like {forms}.")
    return value
