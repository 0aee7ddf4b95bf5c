"""Two companies on one installation: ours asks, the other's rows must stay out of sight and reach."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from campaigns import engine
from campaigns.models import Campaign, EntryPoint
from glu_admin.jobs.models import Job
from glu_admin.pictures.models import Picture
from glu_admin.webhooks import endpoints
from glu_admin.webhooks.models import Endpoint
from glu_admin.workspaces import keys
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment, Member, Membership
from rewards import uploads
from rewards.models import CouponPool, CouponUpload, Reward
from tests.factories import EndUserFactory, identity_of, launched_campaign
from users.models import (
    AttributeDefinition,
    EndUser,
    Erasure,
    Event,
    EventDefinition,
    ParkedEvent,
    Segment,
    SegmentImport,
)

MARK = "Stranger"  # stands in the name of everything that is theirs


@dataclass(frozen=True)
class Company:
    """One workspace with one of everything in its test environment."""

    environment: Environment
    owner: Member
    membership: Membership
    person: EndUser
    campaign: Campaign
    reward: Reward
    endpoint: Endpoint
    entry_point: EntryPoint
    write_key: Any
    api_key: Any
    pool: CouponPool
    upload: CouponUpload
    event: Event
    parked: ParkedEvent
    definition: EventDefinition
    attribute: AttributeDefinition
    segment: Segment
    segment_import: SegmentImport
    erasure: Erasure
    job: Job
    picture: Picture


def happened(environment: Environment, person: EndUser, name: str) -> dict[str, Any]:
    """What a person did, and what is kept of it."""
    event = Event.objects.create(
        environment=environment,
        user=person,
        client_id=person.user_id,
        name=f"{name} order",
        source="server",
        verdict="accepted",
    )
    here = {"environment": environment}
    segment = Segment.objects.create(**here, name=f"{name} list", kind="static")
    return {
        "event": event,
        "parked": ParkedEvent.objects.create(
            **here, event_id=event.pk, received_at=event.received_at, subscriber="tally", error=name
        ),
        "definition": EventDefinition.objects.create(**here, name=f"{name} order"),
        "attribute": AttributeDefinition.objects.create(**here, name=f"{name} tier"),
        "segment": segment,
        "segment_import": SegmentImport.objects.create(
            **here, segment=segment, file_name=f"{name}.csv", field=f"attributes.{name}", actor=name
        ),
        "erasure": Erasure.objects.create(**here, subject=name, actor=name),
        "job": Job.objects.create(**here, kind=name, actor=name),
        "picture": Picture.objects.create(
            workspace=environment.workspace,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            content=b"RIFF",
            size=4,
            width=1,
            height=1,
            added_by=name,
        ),
    }


def company(name: str) -> Company:
    workspace = keys.create_workspace(f"{name} Ltd")
    environment = workspace.environments.get(kind="test")
    owner = Member.objects.create_user(f"{name.lower()}@example.com", name=f"{name} Owner")
    person = EndUserFactory(environment=environment, user_id=f"{name}-1", user_name=f"{name} Person")
    campaign = launched_campaign(environment, name=f"{name} wheel", weights=(1, 0, 0, 0))
    answer = engine.act(identity_of(person), str(campaign.id), key="first", body={}, now=timezone.now())
    endpoint, _ = endpoints.create(
        environment, f"https://{name.lower()}.example/hook", ["reward.won"], actor=Actor("a test")
    )
    pool = CouponPool.objects.get(environment=environment)
    return Company(
        environment=environment,
        owner=owner,
        membership=Membership.objects.create(workspace=workspace, member=owner, role="owner"),
        person=person,
        campaign=campaign,
        reward=Reward.objects.get(id=answer["reward"]["rewardId"]),
        endpoint=endpoint,
        entry_point=EntryPoint.objects.create(environment=environment, name=f"{name} banner", visible=True),
        write_key=environment.write_keys.get(),
        api_key=keys.create_api_key(environment, f"{name} server", ["rewards:read"])[0],
        pool=pool,
        upload=uploads.keep(pool, owner, f"{name}.csv", b"code\nABC-1\n", now=timezone.now()),
        **happened(environment, person, name),
    )
