"""Whom a campaign is for, compiled: what the wallet and each play ask of one person.

Pure. What the API's list says of a person beats everything, a segment that is out beats one
that is in, and the rule narrows what the segments let in.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from users.segments.facts import Facts

Test = Callable[[Facts], bool]


@dataclass(frozen=True)
class Group:
    """A segment as a campaign sees it."""

    name: str
    has: Test


@dataclass(frozen=True)
class Audience:
    """`needs` names the facts that its tests read; with none of it, everybody is in."""

    include: tuple[Group, ...] = ()
    exclude: tuple[Group, ...] = ()
    rule: Test | None = None
    only_listed: bool = False
    has_list: bool = False
    needs: frozenset[str] = frozenset()

    @property
    def is_everybody(self) -> bool:
        return not (self.include or self.exclude or self.rule or self.only_listed or self.has_list)

    def why_not(self, facts: Facts, listed: bool | None) -> str:
        """Why this person is not in it, as a code; "" for one who is. `listed` is the API's word."""
        if listed is not None:
            return "" if listed else "removed"
        if any(group.has(facts) for group in self.exclude):
            return "excluded"
        if self.only_listed:
            return "not_listed"
        if self.include and not any(group.has(facts) for group in self.include):
            return "not_in_segments"
        if self.rule is not None and not self.rule(facts):
            return "rule"
        return ""


EVERYBODY = Audience()


def needed(audiences: Iterable[Audience]) -> frozenset[str]:
    """The facts that all of these need together."""
    return frozenset().union(*(each.needs for each in audiences))
