"""Children that end when their parent does, however the parent ended (Linux).

Elsewhere the system offers no such signal; there, the next start finds what was left.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
ON_LINUX = sys.platform.startswith("linux")


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` for Popen: the child gets `number` once this process is gone."""
    parent = os.getpid()
    # Looked up here, because a forked child should do as little as possible.
    arm = _prctl()

    def prepare() -> None:
        arm(int(number))
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def follow_parent(number: signal.Signals) -> None:
    """Tie this process to the one that started it, from inside."""
    _prctl()(int(number))


def _prctl() -> Callable[[int], object]:
    if not ON_LINUX:
        return lambda number: None
    prctl = ctypes.CDLL(None).prctl
    return lambda number: prctl(PR_SET_PDEATHSIG, number)
