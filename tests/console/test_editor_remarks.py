"""What a draft lacks is said at its field before Review, and things of the environment are chosen by name."""

import re

import pytest

from campaigns import publishing
from campaigns.models import Campaign
from campaigns.publishing import NotReady
from glu_admin.workspaces.audit import Actor
from tests.console.test_editor import NEW, edit, post, typed
from tests.factories import launched_campaign
from users.models import Segment

pytestmark = pytest.mark.django_db


def new(owner, slug):
    page = owner.get(NEW, {"type": slug})
    return typed(page) | {"name": "Weekend"}


def saved(owner, values, **changes):
    answer = post(owner, NEW, values | changes)
    assert answer.status_code == 302, answer.context["editor"].config.errors
    return Campaign.objects.get(name="Weekend")


def marks(page):
    return {step.name: step.mark for step in page.context["steps"]}


def test_a_draft_s_fault_stands_at_its_field_and_the_checklist_leads_there(owner):
    dice = saved(owner, new(owner, "rollthedice"), **{"config-faces": "1\n1, 2\n3"})

    page = owner.get(edit(dice))

    remark = re.search(
        r'<p class="field__remark" id="id_config-faces_remark">Before launch: (.*?)</p>', page.text
    )
    assert remark[1].startswith("Give each outcome a line of faces")
    assert re.search(r'<textarea[^>]*aria-describedby="[^"]*id_config-faces_remark"', page.text)
    review = page.text.partition('id="review"')[2]
    assert '<a href="#id_config-faces">' in review
    assert marks(page)["look"] == marks(page)["review"] == "wrong"
    assert marks(page)["goal"] == "fine"


def test_odds_that_do_not_add_up_are_led_to_their_step(owner):
    wheel = saved(owner, new(owner, "spinthewheel"), fallback="")

    review = owner.get(edit(wheel)).text.partition('id="review"')[2]

    assert '<a href="#odds">' in review


def test_what_is_typed_is_not_told_of_the_faults_that_were_saved(owner):
    dice = saved(owner, new(owner, "rollthedice"), **{"config-faces": "1\n1, 2\n3"})
    shown = typed(owner.get(edit(dice)))

    answer = post(owner, edit(dice), shown | {"config-faces": ""}, do="add")

    assert "field__remark" not in answer.text


def test_a_ready_draft_has_no_remark(owner):
    wheel = saved(owner, new(owner, "spinthewheel"))

    assert "field__remark" not in owner.get(edit(wheel)).text


def test_a_launched_campaign_and_a_reader_are_not_told_what_to_mend_before_a_launch(owner, as_role, test_env):
    wheel = launched_campaign(test_env)
    Campaign.objects.filter(pk=wheel.pk).update(ends_at=wheel.created_at)
    draft = saved(owner, new(owner, "rollthedice"), **{"config-faces": "1\n1, 2\n3"})

    for page in (owner.get(edit(wheel)), as_role("viewer").get(edit(draft))):
        assert page.status_code == 200
        assert "field__remark" not in page.text
        assert "Mend it" not in page.text


def test_a_segment_that_is_gone_is_shown_as_what_was_chosen(owner, test_env):
    gone = Segment.objects.create(environment=test_env, name="Gone", kind="static")
    typed_in = new(owner, "direct") | {"config-by": "segment", "config-segment": str(gone.pk)}
    direct = saved(owner, typed_in)
    Segment.objects.filter(pk=gone.pk).delete()

    page = owner.get(edit(direct)).text
    answer = post(owner, edit(direct), typed(owner.get(edit(direct))))

    assert f'<option value="{gone.pk}" selected>{gone.pk} (not here any more)</option>' in page
    assert "not here any more" in answer.context["editor"].config.errors["segment"][0]
    assert "Before launch: The segment that it waits for is gone." in page
    with pytest.raises(NotReady):
        publishing.launch(direct, Actor("a test"))


@pytest.fixture
def gold(test_env):
    return Segment.objects.create(environment=test_env, name="Gold people", kind="static")


def test_the_segment_of_a_direct_reward_is_chosen_by_its_name(owner, gold, live_env):
    Segment.objects.create(environment=live_env, name="Somebody else's", kind="static")
    page = owner.get(NEW, {"type": "direct"}).text
    options = re.search(r'<select name="config-segment".*?</select>', page, re.S)[0]
    assert f'<option value="{gold.pk}">Gold people</option>' in options
    assert "Somebody else" not in page

    values = new(owner, "direct") | {"config-by": "segment", "config-segment": str(gold.pk)}
    direct = saved(owner, values)

    assert direct.config["segment"] == str(gold.pk)
    assert f'<option value="{gold.pk}" selected>Gold people</option>' in owner.get(edit(direct)).text


def test_a_segment_of_another_environment_is_refused_at_its_field(owner, live_env):
    theirs = Segment.objects.create(environment=live_env, name="Theirs", kind="static")

    answer = post(
        owner, NEW, new(owner, "direct") | {"config-by": "segment", "config-segment": str(theirs.pk)}
    )

    assert answer.status_code == 400
    assert "not here any more" in answer.context["editor"].config.errors["segment"][0]


def test_the_campaign_that_a_step_waits_for_is_chosen_by_its_name(owner, test_env):
    wheel = launched_campaign(test_env, name="Big wheel")
    values = new(owner, "multistep") | {"config-steps-0-kind": "game", "config-steps-0-title": "Spin"}

    steps = saved(owner, values, **{"config-steps-0-campaign": str(wheel.pk)})

    assert steps.config["steps"][0]["campaign"] == str(wheel.pk)
    assert f'<option value="{wheel.pk}" selected>Big wheel</option>' in owner.get(edit(steps)).text


def test_a_campaign_that_was_named_by_its_tag_stays_chosen(owner, test_env):
    values = new(owner, "multistep") | {"config-steps-0-kind": "game", "config-steps-0-title": "Spin"}
    steps = saved(owner, values, **{"config-steps-0-campaign": "big-wheel"})

    assert typed(owner.get(edit(steps)))["config-steps-0-campaign"] == "big-wheel"
