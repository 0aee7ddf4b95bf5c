"""Segments in the console."""

from django.urls import URLPattern, URLResolver, path

from users.segments.console import editor, entering, exports, lists, pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<str:kind>/segments/", pages.segments, name="console-segments"),
    path("c/<str:kind>/segments/new/", editor.new, name="console-segment-new"),
    path("c/<str:kind>/segments/new/list/", lists.new, name="console-segment-new-list"),
    path("c/<str:kind>/segments/new/event/", entering.new, name="console-segment-new-event"),
    path("c/<str:kind>/segments/<uuid:pk>/entry/", entering.edit, name="console-segment-entry"),
    path("c/<str:kind>/segment-imports/<uuid:pk>/", lists.report, name="console-segment-import"),
    path(
        "c/<str:kind>/segment-imports/<uuid:pk>/progress/",
        lists.progress,
        name="console-segment-import-progress",
    ),
    path("c/<str:kind>/segments/rows/", editor.rows, name="console-segment-rows"),
    path("c/<str:kind>/segments/count/", editor.count, name="console-segment-count"),
    path("c/<str:kind>/segments/<uuid:pk>/", pages.segment, name="console-segment"),
    path("c/<str:kind>/segments/<uuid:pk>/edit/", editor.edit, name="console-segment-edit"),
    path("c/<str:kind>/segments/<uuid:pk>/people/", lists.people, name="console-segment-people"),
    path("c/<str:kind>/segments/<uuid:pk>/people/remove/", lists.remove, name="console-segment-remove"),
    path("c/<str:kind>/segments/<uuid:pk>/upload/", lists.upload, name="console-segment-upload"),
    path("c/<str:kind>/segments/<uuid:pk>/export/", exports.start, name="console-segment-start-export"),
    path("c/<str:kind>/segment-exports/<uuid:job_id>/", exports.show, name="console-segment-export"),
    path(
        "c/<str:kind>/segment-exports/<uuid:job_id>/progress/",
        exports.progress,
        name="console-segment-export-progress",
    ),
    path(
        "c/<str:kind>/segment-exports/<uuid:job_id>/file/", exports.file, name="console-segment-export-file"
    ),
    path("c/<str:kind>/segments/<uuid:pk>/<slug:action>/", pages.act, name="console-segment-act"),
]
