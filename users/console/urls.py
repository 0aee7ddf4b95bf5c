"""Users, events and signed identity in the console."""

from django.urls import URLPattern, URLResolver, path

from users.console import events, people, signed

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<str:kind>/users/", people.people, name="console-users"),
    path("c/<str:kind>/users/<uuid:glu_id>/", people.person, name="console-user"),
    path("c/<str:kind>/users/<uuid:glu_id>/export.json", people.export_json, name="console-user-export"),
    path("c/<str:kind>/users/<uuid:glu_id>/erase/", people.erase, name="console-user-erase"),
    path("c/<str:kind>/users/<uuid:glu_id>/<slug:action>/", people.act, name="console-user-act"),
    path("c/<str:kind>/signed-identity/", signed.page, name="signed-identity"),
    path("c/<str:kind>/signed-identity/switch/", signed.switch, name="signed-identity-switch"),
    path("c/<str:kind>/signed-identity/secret/", signed.rotate, name="signed-identity-rotate"),
    path("c/<str:kind>/events/", events.events, name="console-events"),
    path("c/<str:kind>/events/live/", events.live, name="console-events-live"),
    path("c/<str:kind>/events/send/", events.send, name="console-event-send"),
    path("c/<str:kind>/events/parked/<int:pk>/replay/", events.replay, name="console-event-replay"),
]
