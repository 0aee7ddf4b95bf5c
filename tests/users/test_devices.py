"""Several devices of one person: what each said last, and whose a push token is."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from glu_admin import config
from users import people
from users.identity import devices
from users.models import Device, EndUser
from users.registration import register
from users.registration_form import parse

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PHONE = {"deviceId": "phone", "deviceType": "android", "deviceName": "Pixel 7", "appVersion": "5.2"}
PAD = {"deviceId": "pad", "deviceType": "ios"}


@pytest.fixture
def opened(test_env):
    return config.get(test_env.id)


@pytest.fixture
def say(opened):
    def call(user_id="u_1", *, now=NOW, **body):
        return register(opened, parse({"userId": user_id} | body), now=now)

    return call


def tokens():
    return sorted(Device.objects.values_list("user__user_id", "device_id", "firebase_token"))


def versions():
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid, xmin FROM users_device ORDER BY id")
        return cursor.fetchall()


def test_a_device_is_kept_with_all_that_it_said(say):
    say(**PHONE, cookieId="c", firebaseToken="f", apnsDeviceToken="")

    device = Device.objects.get()
    assert (device.device_id, device.device_type, device.device_name) == ("phone", "android", "Pixel 7")
    assert (device.app_version, device.cookie_id) == ("5.2", "c")
    assert (device.firebase_token, device.apns_device_token) == ("f", "")
    assert (device.first_seen_at, device.last_seen_at) == (NOW, NOW)


def test_a_person_has_several_devices_and_the_answer_tells_of_the_newest(say, opened):
    say(**PHONE, firebaseToken="f")
    answered = say(**PAD, now=NOW + timedelta(minutes=1)).record

    person = EndUser.objects.get()
    assert answered.device == person.device == PAD  # nothing of the phone is mixed into it
    found = devices.of(opened.id, people.ids_of(opened.id, person.pk))
    assert [each.device_id for each in found] == ["pad", "phone"]
    assert tokens() == [("u_1", "pad", ""), ("u_1", "phone", "f")]


def test_coming_back_to_a_device_makes_no_second_row(say):
    say(**PHONE)
    say(**PAD)
    say(**PHONE, now=NOW + timedelta(minutes=5))

    phone = Device.objects.get(device_id="phone")
    assert Device.objects.count() == 2
    assert (phone.first_seen_at, phone.last_seen_at) == (NOW, NOW + timedelta(minutes=5))


def test_a_call_that_names_no_device_speaks_of_the_one_named_last(say):
    say(**PHONE)
    say(firebaseToken="f", appVersion="5.3")

    assert EndUser.objects.get().device == PHONE | {"firebaseToken": "f", "appVersion": "5.3"}
    device = Device.objects.get()
    assert (device.device_id, device.firebase_token, device.app_version) == ("phone", "f", "5.3")


def test_an_app_that_names_no_device_at_all_has_one_without_an_id(say):
    say(cookieId="c")

    assert Device.objects.values_list("device_id", "cookie_id").get() == ("", "c")


def test_a_person_without_a_device_has_none(say):
    say(customAttributes={"a": 1})

    assert not Device.objects.exists()


@pytest.mark.parametrize("field", ["firebaseToken", "apnsDeviceToken"])
def test_a_push_token_is_one_devices_and_moves_to_whoever_brings_it(say, field):
    column = devices.PUSH_TOKENS[field]
    say("u_1", **PHONE, **{field: "push"})
    say("u_2", **PHONE, **{field: "push"})

    assert sorted(Device.objects.values_list("user__user_id", column)) == [("u_1", ""), ("u_2", "push")]
    assert EndUser.objects.get(user_id="u_1").device == PHONE


def test_a_push_token_moves_back_when_the_first_person_signs_in_again(say):
    say("u_1", **PHONE, firebaseToken="push")
    say("u_2", **PHONE, firebaseToken="push")
    say("u_1", **PHONE, firebaseToken="push")

    assert tokens() == [("u_1", "phone", "push"), ("u_2", "phone", "")]


def test_a_push_token_moves_between_devices_of_one_person(say):
    say(**PHONE, firebaseToken="push")
    say(**PAD, firebaseToken="push")

    assert tokens() == [("u_1", "pad", "push"), ("u_1", "phone", "")]
    assert EndUser.objects.get().device == PAD | {"firebaseToken": "push"}


def test_an_empty_push_token_is_nobodys(say):
    say("u_1", **PHONE, firebaseToken="")
    say("u_2", **PHONE, firebaseToken="")

    assert tokens() == [("u_1", "phone", ""), ("u_2", "phone", "")]


def test_an_empty_push_token_takes_the_old_one_away(say):
    say(**PHONE, firebaseToken="push")
    say(**PHONE, firebaseToken="")

    assert tokens() == [("u_1", "phone", "")]


def test_a_push_token_of_another_environment_stays_there(say, live_env):
    register(config.get(live_env.id), parse({"userId": "u_9", "firebaseToken": "push"}), now=NOW)
    say(**PHONE, firebaseToken="push")

    assert tokens() == [("u_1", "phone", "push"), ("u_9", "", "push")]


def test_a_push_token_may_be_as_long_as_is_allowed(say):
    long = "".join(chr(33 + n * 7 % 90) for n in range(4096))
    say("u_1", firebaseToken=long)
    say("u_2", firebaseToken=long)

    assert tokens() == [("u_1", "", ""), ("u_2", "", long)]


def test_an_unchanged_device_is_written_down_at_most_once_an_hour(say):
    say(**PHONE)
    before = versions()

    say(**PHONE, now=NOW + timedelta(minutes=59))
    say(customAttributes={"a": 1}, now=NOW + timedelta(minutes=59))
    assert versions() == before

    say(**PHONE, now=NOW + timedelta(hours=1))
    device = Device.objects.get()
    assert (device.first_seen_at, device.last_seen_at) == (NOW, NOW + timedelta(hours=1))
