"""Test users may choose what they draw, in Test alone: a designer sees the jackpot's page on a real phone.

The wish comes with the action, as `{"force": "<outcome's id or name>"}`. From anybody else it is an
action like any other, which games don't know. A play that was forced has no ticket, and so says
that it was no draw.
"""

from dataclasses import replace

from campaigns.catalog import CatalogCampaign
from campaigns.requests import PlayRequest
from glu_admin.api.errors import ApiError
from glu_admin.config import EnvironmentConfig
from users.people import Person

FIELD = "force"


def may(config: EnvironmentConfig, person: Person) -> bool:
    return config.is_test and person.is_test


def taken(request: PlayRequest, campaign: CatalogCampaign, person: Person) -> PlayRequest:
    """The request with its wish apart from the action; raises ApiError for an outcome that isn't there."""
    if FIELD not in request.action or not may(request.config, person):
        return request
    action = dict(request.action)
    named = str(action.pop(FIELD))
    found = next((each for each in campaign.table.variants if named in {str(each.id), each.name}), None)
    if named and found is None:
        known = ", ".join(each.name for each in campaign.table.variants)
        raise ApiError("outcome_unknown", f"The outcomes here are {known}.", field=f"action.{FIELD}")
    return replace(request, action=action, wish=found.id if found else None)
