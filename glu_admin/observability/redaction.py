"""What a log may not hold: secrets, tokens, addresses of people, and values quoted in error messages.

Our own log lines name ids and nothing else; this is the net under whatever other libraries
and exceptions say. Tracebacks keep files, lines and functions, never local variables.
"""

import re
import traceback
from collections.abc import Iterator

import psycopg

MOST_FRAMES = 40
LONGEST = 2_000  # characters; a longer text would tell nobody more and take minutes to clean

_SECRETS = re.compile(
    r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?"  # a JSON web token
    r"|\b(?:wk|sk)_(?:test|live)_[\w-]+"
    r"|\bwhsec_[\w+/=-]+"
    r"|(?<=Bearer )\S+"
)
_PERSONAL = re.compile(r"[^\s@<>'\"(),;:=/?&]+@[^\s@<>'\"(),;:=/?&]+\.\w+|\+\d[\d ()-]{6,18}\d")
_QUERY = re.compile(r"\?[\w%.~-]+=[^\s\"'<>]*")
_CREDENTIALS = re.compile(r"(?<=://)[^\s/@]+@")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


def redact(text: str) -> str:
    """The text without tokens, keys, e-mail addresses, phone numbers and query strings."""
    if len(text) > LONGEST:
        # to cut it could cut a secret in two, of which no half is known for one
        return f"<{len(text)} characters>"
    text = _CREDENTIALS.sub("…@", text)
    text = _SECRETS.sub("<secret>", text)
    text = _QUERY.sub("?…", text)
    return _PERSONAL.sub("<personal>", text)


def redact_values(text: str) -> str:
    """`redact`, and everything in quotes too: exceptions quote the value that they choked on."""
    return redact(text if len(text) > LONGEST else _QUOTED.sub("'…'", text))


def describe(error: BaseException) -> str:
    """A traceback for the log: the chain of causes, each with its frames and a redacted message."""
    return "\n".join(line for each in _chain(error) for line in _lines(each))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    yield f"{type(error).__module__}.{type(error).__qualname__}: {_message(error)}"
    for frame in traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]:
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def _message(error: BaseException) -> str:
    if isinstance(error, psycopg.Error) and error.diag.sqlstate:
        # DETAIL and CONTEXT of PostgreSQL repeat the values of the row
        primary = redact_values(error.diag.message_primary or "")
        return f"{error.diag.sqlstate} {primary} {error.diag.constraint_name or ''}".strip()
    return redact_values(str(error).partition("\n")[0])
