"""What a hot request needs to know of its environment, kept in memory and never stale for long.

Each environment row has a version that database triggers bump when keys, campaigns or the
environment itself change. One small query a poll (1 s) says which snapshots are old; what
hangs on a snapshot (`config.part(...)`) is dropped with it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from glu_admin import crypto
from glu_admin.workspaces.models import Environment, TokenKey, WriteKey

Part = TypeVar("Part")


class NoSigningKey(Exception):
    """Every token key of the environment is revoked or retiring: a new one must be made."""


@dataclass(frozen=True)
class SigningKey:
    kid: str
    secret: bytes = field(repr=False)
    retires_at: datetime | None


@dataclass(frozen=True)
class EnvironmentConfig:
    """One version of an environment. Immutable, but for the parts that other modules hang on it."""

    environment: Environment
    version: int
    key: bytes = field(repr=False)
    verifying_keys: dict[str, SigningKey]  # the newest first
    revoked_kids: frozenset[str]
    _parts: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> UUID:
        return self.environment.id

    @cached_property
    def id_as_text(self) -> str:
        """What tokens, answers and the log name it by, made once."""
        return str(self.id)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.environment.workspace.time_zone)

    @property
    def is_test(self) -> bool:
        return self.environment.is_test

    @property
    def signing_key(self) -> SigningKey:
        """The newest key that has not begun to retire; raises NoSigningKey."""
        for key in self.verifying_keys.values():
            if key.retires_at is None:
                return key
        raise NoSigningKey(self.id)

    def allows_origin(self, origin: str) -> bool:
        listed = self.environment.allowed_origins
        return "*" in listed or origin in listed

    def part(self, name: str, build: "Callable[[EnvironmentConfig], Part]") -> Part:
        """What `build` made of this version, made once a process."""
        if name not in self._parts:
            self._parts[name] = build(self)
        return self._parts[name]  # type: ignore[return-value]  # one name, one builder


class _Cache:
    """Snapshots of environments, and which write key opens which."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        self._snapshots: dict[UUID, EnvironmentConfig] = {}
        self._write_keys: dict[str, tuple[UUID, bool]] = {}
        self._versions: dict[UUID, int] = {}
        self._asked_at = float("-inf")

    def get(self, environment_id: UUID) -> EnvironmentConfig | None:
        self._poll()
        version = self._versions.get(environment_id)
        if version is None:
            return None
        snapshot = self._snapshots.get(environment_id)
        if snapshot is None or snapshot.version != version:
            try:
                snapshot = self._snapshots[environment_id] = _load(environment_id)
            except Environment.DoesNotExist:  # deleted since the last poll
                return None
        return snapshot

    def by_write_key(self, key: str) -> tuple[UUID, bool] | None:
        """(environment, whether the key is revoked); None for a key that does not exist."""
        self._poll()
        return self._write_keys.get(key)

    def _poll(self) -> None:
        if time.monotonic() - self._asked_at < settings.CONFIG_POLL_SECONDS:
            return
        # while one thread asks, the others go on with what is known: whoever waited here could
        # hold the very connection that the asking thread needs
        asks_alone = self._lock.acquire(blocking=False)
        if not asks_alone and self._versions and settings.CONFIG_POLL_SECONDS:
            return
        try:
            self._ask()
        finally:
            if asks_alone:
                self._lock.release()

    def _ask(self) -> None:
        versions = dict(Environment.objects.values_list("id", "version"))
        if versions != self._versions or settings.CONFIG_POLL_SECONDS == 0:
            self._write_keys = {
                key: (environment_id, revoked is not None)
                for key, environment_id, revoked in WriteKey.objects.values_list(
                    "key", "environment_id", "revoked_at"
                )
            }
            self._versions = versions
        self._asked_at = time.monotonic()


def _load(environment_id: UUID) -> EnvironmentConfig:
    environment = Environment.objects.select_related("workspace").get(id=environment_id)
    key = crypto.environment_key(environment.id, bytes(environment.wrapped_key))
    rows = list(TokenKey.objects.filter(environment=environment).order_by("-id"))
    keys = [
        SigningKey(
            row.kid, crypto.unseal(key, bytes(row.sealed_secret), f"token-key:{row.kid}"), row.retires_at
        )
        for row in rows
        if row.revoked_at is None
    ]
    return EnvironmentConfig(
        environment=environment,
        version=environment.version,
        key=key,
        verifying_keys={each.kid: each for each in keys},
        revoked_kids=frozenset(row.kid for row in rows if row.revoked_at),
    )


_cache = _Cache()


def get(environment_id: UUID) -> EnvironmentConfig | None:
    """The environment's newest configuration, at most a poll old; None if there is none."""
    return _cache.get(environment_id)


def by_write_key(key: str) -> tuple[UUID, bool] | None:
    """(environment id, revoked?) of a write key; None for an unknown one."""
    return _cache.by_write_key(key)


def forget() -> None:
    """Drop everything at once: for tests, and after a change in this very process."""
    _cache.clear()
