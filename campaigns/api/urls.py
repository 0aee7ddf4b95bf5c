"""The addresses that apps call, the one that they call most at the top."""

from django.urls import URLPattern, URLResolver, path

from campaigns.api import lists
from campaigns.api.awards import AwardsView
from campaigns.api.campaigns import CampaignsView, CampaignView
from campaigns.api.companions import AssetsView, DeepLinkView, assets_file
from campaigns.api.entry_points import EntryPointStateView, EntryPointsView, KeyedEntryPointsView, SlotsView
from campaigns.api.holdings import ProgramsView, RewardsView
from campaigns.api.plays import PlayView, SeenView
from campaigns.api.sdk import SdkConfigView

urlpatterns: list[URLPattern | URLResolver] = [
    path("reward/v1.1/user", CampaignsView.as_view(), name="campaigns"),
    path("api/v1/campaigns/<str:campaign_id>/play", PlayView.as_view(), name="play"),
    path("api/v1/campaigns/<str:campaign_id>/awards", AwardsView.as_view(), name="awards"),
    path("client/v1/sdk/config", SdkConfigView.as_view(), name="sdk-config"),
    path("entrypoints/v1/list", EntryPointsView.as_view(), name="entry-points"),
    path("entrypoints/v1/user/state", EntryPointStateView.as_view(), name="entry-point-state"),
    path("entrypoints/v1/config", SlotsView.as_view(), name="slots"),
    path("reward/v1.1/user/<str:campaign_id>", CampaignView.as_view(), name="campaign"),
    path("api/v1/rewards/<str:reward_id>/seen", SeenView.as_view(), name="reward-seen"),
    path("segment/<str:campaign_id>/user/add", lists.AddView.as_view(), name="campaign-list-add"),
    path("segment/<str:campaign_id>/user/status", lists.StatusView.as_view(), name="campaign-list-status"),
    path("segment/<str:campaign_id>/user/delete", lists.RemoveView.as_view(), name="campaign-list-remove"),
    path("entrypoints/v2/list/<str:write_key>", KeyedEntryPointsView.as_view(), name="entry-points-by-key"),
    path("reward/v1.1/client/assets", AssetsView.as_view(), name="client-assets"),
    path("reward/v1.1/client/assets.zip", assets_file, name="assets-file"),
    path("reward/v2/user/program", ProgramsView.as_view(), name="user-programs"),
    path("reward/v2/user/reward", RewardsView.as_view(), name="user-rewards"),
    path("api/v1/wormhole/sdk/url", DeepLinkView.as_view(), name="deep-link"),
]
