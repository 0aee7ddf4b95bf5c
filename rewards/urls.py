"""Coupon pools in the console."""

from django.urls import URLPattern, URLResolver, path

from rewards import console

urlpatterns: list[URLPattern | URLResolver] = [
    path("c/<str:kind>/coupon-pools/", console.pools, name="coupon-pools"),
    path("c/<str:kind>/coupon-pools/<uuid:pk>/", console.pool_page, name="coupon-pool"),
    path("c/<str:kind>/coupon-pools/<uuid:pk>/upload/", console.upload, name="coupon-upload-file"),
    path("c/<str:kind>/coupon-pools/<uuid:pk>/uploads/<uuid:upload>/", console.report, name="coupon-upload"),
    path(
        "c/<str:kind>/coupon-pools/<uuid:pk>/uploads/<uuid:upload>/rejected.csv",
        console.rejected,
        name="coupon-upload-rejected",
    ),
]
