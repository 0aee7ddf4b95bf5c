"""A variable that can't be used is named in one sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from glu_admin import environment


@pytest.fixture
def variable(monkeypatch):
    return lambda value, name="GLU_X": monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("read", "bad", "words"),
    [
        (
            lambda: environment.read_bool("GLU_X", False),
            "maybe",
            "GLU_X is 'maybe'; it must be true or false.",
        ),
        (
            lambda: environment.read_int("GLU_X", 1, most=10),
            "11",
            "GLU_X is '11'; it must be a whole number from 0 to 10.",
        ),
        (
            lambda: environment.read_choice("GLU_X", ("a", "b"), "a"),
            "c",
            "GLU_X is 'c'; it must be one of a, b.",
        ),
        (
            lambda: environment.read_url("GLU_X", ("http", "https")),
            "ftp://x",
            "GLU_X is not a usable address; it must look like http://… or https://….",
        ),
        (
            lambda: environment.read_url("GLU_X", ("http",)),
            "http://[::",
            "GLU_X is not a usable address; it must look like http://….",
        ),
    ],
)
def test_a_bad_value_is_named_with_what_would_be_good(variable, read, bad, words):
    variable(bad)

    with pytest.raises(ImproperlyConfigured) as stopped:
        read()

    assert str(stopped.value) == words


def test_a_bad_address_is_not_repeated_because_it_may_hold_a_password(variable):
    variable("postgres//me:secret@host/db")

    with pytest.raises(ImproperlyConfigured) as stopped:
        environment.read_url("GLU_X", ("postgres",))

    assert "secret" not in str(stopped.value)


def test_a_secret_may_stand_in_a_file(variable, tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    variable(str(tmp_path / "secret"), "GLU_X_FILE")

    assert environment.read_text("GLU_X") == "hush"


def test_a_secret_file_that_is_not_there_stops_the_start(variable):
    variable("/nowhere/secret", "GLU_X_FILE")

    with pytest.raises(ImproperlyConfigured, match="GLU_X_FILE names /nowhere/secret, which can't be read"):
        environment.read_text("GLU_X")


def test_lists_and_defaults(variable):
    variable(" a, b ,,c ")

    assert environment.read_list("GLU_X") == ["a", "b", "c"]
    assert environment.read_int("GLU_UNSET", 7) == 7
    assert environment.read_url("GLU_UNSET", ("http",)) == ""
