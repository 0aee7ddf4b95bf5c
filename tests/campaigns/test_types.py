"""What every campaign type promises, whatever folder it was found in."""

import ast
from contextlib import suppress
from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.apps import apps
from django.core.management import call_command
from django.template.loader import get_template

from campaigns.models import Campaign
from campaigns.types import all_types, folder_of, get_type, type_apps, type_choices
from campaigns.types.base import ANY, ConfigError, Happening, NotAllowed, Outcome, Step, merged_states
from tests.factories import MOMENT

FOLDER = Path(__file__).resolve().parents[2] / "campaigns" / "types"
IMPURE = {
    "django",
    "psycopg",
    "random",
    "secrets",
    "time",
    "rewards",
    "users",
    "glu_admin",
    "requests",
    "httpx",
}
KINDS = sorted(all_types().values(), key=lambda each: each.slug)
OUTCOMES = [
    Outcome(f"00000000-0000-4000-8000-00000000000{n}", name, n, is_prize)
    for n, (name, is_prize) in enumerate(
        [("20% off", True), ("50 points", True), ("A coffee", True), ("Not this time", False)]
    )
]

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)


def as_stored(value):
    """What the database gives back of it; fails for what is no JSON."""
    return orjson.loads(orjson.dumps(value))


def first_step(kind):
    """What a person gets who does nothing but press the button; a Step that changes nothing if there is
    nothing to press."""
    config = kind.defaults()
    begun = as_stored(kind.start(config))
    try:
        return kind.act(config, begun, {}, MOMENT)
    except NotAllowed:
        return Step(begun, ends=False)


def test_at_least_the_wheel_is_found():
    assert "spinthewheel" in all_types()


@each_kind
def test_the_folder_is_named_as_the_type_and_is_an_installed_app(kind):
    assert get_type(kind.slug) is kind
    assert (FOLDER / folder_of(kind.slug) / "rules.py").is_file()
    assert f"campaigns.types.{folder_of(kind.slug)}" in type_apps()
    assert apps.get_app_config(folder_of(kind.slug)).name == f"campaigns.types.{folder_of(kind.slug)}"


@each_kind
def test_it_says_how_marketers_and_players_call_it(kind):
    assert (kind.slug, kind.label) in type_choices()
    assert kind.slug == kind.slug.lower() and folder_of(kind.slug).isidentifier()
    assert len(kind.slug) <= Campaign._meta.get_field("type").max_length
    assert kind.label
    assert kind.verb or not kind.button(kind.defaults(), kind.start(kind.defaults()), MOMENT)
    assert kind.page in {"reward", "program"}


def test_a_new_type_needs_no_migration(db):
    call_command("makemigrations", "campaigns", "--check", "--dry-run", stdout=StringIO())


@each_kind
def test_its_defaults_pass_its_own_check_and_are_json(kind):
    config = kind.defaults()

    kind.check(config, OUTCOMES)

    assert as_stored(config) == config
    assert config is not kind.defaults(), "two campaigns must not share one config"


@each_kind
def test_its_check_names_the_field_that_is_wrong(kind):
    with pytest.raises(ConfigError) as refusal:
        kind.check(kind.defaults(), [])

    assert refusal.value.field
    assert str(refusal.value)


@each_kind
def test_a_person_starts_with_a_state_that_can_be_stored(kind):
    state = kind.start(kind.defaults())

    assert as_stored(state) == state


@each_kind
def test_the_same_action_in_the_same_state_is_the_same_step(kind):
    step = first_step(kind)

    assert isinstance(step, Step)
    assert step == first_step(kind)
    assert as_stored(step.state) == step.state


@each_kind
def test_acting_changes_neither_the_config_nor_the_state_in_place(kind):
    config = kind.defaults()
    state = as_stored(kind.start(config))
    before = as_stored([config, state])

    with suppress(NotAllowed):
        kind.act(config, state, {}, MOMENT)

    assert [config, state] == before


@each_kind
@pytest.mark.parametrize("action", [{"won": True}, {"outcome": 0}, {"slice": [1, {"deep": None}]}, {"": ""}])
def test_an_action_that_makes_no_sense_is_refused_or_changes_nothing(kind, action):
    config = kind.defaults()
    try:
        step = kind.act(config, kind.start(config), action, MOMENT)
    except NotAllowed as refusal:
        assert str(refusal)
    else:
        assert step == first_step(kind)


@each_kind
def test_what_is_drawn_before_a_play_tells_nothing_about_a_result(kind):
    config = kind.defaults()
    view = kind.view(config, kind.start(config), OUTCOMES, MOMENT)
    text = orjson.dumps(view).decode()

    assert as_stored(view) == view
    assert view == kind.view(config, kind.start(config), OUTCOMES, MOMENT)
    assert not any(outcome.id in text for outcome in OUTCOMES)
    for word in ("weight", "chance", "seed", "ticket", "code", "won"):
        assert f'"{word}"' not in text


