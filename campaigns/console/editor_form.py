"""The editor's form as a whole: details, audience, the game's own settings, outcomes, schedule, limits.

Turns what was typed into a `CampaignDraft` and leads every refusal back to its field.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from zoneinfo import available_timezones

from django import forms

from campaigns.console import audience_form, earning_form, look_form, lots, pickers
from campaigns.console.audience_form import AudienceForm
from campaigns.console.beginnings import LIMITS, is_program
from campaigns.console.chances import Unit
from campaigns.console.earning_form import EarningForm
from campaigns.console.look_form import WordedLookForm
from campaigns.console.lots import Lot
from campaigns.console.outcome_form import OutcomeForm, Raw, raw_rows, rows_of
from campaigns.drafts import CampaignDraft
from campaigns.types import all_types, folder_of, type_choices
from campaigns.types.base import ANY, Occasion
from glu_admin.pictures.reading import Use
from glu_admin.workspaces.models import Environment
from rewards.models import CouponPool
from rewards.odds import OddsError

LOCAL = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
BANNER = {
    "banner_title": "title",
    "banner_body": "body",
    "banner_picture": "picture",
    "banner_image": "imageUrl",
}
# of question 3: config-questions-2-picture-file; of its first answer: config-questions-2-0-picture-file
IN_CONFIG = re.compile(r"(config-questions-(?P<question>\d{1,2})(?P<answer>-\d{1,2})?-picture)-file")
ODDS = "outcomes"  # as the rules name what is wrong with them
PICTURES = {"banner_picture": Use.CARD, look_form.LOGO: Use.LOGO, look_form.BACKGROUND: Use.BACKGROUND}


class CampaignForm(forms.Form):
    type = forms.ChoiceField(label="Game", widget=forms.RadioSelect, choices=type_choices)
    name = forms.CharField(
        max_length=80,
        help_text="For your team; players see the title.",
        error_messages={"required": "Give the campaign a name."},
    )
    tag = forms.CharField(
        max_length=40, required=False, help_text="A short name that apps may use instead of the id."
    )
    banner_title = forms.CharField(
        label="Card title", max_length=80, required=False, help_text="Empty: the campaign's name."
    )
    banner_body = forms.CharField(label="Card text", max_length=200, required=False)
    banner_picture = forms.CharField(
        label="Card picture", required=False, help_text="In the wallet, and for apps that show one."
    )
    banner_image = forms.URLField(
        label="Card picture on the web",
        required=False,
        assume_scheme="https",
        help_text="The address of one, for apps that show it. Used if none is uploaded.",
    )
    starts_at = forms.DateTimeField(
        label="Starts", required=False, widget=LOCAL, help_text="Empty: at launch."
    )
    ends_at = forms.DateTimeField(label="Ends", required=False, widget=LOCAL, help_text="Empty: no end.")
    time_zone = forms.ChoiceField(
        label="Time zone", choices=lambda: [(zone, zone) for zone in sorted(available_timezones())]
    )
    plays_a_day = forms.IntegerField(
        label="Plays per person a day", required=False, min_value=1, help_text="Empty: no limit."
    )
    plays_in_all = forms.IntegerField(
        label="Plays per person in all", required=False, min_value=1, help_text="Empty: no limit."
    )


def config_form(
    slug: str, data: Any = None, initial: dict[str, Any] | None = None, *, env: Environment | None = None
) -> forms.Form:
    """The game's own settings: `ConfigForm` of the type's `forms.py`; nothing to set if it has none.
    `env` is where its choices come from."""
    module = f"campaigns.types.{folder_of(slug)}.forms"
    if slug not in dict(type_choices()) or find_spec(module) is None:
        return forms.Form(data, initial=initial, prefix="config")
    form: forms.Form = import_module(module).ConfigForm(data, initial=initial, prefix="config")
    if env is not None:
        pickers.offer_all(form, env)
    return form


def pictures_in_config(files: Iterable[str]) -> dict[str, Use]:
    """The fields of a game's settings for which a picture was chosen, and what it is for."""
    found = filter(None, map(IN_CONFIG.fullmatch, files))
    return {each[1]: Use.ANSWER if each["answer"] else Use.QUESTION for each in found}


