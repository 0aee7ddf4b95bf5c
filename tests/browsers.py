"""How tests, pictures and measurements start Chromium: the one that was found, quiet and to themselves."""

import os

from playwright.sync_api import Browser, Playwright

OFF = (
    "LocalNetworkAccessChecks",  # a shop that a test makes up may frame this machine
    # pages of its own that each window would load unseen: they cost more than the page under test
    "PreloadTopChromeWebUI",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(OFF)}",
]


def start(playwright: Playwright) -> Browser:
    """The Chromium that `./glu test` names, else Playwright's own."""
    found = os.environ.get("GLU_CHROMIUM") or None
    return playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
