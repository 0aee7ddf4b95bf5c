"""Encryption at rest: a master key wraps environment keys, which wrap pool keys and seal secrets.

AES-256-GCM throughout. The associated data binds each ciphertext to its place, so that one
moved to another row or environment does not open. A dump of the database shows no secret.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(Exception):
    """The ciphertext does not open: another key sealed it, or it was changed or moved."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, plaintext: bytes, place: str) -> bytes:
    """The ciphertext of `plaintext`, bound to `place` (such as "coupon:<pool>:<number>")."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place.encode())


def unseal(key: bytes, ciphertext: bytes, place: str) -> bytes:
    """The plaintext; raises SealBroken."""
    data = bytes(ciphertext)
    try:
        return AESGCM(key).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(f"What is sealed at {place.partition(':')[0]} does not open.") from error


def blind_index(key: bytes, text: str) -> bytes:
    """16 bytes that equal texts share, and that tell nothing without the key."""
    return hmac.digest(key, b"blind-index:" + text.encode(), hashlib.sha256)[:16]


def wrap_for_environment(environment_id: object, key: bytes) -> bytes:
    """An environment's key, sealed with the first master key."""
    return seal(_master_keys()[0], key, f"environment:{environment_id}")


def environment_key(environment_id: object, wrapped: bytes) -> bytes:
    """The environment's key, opened with whichever master key sealed it; raises SealBroken."""
    return _environment_key(str(environment_id), bytes(wrapped))


@lru_cache(maxsize=256)
def _environment_key(environment_id: str, wrapped: bytes) -> bytes:
    for master in _master_keys():
        try:
            return unseal(master, wrapped, f"environment:{environment_id}")
        except SealBroken:
            continue
    raise SealBroken("No master key opens this environment; GLU_MASTER_KEY has been changed.")


@lru_cache(maxsize=1)
def _master_keys() -> list[bytes]:
    try:
        keys = [base64.b64decode(text, validate=True) for text in settings.MASTER_KEYS]
    except binascii.Error:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ImproperlyConfigured(
            "GLU_MASTER_KEY is not usable; it must be 32 random bytes in base64,"
            " or several of them with commas between, the newest first."
        )
    return keys
