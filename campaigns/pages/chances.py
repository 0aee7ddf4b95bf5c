"""The chances as people read them: of each thing that is rewarded by itself, those of its outcomes."""

from dataclasses import dataclass

from campaigns.catalog import CatalogCampaign
from campaigns.pages.screens import said
from campaigns.types.base import ANY, Occasion
from rewards import odds
from rewards.tables import FrozenVariant


@dataclass(frozen=True)
class Chances:
    """The outcomes of one occasion with their shares, which add to 100."""

    label: str
    rows: list[tuple[FrozenVariant, str]]


def of(campaign: CatalogCampaign) -> list[Chances]:
    """In the order of the type. What only stands in for others has no chance of its own."""
    occasions = campaign.kind.occasions(campaign.config) or (Occasion(ANY, ""),)
    lots = [(said(each.words, each.values), campaign.table.lot(each.key)) for each in occasions]
    return [
        Chances(label, list(zip(lot.variants, odds.shares(lot.weights), strict=True)))
        for label, lot in lots
        if lot.total
    ]
