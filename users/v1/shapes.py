"""People, devices and events as `/api/v1/` answers them: one name for one thing, times in UTC."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from users.events.models import Event, EventDefinition, EventTally, ParkedEvent
from users.events.remarks import explain
from users.history.models import AttributeDefinition
from users.history.timeline import Entry
from users.models import Device, EndUser, Erasure


def stamp(moment: datetime | None) -> str | None:
    """2026-11-22T18:04:05.120Z"""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def listed(user: EndUser) -> dict[str, Any]:
    """A person in a list."""
    return {
        "gluId": str(user.glu_id),
        "userId": user.user_id,
        "anonymousId": user.anonymous_id,
        "userName": user.user_name,
        "email": user.email,
        "phone": user.phone,
        "referralCode": user.referral_code,
        "referredBy": user.referred_by,
        "isTest": user.is_test,
        "blockedAt": stamp(user.blocked_at),
        "registeredAt": stamp(user.registered_at),
        "updatedAt": stamp(user.updated_at),
        "lastSeenAt": stamp(user.last_seen_at),
    }


def whole(user: EndUser, aliases: Sequence[EndUser]) -> dict[str, Any]:
    """Everything that registration said of a person, and the visitors that the person was."""
    return listed(user) | {
        "profile": user.profile,
        "identities": user.identities,
        "customAttributes": user.attributes,
        "aliases": [
            {
                "gluId": str(alias.glu_id),
                "anonymousId": alias.anonymous_id,
                "mergedAt": stamp(alias.merged_at),
            }
            for alias in aliases
        ],
    }


def device(found: Device) -> dict[str, Any]:
    """Push tokens open a way to the phone: whether there is one is all that is told."""
    return {
        "deviceId": found.device_id,
        "deviceType": found.device_type,
        "deviceName": found.device_name,
        "appVersion": found.app_version,
        "cookieId": found.cookie_id,
        "hasFirebaseToken": bool(found.firebase_token),
        "hasApnsToken": bool(found.apns_device_token),
        "firstSeenAt": stamp(found.first_seen_at),
        "lastSeenAt": stamp(found.last_seen_at),
    }


def entry(found: Entry) -> dict[str, Any]:
    return {
        "at": stamp(found.at),
        "kind": found.kind,
        "title": found.title,
        "detail": found.detail,
        "ref": found.ref,
    }


def event(found: Event) -> dict[str, Any]:
    return {
        "id": found.pk,
        "eventId": found.event_id,
        "event": found.name,
        "userId": found.client_id,
        "gluId": str(found.user.glu_id) if found.user else None,
        "happenedAt": stamp(found.happened_at),
        "receivedAt": stamp(found.received_at),
        "source": found.source,
        "verdict": found.verdict,
        "reason": found.reason,
        "field": found.field,
        "warnings": [explain(each) for each in found.warnings],
        "properties": found.properties,
        "requestId": found.request_id,
    }


def parked(found: ParkedEvent) -> dict[str, Any]:
    return {
        "id": found.pk,
        "event": found.event_id,
        "subscriber": found.subscriber,
        "error": found.error,
        "attempts": found.attempts,
        "parkedAt": stamp(found.parked_at),
        "replayedAt": stamp(found.replayed_at),
    }


def definition(found: EventDefinition | None, seen: EventTally | None, name: str) -> dict[str, Any]:
    """An event name: what somebody wrote down of it, and what came under it."""
    return {
        "id": found.pk if found else None,
        "name": name,
        "description": found.description if found else "",
        "mode": found.mode if found else EventDefinition.Mode.OBSERVE.value,
        "expected": found.expected if found else [],
        "declared": found is not None and found.declared,
        "seen": seen.total if seen else 0,
        "types": seen.types if seen else {},
        "firstSeenAt": stamp(seen.first_seen_at) if seen else None,
        "lastSeenAt": stamp(seen.last_seen_at) if seen else None,
    }


def attribute(found: AttributeDefinition) -> dict[str, Any]:
    return {
        "id": found.pk,
        "name": found.name,
        "description": found.description,
        "declaredType": found.declared_type,
        "types": found.types,
        "topValues": found.top_values,
        "people": found.people,
        "haveIt": found.have_it,
        "sampled": found.sampled,
        "firstSeenAt": stamp(found.first_seen_at),
        "lastSeenAt": stamp(found.last_seen_at),
    }


def receipt(found: Erasure) -> dict[str, Any]:
    return {
        "id": str(found.pk),
        "subject": found.subject,
        "counts": found.counts,
        "cancelled": found.cancelled,
        "actor": found.actor,
        "at": stamp(found.at),
    }
