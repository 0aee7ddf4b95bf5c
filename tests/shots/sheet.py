"""`./glu shots [FOLDER]`: every page of every type in every state, as pictures on contact sheets.

The pages are those of the phone beside the editor, so the player's own, of a new campaign of each
type. One sheet a type, a column a state, in rows: 390 px light, 390 px dark, 320 px in Arabic.
"""

import html
import os
from pathlib import Path

import pytest
from django.urls import reverse

from campaigns.console.preview_states import STATES
from campaigns.types import all_types
from tests.console.test_editor import typed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEIGHT = 720
ROWS = {
    "light": (390, {}),
    "dark": (390, {"preview_dark": "1"}),
    "arabic": (320, {"preview_language": "ar"}),
}
STYLE = """
body { margin: 24px; font: 14px system-ui; background: #d9dfe8; } h1 { margin: 0 0 16px; }
.row { display: flex; gap: 16px; margin-bottom: 16px; }
figure { margin: 0; } figcaption { margin-bottom: 4px; }
img { border-radius: 18px; background: #fff; }
"""


@pytest.fixture
def folder():
    made = Path(os.environ.get("GLU_SHOTS", ".glu/shots")).resolve()
    made.mkdir(parents=True, exist_ok=True)
    return made


@pytest.mark.parametrize("slug", list(all_types()))
def test_sheet(owner, phone, live_server, folder, slug):
    form = typed(owner.get(reverse("campaign-new", kwargs={"kind": "test"}))) | {"type": slug}
    states = []
    for name, (width, dress) in ROWS.items():
        page = phone(viewport={"width": width, "height": HEIGHT}, bridge="", java_script_enabled=False)
        pages = previews(owner, form | dress)
        states = list(pages)
        for state, text in pages.items():
            shoot(page, f"{live_server.url}/shot/", text, folder / picture(slug, state, name))
    assert states, f"{slug} shows no page: its new campaign can't be launched as it is"
    sheet(phone, folder, slug, states)


def previews(owner, form, states=STATES):
    """The page of each of these states that the type has; 204 answers for one that it has not."""
    path = reverse("campaign-preview", kwargs={"kind": "test"})
    answers = {state: owner.post(path, form | {"name": "Sample", "state": state}) for state in states}
    return {state: answer.text for state, answer in answers.items() if answer.status_code == 200}


def shoot(page, address, text, path):
    page.route(address, lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8"))
    page.goto(address)
    page.screenshot(path=path)
    page.unroute(address)


def picture(slug, state, row):
    return f"{slug}-{state}-{row}.png"


def sheet(phone, folder, slug, states):
    rows = "".join(
        f'<div class="row">{"".join(figure(slug, state, name) for state in states)}</div>' for name in ROWS
    )
    path = folder / f"{slug}.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><h1>{slug}</h1>{rows}")
    page = phone(
        viewport={"width": 200 + 420 * len(states), "height": 900},
        bridge="",
        java_script_enabled=False,
        expect_complaints=("file:",),
    )
    page.goto(path.as_uri())
    page.screenshot(path=folder / f"{slug}.png", full_page=True)


def figure(slug, state, row):
    label = html.escape(f"{STATES[state]}, {row}")
    return f'<figure><figcaption>{label}</figcaption><img src="{picture(slug, state, row)}" alt=""></figure>'
