from django.urls import URLPattern, URLResolver, path

from campaigns.pages import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("wallet/", views.wallet, name="wallet"),
    path("reward/", views.game, name="game"),
    path("program/", views.game, name="program"),
    path("reward/play/", views.play, name="play-page"),
]
