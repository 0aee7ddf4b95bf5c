"""The tables that the two paths need, with the columns that ours have."""

import uuid

from django.db import models
from django.utils import timezone


class App(models.Model):
    write_key = models.CharField(max_length=64, unique=True)
    secret = models.CharField(max_length=64)


class Person(models.Model):
    app = models.ForeignKey(App, models.CASCADE)
    glu_id = models.UUIDField(default=uuid.uuid4, unique=True)
    user_id = models.CharField(max_length=255)
    user_name = models.CharField(max_length=255, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=64, blank=True, default="")
    device_id = models.CharField(max_length=255, blank=True, default="")
    device_type = models.CharField(max_length=255, blank=True, default="")
    app_version = models.CharField(max_length=255, blank=True, default="")
    profile = models.JSONField(default=dict)
    attributes = models.JSONField(default=dict)
    is_blocked = models.BooleanField(default=False)
    registered_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "user_id"], name="one_person_an_id")]


class Segment(models.Model):
    app = models.ForeignKey(App, models.CASCADE)
    name = models.CharField(max_length=80)
    rule = models.JSONField()


class Campaign(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    app = models.ForeignKey(App, models.CASCADE)
    type = models.CharField(max_length=32)
    name = models.CharField(max_length=80)
    tag = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=8, default="live")
    banner = models.JSONField(default=dict)
    segment = models.ForeignKey(Segment, models.SET_NULL, null=True)
    plays_in_all = models.PositiveIntegerField(null=True)
    plays_a_day = models.PositiveIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["app", "status"], name="twin_campaign_live")]


class Participation(models.Model):
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="participations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="participations")
    status = models.CharField(max_length=11, default="pristine")
    plays = models.PositiveIntegerField(default=0)
    plays_on_day = models.PositiveIntegerField(default=0)
    day = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "campaign"], name="one_participation")]


class Reward(models.Model):
    person = models.ForeignKey(Person, models.CASCADE, related_name="rewards")
    name = models.CharField(max_length=80)
    won_at = models.DateTimeField(default=timezone.now)
