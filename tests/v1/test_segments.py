"""Segments over HTTP: the same rules as in the console, with every fault by its path."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from campaigns.targeting import AudienceDraft
from glu_admin.jobs.models import Job
from glu_admin.workspaces import keys
from glu_admin.workspaces.models import AuditEntry
from tests.factories import EndUserFactory, launched_campaign
from tests.segments.listing import sheet, work
from users.models import Segment, SegmentMember, SegmentSize

GOLD = {"field": "attributes.plan", "operator": "is", "value": "gold"}
NOBODY = "5b1c8e1d-0a7f-4c2e-9b3d-6a401f2e3d4c"


@pytest.fixture
def people(test_env):
    """Three, of whom two pay gold; and a visitor."""
    plans = {"u_1": "gold", "u_2": "silver", "u_3": "gold"}
    known = {
        user_id: EndUserFactory(
            environment=test_env, user_id=user_id, email=f"{user_id}@x.test", attributes={"plan": plan}
        )
        for user_id, plan in plans.items()
    }
    visitor = EndUserFactory(
        environment=test_env, user_id=None, anonymous_id="v_1", attributes={"plan": "gold"}
    )
    return known | {"v_1": visitor}


@pytest.fixture
def make(ask, people):
    def call(name="Gold", **said):
        said = {"rule": GOLD} | said if said.get("kind", "rules") == "rules" else said
        answer = ask("post", "segments", {"name": name, **said})
        assert answer.status == 200, answer.error
        return answer.data

    return call


@pytest.fixture
def send(client, secret):
    """A file as the body of a request."""

    def call(path, content, kind="text/csv", **query):
        answer = client.generic(
            "POST",
            f"/api/v1/{path}",
            data=content,
            content_type=kind,
            headers={"X-API-KEY": secret},
            query_params=query,
        )
        return SimpleNamespace(status=answer.status_code, **answer.json())

    return call


def test_a_segment_is_made_read_and_listed_with_its_rule_in_words(ask, make, test_env):
    made = make(description="Who pays most")
    SegmentSize.objects.create(environment=test_env, segment_id=made["id"], day="2026-11-22", size=2)

    read = ask("get", f"segments/{made['id']}")

    assert read.data == {
        "id": made["id"],
        "name": "Gold",
        "description": "Who pays most",
        "kind": "rules",
        "rule": GOLD,
        "entry": None,
        "notify": False,
        "sentence": "plan is gold",
        "fault": None,
        "size": 2,
        "isEstimate": False,
        "countedAt": read.data["countedAt"],
        "usedBy": [],
        "version": 1,
        "createdAt": made["createdAt"],
        "updatedAt": made["updatedAt"],
    }
    assert ask("get", "segments").data == [read.data]
    assert AuditEntry.objects.get(action="segment.create").actor == "API key Shop"


def test_the_list_is_cut_into_pages_and_filtered(ask, make):
    made = [make(name)["id"] for name in ("One", "Two", "Other")]
    a_list = make("On list", kind="static")["id"]

    first = ask("get", "segments", limit=2)
    rest = ask("get", "segments", limit=2, cursor=first.next)

    assert [each["id"] for each in first.data + rest.data] == [a_list, *reversed(made)]
    assert rest.next is None
    assert [each["name"] for each in ask("get", "segments", name="o").data] == ["On list", "Other", "One"]
    assert [each["sentence"] for each in ask("get", "segments", kind="static").data] == ["on the list"]
    assert ask("get", "segments", kind="cohort").error["field"] == "kind"


def test_an_entry_by_an_event_is_told_in_words(make):
    entry = {
        "event": "purchase",
        "where": [{"property": "amount", "operator": "greater_than", "value": 300}],
        "afterDays": 30,
    }

    made = make("Buyers", kind="event", entry=entry)

    assert made["entry"] == entry | {"leave": None}
    assert made["sentence"] == "purchase where amount is more than 300, for 30 days"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name"]),
        ({"name": "A", "rule": {"all": [GOLD, {"field": "attributes.plan"}]}}, ["rule.all[1].operator"]),
        ({"name": "A", "rule": GOLD | {"field": "attributes.plam"}}, ["rule.field"]),
        ({"name": "A", "rule": GOLD, "rul": 1}, ["rul"]),
        ({"name": "A"}, ["rule"]),
        ({"name": "gold", "rule": {"segment": NOBODY}}, ["name", "rule.segment"]),
        ({"name": "A", "kind": "event", "entry": {"event": "x", "leave": 3}}, ["entry.leave"]),
        ({"name": "A", "kind": "nothing"}, ["kind"]),
    ],
)
def test_every_fault_is_told_by_its_path(ask, make, body, fields):
    make()

    answer = ask("post", "segments", body)

    assert answer.status == 400
    assert [fault["field"] for fault in answer.error["fields"]] == fields
    assert answer.error["field"] == fields[0]


def test_what_something_live_uses_is_changed_only_with_confirm(ask, make, test_env):
    made = make()
    campaign = launched_campaign(test_env, audience=AudienceDraft(include=(UUID(made["id"]),)))
    use = {"kind": "campaign", "id": str(campaign.id), "name": "Autumn wheel", "isLive": True}

    asked = ask("patch", f"segments/{made['id']}", {"rule": {"not": GOLD}})

    assert (asked.status, asked.error["code"], asked.error["uses"]) == (409, "segment_in_use", [use])
    assert "confirm=true" in asked.message
    assert ask("get", f"segments/{made['id']}/uses").data == [use]
    changed = ask("patch", f"segments/{made['id']}?confirm=true", {"rule": {"not": GOLD}})
    assert (changed.data["version"], changed.data["rule"], changed.data["usedBy"]) == (
        2,
        {"not": GOLD},
        [use],
    )
    assert changed.data["name"] == "Gold"

    kept = ask("delete", f"segments/{made['id']}")
    assert (kept.status, kept.error["uses"]) == (409, [use])
    assert "Take it out there first" in kept.message


def test_a_segment_is_deleted_copied_and_frozen(ask, make):
    made = make()
    copied = ask("post", f"segments/{made['id']}/duplicate", {}).data
    named = ask("post", f"segments/{made['id']}/duplicate", {"name": "Mine"}).data
    frozen = ask("post", f"segments/{made['id']}/freeze", {"name": "Frozen"}).data
    work()

    assert (copied["name"], copied["rule"], named["name"]) == ("Copy of Gold", GOLD, "Mine")
    assert (frozen["kind"], frozen["rule"]) == ("static", None)
    assert SegmentMember.objects.filter(segment_id=frozen["id"]).count() == 3
    assert ask("post", f"segments/{made['id']}/freeze", {"name": "frozen"}).error["field"] == "name"
    assert ask("delete", f"segments/{made['id']}").status == 200
    assert ask("get", f"segments/{made['id']}").error["code"] == "segment_not_found"


def test_members_are_listed_page_by_page_by_a_rule_and_of_a_list(ask, make, people):
    ruled, listed = make(), make("List", kind="static")
    ask("post", f"segments/{listed['id']}/members", {"userIds": ["u_3", "u_1"]})

    first = ask("get", f"segments/{ruled['id']}/members", limit=2)
    rest = ask("get", f"segments/{ruled['id']}/members", limit=2, cursor=first.next)

    assert [each["userId"] for each in first.data] == ["u_1", "u_3"]
    visitor = {"gluId": str(people["v_1"].glu_id), "userId": None, "anonymousId": "v_1"}
    assert rest.data == [visitor | {"source": "rule", "enteredAt": None, "leavesAt": None}]
    assert rest.next is None
    of_list = ask("get", f"segments/{listed['id']}/members", limit=1)
    assert (of_list.data[0]["userId"], of_list.data[0]["source"]) == ("u_1", "api")
    assert [
        each["userId"] for each in ask("get", f"segments/{listed['id']}/members", cursor=of_list.next).data
    ] == ["u_3"]


def test_people_are_put_on_a_list_and_taken_off_with_a_verdict_each(ask, make, people, live_env):
    path = f"segments/{make('List', kind='static')['id']}/members"
    EndUserFactory(environment=live_env, user_id="live")
    visitor = str(people["v_1"].glu_id)

    added = ask("post", path, {"userIds": ["u_1", "u_9", "u_1", "live"], "gluIds": [visitor]})
    again = ask("post", path, {"userIds": ["u_1", "u_2"]})
    removed = ask("post", f"{path}/remove", {"userIds": ["u_3", "u_2"], "gluIds": [visitor, NOBODY]})

    assert added.data == [
        {"userId": "u_1", "verdict": "added"},
        {"userId": "u_9", "verdict": "unknown"},
        {"userId": "u_1", "verdict": "duplicate"},
        {"userId": "live", "verdict": "unknown"},
        {"gluId": visitor, "verdict": "added"},
    ]
    assert [each["verdict"] for each in again.data] == ["already_in", "added"]
    assert [each["verdict"] for each in removed.data] == ["not_in", "removed", "removed", "unknown"]
    assert [each["userId"] for each in ask("get", path).data] == ["u_1"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "userIds"),
        ({"userIds": []}, "userIds"),
        ({"userIds": [f"u_{n}" for n in range(1_001)]}, "userIds"),
        ({"userIds": ["a"] * 600, "gluIds": [NOBODY] * 600}, "userIds"),
        ({"userIds": [{}]}, "userIds.0"),
        ({"gluIds": ["x"]}, "gluIds.0"),
    ],
)
def test_ids_that_can_not_be_are_refused(ask, make, body, field):
    answer = ask("post", f"segments/{make('List', kind='static')['id']}/members", body)

    assert (answer.status, answer.error["field"]) == (400, field)


def test_only_lists_take_people_by_name(ask, make, send):
    pk = make()["id"]

    for answer in (
        ask("post", f"segments/{pk}/members", {"userIds": ["u_1"]}),
        ask("post", f"segments/{pk}/members/remove", {"userIds": ["u_1"]}),
        send(f"segments/{pk}/imports", b"userId\nu_1\n"),
    ):
        assert (answer.status, answer.error["code"]) == (409, "not_a_list")


def test_a_file_is_uploaded_read_applied_and_undone(ask, make, send):
    pk = make("List", kind="static")["id"]
    content = "E-mail,n\nU_1@x.test,1\nnobody@x.test,2\n,3\nu_2@x.test,4\n"

    sent = send(f"segments/{pk}/imports", content, match="core.email", column="e-mail", fileName="guests.csv")
    assert (sent.status, sent.data["status"], sent.data["segmentId"]) == (200, "checking", pk)
    path = f"segment-imports/{sent.data['id']}"
    assert ask("post", f"{path}/apply").error["code"] == "import_not_ready"
    work()

    read = ask("get", path).data
    assert (read["status"], read["fileName"], read["actor"]) == ("ready", "guests.csv", "API key Shop")
    assert read["report"]["toAdd"] == 2
    assert [(each["row"], each["code"]) for each in read["report"]["problems"]] == [
        (3, "unknown"),
        (4, "empty"),
    ]
    assert ask("get", f"segments/{pk}/members").data == []

    assert ask("post", f"{path}/apply").data["status"] == "applying"
    work()
    assert [each["userId"] for each in ask("get", f"segments/{pk}/members").data] == ["u_1", "u_2"]
    assert ask("post", f"{path}/undo").data["status"] == "undoing"
    work()
    assert ask("get", f"segments/{pk}/members").data == []
    assert [each["status"] for each in ask("get", f"segments/{pk}/imports").data] == ["undone"]


def test_a_spreadsheet_is_taken_too_and_nothing_else(make, send):
    path = f"segments/{make('List', kind='static')['id']}/imports"
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    assert send(path, sheet(["userId"], ["u_1"]), xlsx).data["format"] == "xlsx"
    assert send(path, b"{}", "application/json").error["code"] == "unsupported_format"
    assert send(path, b"userId\nu_1\n", match="core.isTest").error["field"] == "match"
    assert send(path, b"userId\nu_1\n", mode="merge").error["field"] == "mode"


def test_an_export_is_a_job_that_makes_a_file_of_who_is_in(ask, client, make, secret, test_env):
    pk = make()["id"]

    started = ask("post", f"segments/{pk}/exports", {"attributes": ["plan"]})
    work()

    assert (started.status, started.data["kind"]) == (202, "user_export")
    file = client.get(f"/api/v1/jobs/{started.data['id']}/file", headers={"X-API-KEY": secret})
    lines = b"".join(file.streaming_content).decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ['"u_1"', '"u_3"', ""]
    assert Job.objects.get(id=started.data["id"]).report["people"] == 3
    without = keys.create_api_key(test_env, "Segments only", ["segments:read", "segments:write"])[1]
    assert ask("post", f"segments/{pk}/exports", {}, key=without).error["code"] == "scope_missing"


def test_nothing_of_another_environment_is_found(ask, make, live_env):
    theirs = Segment.objects.create(environment=live_env, name="Theirs", kind="static")

    for method, path in (
        ("get", f"segments/{theirs.id}"),
        ("patch", f"segments/{theirs.id}"),
        ("delete", f"segments/{theirs.id}"),
        ("get", f"segments/{theirs.id}/members"),
        ("post", f"segments/{theirs.id}/members"),
        ("post", f"segments/{theirs.id}/freeze"),
        ("post", f"segments/{theirs.id}/exports"),
        ("get", f"segment-imports/{NOBODY}"),
    ):
        assert ask(method, path).status == 404
    assert ask("post", "segments", {"name": "A", "rule": {"segment": str(theirs.id)}}).error["field"] == (
        "rule.segment"
    )
