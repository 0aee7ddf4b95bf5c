"""What hot requests know of their environment: fresh within a poll, cheap in between."""

import threading
from uuid import uuid4

import pytest

from glu_admin import config
from glu_admin.config import NoSigningKey
from glu_admin.workspaces import keys
from glu_admin.workspaces.models import Environment


@pytest.fixture
def polls_hourly(settings):
    settings.CONFIG_POLL_SECONDS = 3600


def test_between_polls_nothing_is_asked(test_env, polls_hourly, django_assert_num_queries):
    config.get(test_env.id)

    with django_assert_num_queries(0):
        assert config.get(test_env.id) is config.get(test_env.id)
        assert config.by_write_key("unknown") is None


def test_a_change_gives_a_new_snapshot_without_the_old_ones_parts(test_env):
    before = config.get(test_env.id)
    made = before.part("made", lambda each: [each.version])
    assert before.part("made", lambda each: ["never built again"]) is made

    test_env.allowed_origins = ["https://shop.example"]
    test_env.save()
    after = config.get(test_env.id)

    assert after.version > before.version
    assert after.part("made", lambda each: [each.version]) == [after.version]
    assert after.allows_origin("https://shop.example")


def test_a_workspace_that_moves_to_another_time_zone_takes_its_environments_along(test_env):
    before = config.get(test_env.id)

    test_env.workspace.time_zone = "Asia/Kolkata"
    test_env.workspace.save()
    after = config.get(test_env.id)

    assert after.version > before.version
    assert after.environment.workspace.time_zone == "Asia/Kolkata"


def test_an_unchanged_environment_keeps_its_snapshot(test_env):
    assert config.get(test_env.id) is config.get(test_env.id)


def test_an_environment_that_does_not_exist_is_none(db):
    assert config.get(uuid4()) is None


def test_an_environment_deleted_since_the_last_poll_is_none(test_env, live_env, polls_hourly):
    config.get(live_env.id)
    Environment.objects.filter(pk=test_env.pk).delete()

    assert config.get(test_env.id) is None
    assert config.get(live_env.id) is not None


def test_without_a_key_to_sign_with_it_is_said_and_old_tokens_still_verify(test_env):
    keys.rotate_token_key(test_env)
    test_env.token_keys.filter(retires_at=None).update(revoked_at="2026-11-20T12:00:00Z")

    opened = config.get(test_env.id)

    assert len(opened.verifying_keys) == 1
    with pytest.raises(NoSigningKey):
        _ = opened.signing_key


def test_while_one_thread_asks_the_others_go_on_with_what_is_known(test_env, settings):
    settings.CONFIG_POLL_SECONDS = 3600
    known = config.get(test_env.id)
    settings.CONFIG_POLL_SECONDS = 0.000_001
    seen = []

    with config._cache._lock:  # a poll that takes its time
        thread = threading.Thread(target=lambda: seen.append(config.get(test_env.id)))
        thread.start()
        thread.join(timeout=5)

    assert seen == [known]
