"""How far a long command is: one line that moves on a terminal, plain lines now and then elsewhere."""

import time
from typing import TextIO

WIDTH = 24
ON_A_TERMINAL, ELSEWHERE = 0.1, 10.0  # seconds between two lines


class Bar:
    """Tell it with `progress`, and `end` it before anything else is written."""

    def __init__(self, out: TextIO, noun: str) -> None:
        self._out, self._noun = out, noun
        self._is_terminal = out.isatty()
        self._step, self._began, self._begin_at = "", time.monotonic(), 0
        self._told_at, self._is_open = float("-inf"), False
        self._total: int | None = None

    def progress(
        self, *, done: int, failed: int = 0, total: int | None = None, keep: dict[str, object] | None = None
    ) -> None:
        step = str((keep or {}).get("step") or self._step)
        if step != self._step:
            self.end()
            self._step, self._began, self._begin_at = step, time.monotonic(), done
            self._total, self._told_at = None, float("-inf")
        self._total = total or self._total
        if time.monotonic() - self._told_at >= (ON_A_TERMINAL if self._is_terminal else ELSEWHERE):
            self._tell(done, failed)

    def _tell(self, done: int, failed: int) -> None:
        self._told_at = time.monotonic()
        rate = (done - self._begin_at) / max(self._told_at - self._began, 0.001)
        words = [f"{self._step} {done:,} {self._noun}"]
        if self._total:
            words[0] = f"{self._step} {_blocks(done / self._total)} {done:,} of {self._total:,} {self._noun}"
        words.append(f"{rate:,.0f}/s")
        if self._total and rate >= 1:
            words.append(f"{_clock((self._total - done) / rate)} left")
        if failed:
            words.append(f"{failed:,} bad")
        line = " · ".join(words)
        self._out.write(f"\r\033[K{line}" if self._is_terminal else f"{line}\n")
        self._out.flush()
        self._is_open = self._is_terminal

    def end(self) -> None:
        if self._is_open:
            self._out.write("\r\033[K")
            self._is_open = False


def _blocks(share: float) -> str:
    full = min(WIDTH, int(share * WIDTH))
    return "█" * full + "░" * (WIDTH - full)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
