"""The editor's step that says whom a campaign is for: everybody, segments and a rule, or a list.

Turns what was ticked into an `AudienceDraft`. Who is never in it stands apart from who is.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django import forms
from django.http import QueryDict

from campaigns.targeting import AudienceDraft
from glu_admin.workspaces.models import Environment
from users.models import Segment
from users.segments.parse import parse
from users.segments.rule import RuleError

EVERYBODY, SOME, LISTED = "everybody", "some", "listed"
WHO = [
    (EVERYBODY, "Everybody"),
    (SOME, "People of segments, or who fit a rule"),
    (LISTED, "Only people whom your server adds by the API"),
]


class AudienceForm(forms.Form):
    prefix = "audience"
    who = forms.ChoiceField(label="Who may play", widget=forms.RadioSelect, choices=WHO)
    include = forms.MultipleChoiceField(
        label="People of any of these segments", required=False, widget=forms.CheckboxSelectMultiple
    )
    rule = forms.CharField(
        label="And who fit this rule",
        required=False,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false", "class": "mono"}),
        help_text='As JSON, such as {"field": "attributes.tier", "operator": "is", "value": "gold"}.',
    )
    exclude = forms.MultipleChoiceField(
        label="But nobody of these segments", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, env: Environment, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segments = Segment.objects.filter(environment=env).order_by("name").values_list("id", "name")
        self.segments = [(str(pk), name) for pk, name in segments]
        for name in ("include", "exclude"):
            self.fields[name].choices = self.segments  # type: ignore[attr-defined]  # a choice field

    def clean_rule(self) -> Mapping[str, Any] | None:
        text = self.cleaned_data["rule"].strip()
        if not text:
            return None
        try:
            rule: Mapping[str, Any] = orjson.loads(text)
            parse(rule)
        except orjson.JSONDecodeError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from None
        except RuleError as error:
            raise forms.ValidationError(f"At {error.path or 'the rule'}: {error.message}") from None
        return rule

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if set(said.get("include", ())) & set(said.get("exclude", ())):
            self.add_error("exclude", "The same segment is in and out. Take it away on one side.")
        wanted = said.get("include") or said.get("rule") or "rule" in self.errors
        if said.get("who") == SOME and not wanted:
            self.add_error("include", "Choose a segment or write a rule, or let everybody play.")
        return said

    def draft(self) -> AudienceDraft:
        """After `is_valid`. What was chosen for another kind of audience is left out."""
        said = self.cleaned_data
        some = said["who"] == SOME
        return AudienceDraft(
            include=tuple(sorted(map(UUID, said["include"]))) if some else (),
            exclude=tuple(sorted(map(UUID, said["exclude"]))),
            rule=said["rule"] if some else None,
            only_listed=said["who"] == LISTED,
        )


def as_typed(audience: AudienceDraft) -> dict[str, Any]:
    """The form's fields for a stored audience."""
    some = audience.include or audience.rule
    rule = orjson.dumps(audience.rule, option=orjson.OPT_INDENT_2).decode() if audience.rule else ""
    return {
        "who": LISTED if audience.only_listed else SOME if some else EVERYBODY,
        "include": [str(pk) for pk in audience.include],
        "exclude": [str(pk) for pk in audience.exclude],
        "rule": rule,
    }


def half_typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields as a post holds them, whole or not."""
    listed = data.getlist if isinstance(data, QueryDict) else lambda name: data.get(name) or []
    fields = {name: data.get(f"audience-{name}", "") for name in ("who", "rule")}
    fields |= {name: listed(f"audience-{name}") for name in ("include", "exclude")}
    return fields | {"who": fields["who"] or EVERYBODY}
