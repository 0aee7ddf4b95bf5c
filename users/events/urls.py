"""Where events come in. The paths are the contract's."""

from django.urls import URLPattern, URLResolver, path

from users.events.api import EventsView, ReportView, signals_view, source_view
from users.events.models import SdkSignal
from users.events.sources import SOURCES

urlpatterns: list[URLPattern | URLResolver] = [
    path("server/v4", EventsView.as_view(), name="events"),
    path("v3/server", EventsView.as_view(), name="events-of-old-sdks"),
    path("v4/sdk", signals_view(SdkSignal.Kind.ANALYTICS).as_view(), name="sdk-analytics"),
    path("api/v1/report", ReportView.as_view(), name="sdk-report"),
    path("sdk/v4", signals_view(SdkSignal.Kind.DIAGNOSTICS).as_view(), name="sdk-diagnostics"),
    *(
        path(source.path, source_view(source.slug).as_view(), name=f"events-of-{source.slug}")
        for source in SOURCES.values()
    ),
]
