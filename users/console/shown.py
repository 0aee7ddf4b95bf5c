"""How one person is shown: contacts and names in full, or masked for those who may not see them."""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from glu_admin.api.json import dumps
from glu_admin.console import masking
from users.history.timeline import Entry
from users.models import EndUser, Erasure
from users.privacy import parts


@dataclass(frozen=True)
class Row:
    person: EndUser
    name: str
    identifier: str
    contact: str
    state: str
    tone: str


def row(person: EndUser, *, in_full: bool) -> Row:
    identifier = person.user_id or person.anonymous_id or ""
    if person.blocked_at:
        state, tone = "Blocked", "bad"
    elif person.user_id is None:
        state, tone = "Visitor", "info"
    else:
        state, tone = "Registered", "good"
    return Row(
        person=person,
        name=masking.person(person.user_name, person.user_id, in_full=in_full),
        identifier=identifier if in_full else masking.masked(identifier),
        contact=contact(person.email or person.phone, in_full=in_full),
        state=state,
        tone=tone,
    )


def contact(text: str | None, *, in_full: bool) -> str:
    if not text:
        return ""
    return text if in_full else masking.masked(text)


def attributes(person: EndUser, *, in_full: bool) -> list[tuple[str, str, str]]:
    """(name, value, type) of custom attributes and the profile, by name; the profile may be masked."""
    rows = [(name, _text(value), _type(value)) for name, value in person.attributes.items()]
    for name, value in person.profile.items():
        rows.append((f"profile.{name}", _text(value) if in_full else "hidden", _type(value)))
    return sorted(rows)


def identity(person: EndUser, *, in_full: bool) -> list[tuple[str, str]]:
    facts: dict[str, Any] = {
        "userId": person.user_id,
        "anonymousId": person.anonymous_id,
        "email": person.email,
        "phone": person.phone,
        **person.identities,
    }
    personal = [(name, contact(str(value), in_full=in_full)) for name, value in facts.items() if value]
    referral = [("referralCode", person.referral_code)]
    if person.referred_by:
        referral.append(("referredBy", contact(person.referred_by, in_full=in_full)))
    return [*personal, ("gluId", str(person.glu_id)), *referral]


def receipt(erased: Erasure) -> dict[str, Any]:
    """What went, what stays and why, and of what there was nothing: three lists, in words."""
    keeps = {part.name: part.keeps for part in parts.all_parts() if part.keeps}
    gone = {name: count for name, count in erased.counts.items() if name not in keeps}
    return {
        "gone": [(words(name), count) for name, count in gone.items() if count],
        "nothing_of": [words(name).lower() for name, count in gone.items() if not count],
        "kept": [(words(name), erased.counts.get(name, 0), why) for name, why in keeps.items()],
    }


def words(name: str) -> str:
    """A part's name as people read it: "entryPoints" is "Entry points"."""
    return re.sub(r"(?=[A-Z])", " ", name).capitalize()


def detail(entry: Entry) -> str:
    return dumps(entry.detail, option=orjson.OPT_INDENT_2).decode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value).decode()


def _type(value: Any) -> str:
    kinds = {bool: "true or false", str: "text", int: "number", float: "number", list: "list"}
    return kinds.get(type(value), "other")
