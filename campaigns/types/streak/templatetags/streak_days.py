"""Dates of a streak's view, which are ISO 8601, in the words of the page's language."""

from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.translation import pgettext

register = template.Library()


@register.filter
def number_of_day(day: str) -> str:
    """The day of the month."""
    return date_format(date.fromisoformat(day), "j")


@register.filter
def weekday(day: str) -> str:
    """Its name, short: "Mon"."""
    return date_format(date.fromisoformat(day), "D")


@register.filter
def long_day(day: str) -> str:
    """ "Monday 4 May", for those who hear it."""
    return date_format(date.fromisoformat(day), pgettext("a day of a streak", "l j F"))


@register.filter
def short_day(day: str) -> str:
    """ "4 May"."""
    return date_format(date.fromisoformat(day), pgettext("short date format", "j M"))
