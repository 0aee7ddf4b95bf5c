"""The console's own pages: sign-in, account, developers, webhooks, team, audit log."""

from django.urls import path
from django.views.generic import RedirectView

from glu_admin.console import account, audit_log, developers, sign_in, team, webhooks

urlpatterns = [
    path("", RedirectView.as_view(url="/c/test/"), name="home"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/link/<str:token>/", sign_in.sign_in_by_link, name="sign-in-link"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("account/", account.account, name="account"),
    path("c/<str:kind>/team/", team.members, name="team"),
    path("c/<str:kind>/team/invite/", team.invite, name="team-invite"),
    path("c/<str:kind>/team/<int:pk>/role/", team.change, name="team-role"),
    path("c/<str:kind>/team/<int:pk>/link/", team.link, name="team-link"),
    path("c/<str:kind>/team/<int:pk>/remove/", team.remove, name="team-remove"),
    path("c/<str:kind>/developers/", developers.developers, name="developers"),
    path("c/<str:kind>/developers/write-keys/", developers.create_write_key, name="write-key-create"),
    path(
        "c/<str:kind>/developers/write-keys/<int:pk>/revoke/",
        developers.revoke_write_key,
        name="write-key-revoke",
    ),
    path("c/<str:kind>/developers/api-keys/", developers.create_api_key, name="api-key-create"),
    path(
        "c/<str:kind>/developers/api-keys/<int:pk>/revoke/", developers.revoke_api_key, name="api-key-revoke"
    ),
    path("c/<str:kind>/webhooks/", webhooks.webhooks, name="webhooks"),
    path("c/<str:kind>/webhooks/add/", webhooks.create, name="webhook-create"),
    path("c/<str:kind>/webhooks/<uuid:pk>/secret/", webhooks.rotate, name="webhook-rotate"),
    path("c/<str:kind>/webhooks/<uuid:pk>/switch/", webhooks.switch, name="webhook-switch"),
    path("c/<str:kind>/audit-log/", audit_log.entries, name="audit-log"),
]
