"""What is sealed opens only with its key, at its place."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from glu_admin import crypto


def test_what_is_sealed_opens_at_its_place():
    key = crypto.new_key()

    assert crypto.unseal(key, crypto.seal(key, b"BREW-7Q2K", "coupon:1:1"), "coupon:1:1") == b"BREW-7Q2K"


def test_a_ciphertext_that_was_moved_does_not_open():
    key = crypto.new_key()
    sealed = crypto.seal(key, b"BREW-7Q2K", "coupon:1:1")

    with pytest.raises(crypto.SealBroken):
        crypto.unseal(key, sealed, "coupon:1:2")


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 40])
def test_damage_never_passes_for_text(damaged):
    with pytest.raises(crypto.SealBroken):
        crypto.unseal(crypto.new_key(), damaged, "coupon:1:1")


def test_the_same_text_is_sealed_differently_each_time():
    key = crypto.new_key()

    assert crypto.seal(key, b"x", "a") != crypto.seal(key, b"x", "a")


def test_a_blind_index_is_equal_for_equal_texts_under_one_key():
    key, other = crypto.new_key(), crypto.new_key()

    assert crypto.blind_index(key, "A") == crypto.blind_index(key, "A")
    assert crypto.blind_index(key, "A") != crypto.blind_index(key, "B")
    assert crypto.blind_index(key, "A") != crypto.blind_index(other, "A")


def test_a_new_master_key_still_opens_what_the_old_one_wrapped(settings):
    wrapped = crypto.wrap_for_environment("e1", b"k" * 32)
    settings.MASTER_KEYS = [base64.b64encode(b"n" * 32).decode(), *settings.MASTER_KEYS]
    crypto._master_keys.cache_clear()
    crypto._environment_key.cache_clear()

    try:
        assert crypto.environment_key("e1", wrapped) == b"k" * 32
        assert crypto.environment_key("e1", crypto.wrap_for_environment("e1", b"j" * 32)) == b"j" * 32
    finally:
        crypto._master_keys.cache_clear()
        crypto._environment_key.cache_clear()


@pytest.mark.parametrize("bad", ["", "not base64!", base64.b64encode(b"too short").decode()])
def test_a_master_key_that_can_not_be_one_stops_with_a_sentence(settings, bad):
    settings.MASTER_KEYS = [bad]
    crypto._master_keys.cache_clear()

    try:
        with pytest.raises(ImproperlyConfigured, match="GLU_MASTER_KEY is not usable"):
            crypto.new_key() and crypto.wrap_for_environment("e", b"k" * 32)
    finally:
        crypto._master_keys.cache_clear()
