"""The builder: a form that follows each change, counts while one types, and saves a segment.

Every button posts the whole form, so that it works without a script; with htmx only the parts
that change come back. The JSON view holds the same rule, for those who write it.
"""

from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from glu_admin import config as configs
from glu_admin.console.access import ConsoleRequest, console
from glu_admin.workspaces.audit import Actor
from glu_admin.workspaces.models import Environment
from users.segments import book, kinds, parse, shelf, words
from users.segments.console import builder as builders
from users.segments.console import counts
from users.segments.console.builder import Builder
from users.segments.console.pages import find
from users.segments.models import Segment
from users.segments.rule import RuleError
from users.segments.shelf import InUseError, SegmentDraft, SegmentError

ROWS, JSON = "rows", "json"


class Form:
    """What was typed: a name, a description, and the rule as rows or as JSON."""

    def __init__(self, env: Environment, said: dict[str, Any], rule: dict[str, Any] | None) -> None:
        self.env, self.said, self.rule = env, said, rule
        self.builder: Builder | None = None
        self.problems: dict[str, str] = {}

    @classmethod
    def of(cls, env: Environment, segment: Segment | None) -> "Form":
        said = {
            "name": segment.name if segment else "",
            "description": segment.description if segment else "",
            "notify": bool(segment and segment.notify),
        }
        form = cls(env, said, segment.rule if segment else None)
        form.builder = builders.of_rule(env, segment.rule or {}) if segment else builders.empty(env)
        return form._with_json()

    @classmethod
    def posted(cls, env: Environment, request: ConsoleRequest) -> "Form":
        data = request.POST
        said = {name: data.get(name, "").strip() for name in ("name", "description")}
        form = cls(env, said | {"notify": "notify" in data}, None)
        if data.get("view") == JSON:
            form._read_json(data.get("json", ""))
            if data.get("do") == ROWS and form.rule is not None:
                form.builder = builders.of_rule(env, form.rule)
        else:
            form.builder = builders.of_post(env, data)
            form.rule = form.builder.rule()
            if data.get("do") == JSON and form.rule is not None:
                form.builder = None
        return form._with_json()

    def _read_json(self, text: str) -> None:
        self.said["json"] = text
        try:
            rule = orjson.loads(text or "null")
            self.rule = parse.dump(parse.parse(rule))
        except orjson.JSONDecodeError as error:
            self.problems["json"] = f"This is not JSON: {error}."
        except RuleError as error:
            self.problems["json"] = f"At {error.path or 'the rule'}: {error.message}"

    def _with_json(self) -> "Form":
        if self.rule is not None:
            self.said["json"] = orjson.dumps(self.rule, option=orjson.OPT_INDENT_2).decode()
        return self

    @property
    def sentence(self) -> str:
        """The rule in plain words; "" while a row is wrong."""
        if self.rule is None:
            return ""
        config = configs.get(self.env.id)
        names = {**kinds.names(self.env.id), **(book.of(config).names if config else {})}
        return words.sentence(parse.parse(self.rule), names)

    def refuse(self, error: SegmentError) -> None:
        """Show each fault where it belongs; of the rule, with the place in it."""
        for fault in reversed(error.faults):
            head, _, place = fault.field.partition(".")
            self.problems[head] = f"{fault.message} ({place})" if place else fault.message

    def draft(self) -> SegmentDraft:
        return SegmentDraft(
            name=self.said["name"],
            description=self.said["description"],
            kind=Segment.Kind.RULES,
            rule=self.rule,
            notify=self.said["notify"],
        )


@console("segments.edit")
@require_http_methods(["GET", "POST"])
def new(request: ConsoleRequest, env: Environment) -> HttpResponse:
    return _edit(request, env, None)


@console("segments.view", post="segments.edit")
@require_http_methods(["GET", "POST"])
def edit(request: ConsoleRequest, env: Environment, pk: UUID) -> HttpResponse:
    return _edit(request, env, find(env, pk, kind=Segment.Kind.RULES))


@console("segments.view")
@require_POST
def rows(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """The rows anew, after a choice that changes them."""
    form = Form.posted(env, request)
    if form.builder:
        form.builder.forgive()
    return render(request, "segments/rule.html", _context(form))


@console("segments.view")
@require_POST
def count(request: ConsoleRequest, env: Environment) -> HttpResponse:
    """How many people fit the rule as it is typed now."""
    form = Form.posted(env, request)
    counted = counts.of(
        env,
        form.rule,
        session=f"{request.session.session_key}:{request.POST.get('segment', '')}",
        shows_people=request.may("segments.people"),
    )
    return render(
        request, "segments/count.html", {"form": form, "out_of_band": "segment" in request.POST, **counted}
    )


def _edit(request: ConsoleRequest, env: Environment, segment: Segment | None) -> HttpResponse:
    if request.method == "GET":
        return _page(request, Form.of(env, segment), segment)
    form = Form.posted(env, request)
    if request.POST.get("do") not in {"save", "save-anyway"}:
        if form.builder and request.POST.get("do") != JSON:
            form.builder.forgive()
        return _page(request, form, segment)
    if form.rule is None:
        return _page(request, form, segment, status=400)
    try:
        saved = _save(request, env, form, segment)
    except SegmentError as error:
        form.refuse(error)
        return _page(request, form, segment, status=400)
    except InUseError as error:
        return _page(request, form, segment, uses=error.uses, status=409)
    messages.success(request, f"“{saved.name}” is saved.")
    return redirect("console-segment", kind=env.kind, pk=saved.pk)


def _save(request: ConsoleRequest, env: Environment, form: Form, segment: Segment | None) -> Segment:
    actor = Actor.of(request.user)
    if segment is None:
        return shelf.create(env, form.draft(), actor)
    confirmed = request.POST.get("do") == "save-anyway"
    return shelf.change(segment, form.draft(), actor, confirmed=confirmed)


def _context(form: Form) -> dict[str, Any]:
    return {
        "form": form,
        "builder": form.builder.shown() if form.builder else None,
        "matches": builders.MATCHES.items(),
        "now": timezone.now(),
    }


def _page(
    request: ConsoleRequest, form: Form, segment: Segment | None, *, uses: Any = (), status: int = 200
) -> HttpResponse:
    env = form.env
    home = reverse("console-segments", kwargs={"kind": env.kind})
    more = {"segment": segment, "uses": uses, "home": home, "may_edit": request.may("segments.edit")}
    return render(request, "segments/editor.html", _context(form) | more, status=status)
