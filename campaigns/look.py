"""How pages look and what they say in the company's own words: of a workspace, and of one campaign.

Pure. What a campaign does not say, its workspace says, and what neither says is ours. Words are
kept by language and state; one that is missing in a language is taken from the next of its chain.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from glu_admin.pictures.names import is_name

COLOR = re.compile(r"#[0-9a-fA-F]{6}")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
LINKS = {"terms": "Terms", "privacy": "Privacy", "help": "Help"}
CORNERS = {"round": 18, "soft": 10, "square": 0}  # CSS pixels
GROUNDS = ("tinted", "plain")
LANGUAGES = {"en": "English", "hi": "हिन्दी", "ar": "العربية", "es": "Español"}
STATES = {
    "pristine": "Before a play",
    "in-progress": "Under way",
    "won": "Won",
    "lost": "No prize",
    "no_plays": "No plays left",
    "sold_out": "Sold out",
    "completed": "All done",
    "not_eligible": "Not for this person",
    "ended": "Ended",
}
LENGTHS = {"title": 80, "text": 200, "button": 40}
PLACEHOLDERS = ("prize", "name", "plays", "brand")
PICTURES = ("logo", "background")
KEYS = {"color", "second", "corner", "ground", "links", "words", *PICTURES}


class LookError(ValueError):
    """This can't be shown; `field` names the part, the message is for marketers."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name


@dataclass(frozen=True)
class Look:
    """`color` and `second` are hex colours, "" for what the workspace or we choose; `logo` and
    `background` are names of pictures."""

    color: str = ""
    second: str = ""
    corner: str = "round"
    ground: str = "tinted"
    logo: str = ""
    background: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def corner_px(self) -> int:
        return CORNERS[self.corner]

    def says(self, state: str, language: str) -> dict[str, str]:
        """The words of a state, each from the first language of the chain that has it."""
        found: dict[str, str] = {}
        for each in reversed(chain(language, self.words)):
            found |= {part: text for part, text in self.words[each].get(state, {}).items() if text}
        return found


OURS = Look()


def chain(language: str, words: Mapping[str, Any]) -> list[str]:
    """The languages to look in: the page's own, English, then whatever there is."""
    wanted = [language, language.partition("-")[0], "en", *words]
    return [each for each in dict.fromkeys(wanted) if each in words]


def of(*stored: Mapping[str, Any]) -> Look:
    """The look that follows from what was stored of each, the most particular one first."""
    known: dict[str, Any] = {}
    for each in reversed(stored):
        known |= {name: value for name, value in each.items() if value and name not in {"links", "words"}}
    links = {name: url for each in reversed(stored) for name, url in each.get("links", {}).items() if url}
    return Look(**known, links=links, words=stored[0].get("words", {}) if stored else {})


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; one of which nothing is known leaves nothing behind."""
    return re.sub(r"\s{2,}", " ", PLACEHOLDER.sub(lambda each: values.get(each[1], ""), text)).strip()


def check(stored: Mapping[str, Any]) -> None:
    """Raise LookError for what can't be shown."""
    if unknown := sorted(stored.keys() - KEYS):
        raise LookError(unknown[0], f"A look has no {unknown[0]}.")
    for name in ("color", "second"):
        if (color := stored.get(name)) and not (isinstance(color, str) and COLOR.fullmatch(color)):
            raise LookError(name, "Write a colour as # and six digits, such as #0f766e.")
    _check_choice(stored, "corner", tuple(CORNERS))
    _check_choice(stored, "ground", GROUNDS)
    for name in PICTURES:
        if stored.get(name) and not is_name(stored[name]):
            raise LookError(name, "Choose a picture.")
    for name, url in _mapping(stored, "links").items():
        _check_link(name, url)
    for language, states in _mapping(stored, "words").items():
        _check_words(language, states)


def _mapping(stored: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = stored.get(name) or {}
    if not isinstance(value, dict):
        raise LookError(name, f"{name} must be an object.")
    return value


def _check_choice(stored: Mapping[str, Any], name: str, choices: Sequence[str]) -> None:
    if stored.get(name) and stored[name] not in choices:
        raise LookError(name, f"Choose one of {', '.join(choices)}.")


def _check_link(name: str, url: object) -> None:
    if name not in LINKS:
        raise LookError("links", f"A page links to {', '.join(LINKS)}; not to {name}.")
    if url and not (isinstance(url, str) and len(url) <= 500 and _is_web_address(url)):
        raise LookError(f"links.{name}", "Write a full address that begins with https://.")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and url.isprintable() and " " not in url
    except ValueError:
        return False


def _check_words(language: str, states: object) -> None:
    if language not in LANGUAGES:
        raise LookError("words", f"Pages speak {', '.join(LANGUAGES)}; not {language}.")
    for state, parts in _mapping({"words": states}, "words").items():
        if state not in STATES:
            raise LookError("words", f"No page is in the state {state}.")
        for part, text in _mapping({"words": parts}, "words").items():
            _check_text(f"words.{language}.{state}.{part}", part, text)


def _check_text(name: str, part: str, text: object) -> None:
    if part not in LENGTHS:
        raise LookError(name, f"A page has a title, a text and a button; no {part}.")
    if not isinstance(text, str) or len(text) > LENGTHS[part]:
        raise LookError(name, f"The {part} is text of up to {LENGTHS[part]} characters.")
    unknown = [each for each in PLACEHOLDER.findall(text) if each not in PLACEHOLDERS]
    if unknown or "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
        raise LookError(name, f"Only these are filled in: {known}.")
