"""What the API reference says of members of segments, files of them, and their export."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from glu_admin.api.forms import QuerySerializer
from glu_admin.api.reference import refusal
from glu_admin.jobs import documents as jobs
from users.models import SegmentImport, SegmentMember
from users.v1.documents import (
    GLU_ID,
    TIME,
    TOO_LONG,
    AnyObject,
    everywhere,
    many,
    missing,
    nullable,
    one,
    operation,
    several,
    shape,
)
from users.v1.segment_documents import TAG
from users.v1.segment_shelf_documents import NO_SEGMENT, SEGMENT_ID
from users.v1.segment_shelf_forms import PeopleForm, SegmentExportForm, UploadQuery

TEXT, NUMBER = serializers.CharField, serializers.IntegerField
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATUSES = ("checking", "ready", "applying", "applied", "undoing", "undone", "failed", "cancelled")

MemberShape = shape(
    "SegmentMember",
    gluId=serializers.UUIDField(),
    userId=nullable(),
    anonymousId=nullable(),
    source=serializers.ChoiceField(choices=SegmentMember.Source.values),
    enteredAt=nullable(TIME, help_text="null: by a rule whose members are not kept."),
    leavesAt=nullable(TIME),
)
MEMBER_EXAMPLE = {
    "gluId": GLU_ID,
    "userId": "u_1042",
    "anonymousId": None,
    "source": "api",
    "enteredAt": "2026-11-22T18:04:05.120Z",
    "leavesAt": None,
}
VerdictShape = shape(
    "MemberVerdict",
    userId=TEXT(required=False, help_text="The id as you sent it."),
    gluId=serializers.UUIDField(required=False, help_text="Or ours."),
    verdict=TEXT(help_text="added, already_in, removed, not_in, unknown or duplicate."),
)
_NOT_A_LIST = {
    409: refusal(
        "Not a list",
        "not_a_list",
        "Only a list has members of its own. Freeze this segment to get a list of who is in it now.",
    )
}
_PEOPLE = OpenApiExample("Two people", value={"userIds": ["u_1042", "u_9"]}, request_only=True)


def _verdicts(name: str, summary: str, verdict: str) -> dict[str, Any]:
    told = [{"userId": "u_1042", "verdict": verdict}, {"userId": "u_9", "verdict": "unknown"}]
    return operation(
        name,
        summary,
        "segments:write",
        tag=TAG,
        answers=several(f"{verdict.title()}Members", VerdictShape, told, "A verdict each"),
        description="Up to 1,000 ids a call. Those that nobody has change nothing.",
        request=PeopleForm,
        examples=[_PEOPLE],
        refusals=NO_SEGMENT | _NOT_A_LIST | TOO_LONG,
    )


MEMBERS = operation(
    "segments_members",
    "List who is in a segment",
    "segments:read",
    tag=TAG,
    answers=many("SegmentMembersPage", MemberShape, MEMBER_EXAMPLE),
    description="Ids only. Of a segment by rules: whom the rule holds for now.",
    parameters=[QuerySerializer],
    refusals=NO_SEGMENT,
)
ADD = _verdicts("segments_members_add", "Put people on a list", "added")
REMOVE = _verdicts("segments_members_remove", "Take people off a list", "removed")

ImportShape = shape(
    "SegmentImport",
    id=serializers.UUIDField(),
    segmentId=serializers.UUIDField(),
    fileName=TEXT(allow_blank=True),
    format=serializers.ChoiceField(choices=("csv", "xlsx")),
    match=TEXT(),
    column=TEXT(allow_blank=True),
    header=serializers.BooleanField(),
    mode=serializers.ChoiceField(choices=SegmentImport.Mode.values),
    status=serializers.ChoiceField(choices=STATUSES),
    report=AnyObject(help_text="Figures, and the first 1,000 rows that can't be taken."),
    error=TEXT(allow_blank=True),
    jobId=nullable(serializers.UUIDField, help_text="Its file has all rows that can't be taken."),
    done=nullable(NUMBER),
    total=nullable(NUMBER),
    actor=TEXT(),
    createdAt=TIME(),
    checkedAt=nullable(TIME),
    appliedAt=nullable(TIME),
    undoneAt=nullable(TIME),
)
IMPORT_EXAMPLE: dict[str, Any] = {
    "id": "c0a1f3c2-6c1d-4a53-9b0a-58f8f8a0f6de",
    "segmentId": SEGMENT_ID,
    "fileName": "guests.csv",
    "format": "csv",
    "match": "core.email",
    "column": "",
    "header": True,
    "mode": "add",
    "status": "ready",
    "report": {
        "rows": 4,
        "matched": 2,
        "alreadyIn": 0,
        "toAdd": 2,
        "toRemove": 0,
        "unknown": 1,
        "ambiguous": 0,
        "duplicate": 0,
        "bad": 1,
        "column": "E-mail",
        "problems": [
            {"row": 3, "code": "unknown", "message": "Nobody here has this value."},
            {"row": 5, "code": "empty", "message": "The cell is empty."},
        ],
    },
    "error": "",
    "jobId": "0b0a3c1e-6d0e-4f2b-9c3d-2f1e5a7b8c9d",
    "done": 4,
    "total": 4,
    "actor": "API key Shop",
    "createdAt": "2026-11-22T18:04:05.120Z",
    "checkedAt": "2026-11-22T18:04:06.002Z",
    "appliedAt": None,
    "undoneAt": None,
}
NO_IMPORT = missing("import_not_found", "There is no such import in this environment.", "id")


def _import(title: str, description: str) -> Any:
    return one(title, ImportShape, IMPORT_EXAMPLE, description)


IMPORTS = operation(
    "segments_imports_list",
    "List a segment's imports",
    "segments:read",
    tag=TAG,
    answers=many("SegmentImportsPage", ImportShape, IMPORT_EXAMPLE),
    parameters=[QuerySerializer],
    refusals=NO_SEGMENT,
)
UPLOAD = operation(
    "segments_imports_upload",
    "Upload a file of people for a list",
    "segments:write",
    tag=TAG,
    answers=_import("SegmentImportUploaded", "Being checked"),
    description="The body is the file: a CSV in UTF-8, which may be packed by gzip, or a spreadsheet. It is"
    " read and reported on; nobody is let in before it is applied. Follow the import for its report.",
    parameters=[UploadQuery],
    request={"text/csv": OpenApiTypes.BINARY, XLSX: OpenApiTypes.BINARY},
    examples=[
        OpenApiExample("A CSV", value="E-mail\nasha@example.com\n", media_type="text/csv", request_only=True)
    ],
    refusals=NO_SEGMENT
    | _NOT_A_LIST
    | {
        413: refusal("Too long", "body_too_large", "Send at most 1 GiB. Pack the file by gzip, or split it."),
        415: refusal("No such format", "unsupported_format", f"Send text/csv or {XLSX} as Content-Type."),
    },
)
IMPORT = operation(
    "segment_imports_read",
    "Read an import and its report",
    "segments:read",
    tag=TAG,
    answers=_import("SegmentImportFound", "Found"),
    refusals=NO_IMPORT,
)
APPLY = operation(
    "segment_imports_apply",
    "Apply an import",
    "segments:write",
    tag=TAG,
    answers=_import("SegmentImportApplied", "Being applied"),
    description="Lets in whom the file names; in the mode replace, takes out everybody else. One that broke"
    " off can be applied again.",
    request=None,
    refusals=NO_IMPORT
    | {409: refusal("Not now", "import_not_ready", "This import can't be applied: it is checking.")},
)
UNDO = operation(
    "segment_imports_undo",
    "Undo an import",
    "segments:write",
    tag=TAG,
    answers=_import("SegmentImportUndone", "Being undone"),
    description="Within 30 days: takes out whom it let in, and back whom it took out.",
    request=None,
    refusals=NO_IMPORT
    | {409: refusal("Not now", "import_not_applied", "Nothing is there to undo: it is ready.")},
)
EXPORT = operation(
    "segments_exports_create",
    "Export who is in a segment",
    "users:read",
    tag=TAG,
    answers=jobs.one("Not used"),
    description="With all that is known of them, visitors too, as an export of people. Fetch the file from"
    " the job when it is done.",
    request=SegmentExportForm,
    examples=[OpenApiExample("A CSV", value={"format": "csv"}, request_only=True)],
) | {"responses": {202: jobs.one("The job that exports")} | everywhere("users:read") | NO_SEGMENT | TOO_LONG}
