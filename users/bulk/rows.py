"""One person of a file, judged as register would judge the same body. Pure.

Beyond what apps may say, a file may say that somebody is a test user and when they registered.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from glu_admin.api.errors import ApiError
from users.differences import MOST_ATTRIBUTE_BYTES, MOST_ATTRIBUTES, changes
from users.registration_form import RegistrationForm, parse

TRUE = {"true", "1", "yes"}
FALSE = {"false", "0", "no"}


class Fault(NamedTuple):
    """Why a line can't be used, or what of it was left out. It never repeats what the line says."""

    line: int
    field: str
    code: str
    message: str


class Row(NamedTuple):
    """A line that can be used: the form, and its parts as somebody new would begin with them.

    `sent` is the form again, where it says more than that: what to forget, or beyond a limit.
    """

    line: int
    form: RegistrationForm
    core: Mapping[str, str | None]
    profile: str
    identities: str
    attributes: str
    sent: str | None
    warnings: list[Fault]
    is_test: bool | None
    registered_at: datetime | None


def judge(line: int, body: Mapping[str, Any], *, now: datetime) -> Row | Fault:
    try:
        form = parse(body)
        if form.user_id is None:
            raise ApiError("user_id_missing", "The line has no userId of its own.", field="userId")
        is_test, registered_at = _is_test(body), _registered_at(body, now)
    except ApiError as error:
        return Fault(line, error.field or "", error.code, error.message)
    attributes = _json(form.attributes)
    if not _is_plain(form, attributes):
        return _complete(line, form, is_test, registered_at)
    profile, identities = _json(form.profile), _json(form.identities)
    warnings = told(line, form.warnings) if form.warnings else []
    return Row(line, form, form.core, profile, identities, attributes, None, warnings, is_test, registered_at)


def told(line: int, warnings: Iterable[Mapping[str, str]]) -> list[Fault]:
    """The warnings of a registration, as told of a line."""
    return [Fault(line, each["field"], each["code"], each["message"]) for each in warnings]


def _is_plain(form: RegistrationForm, attributes: str) -> bool:
    """Whether somebody new begins with just what was sent, as nearly everybody does."""
    return (
        len(form.attributes) <= MOST_ATTRIBUTES
        and len(attributes) <= MOST_ATTRIBUTE_BYTES // 4  # characters, of at most 4 bytes
        and None not in form.attributes.values()
        and None not in form.core.values()
        and None not in form.profile.values()
        and None not in form.identities.values()
    )


def _complete(line: int, form: RegistrationForm, is_test: bool | None, at: datetime | None) -> Row:
    """The row of a form with something to forget, or too much, as registration would cut it."""
    change = changes(None, form)
    profile, identities, attributes = (
        _json(change.merges.get(part)) for part in ("profile", "identities", "attributes")
    )
    names = ("core", "profile", "identities", "attributes")
    sent = _json({name: dict(getattr(form, name)) for name in names})
    warnings = told(line, (*form.warnings, *change.warnings))
    return Row(line, form, change.columns, profile, identities, attributes, sent, warnings, is_test, at)


def _json(value: Mapping[str, Any] | None) -> str:
    return orjson.dumps(value).decode() if value else "{}"


def _is_test(body: Mapping[str, Any]) -> bool | None:
    value = body.get("isTest")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ApiError("wrong_type", "isTest must be true or false.", field="isTest")


def _registered_at(body: Mapping[str, Any], now: datetime) -> datetime | None:
    value = body.get("registeredAt")
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ApiError(
            "wrong_type", "registeredAt must be a time such as 2026-01-31T18:00:00Z.", field="registeredAt"
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not datetime(1970, 1, 2, tzinfo=UTC) <= moment <= now:
        raise ApiError("unknown_value", "registeredAt must lie between 1970 and now.", field="registeredAt")
    return moment
