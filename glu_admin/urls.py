"""Every address of the product, one line a part."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # tried from the top: first what apps call all the time
    path("", include("campaigns.api.urls")),
    path("", include("users.urls")),
    path("", include("glu_admin.observability.urls")),
    path("", include("glu_admin.api.urls")),
    path("", include("campaigns.urls")),
    path("", include("rewards.urls")),
    path("", include("glu_admin.webhooks.urls")),
    path("", include("glu_admin.jobs.urls")),
    path("", include("glu_admin.pictures.urls")),
    path("", include("glu_admin.console.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "glu_admin.observability.failures.bad_request"
handler403 = "glu_admin.observability.failures.forbidden"
handler404 = "glu_admin.observability.failures.not_found"
handler500 = "glu_admin.observability.failures.server_error"
