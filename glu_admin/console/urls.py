from django.urls import path
from django.views.generic import RedirectView

from glu_admin.console import account, audit_log, sign_in, team

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
    path("c/<str:kind>/audit-log/", audit_log.entries, name="audit-log"),
]
