"""Finding people for a server or a page: exactly by an id or a contact, by the beginning of a name.

Aliases lead to the person they were merged into; erased people are not found.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Collate, Upper

from glu_admin.api import pagination
from glu_admin.api.errors import ApiError
from users.models import Device, EndUser

# what may be asked for -> the lookup; each has an index behind it
EXACT = {"userId": "user_id", "email": "email__iexact", "phone": "phone", "referralCode": "referral_code"}
VISITOR = Q(user_id=None, merged_into=None)
KNOWN = Q(user_id__isnull=False) | Q(merged_into__isnull=False)
NAME = Collate(Upper("user_name"), "C")  # as the index has it


def search(
    environment_id: UUID, wanted: Mapping[str, str], *, cursor: str | None = None, limit: int
) -> list[EndUser]:
    """The people to whom all of `wanted` applies: the newest first, or by name if a name is wanted."""
    people = EndUser.objects.filter(environment_id=environment_id, merged_into=None, erased_at=None)
    for name, lookup in EXACT.items():
        if name in wanted:
            people = people.filter(**{lookup: wanted[name]})
    if "anonymousId" in wanted:
        people = people.filter(pk__in=_of_anonymous_id(environment_id, wanted["anonymousId"]))
    if "deviceId" in wanted:
        people = people.filter(pk__in=_of_device(environment_id, wanted["deviceId"]))
    if "name" in wanted:
        return list(_by_name(people, wanted["name"], cursor)[:limit])
    if cursor is not None:
        people = people.filter(pk__lt=pagination.decode(cursor, id=int)["id"])
    return list(people.order_by("-pk")[:limit])


def position(user: EndUser) -> dict[str, Any]:
    """Where a page that ends with this person ends."""
    if hasattr(user, "key"):
        return {"name": user.key, "id": user.pk}
    return {"id": user.pk}


def _by_name(people: QuerySet[EndUser], beginning: str, cursor: str | None) -> QuerySet[EndUser]:
    named = people.annotate(key=NAME).filter(user_name__isnull=False, key__startswith=_capitals(beginning))
    if cursor is not None:
        last = pagination.decode(cursor, name=str, id=int)
        named = named.filter(key__gte=last["name"]).exclude(key=last["name"], pk__lte=last["id"])
    return named.order_by("key", "pk")


def _capitals(text: str) -> str:
    """As PostgreSQL writes it in capitals: letter by letter, so that ß stays what it is."""
    return "".join(capital if len(capital := letter.upper()) == 1 else letter for letter in text)


def _of_anonymous_id(environment_id: UUID, anonymous_id: str) -> list[int]:
    named = EndUser.objects.filter(environment_id=environment_id, anonymous_id=anonymous_id)
    # two conditions, because each has an index of its own
    return [*_persons(named.filter(VISITOR)), *_persons(named.filter(KNOWN))]


def _persons(people: QuerySet[EndUser]) -> QuerySet[EndUser, int]:
    return people.annotate(person=Coalesce("merged_into_id", "pk")).values_list("person", flat=True)


def _of_device(environment_id: UUID, device_id: str) -> QuerySet[Device, int]:
    devices = Device.objects.filter(environment_id=environment_id, device_id=device_id)
    return devices.values_list(Coalesce(F("user__merged_into_id"), F("user_id")), flat=True)


def person(environment_id: UUID, glu_id: UUID) -> EndUser:
    """The person with this gluId, or whom its visitor became; raises ApiError 404."""
    found = EndUser.objects.filter(environment_id=environment_id, glu_id=glu_id).first()
    if found is not None and found.merged_into_id is not None:
        found = EndUser.objects.filter(environment_id=environment_id, pk=found.merged_into_id).first()
    if found is None or found.erased_at is not None:
        raise ApiError("user_not_found", "There is no user with this gluId here.", status=404, field="gluId")
    return found


def named(environment_id: UUID, name: str) -> EndUser | None:
    """Whom the client calls so: by user id, else by anonymous id, also by one of before a merge."""
    people = EndUser.objects.filter(environment_id=environment_id, erased_at=None)
    found = people.filter(user_id=name).first()
    if found is not None:
        return found
    ids = _of_anonymous_id(environment_id, name)
    return people.filter(pk__in=ids, merged_into=None).order_by("-pk").first()


def aliases_of(user: EndUser) -> list[EndUser]:
    """The visitors who turned out to be this person, the last one first."""
    merged = EndUser.objects.filter(environment_id=user.environment_id, merged_into_id=user.pk)
    return list(merged.order_by("-merged_at", "-pk"))
