from django.urls import URLPattern, URLResolver, path

from glu_admin.webhooks import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<str:kind>/receiver/", views.page, name="receiver"),
    path("c/<str:kind>/receiver/behaviour/", views.behave, name="receiver-behaviour"),
    path("dev/receiver/", views.page, {"kind": "test"}, name="receiver-short"),
    path("dev/receiver/received.json", views.ReceivedView.as_view(), name="received"),
    path("dev/receiver/<uuid:environment_id>/", views.ReceiveView.as_view(), name="receive"),
]
