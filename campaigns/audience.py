"""Whom a campaign is for, compiled: what the wallet and each play ask of one person.

Pure. What the API's list says of a person beats everything, a segment that is out beats one
that is in, and the rule narrows what the segments let in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from users.segments.facts import Facts

LIST = "list"  # a need: what the API's list says
Test = Callable[[Facts], bool]


@dataclass(frozen=True)
class Audience:
    """`needs` names the facts that its tests read; with no test, everybody is in."""

    include: tuple[Test, ...] = ()
    exclude: tuple[Test, ...] = ()
    rule: Test | None = None
    only_listed: bool = False
    needs: frozenset[str] = frozenset()

    @cached_property
    def is_everybody(self) -> bool:
        return not (self.include or self.exclude or self.rule or LIST in self.needs)

    @cached_property
    def lets_in(self) -> Test:
        """Whether somebody is in whom the API's list does not name; of one segment, its own test."""
        if self.is_everybody:
            return lambda facts: True
        if self.include and not (self.include[1:] or self.exclude or self.rule or self.only_listed):
            return self.include[0]
        return lambda facts: not self.why_not(facts, None)

    def why_not(self, facts: Facts, listed: bool | None) -> str:
        """Why this person is not in it, as a code; "" for one who is. `listed` is the API's word."""
        if listed is not None:
            return "" if listed else "removed"
        for is_in in self.exclude:
            if is_in(facts):
                return "excluded"
        if self.only_listed:
            return "not_listed"
        # lists ask this of each campaign: any() with a generator takes twice as long
        for is_in in self.include:
            if is_in(facts):
                break
        else:
            if self.include:
                return "not_in_segments"
        return "" if self.rule is None or self.rule(facts) else "rule"


EVERYBODY = Audience()
