"""The built-in receiver: its page, and the address that webhooks arrive at."""

from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from glu_admin.webhooks import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<str:kind>/receiver/", views.page, name="receiver"),
    path("c/<str:kind>/receiver/behaviour/", views.behave, name="receiver-behaviour"),
    path("dev/receiver/", RedirectView.as_view(pattern_name="receiver"), {"kind": "test"}, "receiver-short"),
    path("dev/receiver/received.json", views.ReceivedView.as_view(), name="received"),
    path("dev/receiver/<uuid:environment_id>/", views.ReceiveView.as_view(), name="receive"),
]
