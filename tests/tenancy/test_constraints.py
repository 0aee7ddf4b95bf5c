"""The wall between environments stands in the database itself."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from glu_admin.workspaces import audit
from glu_admin.workspaces.models import Environment
from rewards.models import CouponClaim, CouponPool
from tests.factories import EndUserFactory

FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, confrelid::regclass::text,
        (SELECT array_agg(attname::text ORDER BY position)
         FROM unnest(conkey) WITH ORDINALITY AS key(number, position)
         JOIN pg_attribute ON attrelid = conrelid AND attnum = key.number)
    FROM pg_constraint WHERE contype = 'f'
"""


def tenant_models():
    return [
        model
        for model in apps.get_models()
        if any(field.name == "environment" for field in model._meta.local_fields)
    ]


def tenant_relations():
    """(table, column, target table) of every link from one environment's row to another row of it."""
    tenants = set(tenant_models())
    for model in tenants:
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model in tenants:
                yield model._meta.db_table, field.column, field.related_model._meta.db_table


@pytest.mark.django_db
def test_every_link_between_tenant_rows_is_a_key_that_holds_the_environment():
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS)
        keys = {(table, target, tuple(columns)) for table, target, columns in cursor.fetchall()}

    missing = [
        (table, column, target)
        for table, column, target in tenant_relations()
        if (table, target, ("environment_id", column)) not in keys
    ]

    assert len(list(tenant_relations())) > 15
    assert not missing


@pytest.mark.django_db
def test_every_tenant_row_names_its_environment():
    nullable = [
        model.__name__
        for model in tenant_models()
        if model._meta.get_field("environment").null and model.__name__ != "AuditEntry"
    ]

    assert not nullable


@pytest.mark.django_db
def test_a_row_of_one_environment_can_not_point_into_another(test_env, live_env):
    pool = CouponPool.objects.create(environment=live_env, name="Live codes", wrapped_key=b"")

    with pytest.raises(IntegrityError), transaction.atomic():
        CouponClaim.objects.create(environment=test_env, pool=pool, number=1)


@pytest.mark.django_db
def test_two_environments_may_know_the_same_user_id(test_env, live_env):
    for environment in (test_env, live_env):
        EndUserFactory(environment=environment, user_id="u_1")

    with pytest.raises(IntegrityError), transaction.atomic():
        EndUserFactory(environment=test_env, user_id="u_1")


@pytest.mark.django_db
def test_a_change_of_keys_or_settings_gives_the_environment_a_new_version(test_env):
    def version():
        return Environment.objects.get(id=test_env.id).version

    before = version()
    test_env.write_keys.get().delete()
    after_key = version()
    test_env.allowed_origins = ["https://shop.example"]
    test_env.save()

    assert before < after_key < version()


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}"])
def test_the_audit_log_is_append_only(test_env, change):
    audit.record(test_env, audit.Actor("a test"), "key.created", test_env.write_keys.get())

    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format("workspaces_auditentry"))
