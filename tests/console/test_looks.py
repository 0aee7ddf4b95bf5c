"""The look of pages in the console: of the workspace, and of one campaign with its words."""

import pytest

from campaigns.models import Campaign
from glu_admin.workspaces.models import AuditEntry
from tests.console.test_editor import form, post  # noqa: F401  # a fixture


def look(client, kind="test", **fields):
    return client.post(f"/c/{kind}/look/", {f"look-{name}": text for name, text in fields.items()})


def test_the_workspace_s_look_is_stored_and_told_to_the_audit_log(owner, workspace):
    answer = look(owner, color="#7c2d12", corner="soft", terms="https://brewline.test/terms")

    assert answer.status_code == 302
    workspace.refresh_from_db()
    assert workspace.brand_color == "#7c2d12"
    assert workspace.look == {"corner": "soft", "links": {"terms": "https://brewline.test/terms"}}
    changes = AuditEntry.objects.filter(action="workspace.look_changed").latest("id").changes
    assert changes["corner"] == [None, "soft"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"color": "red"}, "Write a colour as # and six digits"),
        ({"help": "http://brewline.test"}, "begins with https://"),
    ],
)
def test_what_can_t_be_shown_is_refused_at_its_field(owner, workspace, fields, message):
    answer = look(owner, **fields)

    assert answer.status_code == 400
    assert message in answer.text
    workspace.refresh_from_db()
    assert workspace.look == {}


def test_a_viewer_reads_it_and_changes_nothing(as_role):
    client = as_role("viewer")

    assert client.get("/c/test/look/").status_code == 200
    assert look(client, color="#000000").status_code == 403


def test_a_campaign_keeps_its_colours_and_words(owner, form):  # noqa: F811
    words = {
        "look-color": "#9d174d",
        "look-en.won.title": "Yay, {prize}!",
        "look-es.won.title": "¡Bravo, {prize}!",
    }
    post(owner, "/c/test/campaigns/new/", form | {"name": "Own"}, **words)

    assert Campaign.objects.get().look == {
        "color": "#9d174d",
        "words": {"en": {"won": {"title": "Yay, {prize}!"}}, "es": {"won": {"title": "¡Bravo, {prize}!"}}},
    }


def test_a_word_with_an_unknown_placeholder_stands_with_its_error(owner, form):  # noqa: F811
    changes = {"name": "Own", "look-en.won.title": "Code {code}"}
    answer = post(owner, "/c/test/campaigns/new/", form, **changes)

    assert answer.status_code == 400
    assert "Only these are filled in" in answer.text
    assert "Code {code}" in answer.text
    assert not Campaign.objects.exists()
