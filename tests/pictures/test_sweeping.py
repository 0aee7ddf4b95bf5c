"""Pictures that nothing shows: noted, kept for a month, and gone; one that is shown again stays."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from campaigns.models import Campaign
from campaigns.types import get_type
from glu_admin.pictures import keeping, names, sweeping
from glu_admin.pictures.models import Picture
from glu_admin.pictures.reading import Use
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from tests.factories import launched_campaign
from tests.pictures.drawing import file, photo
from tests.types.quizzes import CONFIG

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MONTH = timedelta(days=30)
ACTOR = Actor("a test")


@cache
def drawn(side):
    return file(photo((side, 40)), "PNG")


def kept(env, side):
    """The name of a picture, the same for the same side."""
    return keeping.keep(env, drawn(side), Use.CARD, ACTOR)


def there():
    return set(Picture.objects.values_list("sha256", flat=True))


def test_what_nothing_shows_goes_after_a_month_and_no_sooner(test_env):
    kept(test_env, 50)

    assert sweeping.sweep(NOW) == 0
    assert sweeping.sweep(NOW + MONTH - timedelta(seconds=1)) == 0
    assert sweeping.sweep(NOW + MONTH) == 1
    assert not there()


def test_what_a_card_a_look_a_question_or_the_workspace_shows_stays(test_env):
    card, logo, asked, own = (kept(test_env, side) for side in (50, 60, 70, 80))
    address = names.shown(test_env.workspace_id, asked).address
    question = CONFIG["questions"][0] | {"picture": address, "alt": "A field"}
    quiz = get_type("quiz").defaults() | CONFIG | {"questions": [question]}
    campaign = launched_campaign(test_env, banner={"picture": card}, look={"logo": logo})
    # a number of 31 digits is one that PostgreSQL gives back, and orjson does not write
    Campaign.objects.filter(pk=campaign.pk).update(config=quiz | {"most": 10**30}, status="ended")
    test_env.workspace.look = {"background": own}
    test_env.workspace.save()

    sweeping.sweep(NOW)

    assert sweeping.sweep(NOW + 2 * MONTH) == 0
    assert there() == {names.hash_in(each) for each in (card, logo, asked, own)}


def test_the_month_begins_anew_for_what_was_shown_or_sent_again(test_env):
    shown, sent = kept(test_env, 50), kept(test_env, 60)
    sweeping.sweep(NOW)
    campaign = launched_campaign(test_env, banner={"picture": shown})
    sweeping.sweep(NOW + MONTH / 2)
    Campaign.objects.filter(pk=campaign.pk).update(banner={})
    kept(test_env, 60)

    assert sweeping.sweep(NOW + MONTH) == 0
    assert there() == {names.hash_in(shown), names.hash_in(sent)}
    assert sweeping.sweep(NOW + 2 * MONTH) == 2


def test_another_company_s_use_of_the_same_picture_keeps_none_of_ours(test_env):
    theirs = keys.create_workspace("Others").environments.get(kind="test")
    name = kept(test_env, 50)
    kept(theirs, 50)
    launched_campaign(theirs, banner={"picture": name})

    sweeping.sweep(NOW)

    assert sweeping.sweep(NOW + MONTH) == 1
    assert Picture.objects.get().workspace_id == theirs.workspace_id
