"""What the editor says around its fields: the steps with their marks, the odds in a line, conflicts. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.forms import Form

from campaigns.console import lots
from campaigns.console.editor_form import BANNER, Editor
from campaigns.console.lots import OddsLine
from campaigns.console.outcome_form import OutcomeForm
from campaigns.drafts import CampaignDraft
from campaigns.publishing import Check
from campaigns.targeting import AudienceDraft

NAMES = {
    "goal": "Name & game",
    "audience": "Audience",
    "odds": "Rewards & odds",
    "look": "Look & copy",
    "schedule": "Schedule & limits",
    "review": "Review & launch",
}
AUDIENCES = {"everybody": "Everybody", "some": "Segments or a rule", "listed": "Listed by the API"}
SCHEDULE = ("starts_at", "ends_at", "time_zone", "plays_a_day", "plays_in_all")


@dataclass(frozen=True)
class Step:
    """`mark` is "wrong", "fine" or its number."""

    name: str
    label: str
    hint: str
    mark: str


@dataclass(frozen=True)
class Lot:
    """The outcomes of one occasion, the stacked bar above them, and how they add up."""

    lot: lots.Lot
    rows: list[OutcomeForm]
    odds: OddsLine


@dataclass(frozen=True)
class Difference:
    field: str
    theirs: str
    yours: str


@dataclass(frozen=True)
class Line:
    """One line of the checklist, and the id of what there is to mend; "" if it is nowhere."""

    check: Check
    id: str = ""


def checklist(editor: Editor, checks: Sequence[Check], *, leads: bool) -> list[Line]:
    """What stands in the way of a launch is said at its field too, if the page shows a draft as it was
    saved, to somebody who may mend it."""
    return [
        Line(check, editor.remark(check.field, check.message) if leads and not check.ok else "")
        for check in checks
    ]


def of(editor: Editor, checks: Sequence[Check]) -> list[Step]:
    """After `checklist`, whose remarks mark their steps."""
    wrong = _wrong(editor)
    failed = sum(not check.ok for check in checks)
    hints = {
        "goal": str(editor.main["name"].value() or "No name yet"),
        "audience": AUDIENCES.get(str(editor.audience["who"].value()), ""),
        "odds": f"{len(editor.rows)} outcomes",
        "look": str(_value(editor.config, "title")),
        "schedule": _limits(editor),
        "review": f"{len(checks) - failed} of {len(checks)} checks pass" if checks else "Save it first",
    }
    return [
        Step(name, label, hints[name], _mark(n, name in wrong, bool(checks), name == "review" and failed > 0))
        for n, (name, label) in enumerate(NAMES.items(), start=1)
    ]


def lots_of(editor: Editor) -> list[Lot]:
    texts = editor.texts()
    return [
        Lot(lot, [editor.rows[place] for place in lot.places], lots.line(lot, editor.unit, texts))
        for lot in editor.lots()
    ]


def all_odds(found: Sequence[Lot]) -> OddsLine:
    """Whether every lot adds up, and the first one's words that doesn't."""
    wrong = next((each for each in found if not each.odds.fits), None)
    if wrong is None:
        return OddsLine([], True, found[0].odds.words if len(found) == 1 else "")
    label = wrong.lot.label
    return OddsLine([], False, f"{label}: {wrong.odds.words}" if label else wrong.odds.words)


def differences(theirs: CampaignDraft, yours: CampaignDraft) -> list[Difference]:
    """Field by field, what somebody else saved and what would overwrite it."""
    pairs = [(each.name, getattr(theirs, each.name), getattr(yours, each.name)) for each in fields(yours)]
    return [Difference(name.replace("_", " "), _words(a), _words(b)) for name, a, b in pairs if a != b] or [
        Difference("nothing", "the same", "the same")
    ]


def zone(name: str) -> ZoneInfo:
    """The zone in which the page's times are meant; UTC until a real one is chosen."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _mark(number: int, is_wrong: bool, is_saved: bool, fails: bool) -> str:
    if is_wrong or fails:
        return "wrong"
    return "fine" if is_saved else str(number)


def _wrong(editor: Editor) -> set[str]:
    found = {_step_of(name) for name in _named(editor.main)}
    parts: Mapping[str, Sequence[Form]] = {
        "look": [editor.config, editor.look],
        "audience": [editor.audience],
        "odds": editor.rows,
        "schedule": [editor.earning],
    }
    found |= {step for step, forms in parts.items() if any(_named(form) for form in forms)}
    return found | ({"odds"} if editor.odds_problem else set())


def _named(form: Form) -> set[str]:
    """The fields at which something is said to be wrong."""
    return {*form.errors, *(name for name, field in form.fields.items() if getattr(field, "remark", ""))}


def _step_of(name: str) -> str:
    if name in SCHEDULE:
        return "schedule"
    return "look" if name in BANNER else "goal"


def _limits(editor: Editor) -> str:
    if editor.is_program:
        return "No limits"
    a_day, in_all = (editor.main[name].value() for name in ("plays_a_day", "plays_in_all"))
    limits = [f"{number} {words}" for number, words in ((a_day, "a day"), (in_all, "in all")) if number]
    return " · ".join(limits) or "No limits"


def _value(form: Any, name: str) -> object:
    return (form[name].value() or "") if name in form.fields else ""


def _words(value: Any) -> str:
    if isinstance(value, AudienceDraft):
        return _aim(value)
    if isinstance(value, tuple):
        return ", ".join(f"{each.name} ({each.weight})" for each in value)
    if isinstance(value, datetime):
        return f"{value:%d %b %Y %H:%M} UTC"
    return "—" if value in (None, "") else str(value)


def _aim(audience: AudienceDraft) -> str:
    if audience.only_listed:
        return "only listed people"
    sides = [f"{len(audience.include)} segments in", f"{len(audience.exclude)} out"]
    return ", ".join(sides + (["a rule"] if audience.rule else []))
