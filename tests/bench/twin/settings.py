"""A fresh Django project's settings, with DRF, a pool of connections and JSON only."""

import os

import environ

SECRET_KEY = "twin-twin-twin-twin-twin-twin-twin-twin"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.twin.urls"
WSGI_APPLICATION = "tests.bench.twin.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "tests.bench.twin.apps.TwinConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
_connection = environ.Env.db_url_config(os.environ["DATABASE_URL"])
DATABASES = {
    "default": _connection
    | {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": _connection.get("OPTIONS", {}) | {"pool": {"min_size": 1, "max_size": 8}},
    }
}
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_RATES": {"key": "100000000/min", "user": "100000000/min"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
