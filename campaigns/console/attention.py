"""What needs a person today: real conditions only, each with its way out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from campaigns.console import sql
from campaigns.console.phases import Phase, phase
from campaigns.models import Campaign
from glu_admin.observability import heartbeat
from glu_admin.workspaces.models import Environment

LOW = 0.1  # of a pool's codes
SOON = timedelta(hours=24)


@dataclass(frozen=True)
class Item:
    """`subject` is set in bold before the words; the button leads to `url`."""

    tone: str
    label: str
    subject: str
    words: str
    action: str
    url: str


# pools that a running campaign gives from, the codes left, and how many went in the last day
_POOLS = """
    SELECT p.name, p.total, greatest(0, p.total - taken.all_time), taken.of_day
    FROM rewards_couponpool p, LATERAL (
        SELECT count(*) AS all_time, count(*) FILTER (WHERE at > %(yesterday)s) AS of_day
        FROM rewards_couponclaim c WHERE c.pool_id = p.id
    ) taken
    WHERE p.environment_id = %(environment)s AND p.id IN (
        SELECT v.pool_id FROM rewards_variant v WHERE v.table_id = ANY(%(tables)s) AND v.pool_id IS NOT NULL)
    ORDER BY 3
"""
_DELIVERIES = """
    SELECT count(*) FILTER (WHERE state = 'exhausted'),
           count(*) FILTER (WHERE state IN ('pending', 'leased') AND tries > 0)
    FROM webhooks_delivery WHERE environment_id = %(environment)s AND created_at > %(yesterday)s
"""


def items(env: Environment, campaigns: Sequence[Campaign], now: datetime) -> list[Item]:
    """Everything that needs somebody, the worst first. Three statements."""
    running = [each for each in campaigns if phase(each, now) == Phase.LIVE]
    found = [*_worker(env), *_webhooks(env, now), *_pools(env, running, now), *_ending(env, running, now)]
    return sorted(found, key=lambda item: item.tone != "bad")


def _worker(env: Environment) -> Iterator[Item]:
    if problem := heartbeat.worker_problem():
        yield Item("bad", "Worker", "", problem, "See deliveries", _url("webhooks", env))


def _webhooks(env: Environment, now: datetime) -> Iterator[Item]:
    lost, late = sql.rows(_DELIVERIES, environment=env.id, yesterday=now - SOON)[0]
    url = _url("webhooks", env)
    if lost:
        words = f"out of tries in the last 24 h{f', and {late} will be tried again' if late else ''}."
        yield Item("bad", "Webhook", _count(lost, "delivery", "deliveries"), words, "See deliveries", url)
    elif late:
        words = "failed and will be tried again."
        yield Item("warn", "Webhook", _count(late, "delivery", "deliveries"), words, "See deliveries", url)


def _pools(env: Environment, running: Sequence[Campaign], now: datetime) -> Iterator[Item]:
    tables = [campaign.table_id for campaign in running]
    for name, total, left, a_day in (
        sql.rows(_POOLS, environment=env.id, tables=tables, yesterday=now - SOON) if tables else []
    ):
        if left == 0:
            words = f"is empty: all {total:,} codes are taken. Winners get the fallback."
            yield Item("bad", "Stock", f"Coupon pool “{name}”", words, "Add codes", _url("coupon-pools", env))
        elif left < total * LOW or left < a_day:
            words = f"has {left:,} of {total:,} codes left.{_pace(left, a_day)}"
            yield Item(
                "warn", "Stock", f"Coupon pool “{name}”", words, "Add codes", _url("coupon-pools", env)
            )


def _pace(left: int, a_day: int) -> str:
    """How long they last if the next hours are like the last 24."""
    if not a_day:
        return ""
    hours = round(24 * left / a_day)
    lasts = f"{hours} hours" if hours < 48 else f"{hours // 24} days"
    return f" At today's pace it is empty in about {lasts}."


def _ending(env: Environment, running: Sequence[Campaign], now: datetime) -> Iterator[Item]:
    for campaign in running:
        if campaign.ends_at and campaign.ends_at - now < SOON:
            hours = max(1, round((campaign.ends_at - now).total_seconds() / 3600))
            url = reverse("console-campaign", kwargs={"kind": env.kind, "pk": campaign.pk})
            yield Item("plain", "Schedule", campaign.name, f"ends in about {hours} h.", "Open it", url)


def _url(name: str, env: Environment) -> str:
    return reverse(name, kwargs={"kind": env.kind})


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
