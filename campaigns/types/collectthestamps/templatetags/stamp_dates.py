"""Dates of stamps, which are ISO 8601, in the words of the page's language."""

from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.translation import pgettext

register = template.Library()


@register.filter
def stamped_on(day: str) -> str:
    """ "4 May", as a stamp says it."""
    return date_format(date.fromisoformat(day), pgettext("short date format", "j M"))
