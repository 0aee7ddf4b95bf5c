"""What the API reference says of jobs; imports and exports answer with the same shape."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from glu_admin.api.forms import QuerySerializer
from glu_admin.api.reference import API_KEY, refusal
from glu_admin.jobs.models import Job

TAG = "jobs"
ANY_SCOPE = "the one that starts jobs of the kind: users:write for imports, users:read for exports"


class JobsQuery(QuerySerializer):
    kind = serializers.CharField(required=False, max_length=40, help_text="user_import or user_export.")
    status = serializers.ChoiceField(required=False, choices=Job.Status.choices)


class NoQuery(serializers.Serializer[Any]):
    """Asked without anything."""


class JobShape(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    status = serializers.ChoiceField(choices=Job.Status.choices)
    options = serializers.DictField()
    actor = serializers.CharField(help_text="Who started it.")
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True, help_text="null while it is not known.")
    report = serializers.DictField(help_text="Figures, and the first 1,000 faults by line.")
    error = serializers.CharField(allow_blank=True, help_text="Why it failed, and what to mend.")
    hasFile = serializers.BooleanField(help_text="Whether there is a file to fetch.")  # noqa: N815
    createdAt = serializers.DateTimeField()  # noqa: N815
    startedAt = serializers.DateTimeField(allow_null=True)  # noqa: N815
    endedAt = serializers.DateTimeField(allow_null=True)  # noqa: N815


class JobAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    data = JobShape()  # type: ignore[assignment]  # a field of this name, not the property


class JobsPage(serializers.Serializer[Any]):
    success = serializers.BooleanField(default=True)
    data = JobShape(many=True)  # type: ignore[assignment]  # a field of this name, not the property
    next = serializers.CharField(allow_null=True)


EXAMPLE = {
    "id": "0b0a3c1e-6d0e-4f2b-9c3d-2f1e5a7b8c9d",
    "kind": "user_import",
    "status": "running",
    "options": {"format": "csv", "dryRun": False, "skipBad": False},
    "actor": "API key Warehouse",
    "done": 35000,
    "failed": 0,
    "total": 1000000,
    "report": {"step": "writing", "created": 34100, "changed": 700, "unchanged": 200},
    "error": "",
    "hasFile": False,
    "createdAt": "2026-11-22T10:00:00Z",
    "startedAt": "2026-11-22T10:00:01Z",
    "endedAt": None,
}
NO_JOB = {404: refusal("No such job", "job_not_found", "There is no such job in this environment.")}


def one(description: str) -> OpenApiResponse:
    example = OpenApiExample("A job", value={"success": True, "data": EXAMPLE})
    return OpenApiResponse(JobAnswer, description=description, examples=[example])


def operation(name: str, summary: str, scope: str, description: str = "", **more: Any) -> dict[str, Any]:
    """An operation's document, with what each may refuse; `responses` come before those."""
    refusals = {
        400: refusal("A wrong value", "invalid", "limit: A valid integer is required.", "limit"),
        401: refusal("No such key", "key_unknown", "This API key does not exist."),
        403: refusal("Another key is needed", "scope_missing", f"This API key lacks the scope {scope}."),
        429: refusal("Too often", "too_many_requests", "Too many requests. Try again in 12 s."),
        503: refusal("Busy", "busy", "The service is busy or restarting. Try again in a moment."),
    }
    return {
        "operation_id": name,
        "summary": summary,
        "description": f"{description}\n\nScope: {scope}.".strip(),
        "tags": [more.pop("tag", TAG)],
        "auth": API_KEY,
        "responses": refusals | more.pop("responses"),
        **more,
    }


LIST = operation(
    "jobs_list",
    "List jobs",
    ANY_SCOPE,
    "The newest first, of the kinds that the key may start. A job is forgotten a week after it ended.",
    parameters=[JobsQuery],
    responses={
        200: OpenApiResponse(
            JobsPage,
            description="A page of jobs",
            examples=[OpenApiExample("Jobs", value={"success": True, "data": [EXAMPLE], "next": None})],
        )
    },
)
READ = operation("jobs_read", "Read a job", ANY_SCOPE, responses={200: one("The job as it is now")} | NO_JOB)
CANCEL = operation(
    "jobs_cancel",
    "Cancel a job",
    ANY_SCOPE,
    "What was written stays. A running job stops within a second or two.",
    request=None,
    responses={
        200: one("The job, cancelled"),
        409: refusal("Too late", "job_ended", "This job has ended already."),
    }
    | NO_JOB,
)
FILE = operation(
    "jobs_file",
    "Fetch a job's file",
    ANY_SCOPE,
    "What an export made, for as long as the job is kept, or until a person is erased who may stand in it.",
    responses={
        (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY, description="The file"),
        (200, "application/x-ndjson"): OpenApiResponse(OpenApiTypes.BINARY, description="The file"),
        409: refusal("Too early", "job_not_done", "This job has made no file yet; it is running."),
        404: NO_JOB[404],
    },
)
