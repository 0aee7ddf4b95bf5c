"""Where campaigns name pictures: on their cards, in their looks, and in the settings of their games."""

from collections.abc import Iterable
from uuid import UUID

from campaigns.models import Campaign
from glu_admin.pictures.sweeping import read_when_sweeping


def register() -> None:
    read_when_sweeping(of_workspace)


def of_workspace(workspace_id: UUID) -> Iterable[object]:
    """Of all its campaigns, also of those that have ended: their rewards are shown on."""
    rows = Campaign.objects.filter(environment__workspace=workspace_id)
    return rows.values_list("banner", "look", "config").iterator()
