"""What types say: plain English with places for values, such as "Step %(number)s". Pages translate it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Plural:
    """Words that go with a number, of one and of several: the value that `by` names says which."""

    one: str
    several: str
    by: str


Words = str | Plural


def in_english(words: Words, values: Mapping[str, Any]) -> str:
    """For marketers, and for apps, which get no other language."""
    if isinstance(words, Plural):
        words = words.one if values[words.by] == 1 else words.several
    return words % values if values else words
