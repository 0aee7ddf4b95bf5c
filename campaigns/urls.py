"""Campaigns: the console's pages and the players' pages."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("campaigns.console.urls")),
    path("", include("campaigns.pages.urls")),
]
