"""The addresses of imports and exports."""

from django.urls import URLPattern, URLResolver, path

from users.bulk import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/user-imports", api.ImportsView.as_view(), name="v1-user-imports"),
    path("api/v1/user-exports", api.ExportsView.as_view(), name="v1-user-exports"),
]
