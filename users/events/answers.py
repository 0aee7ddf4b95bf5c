"""The answer to an events call, as both SDKs decode it: flat texts, and `data` an object.

A batch is answered 200 with a verdict each. An event that came alone, or a batch of which
nothing was taken, is answered with the refusal's status, unless the environment's switch
"always 200" is on; the body is the same.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from glu_admin.api import errors
from glu_admin.api.json import answer
from glu_admin.config import EnvironmentConfig
from users.events.ingest import Verdict
from users.events.remarks import explain, remark

SHARD = "shardId-000000000000"  # what SDKs were answered by the stream that once stood here
TOLD = ("accepted", "duplicate", "rejected")
# a partner sends more than events: that this is passed over is no fault of the sender
NO_FAULT = "not_an_event"
STATUS = {"user_blocked": 403}


def told(
    request: Request, config: EnvironmentConfig, verdicts: Sequence[Verdict], *, is_batch: bool
) -> HttpResponse:
    """The HTTP answer to these verdicts."""
    body = _body(verdicts)
    faults = [each for each in verdicts if each.verdict == "rejected" and each.reason != NO_FAULT]
    if len(faults) < len(verdicts):
        return answer({"success": True, **body})
    first = faults[0]
    message = first.message
    if is_batch and len(verdicts) > 1:
        message = f"None of the {len(verdicts)} events was taken. The first: {message}"
    refusal = errors.body(first.reason, message, field=first.field or None)
    request._request.glu_refusal = first.reason  # type: ignore[attr-defined]  # a mark of ours
    status = 200 if config.environment.always_200 else STATUS.get(first.reason, 400)
    return answer(refusal | body, status=status)


def _body(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    counts = Counter(_told(each) for each in verdicts)
    data: dict[str, Any] = {name: counts[name] for name in TOLD}
    data["events"] = [_one(each) for each in verdicts]
    return {"SequenceNumber": str(verdicts[-1].number), "ShardId": SHARD, "data": data}


def _told(verdict: Verdict) -> str:
    """An event that waits for its user was accepted; a warning tells."""
    return "accepted" if verdict.verdict == "waiting" else verdict.verdict


def _one(verdict: Verdict) -> dict[str, Any]:
    one: dict[str, Any] = {"id": verdict.number, "eventId": verdict.event_id, "verdict": _told(verdict)}
    if verdict.reason:
        one["reason"] = verdict.reason
        if verdict.field:
            one["field"] = verdict.field
    if verdict.message:
        one["message"] = verdict.message
    remarks = verdict.warnings
    if verdict.verdict == "waiting":
        remarks = (*remarks, remark("user_unknown", "user_id"))
    if remarks:
        one["warnings"] = [explain(each) for each in remarks]
    return one
