from django.urls import URLPattern, URLResolver, path

from glu_admin.observability import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", health.count),
]
