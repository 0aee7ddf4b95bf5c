"""Rows for tests. Every factory takes the environment that its row belongs to."""

import uuid

import factory

from users.models import EndUser


class EndUserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EndUser

    user_id = factory.Sequence(lambda n: f"u_{n}")
    referral_code = factory.LazyFunction(lambda: f"GLU-{uuid.uuid4().hex[:8].upper()}")
