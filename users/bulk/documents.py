"""What the API reference says of imports and exports."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample

from glu_admin.api.reference import refusal
from glu_admin.jobs.documents import one, operation
from users.bulk.forms import ExportBody, ImportQuery

TAG = "users for servers"

IMPORT = operation(
    "user_imports_create",
    "Import people",
    "users:write",
    "The body is the file, which may be packed by gzip, up to 1 GiB. A CSV's first line names the columns:"
    " userId, anonymousId, userName, email, phone, profile.city, identities.google_id, attributes.tier,"
    " referredBy, isTest, registeredAt. An empty cell says nothing; \\N takes away what is known. A line of"
    " newline-delimited JSON is the body that register takes. If one line can't be used nothing is imported,"
    " unless skipBad says so. Follow the job for its progress and its report by line.",
    tag=TAG,
    parameters=[ImportQuery],
    request={"text/csv": OpenApiTypes.BINARY, "application/x-ndjson": OpenApiTypes.BINARY},
    examples=[
        OpenApiExample(
            "A CSV",
            value="userId,email,attributes.tier\nu_1042,asha@example.com,gold\n",
            media_type="text/csv",
            request_only=True,
        )
    ],
    responses={
        202: one("The job that imports"),
        409: refusal(
            "No room",
            "uploads_full",
            "The uploads of this environment hold 4 GiB, as many as it may keep. Wait until a job that waits"
            " has ended, or cancel one; then send the file again.",
        ),
        413: refusal("Too long", "body_too_large", "Send at most 1 GiB. Pack the file by gzip, or split it."),
        415: refusal(
            "No such format", "unsupported_format", "Send text/csv or application/x-ndjson as Content-Type."
        ),
    },
)
EXPORT = operation(
    "user_exports_create",
    "Export people",
    "users:read",
    "Everybody who has a userId. A CSV is safe to open in a spreadsheet, and either format can be imported"
    " again. Fetch the file from the job when it is done.",
    tag=TAG,
    request=ExportBody,
    examples=[OpenApiExample("This year's", value={"since": "2026-01-01T00:00:00Z"}, request_only=True)],
    responses={202: one("The job that exports")},
)
