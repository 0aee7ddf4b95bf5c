"""Where events come in. The paths are the contract's."""

from django.urls import URLPattern, URLResolver, path

from users.events.api import EventsView

urlpatterns: list[URLPattern | URLResolver] = [
    path("server/v4", EventsView.as_view(), name="events"),
    path("v3/server", EventsView.as_view(), name="events-of-old-sdks"),
]
