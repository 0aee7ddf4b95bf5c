import psycopg
import pytest

from glu_admin.observability.redaction import describe, redact, redact_values
from tests.factories import EndUserFactory
from tests.observability.conftest import CANARIES


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Forbidden: /c/test/ for mia@example.com", "Forbidden: /c/test/ for <personal>"),
        ("call +91 98765 43210 now", "call <personal> now"),
        ("key wk_live_0a1b2c is revoked", "key <secret> is revoked"),
        (f"Authorization: Bearer {CANARIES['token']}", "Authorization: Bearer <secret>"),
        ("GET /wallet/?token=abc&userId=u_1 200", "GET /wallet/?… 200"),
        ("postgres://glu:hunter2@db/glu is down", "postgres://…@db/glu is down"),
        ("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "<secret>"),
        ("Delivered 3 of 4 in 12 ms", "Delivered 3 of 4 in 12 ms"),
    ],
)
def test_a_line_loses_what_it_may_not_tell(said, kept):
    assert redact(said) == kept


@pytest.mark.parametrize("said", ["a" * 10**6, "a.b" * 10**6, r"\'" * 10**6, "?" + "a" * 10**6])
def test_a_text_that_would_take_minutes_to_clean_is_told_by_its_length(said):
    assert redact_values(said) == redact(said) == f"<{len(said)} characters>"


def test_an_exception_loses_the_values_that_it_quotes():
    assert redact_values("""invalid literal 'BREW-7Q2K' for "Mia K." """) == "invalid literal '…' for '…' "


def test_a_description_names_the_whole_chain_of_causes():
    try:
        try:
            raise ValueError("bad 'mia'")
        except ValueError as error:
            raise RuntimeError("worse") from error
    except RuntimeError as error:
        lines = describe(error).splitlines()

    assert lines[0] == "builtins.RuntimeError: worse"
    assert "builtins.ValueError: bad '…'" in lines


@pytest.mark.django_db
def test_a_refused_row_is_told_by_its_constraint_and_not_by_its_values(test_env):
    EndUserFactory(environment=test_env, user_id="u_canary")
    with pytest.raises(Exception, match="u_canary") as caught:
        EndUserFactory(environment=test_env, user_id="u_canary")

    assert isinstance(caught.value.__cause__, psycopg.Error)
    assert "one_user_an_id" in describe(caught.value)
    assert "u_canary" not in describe(caught.value)
