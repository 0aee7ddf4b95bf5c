"""Moments as people say them, in their own time zone. Pure: the time comes in."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def day(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "5 December", with the year if it is another one."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    if local.year == today.year:
        return date_format(local, pgettext("date format", "j F"))
    return date_format(local, pgettext("date format", "j F Y"))


def last_day(end: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The last day on which something that ends at `end` still holds."""
    return day(end - timedelta(seconds=1), now, zone)


def short_last_day(end: datetime, zone: ZoneInfo) -> str:
    """The same where room is scarce: "5 Dec"."""
    return date_format((end - timedelta(seconds=1)).astimezone(zone), pgettext("short date format", "j M"))


def when(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "tomorrow", "today at 18:00", "on 24 November at 09:00": fits behind a verb."""
    local, today = moment.astimezone(zone), now.astimezone(zone)
    clock = date_format(local, "H:i")
    distance = (local.date() - today.date()).days
    if distance == 0:
        return _("today at %(time)s") % {"time": clock}
    if distance == 1:
        return _("tomorrow") if clock == "00:00" else _("tomorrow at %(time)s") % {"time": clock}
    return _("on %(day)s at %(time)s") % {"day": day(moment, now, zone), "time": clock}
