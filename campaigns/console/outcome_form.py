"""The rows of the odds table: one form an outcome, and what the buttons above them do.

Names read "outcomes.2.name", as the reward table's own errors do, so that each error finds
its field. The buttons change what was typed and store nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from django import forms

from campaigns.console import chances
from campaigns.console.chances import Unit
from campaigns.console.lots import STANDS_IN
from campaigns.types.base import ANY, Occasion
from rewards.models import RewardType, Variant
from rewards.outcomes import OutcomeDraft

MOST = 100
Raw = dict[str, Any]
TEXTS = ("name", "body", "deep_link")
NUMBERS = ("amount", "stock_limit", "stock_id", "expires_after_days")


class OutcomeForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=80, error_messages={"required": "Give this outcome a name."}
    )
    occasion = forms.CharField(label="For", required=False, max_length=40, widget=forms.Select)
    chance = forms.CharField(required=False, max_length=20)
    locked = forms.BooleanField(required=False, label="Lock")
    reward_type = forms.ChoiceField(label="Gives", choices=RewardType.choices)
    amount = forms.IntegerField(required=False, min_value=0, help_text="How many coins, points or how much.")
    pool_id = forms.TypedChoiceField(
        label="Coupon pool", required=False, coerce=UUID, empty_value=None, choices=[("", "No codes")]
    )
    stock_limit = forms.IntegerField(
        label="Stock", required=False, min_value=0, help_text="How many may be won in all. Empty: no limit."
    )
    stock_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    expiry = forms.ChoiceField(label="Expires", choices=Variant.Expiry.choices, initial=Variant.Expiry.NEVER)
    expires_at = forms.DateTimeField(
        label="Expires on",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    expires_after_days = forms.IntegerField(
        label="Expires after, in days", required=False, min_value=1, max_value=3650
    )
    body = forms.CharField(label="What winners read", required=False, max_length=500)
    terms = forms.CharField(
        required=False, widget=forms.Textarea({"rows": 2}), help_text="One a line. Winners can read them."
    )
    deep_link = forms.CharField(label="“Use it” opens", required=False, max_length=500)
    # a plain text, so that what was typed comes back as it was typed, right or wrong
    details = forms.CharField(
        label="Details for your server",
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="JSON of your own, sent along with the webhook. Ask a developer.",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        position: int,
        pools: Sequence[tuple[str, str]],
        occasions: Sequence[Occasion] = (),
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial, prefix=f"outcomes.{position}")
        self.position = position
        self.pools = dict(pools)
        pool = self.fields["pool_id"]
        assert isinstance(pool, forms.TypedChoiceField)  # noqa: S101 - declared above
        pool.choices = [("", "No codes"), *pools]
        self._offer(occasions)

    def _offer(self, occasions: Sequence[Occasion]) -> None:
        """What it may be for; what that was before stays in sight, until another is chosen."""
        self.has_occasions = bool(occasions)
        offered = [(ANY, STANDS_IN), *((each.key, each.label) for each in occasions)]
        if (chosen := self._text("occasion")) not in dict(offered):
            offered.append((chosen, "For nothing any more"))
        select = self.fields["occasion"].widget
        assert isinstance(select, forms.Select)  # noqa: S101 - declared above
        select.choices = offered

    def add_prefix(self, field_name: str) -> str:
        return f"{self.prefix}.{field_name}"

    @property
    def number(self) -> int:
        """Counted from one, as people do."""
        return self.position + 1

    @property
    def summary(self) -> str:
        """What the closed row says of the fields inside it."""
        kind = dict(RewardType.choices).get(self._text("reward_type"), "Prize")
        expiry = {
            "fixed": "expires on a date",
            "relative": f"expires after {self._text('expires_after_days')} days",
        }
        parts = [
            f"{kind} × {self._text('amount')}" if self._text("amount") else str(kind),
            f"codes from {self.pools.get(self._text('pool_id'), '?')}" if self._text("pool_id") else "",
            f"{self._text('stock_limit')} in stock" if self._text("stock_limit") else "",
            expiry.get(self._text("expiry"), ""),
        ]
        return " · ".join(part for part in parts if part)

    def _text(self, name: str) -> str:
        value = self[name].value()
        return "" if value is None else str(value)

    def clean_terms(self) -> tuple[str, ...]:
        lines = (line.strip() for line in self.cleaned_data["terms"].splitlines())
        return tuple(line for line in lines if line)

    def clean_details(self) -> dict[str, Any]:
        try:
            details = orjson.loads(self.cleaned_data["details"] or "{}")
        except orjson.JSONDecodeError:
            details = None
        if not isinstance(details, dict):
            raise forms.ValidationError('Write a JSON object, such as {"sku": "A1"}.')
        return details

    def draft(self, weight: int, *, is_fallback: bool) -> OutcomeDraft:
        fields = {key: value for key, value in self.cleaned_data.items() if key not in ("chance", "locked")}
        made = OutcomeDraft(weight=weight, is_fallback=is_fallback, **fields)
        if not self.has_occasions:
            made = replace(made, occasion=ANY)
        return _without_leftovers(made)


def _without_leftovers(made: OutcomeDraft) -> OutcomeDraft:
    """Dates of another kind of expiry stay in the form, not in the table."""
    if made.expiry != Variant.Expiry.FIXED:
        made = replace(made, expires_at=None)
    if made.expiry != Variant.Expiry.RELATIVE:
        made = replace(made, expires_after_days=None)
    return made if made.stock_limit is not None else replace(made, stock_id=None)


def raw_rows(data: Mapping[str, Any]) -> list[Raw]:
    """What was typed, row by row, as text, with a mark on the fallback."""
    count = str(data.get("outcomes.count", ""))
    rows = min(int(count), MOST) if count.isdecimal() else 0
    return [
        {name: data.get(f"outcomes.{n}.{name}", "") for name in OutcomeForm.base_fields}
        | {"is_fallback": data.get("fallback") == str(n)}
        for n in range(rows)
    ]


def rows_of(drafts: Sequence[OutcomeDraft]) -> tuple[Unit, list[Raw]]:
    """The rows of stored outcomes."""
    unit, texts = _shown(drafts)
    rows = []
    for draft, text in zip(drafts, texts, strict=True):
        row = {name: getattr(draft, name) for name in OutcomeForm.base_fields if hasattr(draft, name)}
        rows.append(row | {"chance": text, "terms": "\n".join(draft.terms), "details": _json(draft.details)})
    return unit, rows


def _shown(drafts: Sequence[OutcomeDraft]) -> tuple[Unit, list[str]]:
    """Occasion by occasion; weights for all of them if percentages can't say all."""
    texts = [""] * len(drafts)
    for occasion in {draft.occasion for draft in drafts}:
        places = [place for place, draft in enumerate(drafts) if draft.occasion == occasion]
        unit, own = chances.shown([drafts[place].weight for place in places])
        if unit is Unit.WEIGHT:
            return Unit.WEIGHT, [str(draft.weight) for draft in drafts]
        for place, text in zip(places, own, strict=True):
            texts[place] = text
    return Unit.PERCENT, texts


