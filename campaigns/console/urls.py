"""Campaigns in the console: the overview, the list, the editor and what a campaign's page can do."""

from django.urls import path

from campaigns.console import bridge, campaign, campaigns, editor, look, overview, preview

urlpatterns = [
    path("c/<str:kind>/", overview.overview, name="overview"),
    path("c/<str:kind>/look/", look.page, name="workspace-look"),
    path("c/<str:kind>/bridge/", bridge.tester, name="bridge-tester"),
    path("c/<str:kind>/campaigns/", campaigns.campaigns, name="console-campaigns"),
    path("c/<str:kind>/campaigns/new/", editor.new, name="campaign-new"),
    path("c/<str:kind>/campaigns/preview/", preview.preview, name="campaign-preview"),
    path("c/<str:kind>/campaigns/<uuid:pk>/", campaign.campaign, name="console-campaign"),
    path("c/<str:kind>/campaigns/<uuid:pk>/edit/", editor.edit, name="campaign-edit"),
    path("c/<str:kind>/campaigns/<uuid:pk>/launch/", campaign.launch, name="campaign-launch"),
    path("c/<str:kind>/campaigns/<uuid:pk>/pause/", campaign.pause, name="campaign-pause"),
    path("c/<str:kind>/campaigns/<uuid:pk>/resume/", campaign.resume, name="campaign-resume"),
    path("c/<str:kind>/campaigns/<uuid:pk>/end/", campaign.end, name="campaign-end"),
    path("c/<str:kind>/campaigns/<uuid:pk>/duplicate/", campaign.duplicate, name="campaign-duplicate"),
]
