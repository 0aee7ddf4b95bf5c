"""Where apps and servers reach people and their events, and the console's pages of them."""

from django.urls import URLPattern, URLResolver, include, path

from users.api import RegisterView
from users.events.urls import urlpatterns as events

urlpatterns: list[URLPattern | URLResolver] = [
    path("user/v1/user/sdk", RegisterView.as_view(), name="register"),
    path("user/v1/user/sdk/generateusertoken", RegisterView.as_view(), name="register-first"),
    path("user/v1/user/sdk/updateuser", RegisterView.as_view(), name="register-again"),
    *events,  # not included: each level of patterns costs every event
    path("", include("users.console.urls")),
    path("", include("users.segments.console.urls")),
    path("", include("users.v1.urls")),
    path("", include("users.bulk.urls")),
]
