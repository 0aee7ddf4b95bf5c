"""Segments in the console."""

from django.urls import URLPattern, URLResolver, path

from users.segments.console import editor, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<str:kind>/segments/", pages.segments, name="console-segments"),
    path("c/<str:kind>/segments/new/", editor.new, name="console-segment-new"),
    path("c/<str:kind>/segments/rows/", editor.rows, name="console-segment-rows"),
    path("c/<str:kind>/segments/count/", editor.count, name="console-segment-count"),
    path("c/<str:kind>/segments/<uuid:pk>/", pages.segment, name="console-segment"),
    path("c/<str:kind>/segments/<uuid:pk>/edit/", editor.edit, name="console-segment-edit"),
    path("c/<str:kind>/segments/<uuid:pk>/<slug:action>/", pages.act, name="console-segment-act"),
]
