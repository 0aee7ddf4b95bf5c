"""The addresses of pictures."""

from django.urls import URLPattern, URLResolver, path

from glu_admin.pictures import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("pictures/<uuid:workspace_id>/<str:sha256>.webp", views.picture, name="picture"),
    path("c/<str:kind>/pictures/", views.add, name="picture-add"),
]
