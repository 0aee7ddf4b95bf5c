"""What the API reference says of people under `/api/v1/`."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from glu_admin.api.forms import QuerySerializer
from glu_admin.api.reference import refusal
from users.documents import WarningSerializer
from users.v1.documents import (
    DEVICE_EXAMPLE,
    ENTRY_EXAMPLE,
    NO_PERSON,
    PERSON_EXAMPLE,
    RECEIPT_EXAMPLE,
    TOO_LONG,
    WHOLE_EXAMPLE,
    DeviceShape,
    ListedPerson,
    Person,
    Receipt,
    TimelineEntry,
    many,
    missing,
    one,
    operation,
)
from users.v1.forms import ErasuresQuery, PeopleQuery, PersonChanges, TimelineQuery

TAG = "users for servers"
PERSONAL = "Personal fields are told in full: the key is your own server's."


WHOLE = one("PersonFound", Person, WHOLE_EXAMPLE, "The person as it is now")
THE_RECEIPT = one("Erased", Receipt, RECEIPT_EXAMPLE, "The receipt")


def _read(name: str, summary: str, answers: OpenApiResponse, **more: Any) -> dict[str, Any]:
    return operation(name, summary, "users:read", tag=TAG, answers=answers, **more)


def _write(name: str, summary: str, description: str, **more: Any) -> dict[str, Any]:
    options: dict[str, Any] = {"request": None, "refusals": NO_PERSON, "answers": WHOLE} | more
    return operation(name, summary, "users:write", tag=TAG, description=description, **options)


SEARCH = _read(
    "users_search",
    "Find people",
    many("PeoplePage", ListedPerson, PERSON_EXAMPLE),
    description="Exactly by an id or a contact, or by the beginning of a name; several of them must all"
    " apply. Without any, everybody, the newest first; with a name, by name. People who were erased are"
    f" not found, and visitors who became known are found as who they are. {PERSONAL}",
    parameters=[PeopleQuery],
)
READ = _read(
    "users_read",
    "Read a person",
    WHOLE,
    description=f"By gluId, also by that of a visitor who the person was. {PERSONAL}",
    refusals=NO_PERSON,
)
CHANGE = _write(
    "users_change",
    "Change a person",
    "By the same rules as register: only what is sent is changed, null takes a value away, and an"
    " attribute that can't be kept is told by a warning.",
    request=PersonChanges,
    examples=[
        OpenApiExample(
            "Some values",
            value={"email": "asha@example.com", "customAttributes": {"tier": "gold", "coupon": None}},
            request_only=True,
        ),
        OpenApiExample("A test user", value={"isTest": True}, request_only=True),
    ],
    answers=one(
        "PersonChanged",
        Person,
        WHOLE_EXAMPLE,
        "The person as it is now",
        warnings=WarningSerializer(many=True, required=False),
    ),
    refusals=NO_PERSON | TOO_LONG,
)
BLOCK = _write("users_block", "Block a person", "From now on every call of this person's apps answers 403.")
UNBLOCK = _write("users_unblock", "Unblock a person", "Tokens from before work again.")
REVOKE_TOKENS = _write(
    "users_revoke_tokens",
    "Sign a person out",
    "All tokens that the person's apps hold are refused; registering again gives a new one.",
)
DEVICES = _read(
    "users_devices",
    "List a person's devices",
    many("DevicesPage", DeviceShape, DEVICE_EXAMPLE),
    parameters=[QuerySerializer],
    refusals=NO_PERSON,
)
TIMELINE = _read(
    "users_timeline",
    "Read a person's timeline",
    many("TimelinePage", TimelineEntry, ENTRY_EXAMPLE),
    description="Everything that happened with the person, the newest first: registrations and changes,"
    " events, plays, rewards, webhooks.",
    parameters=[TimelineQuery],
    refusals=NO_PERSON,
)
EXPORT = _read(
    "users_export",
    "Export a person",
    OpenApiResponse(
        OpenApiTypes.OBJECT,
        description="Everything that is known of the person, as one JSON document",
        examples=[
            OpenApiExample(
                "An export",
                value={
                    "success": True,
                    "data": {
                        "format": "glu-admin-person/1",
                        "environment": {"id": "7b1d7b8e-9a55-4f2e-8f0a-2f6f3d0c9a11", "kind": "test"},
                        "user": {"userId": "u_1042", "email": "asha@example.com"},
                        "aliases": [],
                        "devices": [],
                        "events": [],
                    },
                },
            )
        ],
    ),
    description="Streamed, and noted in the audit log.",
    refusals=NO_PERSON,
)
ERASE = operation(
    "users_erase",
    "Erase a person",
    "users:erase",
    tag=TAG,
    answers=THE_RECEIPT,
    description="For good: all that says who it is goes, sums stay, webhooks that wait are cancelled."
    " Whoever registers the same id again is somebody new.",
    refusals=NO_PERSON | {409: refusal("Too late", "user_erased", "This user is erased already.")},
)
RECEIPTS = operation(
    "erasures_list",
    "Find the receipts of a person",
    "users:erase",
    tag=TAG,
    answers=many("ReceiptsPage", Receipt, RECEIPT_EXAMPLE),
    description="By the id that the person had: receipts keep a keyed hash of it alone.",
    parameters=[ErasuresQuery],
)
RECEIPT = operation(
    "erasures_read",
    "Read a receipt",
    "users:erase",
    tag=TAG,
    answers=THE_RECEIPT,
    refusals=missing("erasure_not_found", "There is no receipt with this id.", "id"),
)
