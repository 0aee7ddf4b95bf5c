"""Every attribute that was ever seen, as the people have it now."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from glu_admin.api.errors import ApiError
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory
from users.history import catalogue
from users.models import AttributeDefinition

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACTOR = Actor("Ana")


def people(environment, *attributes):
    return [EndUserFactory(environment=environment, attributes=each) for each in attributes]


def definition(environment, name):
    return AttributeDefinition.objects.get(environment=environment, name=name)


def test_it_counts_types_people_and_the_most_frequent_values(test_env):
    people(test_env, {"tier": "gold", "n": 1}, {"tier": "silver"}, {"tier": "gold", "vip": True}, {})

    assert catalogue.refresh(test_env, now=NOW) == 3

    tier = definition(test_env, "tier")
    assert (tier.types, tier.top_values) == ({"string": 3}, [["gold", 2], ["silver", 1]])
    assert (tier.have_it, tier.people, tier.sampled) == (3, 4, False)
    assert (tier.first_seen_at, tier.last_seen_at, tier.refreshed_at) == (NOW, NOW, NOW)
    assert definition(test_env, "n").top_values == [[1, 1]]
    assert definition(test_env, "vip").top_values == [[True, 1]]


def test_two_types_under_one_name_are_both_shown(test_env):
    people(test_env, {"age": 30}, {"age": "30"}, {"age": [30]}, {"age": False}, {"age": 31})

    catalogue.refresh(test_env, now=NOW)

    age = definition(test_env, "age")
    assert age.types == {"number": 2, "string": 1, "list": 1, "boolean": 1}
    # "30" and 30 are two values; an element of a list counts as one of its own
    assert age.top_values == [[30, 2], ["30", 1], [31, 1], [False, 1]]


def test_of_a_list_each_element_counts_once_a_person(test_env):
    people(test_env, {"likes": ["tea", "cake", "tea"]}, {"likes": ["tea"]}, {"likes": []})

    catalogue.refresh(test_env, now=NOW)

    likes = definition(test_env, "likes")
    assert (likes.have_it, likes.top_values) == (3, [["tea", 2], ["cake", 1]])


def test_long_values_are_cut_and_ten_are_kept(test_env):
    people(test_env, {"note": "x" * 150}, {"note": "x" * 160}, *({"note": f"{n:02}"} for n in range(20)))

    catalogue.refresh(test_env, now=NOW)

    top = definition(test_env, "note").top_values
    assert top[0] == ["x" * 100 + "…", 2]
    assert [value for value, _ in top[1:]] == [f"{n:02}" for n in range(9)]


@pytest.mark.parametrize(
    "name", ["a'b", 'a"b', "a.b", "100%", "%s", "a__b", "{x}", "$1", "é" * 100, "a\\b", "; DROP TABLE x"]
)
def test_any_name_is_only_data(test_env, name):
    people(test_env, {name: "x"})

    catalogue.refresh(test_env, now=NOW)

    assert definition(test_env, name).top_values == [["x", 1]]


def test_environments_visitors_who_became_users_and_the_erased_do_not_count(test_env, live_env):
    [user] = people(test_env, {"tier": "gold"})
    people(live_env, {"tier": "silver"})
    EndUserFactory(
        environment=test_env,
        user_id=None,
        anonymous_id="v",
        merged_into=user,
        attributes={"tier": "bronze"},
    )
    EndUserFactory(environment=test_env, user_id=None, erased_at=NOW, attributes={})

    catalogue.refresh(test_env, now=NOW)

    assert definition(test_env, "tier").top_values == [["gold", 1]]
    assert definition(test_env, "tier").people == 1
    assert not AttributeDefinition.objects.filter(environment=live_env).exists()


def test_history_says_when_a_name_was_first_and_last_sent(test_env, changed):
    [person] = people(test_env, {"tier": "gold"})
    changed(person, 10, {"attributes.tier": [None, "gold"], "attributes.gone": [None, 1], "email": None})
    catalogue.refresh(test_env, now=NOW + HOUR)
    changed(person, 90, {"attributes.tier": ["gold", "silver"], "attributes.gone": [1, None]})

    catalogue.refresh(test_env, now=NOW + 2 * HOUR)

    tier, gone = definition(test_env, "tier"), definition(test_env, "gone")
    assert tier.first_seen_at == gone.first_seen_at == NOW + timedelta(minutes=10)
    assert tier.last_seen_at == gone.last_seen_at == NOW + timedelta(minutes=90)
    assert (gone.have_it, gone.types, gone.top_values) == (0, {}, [])
    assert not AttributeDefinition.objects.filter(name="email").exists()


def test_a_name_that_nobody_has_any_more_stays_with_nobody(test_env):
    [person] = people(test_env, {"tier": "gold"})
    catalogue.refresh(test_env, now=NOW)
    person.attributes = {}
    person.save()

    catalogue.refresh(test_env, now=NOW + HOUR)

    tier = definition(test_env, "tier")
    assert (tier.have_it, tier.types, tier.top_values, tier.last_seen_at) == (0, {}, [], NOW)


def test_the_same_people_give_the_same_catalogue(test_env):
    people(test_env, *({"a": n % 3, "b": f"v{n % 15}"} for n in range(60)))

    def run():
        catalogue.refresh(test_env, now=NOW)
        return list(AttributeDefinition.objects.order_by("name").values("name", "types", "top_values"))

    assert run() == run()


def test_a_declaration_outlives_refreshes(test_env):
    catalogue.declare(test_env, "tier", description="Loyalty tier", declared_type="string", actor=ACTOR)
    people(test_env, {"tier": 5})

    catalogue.refresh(test_env, now=NOW)

    tier = definition(test_env, "tier")
    assert (tier.description, tier.declared_type, tier.types) == ("Loyalty tier", "string", {"number": 1})
    [entry] = AuditEntry.objects.filter(action="attribute.declare")
    assert entry.changes == {"description": ["", "Loyalty tier"], "declared_type": ["", "string"]}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("declaredType", {"declared_type": "date"}),
        ("description", {"description": "x" * 201}),
        ("name", {"name": "x" * 129}),
        ("name", {"name": ""}),
        ("name", {"name": "a\0"}),
    ],
)
def test_a_wrong_declaration_names_its_field(test_env, field, wrong):
    right = {"name": "tier", "description": "", "declared_type": ""}
    values = right | wrong

    with pytest.raises(ApiError) as refusal:
        catalogue.declare(test_env, values.pop("name"), actor=ACTOR, **values)

    assert refusal.value.field == field


def test_an_environment_has_room_for_so_many_names(test_env, monkeypatch):
    monkeypatch.setattr(catalogue, "MOST_NAMES", 3)
    people(test_env, {"a": 1, "b": 1}, {"b": 1})
    catalogue.refresh(test_env, now=NOW)
    people(test_env, {"c": 1, "d": 1}, {"d": 1})

    catalogue.refresh(test_env, now=NOW)

    assert set(AttributeDefinition.objects.values_list("name", flat=True)) == {"a", "b", "d"}


def test_of_very_many_people_some_are_looked_at(test_env, monkeypatch):
    monkeypatch.setattr(catalogue, "MOST_PEOPLE", 500)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users_enduser (environment_id, glu_id, user_id, referral_code, device, profile,"
            " identities, attributes, token_version, is_test, is_demo, registered_at, updated_at,"
            " last_seen_at) SELECT %s, gen_random_uuid(), 'x' || n, 'C' || n, '{}', '{}', '{}',"
            " jsonb_build_object('n', n %% 2), 1, false, false, now(), now(), now()"
            " FROM generate_series(1, 5000) n",
            [test_env.id],
        )

    catalogue.refresh(test_env, now=NOW)

    n = definition(test_env, "n")
    assert n.sampled
    assert 100 < n.people < 2000
    assert n.have_it == n.people
    assert sum(count for _, count in n.top_values) == n.people


def test_what_takes_too_long_is_tried_with_fewer_people(test_env, monkeypatch):
    people(test_env, *({"n": 1} for _ in range(30)))
    looks = []
    look = catalogue._look

    def slow_at_first(environment, share):
        looks.append(share)
        if len(looks) == 1:
            raise catalogue._TooSlow
        return look(environment, share)

    monkeypatch.setattr(catalogue, "_look", slow_at_first)

    catalogue.refresh(test_env, now=NOW)

    assert len(looks) == 2
    assert definition(test_env, "n").have_it == 30


def test_a_statement_that_takes_too_long_is_broken_off(test_env, monkeypatch):
    monkeypatch.setattr(catalogue, "_LOOK", "SELECT pg_sleep(3)")
    monkeypatch.setattr(catalogue, "SECONDS", "0.05")

    assert catalogue._looked_at(test_env, 1) == ({}, 0, True)


def test_the_values_of_the_erased_leave_the_top_values(test_env):
    gone, _, _ = people(
        test_env,
        {"tier": "gold", "likes": ["tea", "cake"], "note": "x" * 150, "n": 5},
        {"tier": "silver", "likes": ["tea"]},
        {"n": 6},
    )
    catalogue.refresh(test_env, now=NOW)

    catalogue.forget(test_env, [gone.attributes])

    tops = dict(AttributeDefinition.objects.values_list("name", "top_values"))
    assert tops == {"tier": [["silver", 1]], "likes": [], "note": [], "n": [[6, 1]]}
