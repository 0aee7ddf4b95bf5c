"""The addresses of `/api/v1/` that are about people and what they did."""

from django.urls import URLPattern, URLResolver, path

from users.v1 import definitions, events, people, privacy, segment_counts, segment_people, segments

PERSON = "api/v1/users/<uuid:glu_id>"
SEGMENT = "api/v1/segments/<uuid:pk>"
IMPORT = "api/v1/segment-imports/<uuid:pk>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/users", people.PeopleView.as_view(), name="v1-users"),
    path(PERSON, people.PersonView.as_view(), name="v1-user"),
    path(f"{PERSON}/timeline", people.TimelineView.as_view(), name="v1-user-timeline"),
    path(f"{PERSON}/devices", people.DevicesView.as_view(), name="v1-user-devices"),
    path(f"{PERSON}/block", people.BlockView.as_view(), name="v1-user-block"),
    path(f"{PERSON}/unblock", people.UnblockView.as_view(), name="v1-user-unblock"),
    path(f"{PERSON}/revoke-tokens", people.RevokeTokensView.as_view(), name="v1-user-revoke-tokens"),
    path(f"{PERSON}/export", privacy.ExportView.as_view(), name="v1-user-export"),
    path("api/v1/erasures", privacy.ReceiptsView.as_view(), name="v1-erasures"),
    path("api/v1/erasures/<uuid:pk>", privacy.ReceiptView.as_view(), name="v1-erasure"),
    path("api/v1/events", events.FeedView.as_view(), name="v1-events"),
    path("api/v1/events/<int:pk>", events.EventView.as_view(), name="v1-event"),
    path("api/v1/events/<int:pk>/replay", events.ReplayView.as_view(), name="v1-event-replay"),
    path("api/v1/parked-events", events.ParkedEventsView.as_view(), name="v1-parked-events"),
    path("api/v1/parked-events/<int:pk>/replay", events.ParkedReplayView.as_view(), name="v1-parked-replay"),
    path("api/v1/event-definitions", definitions.DefinitionsView.as_view(), name="v1-definitions"),
    path("api/v1/event-definitions/<int:pk>", definitions.DefinitionView.as_view(), name="v1-definition"),
    path("api/v1/segments/preview", segment_counts.PreviewView.as_view(), name="v1-segment-preview"),
    path("api/v1/segments/explain", segment_counts.ExplainView.as_view(), name="v1-segment-explain"),
    path("api/v1/segments", segments.SegmentsView.as_view(), name="v1-segments"),
    path(SEGMENT, segments.SegmentView.as_view(), name="v1-segment"),
    path(f"{SEGMENT}/duplicate", segments.SegmentCopyView.as_view(), name="v1-segment-duplicate"),
    path(f"{SEGMENT}/freeze", segments.SegmentFreezeView.as_view(), name="v1-segment-freeze"),
    path(f"{SEGMENT}/uses", segments.SegmentUsesView.as_view(), name="v1-segment-uses"),
    path(f"{SEGMENT}/members", segment_people.MembersView.as_view(), name="v1-segment-members"),
    path(f"{SEGMENT}/members/remove", segment_people.MembersRemoveView.as_view(), name="v1-members-remove"),
    path(f"{SEGMENT}/imports", segment_people.SegmentImportsView.as_view(), name="v1-segment-imports"),
    path(f"{SEGMENT}/exports", segment_people.SegmentExportsView.as_view(), name="v1-segment-exports"),
    path(IMPORT, segment_people.SegmentImportView.as_view(), name="v1-segment-import"),
    path(f"{IMPORT}/apply", segment_people.SegmentImportApplyView.as_view(), name="v1-import-apply"),
    path(f"{IMPORT}/undo", segment_people.SegmentImportUndoView.as_view(), name="v1-import-undo"),
    path("api/v1/attributes", definitions.AttributesView.as_view(), name="v1-attributes"),
    path("api/v1/attributes/<int:pk>", definitions.AttributeView.as_view(), name="v1-attribute"),
]
