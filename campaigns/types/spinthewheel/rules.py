"""Spin the wheel: one spin, one draw; one slice an outcome."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.types.base import CampaignType, Config, ConfigError, NotAllowed, Outcome, State, Step

LEAST, MOST = 2, 12
TITLE_LENGTH = 80


class SpinTheWheel(CampaignType):
    slug = "spinthewheel"
    label = "Spin the wheel"
    page = "reward"
    verb = "Spin the wheel"

    def check(self, config: Config, outcomes: Sequence[Outcome]) -> None:
        title = config.get("title", "")
        if not isinstance(title, str) or len(title) > TITLE_LENGTH:
            raise ConfigError("title", f"The title is text of up to {TITLE_LENGTH} characters.")
        if not LEAST <= len(outcomes) <= MOST:
            raise ConfigError(
                "outcomes", f"A wheel has {LEAST} to {MOST} outcomes; this one has {len(outcomes)}."
            )

    def defaults(self) -> dict[str, Any]:
        return {"title": "Spin to win"}

    def start(self, config: Config) -> State:
        return {}

    def act(self, config: Config, state: State, action: Mapping[str, Any]) -> Step:
        if action:
            raise NotAllowed("A spin takes no action: the wheel decides by itself.")
        return Step(state, draws=True, completed=True)

    def view(self, config: Config, state: State, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        return {"slices": [outcome.name for outcome in outcomes]}

    def reveal(self, config: Config, outcomes: Sequence[Outcome], drawn: Outcome | None) -> dict[str, Any]:
        slices = [outcome.id for outcome in outcomes]
        return {"slice": slices.index(drawn.id) if drawn else None}


TYPE = SpinTheWheel()
