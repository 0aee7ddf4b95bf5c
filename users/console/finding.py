"""Finding one person from whatever somebody types: an id, a contact, a coupon code, a name's beginning.

Other apps register what else a person may be found by. When nobody is found, `close_to` tells
whose id is nearly the same.
"""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce

from users.models import EndUser
from users.v1 import search

Finder = Callable[[UUID, str], Iterable[int]]  # (environment id, what was typed) -> keys of people

EXACTLY = ("email", "phone", "referralCode", "deviceId")
CLOSE = 3  # people who are told of
SHORTEST = 3  # characters of an id that is looked for by its beginning
LONGEST = 255  # characters of an id
HIGHEST = "\U0010ffff"  # behind every other character

_finders: dict[str, Finder] = {}


def register(name: str, finder: Finder) -> None:
    """Add a way to find people, exactly; call it from AppConfig.ready()."""
    _finders[name] = finder


def find(environment_id: UUID, wanted: str, *, limit: int) -> list[EndUser]:
    """Whom `wanted` may mean: an id, a contact or a code exactly, else the beginning of a name."""
    named = search.named(environment_id, wanted)
    found = [named] if named else []
    for key in EXACTLY:
        found += search.search(environment_id, {key: wanted}, limit=limit)
    for finder in _finders.values():
        found += _people(environment_id, finder(environment_id, wanted))
    found += search.search(environment_id, {"name": wanted}, limit=limit)
    return list({person.pk: person for person in found}.values())[:limit]


def close_to(environment_id: UUID, wanted: str, *, beginnings: bool) -> list[EndUser]:
    """People whose user id differs in capitals only; with `beginnings`, also those that begin like it.

    Whoever may not see ids could spell them out, letter by letter, by their beginnings.
    """
    people = EndUser.objects.filter(environment_id=environment_id, erased_at=None)
    found = list(people.filter(user_id__in=_spellings(wanted)).order_by("user_id")[:CLOSE])
    for beginning in _beginnings(wanted) if beginnings else ():
        if len(found) >= CLOSE:
            break
        known = [each.pk for each in found]
        # a stretch of the unique index; what a database's own order puts between is left out
        stretch = people.filter(user_id__gte=beginning, user_id__lt=beginning + HIGHEST)
        alike = stretch.filter(user_id__istartswith=beginning).exclude(pk__in=known)
        found += alike.order_by("user_id")[: CLOSE - len(found)]
    return found


def _people(environment_id: UUID, pks: Iterable[int]) -> list[EndUser]:
    """The people of these keys; a visitor's lead to who it was."""
    rows = EndUser.objects.filter(environment_id=environment_id, pk__in=list(pks))
    persons = rows.annotate(person=Coalesce(F("merged_into_id"), F("pk"))).values_list("person", flat=True)
    return list(EndUser.objects.filter(environment_id=environment_id, pk__in=persons, erased_at=None))


def _spellings(wanted: str) -> list[str]:
    return [wanted.lower(), wanted.upper(), wanted.capitalize(), wanted.swapcase()]


def _beginnings(wanted: str) -> Iterator[str]:
    """As typed and in small or capital letters; then without its last characters, which may be mistyped."""
    for cut in range(3):
        text = wanted[: len(wanted) - cut]
        if (cut and len(text) < SHORTEST) or len(text) > LONGEST:
            return
        yield from dict.fromkeys((text, text.lower(), text.upper()))
