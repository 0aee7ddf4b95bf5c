"""What `./glu run` prints: one line a step, then everything a first look needs.

Plain text only, so that it reads the same in a terminal, a file and a container's log.
"""

import io
import sys
import time
from urllib.parse import urlencode

import segno

from glu_admin.runtime import STARTED
from glu_admin.runtime.network import is_loopback
from glu_admin.runtime.welcome import Facts


class Steps:
    """Progress: a line when a step starts."""

    def say(self, text: str) -> None:
        print(text, flush=True)

    def begin(self, text: str) -> None:
        self.say(f"  {text} …")

    @property
    def elapsed(self) -> float:
        """Seconds since this process began to load."""
        return time.monotonic() - STARTED


def welcome_text(facts: Facts, *, host: str) -> str:
    """The closing words of a start: addresses, keys, a request to paste, a wallet to scan."""
    lines = ["", f"Glu Admin is ready: {facts['url']}", ""]
    if facts["signInUrl"]:
        lines += [f"  Sign in (works once):  {facts['signInUrl']}"]
    if facts["writeKey"]:
        lines += [f"  Test write key:        {facts['writeKey']}", "", "  Register a person:", ""]
        lines += [_register_command(facts), ""]
    lines += _wallet_lines(facts, host)
    return "\n".join([*lines, "  Stop with Ctrl-C.", ""])


def _register_command(facts: Facts) -> str:
    body = f'{{"userId": "ada", "writeKey": "{facts["writeKey"]}", "userName": "Ada"}}'
    return (
        f"    curl -X POST '{facts['url']}/user/v1/user/sdk?token=true' \\\n"
        f"      -H 'Content-Type: application/json' \\\n"
        f"      -d '{body}'"
    )


def _wallet_lines(facts: Facts, host: str) -> list[str]:
    if not facts["writeKey"] or not facts["demoUserId"]:
        return []
    wallet = wallet_url(facts)
    lines = [f"  A player's wallet:     {wallet}"]
    if is_loopback(host):
        return [*lines, "  To open it on a phone in this network, start with --host 0.0.0.0.", ""]
    return [*lines, "  Or scan it with a phone in this network:", "", qr_text(wallet), ""]


def wallet_url(facts: Facts) -> str:
    """A direct link to the demo person's wallet; only the test environment opens such links."""
    query = urlencode({"writekey": facts["writeKey"], "userId": facts["demoUserId"]})
    return f"{facts['url']}/wallet/?{query}"


def qr_text(url: str) -> str:
    drawn = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(out=drawn, compact=True)
    text = drawn.getvalue()
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "    (this terminal can't draw the code; copy the address instead)"
    return text