def with_defaults(slug: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed; after a change of the game, its defaults for what the page could not show.

    A title that nobody changed was the other game's, and becomes this one's.
    """
    types, shown = all_types(), data.get("config_of", slug)
    typed = dict(data.items())
    if slug not in types or shown not in types or shown == slug:
        return typed
    own, other = types[slug].defaults(), types[shown].defaults()
    if typed.get("config-title") == other.get("title"):
        typed.pop("config-title", None)
    return {f"config-{name}": value for name, value in own.items()} | typed


def typed_config(slug: str, data: Mapping[str, Any], env: Environment) -> dict[str, Any]:
    """The game's settings as far as they are usable; none that were another game's."""
    if data.get("config_of", slug) != slug:
        return {}
    form = config_form(slug, data, env=env)
    form.full_clean()
    return form.cleaned_data


class Editor:
    """All forms of the page together, filled from a draft, from a half-done post, or from a full one."""

    def __init__(
        self, env: Environment, slug: str, unit: str, fallback: int | None, data: Any = None
    ) -> None:
        self.env, self.slug, self.data, self.fallback = env, slug, data, fallback
        self.unit = unit if unit in list(Unit) else Unit.PERCENT.value
        self.problems: list[str] = []
        self.odds_problem = ""
        pools = CouponPool.objects.filter(environment=env).order_by("name").values_list("id", "name")
        self.pools = [(str(pk), name) for pk, name in pools]
        self.rows: list[OutcomeForm] = []
        self.occasions: tuple[Occasion, ...] = ()
        self.is_program = is_program(slug)
        self.audience: AudienceForm
        self.look: WordedLookForm
        self.earning: EarningForm

    @classmethod
    def of_draft(cls, env: Environment, draft: CampaignDraft) -> "Editor":
        unit, rows = rows_of(draft.outcomes)
        fallback = next((n for n, each in enumerate(draft.outcomes) if each.is_fallback), None)
        editor = cls(env, draft.type, unit, fallback)
        editor.occasions = lots.occasions(draft.type, draft.config)
        fields = {name: getattr(draft, name, None) for name in CampaignForm.base_fields}
        fields |= {field: draft.banner.get(key, "") for field, key in BANNER.items()}
        editor.audience = AudienceForm(env, initial=audience_form.as_typed(draft.audience))
        editor.look = WordedLookForm(initial=look_form.as_typed(draft.look))
        editor.earning = EarningForm(env, initial=earning_form.as_typed(draft.earning))
        return editor._unbound(fields, dict(draft.config), rows)

    @classmethod
    def half_done(cls, env: Environment, data: Mapping[str, Any], unit: str, rows: list[Raw]) -> "Editor":
        """What was typed, without a word about what is missing; a button changed its rows."""
        fallback = next((n for n, row in enumerate(rows) if row.get("is_fallback")), None)
        editor = cls(env, data.get("type", ""), unit, fallback)
        editor.occasions = lots.occasions(editor.slug, typed_config(editor.slug, data, env))
        known = with_defaults(editor.slug, data)
        typed = config_form(editor.slug, known, env=env)
        config = {name: typed[name].value() for name in typed.fields}
        editor.audience = AudienceForm(env, initial=audience_form.half_typed(data))
        editor.look = WordedLookForm(initial=look_form.half_typed(data))
        editor.earning = EarningForm(env, initial=earning_form.half_typed(env, data))
        return editor._unbound(dict(data.items()), config, rows)

    @classmethod
    def posted(cls, env: Environment, data: Mapping[str, Any]) -> "Editor":
        editor = cls(env, data.get("type", ""), data.get("unit", ""), _place(data.get("fallback")), data)
        editor.main = CampaignForm(data)
        editor.config = config_form(editor.slug, with_defaults(editor.slug, data), env=env)
        editor.audience = AudienceForm(env, data)
        editor.look = WordedLookForm(data)
        editor.earning = EarningForm(env, data)
        editor.occasions = lots.occasions(editor.slug, typed_config(editor.slug, data, env))
        editor.rows = [editor._row(n, data=data) for n in range(len(raw_rows(data)))]
        return editor

    def _unbound(self, fields: Raw, config: Raw, rows: Sequence[Raw]) -> "Editor":
        self.main = CampaignForm(initial=fields)
        self.config = config_form(self.slug, initial=config, env=self.env)
        self.rows = [self._row(n, initial=row) for n, row in enumerate(rows)]
        return self

    def _row(self, position: int, *, data: Any = None, initial: Raw | None = None) -> OutcomeForm:
        return OutcomeForm(
            data, initial=initial, position=position, pools=self.pools, occasions=self.occasions
        )

    def is_valid(self, refused: Mapping[str, str] | None = None) -> bool:
        """Every form, so that all errors show at once; also of fields that were refused before."""
        fine = [form.is_valid() for form in self.forms()]
        for field, message in (refused or {}).items():
            self.refuse(field, message)
        try:
            self.weights = lots.weights(self.lots(), self.unit, self.texts())
        except OddsError as error:
            self.odds_problem = str(error)
        return all(fine) and not self.odds_problem and not refused

    def draft(self, config: Mapping[str, Any]) -> CampaignDraft:
        """After `is_valid`. Settings of the game that this form does not know are kept."""
        fields = dict(self.main.cleaned_data)
        banner = {key: text for field, key in BANNER.items() if (text := fields.pop(field))}
        outcomes = tuple(
            row.draft(weight, is_fallback=n == self.fallback)
            for n, (row, weight) in enumerate(zip(self.rows, self.weights, strict=True))
        )
        if self.is_program:
            fields |= dict.fromkeys(LIMITS)
        settings = {**config, **self.config.cleaned_data}
        return CampaignDraft(
            banner=banner,
            look=self.look.stored(),
            earning=self.earning.stored(),
            config=settings,
            outcomes=outcomes,
            audience=self.audience.draft(),
            **fields,
        )

    def refuse(self, field: str, message: str) -> None:
        """Show a refusal of the rules at the field they name, else on top."""
        if picture := IN_CONFIG.fullmatch(f"{field}-file"):
            field, message = "questions", f"Picture of question {int(picture['question']) + 1}: {message}"
        form, name = self._place_of(field)
        if form is not None:
            form.add_error(name if name in form.fields else None, message)
        elif field.partition(".")[0] == ODDS:
            self.odds_problem = message
        else:
            self.problems.append(message)

    def remark(self, field: str, message: str) -> str:
        """Say at a field what a draft, which is saved as it is, lacks until its launch; the id of where
        that stands, "" if it is nowhere."""
        form, name = self._place_of(field)
        if form is not None and name in form.fields:
            field_of, shown = form.fields[name], form[name]
            field_of.remark = message  # type: ignore[attr-defined]  # ours; the template shows it
            hint = f"{shown.auto_id}_helptext " if field_of.help_text else ""
            field_of.widget.attrs["aria-describedby"] = f"{hint}{shown.auto_id}_remark"
            return str(shown.id_for_label)
        return "odds" if field.partition(".")[0] == ODDS else ""

    def _place_of(self, field: str) -> tuple[forms.Form | None, str]:
        """The form, and its field, that the rules call this."""
        head, _, rest = field.partition(".")
        place, _, name = rest.partition(".")
        if head == ODDS and place.isdecimal() and int(place) < len(self.rows):
            return self.rows[int(place)], name
        if field in PICTURES and field not in self.main.fields:
            return self.look, field.removeprefix(f"{look_form.PREFIX}-")
        found = {"earning": (self.earning, place), "audience": (self.audience, "")}.get(head)
        known = (form for form in (self.main, self.config) if field in form.fields)
        return found or (next(known, None), field)

    def forms(self) -> list[forms.Form]:
        return [self.main, self.audience, self.config, self.look, self.earning, *self.rows]

    def texts(self) -> list[str]:
        return [str(row["chance"].value() or "") for row in self.rows]

    def lots(self) -> list[Lot]:
        """The rows by what they are for."""
        return lots.of(self.occasions, [str(row["occasion"].value() or ANY) for row in self.rows])

    def errors(self) -> Iterator[tuple[str, str, str]]:
        """For the summary: (id to jump to, label, message)."""
        for message in self.problems:
            yield "", "", message
        if self.odds_problem:
            yield "odds-status", "Rewards & odds", self.odds_problem
        for form in self.forms():
            where = f"Outcome {form.position + 1}: " if isinstance(form, OutcomeForm) else ""
            for name, messages in form.errors.items():
                field = form[name] if name in form.fields else None
                label = f"{where}{field.label if field else ''}"
                yield (field.id_for_label if field else ""), label, " ".join(map(str, messages))


def _place(text: object) -> int | None:
    return int(str(text)) if str(text).isdecimal() else None