@each_kind
def test_each_outcome_has_a_reveal_of_its_own_kind(kind):
    config = kind.defaults()
    state = first_step(kind).state
    reveals = [kind.reveal(config, OUTCOMES, drawn, state) for drawn in (*OUTCOMES, None)]

    assert all(as_stored(each) == each for each in reveals)
    assert len({frozenset(each) for each in reveals}) == 1, "the page reads the same keys each time"


@each_kind
def test_what_it_rewards_by_itself_has_a_name_and_each_draw_is_of_one(kind):
    occasions = kind.occasions(kind.defaults())
    keys = [each.key for each in occasions]

    assert len(set(keys)) == len(keys)
    assert all(key and len(key) <= 40 and each.label for key, each in zip(keys, occasions, strict=True))
    assert set(first_step(kind).draws) <= {*keys, ANY}
    assert len(first_step(kind).draws) <= 1, "one action draws once"


@each_kind
def test_an_event_that_it_does_not_listen_to_means_nothing(kind):
    config = kind.defaults()
    state = as_stored(kind.start(config))
    unknown = Happening("e-1", "an event that nobody sends", MOMENT.now)

    assert unknown.name not in kind.listens(config)
    assert kind.happened(config, state, unknown, MOMENT) is None


@each_kind
def test_what_an_event_leads_to_can_be_stored_and_is_rewarded_by_its_own_occasions(kind):
    config = kind.defaults()
    state = as_stored(kind.start(config))
    keys = {each.key for each in kind.occasions(config)}
    for name in sorted(kind.listens(config)):
        step = kind.happened(config, state, Happening("e-1", name, MOMENT.now, {"amount": 1}), MOMENT)
        if step is not None:
            assert as_stored(step.state) == step.state
            assert set(step.draws) <= {*keys, ANY}


@each_kind
def test_how_far_a_person_has_come_is_never_beyond_the_end(kind):
    config = kind.defaults()
    for state in (as_stored(kind.start(config)), as_stored(first_step(kind).state)):
        way = kind.way(config, state, MOMENT)
        assert way is None or 0 <= way.done <= way.total


@each_kind
def test_its_page_and_its_assets_lie_in_its_folder(kind):
    template = get_template(f"types/{kind.slug}/game.html")
    assets = FOLDER / folder_of(kind.slug) / "static" / "types" / kind.slug

    assert Path(template.origin.name).is_relative_to(FOLDER / folder_of(kind.slug))
    assert (assets / "game.js").is_file()
    assert (assets / "game.css").is_file()
    assert get_template(f"types/{kind.slug}/icon.html")


@each_kind
def test_a_page_of_help_tells_marketers_about_it(kind):
    page = (FOLDER / folder_of(kind.slug) / "README.md").read_text()

    assert page.startswith(f"# {kind.label}\n")
    assert "## What you set" in page


@each_kind
def test_its_rules_are_pure(kind):
    modules = [
        each
        for each in (FOLDER / folder_of(kind.slug)).glob("*.py")
        if each.name not in {"forms.py", "fields.py", "widgets.py"}  # what marketers type is Django's
    ]
    imported = {
        name.partition(".")[0]
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }

    assert not imported & IMPURE


@each_kind
def test_nothing_outside_its_folder_names_it(kind):
    root = FOLDER.parents[1]
    packages = ("glu_admin", "users", "rewards", "campaigns")
    naming = [
        str(path.relative_to(root))
        for package in packages
        for path in (root / package).rglob("*.py")
        if f'"{kind.slug}"' in path.read_text()
        and FOLDER / folder_of(kind.slug) not in path.parents
        and "demo" not in path.parts  # sample data is of some type
        and not path.name.endswith("documents.py")  # and so are examples
    ]

    assert not naming


@each_kind
def test_merging_with_a_beginning_or_with_itself_changes_no_state(kind):
    config = kind.defaults()
    begun = as_stored(kind.start(config))
    state = as_stored(first_step(kind).state)

    assert as_stored(kind.merge(state, begun)) == state
    assert as_stored(kind.merge(begun, state)) == state
    assert as_stored(kind.merge(state, state)) == state


@each_kind
def test_a_merged_state_can_be_played_on(kind):
    config = kind.defaults()
    state = as_stored(first_step(kind).state)

    try:
        step = kind.act(config, as_stored(kind.merge(state, as_stored(kind.start(config)))), {}, MOMENT)
    except NotAllowed:
        return
    assert isinstance(step, Step)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"step": 2}, {"step": 3}, {"step": 3}),
        ({"done": False}, {"done": True}, {"done": True}),
        ({"days": [1, 2]}, {"days": [1]}, {"days": [1, 2]}),
        ({"a": {"x": 1}}, {"a": {"x": 0, "y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"name": "own"}, {"name": "other", "more": 1}, {"name": "own", "more": 1}),
        ({"a": None}, {"a": 0}, {"a": 0}),
    ],
)
def test_by_default_the_further_of_two_states_wins_key_by_key(one, other, both):
    assert merged_states(one, other) == both