def _json(details: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(details)).decode() if details else ""


def change_rows(
    do: str, unit: str, rows: list[Raw], pasted: str, lots: Sequence[Sequence[int]] | None = None
) -> tuple[str, list[Raw]]:
    """What the buttons "add", "remove.2", "split", "fix" and "paste" make of the rows; raises OddsError.

    "add.<key>" adds to that occasion. `lots` are the places whose chances make 100 together.
    """
    action, _, place = do.partition(".")
    lots = [range(len(rows))] if lots is None else lots
    match action:
        case "add":
            chance = "0" if any(row["occasion"] == place for row in rows) or not place else "100"
            added = {"chance": chance, "occasion": place, "reward_type": RewardType.COUPONS.value}
            return unit, [*rows, added][:MOST]
        case "remove" if place.isdecimal():
            return unit, [row for n, row in enumerate(rows) if n != int(place)]
        case "split":
            return Unit.PERCENT, _in_each(lots, rows, lambda own: chances.split(len(own)))
        case "fix":
            return unit, _in_each(lots, rows, _fixed)
        case "paste":
            unit, texts = chances.pasted(pasted)
            missing = len(texts) - len(rows)
            return unit, _with(
                [*rows, *({"reward_type": RewardType.COUPONS.value} for _ in range(missing))], texts
            )
    return unit, rows


def _fixed(rows: Sequence[Raw]) -> list[str]:
    return chances.fix([row["chance"] for row in rows], [bool(row["locked"]) for row in rows])


def _in_each(
    lots: Sequence[Sequence[int]], rows: Sequence[Raw], change: Callable[[Sequence[Raw]], list[str]]
) -> list[Raw]:
    """The rows with new chances in each lot."""
    changed = list(rows)
    for lot in lots:
        texts = change([rows[place] for place in lot])
        for place, text in zip(lot, texts, strict=True):
            changed[place] = rows[place] | {"chance": text}
    return changed


def _with(rows: Sequence[Raw], texts: Sequence[str]) -> list[Raw]:
    """The rows with these chances; rows beyond them keep theirs at 0."""
    padded = [*texts, *["0"] * (len(rows) - len(texts))]
    return [row | {"chance": text} for row, text in zip(rows, padded, strict=True)]
