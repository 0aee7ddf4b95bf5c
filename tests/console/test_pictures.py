"""Pictures in the console: sent with a form, kept whatever else is wrong with it, and taken away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns import publishing
from campaigns.models import Campaign
from campaigns.publishing import draft_of
from glu_admin.pictures import keeping
from glu_admin.pictures.models import Picture
from glu_admin.pictures.reading import Use
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from tests.console.test_editor import NEW, edit, form, post, typed  # noqa: F401  # a fixture
from tests.factories import launched_campaign
from tests.pictures.drawing import SVG, file, logo, photo

ACTOR = Actor("a test")
LOGO, PHOTO = file(logo(), "PNG"), file(photo((300, 400)), "JPEG")


def sent(content, name="logo.png"):
    return SimpleUploadedFile(name, content, "image/png")


@pytest.fixture
def kept(test_env):
    return keeping.keep(test_env, LOGO, Use.LOGO, ACTOR)


def test_a_campaign_gets_its_pictures_with_its_form(owner, form):  # noqa: F811
    files = {
        "look-logo-file": sent(LOGO),
        "look-background-file": sent(PHOTO),
        "banner_picture-file": sent(PHOTO),
    }

    answer = owner.post(NEW, form | {"do": "save"} | files)

    assert answer.status_code == 302
    campaign = Campaign.objects.get()
    names = {campaign.look["logo"], campaign.look["background"], campaign.banner["picture"]}
    assert keeping.missing(campaign.environment, names) == set()
    shown = owner.get(edit(campaign))
    assert typed(shown)["look-logo"] == campaign.look["logo"]
    assert f'src="/pictures/{campaign.environment.workspace_id}/' in shown.text


def test_a_picture_survives_what_else_is_wrong_with_the_form(owner, form):  # noqa: F811
    wrong = form | {"name": "", "do": "save", "look-logo-file": sent(LOGO)}
    answer = owner.post(NEW, wrong)
    again = owner.post(NEW, typed(answer) | {"name": "Mended", "do": "save"})

    assert (answer.status_code, again.status_code) == (400, 302)
    assert Campaign.objects.get().look["logo"]
    assert Picture.objects.count() == 1


def test_a_picture_survives_a_button_that_saves_nothing(owner, form):  # noqa: F811
    answer = owner.post(NEW, form | {"do": "add", "look-logo-file": sent(LOGO)})

    assert typed(answer)["look-logo"].endswith("-dark")


@pytest.mark.parametrize(
    ("content", "said"),
    [(SVG, "Save it as PNG"), (LOGO[:200], "is broken"), (LOGO + b"\0" * 20 * 2**20, "20.0 MB")],
    ids=["svg", "truncated", "20 MB"],
)
def test_what_can_t_be_shown_is_refused_at_its_field(owner, form, content, said):  # noqa: F811
    answer = owner.post(NEW, form | {"do": "save", "look-background-file": sent(content)})

    assert answer.status_code == 400
    error = answer.text.partition('id="id_look-background_error">')[2].partition("</p>")[0]
    assert said in error
    assert 'href="#id_look-background"' in answer.text
    assert not Campaign.objects.exists()


def test_a_stranger_s_picture_is_not_here(owner, form):  # noqa: F811
    theirs = keys.create_workspace("Strangers").environments.get(kind="test")
    name = keeping.keep(theirs, LOGO, Use.LOGO, ACTOR)

    answer = post(owner, NEW, form, **{"look-logo": name})

    assert answer.status_code == 400
    assert "This picture is not here. Choose it again." in answer.text
    assert name not in answer.text


def test_a_picture_is_taken_away(owner, test_env, kept):
    campaign = launched_campaign(test_env, look={"logo": kept}, banner={"picture": kept})
    ticked = {"look-logo-remove": "1", "banner_picture-remove": "1"}

    answer = post(owner, edit(campaign), typed(owner.get(edit(campaign))), **ticked)

    assert answer.status_code == 302
    campaign.refresh_from_db()
    assert (campaign.look, campaign.banner) == ({}, {})
    assert Picture.objects.filter(sha256=kept[:64]).exists()  # others may show it


def test_a_copy_keeps_the_pictures(test_env, kept):
    campaign = launched_campaign(test_env, look={"logo": kept, "background": kept}, banner={"picture": kept})

    copy = draft_of(publishing.duplicate(campaign, ACTOR))

    assert copy.look == {"logo": kept, "background": kept}
    assert copy.banner == {"picture": kept}


def test_the_workspace_has_a_logo_in_test_and_live(owner, workspace):
    answer = owner.post("/c/test/look/", {"look-color": "#0f766e", "look-logo-file": sent(LOGO)})

    assert answer.status_code == 302
    workspace.refresh_from_db()
    for kind in ("test", "live"):
        assert f"/{workspace.look['logo'][:64]}.webp" in owner.get(f"/c/{kind}/look/").text


def test_a_logo_that_can_t_be_shown_is_refused_at_its_field(owner, workspace):
    answer = owner.post("/c/test/look/", {"look-logo-file": sent(SVG)})

    assert answer.status_code == 400
    assert "Save it as PNG" in answer.text.partition('id="id_look-logo_error">')[2]
    workspace.refresh_from_db()
    assert workspace.look == {}


def test_the_preview_wears_what_was_chosen(owner, form, kept):  # noqa: F811
    answer = owner.post(
        "/c/test/campaigns/preview/", form | {"state": "pristine", "look-logo": kept, "look-background": kept}
    )

    assert answer.status_code == 200
    assert answer.text.count(f"{kept[:64]}.webp") == 2


@pytest.mark.parametrize("name", ["logo.png", "https://evil.example/a.png", "0" * 64])
def test_what_is_no_picture_is_stored_nowhere(test_env, name):
    for wrong in ({"look": {"logo": name}}, {"banner": {"picture": name}}):
        with pytest.raises(publishing.CampaignError):
            launched_campaign(test_env, **wrong)
