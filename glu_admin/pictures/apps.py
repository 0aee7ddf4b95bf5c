from django.apps import AppConfig


class PicturesConfig(AppConfig):
    name = "glu_admin.pictures"
