"""Settings: every value has a working default, and the environment overrides it.

A bad value stops the start with one sentence that names it. GLU_ENV=production refuses
whatever is only fit for a first look: see `glu_admin/checks.py`.
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from campaigns.types import type_apps
from glu_admin.environment import read_bool, read_choice, read_int, read_list, read_text, read_url
from glu_admin.observability.logs import logging_config
from glu_admin.runtime.home import load_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
GLU_ENV = read_choice("GLU_ENV", ("development", "test", "production"), "development")
GLU_HOME = Path(read_text("GLU_HOME", str(BASE_DIR / ".glu"))).absolute()


def _secret(name: str) -> str:
    value = read_text(f"GLU_{name.upper()}")
    if not value and GLU_ENV != "production":
        value = load_secrets(GLU_HOME).get(name, "") if (GLU_HOME / "secrets.json").exists() else ""
    if not value:
        raise ImproperlyConfigured(
            f"GLU_{name.upper()} is not set; set it, or start with ./glu, which makes one."
        )
    return value


SECRET_KEY = _secret("secret_key")
MASTER_KEYS = _secret("master_key").split(",")  # the first seals, all of them open
DEBUG = read_bool("GLU_DEBUG", False)
TESTING = GLU_ENV == "test"

PUBLIC_URL = read_url("GLU_PUBLIC_URL", ("http", "https"))
# how workers reach the web server, where it is not by its public address
INTERNAL_URL = read_url("GLU_INTERNAL_URL", ("http", "https"))
HTTPS = PUBLIC_URL.startswith("https://")
TRUSTED_PROXIES = read_int("GLU_TRUSTED_PROXIES", 0, most=10)
ALLOWED_HOSTS = read_list("GLU_ALLOWED_HOSTS", "" if GLU_ENV == "production" else "*")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

_database = read_url("DATABASE_URL", ("postgres", "postgresql"))
if not _database:
    raise ImproperlyConfigured(
        "DATABASE_URL is not set; set it, or start with ./glu, which brings PostgreSQL along."
    )
_connection = environ.Env.db_url_config(_database)
DATABASES = {
    "default": _connection
    | {
        "ENGINE": "glu_admin.postgresql",
        "CONN_MAX_AGE": 0,
        "OPTIONS": _connection.get("OPTIONS", {})
        | {
            "pool": {"min_size": 1, "max_size": read_int("GLU_POOL_SIZE", 8, least=1), "timeout": 10},
            # after how many runs a hot statement is prepared (glu_admin/hot.py); None: never
            "prepare_threshold": 1 if read_bool("GLU_PREPARE", True) else None,
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a pooler in transaction mode has none
    }
}
BROKER_URL = read_url("BROKER_URL", ("pgmq", "amqp", "amqps", "redis", "rediss"))

INSTALLED_APPS = [
    "glu_admin.observability",
    "glu_admin.workspaces",
    "glu_admin.pictures",
    "glu_admin.jobs",
    "glu_admin.webhooks",
    "glu_admin.console",
    "glu_admin.runtime",
    "users",
    "rewards",
    "campaigns",
    *type_apps(),
    "glu_admin.console.admin_config.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "glu_admin.observability.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "glu_admin.middleware.Cors",
    "glu_admin.middleware.Pages",
]
# runs inside Pages, so not for JSON requests
PAGE_MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "glu_admin.urls"
WSGI_APPLICATION = "glu_admin.wsgi.application"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
# files hold coupon codes: they never touch a disk, and larger ones are not kept at all
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 21 * 2**20
# a quiz of 20 questions with 8 answers each is one form, and browsers send inputs without a file too
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_500
DATA_UPLOAD_MAX_NUMBER_FILES = 250
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.csp",
                "glu_admin.console.context.shell",
            ]
        },
    }
]

AUTH_USER_MODEL = "workspaces.Member"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "UserAttributeSimilarityValidator")
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
AXES_USERNAME_FORM_FIELD = "username"  # the name by which sign_in.py hands over the address
AXES_FAILURE_LIMIT = 10
AXES_RESET_ON_SUCCESS = True
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "glu_admin.observability.addresses.client_address"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(read_text("GLU_STATIC_ROOT", str(GLU_HOME / "static")))
# hashed names need `collectstatic`, which production images run at build
_STATIC = "glu_admin.static_files.HashedFiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": _STATIC
        if GLU_ENV == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = GLU_ENV != "production"

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "https:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = GLU_ENV == "production" and HTTPS and read_bool("GLU_HTTPS_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["glu_admin.api.json.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["glu_admin.api.json.JsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "glu_admin.api.reference.JsonSchema",
    "EXCEPTION_HANDLER": "glu_admin.api.errors.handle",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Glu Admin",
    "DESCRIPTION": "Gamified campaigns: register people, load their campaigns, play.",
    "VERSION": "1.0.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    # what is called mode here and there, told apart in the reference
    "ENUM_NAME_OVERRIDES": {
        "EventDefinitionMode": ["observe", "warn", "refuse"],
        "SegmentImportMode": ["add", "replace"],
        "ExportFormat": ["csv", "ndjson"],
    },
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "userToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "writeKey": {"type": "apiKey", "in": "header", "name": "X-API-KEY"},
            "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-KEY"},
        }
    },
}

# how long a process may serve an old key, campaign or origin list; 0 asks each time
CONFIG_POLL_SECONDS = 0.0 if TESTING else 1.0
# requests a minute: by write or API key, by address, by user
THROTTLES = {
    "key": read_int("GLU_LIMIT_KEY", 60_000, least=1),
    "address": read_int("GLU_LIMIT_ADDRESS", 6_000, least=1),
    "user": read_int("GLU_LIMIT_USER", 600, least=1),
    "sign-in": read_int("GLU_LIMIT_SIGN_IN", 30, least=1),
}
WEBHOOK_TIMEOUT_SECONDS = 15.0
# addresses that webhooks may reach although they are private, as networks: 127.0.0.1/32
WEBHOOK_ALLOWED_NETWORKS = read_list("GLU_WEBHOOK_ALLOWED_NETWORKS")

# months of history that are kept, beside the running one
KEEP_MONTHS = {
    "events": read_int("GLU_KEEP_EVENTS", 13, least=1, most=1200),
    "changes": read_int("GLU_KEEP_CHANGES", 25, least=1, most=1200),
    "signals": read_int("GLU_KEEP_SIGNALS", 3, least=1, most=1200),
}

# who may scrape /metrics; without a token and without proxies, this machine may
METRICS_TOKEN = read_text("GLU_METRICS_TOKEN")

CELERY_BEAT_SCHEDULE = {
    "show-that-workers-live": {"task": "glu_admin.observability.tasks.beat", "schedule": 20.0},
    "deliver-webhooks": {"task": "glu_admin.webhooks.tasks.sweep", "schedule": 1.0},
    "work-on-jobs": {"task": "glu_admin.jobs.tasks.sweep", "schedule": 2.0},
    "forget-old-jobs": {"task": "glu_admin.jobs.tasks.forget_old", "schedule": 3600.0},
    "drain-events": {"task": "users.tasks.drain", "schedule": 1.0},
    "sweep-segments": {"task": "users.tasks.sweep_segments", "schedule": 1.0},
    "keep-segments": {"task": "users.tasks.keep_segments", "schedule": 2.0},
    "size-segments": {"task": "users.tasks.size_segments", "schedule": 3600.0},
    "sweep-waiting-events": {"task": "users.tasks.sweep_waiting", "schedule": 15.0},
    "forget-old-events": {"task": "users.tasks.sweep_events", "schedule": 3600.0},
    "count-attributes": {"task": "users.tasks.refresh_catalogues", "schedule": 900.0},
    "sweep-after-erasures": {"task": "users.tasks.sweep_erasures", "schedule": 300.0},
    "forget-old-uploads": {"task": "rewards.tasks.forget_uploads", "schedule": 300.0},
    "forget-old-sign-ins": {"task": "glu_admin.workspaces.tasks.forget_sign_ins", "schedule": 3600.0},
    "forget-unused-pictures": {"task": "glu_admin.pictures.tasks.sweep", "schedule": 86_400.0},
    "settle-earnings": {"task": "campaigns.tasks.settle", "schedule": 1.0},
    "close-ended-campaigns": {"task": "campaigns.tasks.close_ended", "schedule": 60.0},
}

# these look into MIDDLEWARE for what stands in PAGE_MIDDLEWARE
SILENCED_SYSTEM_CHECKS = [
    "admin.E408",
    "admin.E409",
    "admin.E410",
    "axes.W002",
    "security.W002",
    "security.W003",
]

LOGGING_CONFIG = None
logging_config(json_lines=GLU_ENV == "production")
