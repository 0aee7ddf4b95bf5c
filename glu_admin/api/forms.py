"""Checking what came to `/api/v1/`, by DRF's serializers: every fault is named by its field.

Names that nobody knows are refused too: a misspelt filter would list everybody.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from glu_admin.api import pagination
from glu_admin.api.errors import ApiError, Fault
from glu_admin.api.json import load_object

REPEATED = "Send it once."


class QuerySerializer(serializers.Serializer[Any]):
    """The base of what a list may be asked with: how much, and from where."""

    limit = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=pagination.MOST,
        help_text=f"Rows a page: {pagination.USUAL} if not said, {pagination.MOST} at most.",
    )
    cursor = serializers.CharField(
        required=False, max_length=pagination.LONGEST, help_text="`next` of the page before."
    )


def query(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The checked query string; raises ApiError 400 with every fault."""
    sent = request._request.GET
    repeated = [Fault(name, "repeated", REPEATED) for name in sent if len(sent.getlist(name)) > 1]
    if repeated:
        raise ApiError.of(repeated)
    return check(form, sent.dict())


def body(
    form: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    """The checked JSON object of the body; raises ApiError 400 with every fault."""
    return check(form, load_object(request), partial=partial)


def check(
    form: type[serializers.Serializer[Any]], sent: Mapping[str, Any], *, partial: bool = False
) -> dict[str, Any]:
    """What was sent, by the names of the form; raises ApiError 400 with every fault."""
    checked = form(data=sent, partial=partial)
    unknown = [
        Fault(name[:140], "unknown_field", f"There is no {name[:140]} here. Leave it out.")
        for name in sent
        if name not in checked.fields
    ]
    faults = unknown if checked.is_valid() else [*_faults(checked.errors), *unknown]
    if faults:
        raise ApiError.of(faults)
    return dict(checked.validated_data)


def _faults(errors: Any, before: str = "") -> Iterator[Fault]:
    """DRF's nested errors, one line each: `expected.0.type` is wrong."""
    if isinstance(errors, list) and not any(isinstance(each, dict) for each in errors):
        yield from (Fault(before, str(each.code), str(each)) for each in errors)
        return
    inner = enumerate(errors) if isinstance(errors, list) else errors.items()
    for name, found in inner:
        path = before if name == "non_field_errors" else f"{before}.{name}".lstrip(".")
        yield from _faults(found, path)
