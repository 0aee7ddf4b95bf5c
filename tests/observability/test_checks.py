"""Production starts with good settings only, and says what to mend."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from axes.middleware import AxesMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.module_loading import import_string

from glu_admin import checks

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "GLU_ENV": "production",
    "GLU_SECRET_KEY": "Vg8xK2mQp7Zt4LwBnY9cRfJ3hDsA6eUo1iXqTzMv5GkPy0WjNbCrFaHdSuEl-_OI",
    "GLU_MASTER_KEY": "q83vEjRWeJq83u/+3LqYdlQyEP7cupiUdVYxQGZviJo=",
    "GLU_ALLOWED_HOSTS": "glu.example.com",
    "GLU_PUBLIC_URL": "https://glu.example.com",
    "GLU_TRUSTED_PROXIES": "1",
    "GLU_DEBUG": "",
}


def deploy_check(**changed):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GLU_")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=kept | {"GLU_HOME": os.environ.get("GLU_HOME", "/nonexistent")} | GOOD | changed,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_good_production_set_up_is_clean():
    done = deploy_check()

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


SOUGHT = [
    AuthenticationMiddleware,
    AxesMiddleware,
    CsrfViewMiddleware,
    MessageMiddleware,
    SessionMiddleware,
    XFrameOptionsMiddleware,
]


@pytest.mark.parametrize("middleware", SOUGHT)
def test_what_the_silenced_checks_look_for_is_there_for_pages(settings, middleware):
    assert middleware in map(import_string, settings.PAGE_MIDDLEWARE)
    assert len(settings.SILENCED_SYSTEM_CHECKS) == len(SOUGHT)


def test_no_middleware_of_pages_has_a_hook_that_nobody_calls(settings):
    hooks = ("process_exception", "process_template_response")
    assert not [
        name for name in settings.PAGE_MIDDLEWARE for hook in hooks if hasattr(import_string(name), hook)
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GLU_DEBUG", "true", "GLU_DEBUG is on"),
        ("GLU_SECRET_KEY", "", "GLU_SECRET_KEY is not set"),
        ("GLU_SECRET_KEY", "change-me-" * 9, "GLU_SECRET_KEY is a sample"),
        ("GLU_MASTER_KEY", "c2hvcnQ=", "GLU_MASTER_KEY is a sample, or not 32 random bytes"),
        ("GLU_ALLOWED_HOSTS", "", "GLU_ALLOWED_HOSTS is not set"),
        ("GLU_ALLOWED_HOSTS", "*", "GLU_ALLOWED_HOSTS allows any host"),
        ("GLU_PUBLIC_URL", "", "GLU_PUBLIC_URL is not set"),
        ("GLU_PUBLIC_URL", "http://glu.example.com", "GLU_PUBLIC_URL is plain http"),
    ],
)
def test_production_refuses_to_start_and_says_in_one_line_why(name, value, said):
    done = deploy_check(**{name: value})

    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_redirect_to_https_that_would_never_end_is_warned_of():
    done = deploy_check(GLU_TRUSTED_PROXIES="0")

    assert done.returncode != 0
    assert "glu.W001" in done.stderr


@pytest.mark.parametrize(
    ("key", "is_good"),
    [
        ("", False),
        ("short", False),
        ("dev-" * 20 + "0123456789", False),
        ("0123456789" * 7, False),
        ("x" * 80, False),
        ("secret" + GOOD["GLU_SECRET_KEY"], False),
        (GOOD["GLU_SECRET_KEY"], True),
        ("3f1c9a7be2d84650f7a1c3e95b2d8f6047ac1e93b5d7f2864a0c8e1b3d5f7962", True),
    ],
)
def test_a_secret_key_must_look_random(key, is_good):
    assert (checks._check_secret_key(key) == []) is is_good


@pytest.mark.parametrize(
    ("keys", "is_good"),
    [
        ([""], False),
        (["not base64!"], False),
        (["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="], False),  # 0, 1, 2, …
        (["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="], False),
        (["Y2hhbmdlLW1lLWNoYW5nZS1tZS1jaGFuZ2UtbWUtY2g="], False),  # a text
        ([GOOD["GLU_MASTER_KEY"]], True),
        ([GOOD["GLU_MASTER_KEY"], "short"], False),
    ],
)
def test_a_master_key_must_be_32_random_bytes(keys, is_good):
    assert (checks._check_master_keys(keys) == []) is is_good


@pytest.mark.parametrize(("version", "problems"), [(140012, ["glu.E006"]), (150000, []), (180001, [])])
def test_postgresql_must_be_15_or_newer(version, problems):
    assert [each.id for each in checks._check_postgres(version)] == problems


@pytest.mark.django_db
def test_this_database_is_new_enough():
    assert checks.check_database_version(databases=["default"]) == []
