"""Versions such as 1.10.0-beta, as text that sorts: 1.9 < 1.10.0-beta.2 < 1.10 = 1.10.0. Pure.

Python and SQL make the same key by the same steps. What is no version has no key.
"""

import re
from functools import lru_cache

MOST_CHARACTERS = 64
PATTERN = "^v?[0-9]{1,18}([.][0-9]{1,18}){0,7}(-[0-9A-Za-z.-]+)?([+][0-9A-Za-z.-]+)?$"
_WIDTH = 18

_is_version = re.compile(PATTERN).fullmatch
_number = re.compile("[0-9]+")
_trailing_zeros = re.compile("([.]0+)+$")


def key(text: str) -> str | None:
    """What sorts by code points as the versions do; None for what is no version."""
    return _key(text) if len(text) <= MOST_CHARACTERS else None


@lru_cache(maxsize=16_384)
def _key(text: str) -> str | None:
    if not _is_version(text):
        return None
    whole = text.removeprefix("v").partition("+")[0]
    main, dash, rest = whole.partition("-")
    # a blank sorts before "!", and both before the dot of a further number
    tail = f" {rest}" if dash else "!"
    return _number.sub(_padded, _trailing_zeros.sub("", main) + tail)


def _padded(number: re.Match[str]) -> str:
    return number[0].rjust(_WIDTH, "0")[-_WIDTH:]


def is_version_sql(text: str) -> str:
    return f"{text} ~ '{PATTERN}' AND length({text}) <= {MOST_CHARACTERS}"


def key_sql(text: str) -> str:
    """`key` of a text that is a version, as an SQL expression that sorts by code points."""
    whole = f"split_part(ltrim({text}, 'v'), '+', 1)"
    main = f"regexp_replace(split_part({whole}, '-', 1), '([.]0+)+$', '')"
    dash = f"strpos({whole}, '-')"
    tail = f"CASE WHEN {dash} > 0 THEN ' ' || substr({whole}, {dash} + 1) ELSE '!' END"
    wide = f"regexp_replace({main} || {tail}, '([0-9]+)', '{'0' * _WIDTH}\\1', 'g')"
    return f"regexp_replace({wide}, '[0-9]*([0-9]{{{_WIDTH}}})', '\\1', 'g') COLLATE \"C\""


def known(text: str) -> str:
    """The key of a text that was seen to be a version when its rule was read."""
    found = key(text)
    if found is None:
        raise ValueError(text)
    return found
