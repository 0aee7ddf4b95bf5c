"""Finds the Chromium that the browser tests drive, and installs one where it may.

Tests read GLU_CHROMIUM; where it is empty, Playwright's own browser is used.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class ChromiumError(Exception):
    """No browser; the message says what to do."""


def find_chromium() -> dict[str, str]:
    """The environment entry of the browser that is here; empty if there is none."""
    if named := os.environ.get("GLU_CHROMIUM"):
        if not os.access(named, os.X_OK):
            raise ChromiumError(f"GLU_CHROMIUM names {named}, which is no program.")
        return {"GLU_CHROMIUM": named}
    for name in NAMES:
        if found := shutil.which(name):
            return {"GLU_CHROMIUM": found}
    return {}


def provide_chromium() -> dict[str, str]:
    """As `find_chromium`, after an attempt to install one."""
    if found := find_chromium():
        return found
    print("  Installing Chromium for the browser tests …", flush=True)
    if os.geteuid() == 0 and Path("/etc/debian_version").exists() and _install_by_apt():
        return find_chromium()
    own = [sys.executable, "-m", "playwright", "install", "chromium"]
    if subprocess.run(own, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise ChromiumError("No Chromium was found or could be installed; install it or set GLU_CHROMIUM.")
    return {}


def _install_by_apt() -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode != 0:
            return False
    return True
