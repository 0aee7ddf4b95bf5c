"""Segments for the client's servers, before they are kept: how many a rule has, and why somebody
is in it or not."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from glu_admin.api import forms as checks
from glu_admin.api.auth import Caller
from glu_admin.api.errors import ApiError
from users import people
from users.models import EndUser
from users.segments import book as books
from users.segments import counting, facts, parse, predicate, tally
from users.segments.explain import Line, explain
from users.segments.preview import Drop, Preview, Sample, Shared, preview
from users.segments.rule import Did, InSegment, Rule, RuleError
from users.v1 import segment_documents as documents
from users.v1.segment_forms import ExplainForm, PreviewForm
from users.v1.views import ServerView, told

READ, SEES_PEOPLE = "segments:read", "users:read"


class PreviewView(ServerView):
    @extend_schema(**documents.PREVIEW)
    def post(self, request: Request) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        said = checks.body(PreviewForm, request)
        try:
            found = preview(
                caller.config,
                _rule(said["rule"]),
                now=timezone.now(),
                session=said.get("session", ""),
                shows_people=SEES_PEOPLE in caller.scopes,
                compares=said["compare"],
            )
        except counting.TooSlow:
            raise ApiError(
                "count_too_slow",
                "Even an estimate takes too long now. Ask for less at once, or try again in a while.",
                status=503,
            ) from None
        except counting.Superseded:
            raise ApiError(
                "preview_superseded", "A newer preview of this session took its place.", status=409
            ) from None
        return told(shown(found))


class ExplainView(ServerView):
    @extend_schema(**documents.EXPLAIN)
    def post(self, request: Request) -> HttpResponse:
        caller, _ = self.opened(request, READ)
        said = checks.body(ExplainForm, request)
        rule = _rule(said["rule"]) if "rule" in said else _segment(caller, said["segmentId"])
        pk = _person(caller, said)
        now, book = timezone.now(), books.of(caller.config)
        dids = [each for each in tally.conditions([rule], book).values() if isinstance(each, Did)]
        needs = predicate.needs(rule, book) | {"core"}
        known = facts.load(caller.config, [pk], now=now, needs=needs, counting=dids).get(pk)
        if known is None:
            raise _nobody()
        measured = facts.measured(caller.config, pk, dids, now=now)
        line = explain(rule, known, book, measured=measured)
        return told({"isIn": line.verdict, "lines": _line(line)})


def shown(found: Preview) -> dict[str, Any]:
    """A preview as the API tells it."""
    return {
        "count": found.count,
        "total": found.total,
        "isEstimate": found.is_estimate,
        "low": found.low,
        "high": found.high,
        "conditions": [_drop(each) for each in found.conditions],
        "emptiedBy": found.emptied_by and found.emptied_by.path,
        "samples": [_sample(each) for each in found.samples],
        "reach": [_shared(each) for each in found.reach],
        "overlap": [_shared(each) for each in found.overlap],
        "milliseconds": found.milliseconds,
    }


def _drop(drop: Drop) -> dict[str, Any]:
    return {"path": drop.path, "words": drop.words, "count": drop.people, "withoutIt": drop.without}


def _sample(sample: Sample) -> dict[str, Any]:
    found = [{"path": each.path, "words": each.words, "found": each.found} for each in sample.found]
    return {"gluId": sample.glu_id, "userId": sample.user_id, "matched": found}


def _shared(shared: Shared) -> dict[str, Any]:
    return {"id": shared.id, "name": shared.name, "count": shared.people}


def _line(line: Line) -> dict[str, Any]:
    return {
        "path": line.path,
        "words": line.words,
        "verdict": line.verdict,
        "found": line.found,
        "children": [_line(each) for each in line.children],
    }


def _rule(data: object) -> Rule:
    try:
        return parse.parse(data)
    except RuleError as error:
        path = f"rule.{error.path}" if error.path else "rule"
        raise ApiError("rule_invalid", error.message, field=path) from None


def _segment(caller: Caller, segment: UUID) -> Rule:
    if segment not in books.of(caller.config).segments:
        raise ApiError(
            "segment_not_found",
            "There is no such segment in this environment.",
            status=404,
            field="segmentId",
        )
    return InSegment(segment)


def _person(caller: Caller, said: dict[str, Any]) -> int:
    """The key of the person, of an alias that of its user."""
    if "userId" in said:
        found = people.find(caller.config, said["userId"])
        if found is None:
            raise _nobody()
        return found.id
    row = EndUser.objects.filter(environment=caller.config.id, glu_id=said["gluId"], erased_at=None).first()
    if row is None:
        raise _nobody()
    return row.merged_into_id or row.pk


def _nobody() -> ApiError:
    return ApiError("user_not_found", "There is no such user in this environment.", status=404)
