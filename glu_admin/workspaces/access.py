"""Who may do what: one table from permissions to roles. Whatever is not listed is refused.

A rule may hold in Test only. Controls ask here before they are drawn; the server asks here
again before it acts, and that answer is the one that counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from glu_admin.workspaces.models import Environment, Membership

Role = Membership.Role
EVERYONE = frozenset(Role)
KEEPERS = frozenset({Role.OWNER, Role.ADMIN})
MAKERS = KEEPERS | {Role.MARKETER}
BUILDERS = KEEPERS | {Role.DEVELOPER}
DEVELOPERS = frozenset({Role.DEVELOPER})


@dataclass(frozen=True)
class Rule:
    """`words` completes "Only Owners and Admins may …"; `in_test` are allowed in Test besides."""

    words: str
    roles: frozenset[Role]
    in_test: frozenset[Role] = frozenset()


RULES: dict[str, Rule] = {
    "overview.view": Rule("see the overview", EVERYONE),
    "campaigns.view": Rule("see campaigns", EVERYONE),
    "campaigns.edit": Rule("change campaigns", MAKERS, DEVELOPERS),
    "look.edit": Rule("change how pages look", MAKERS),
    "campaigns.launch": Rule("launch, pause or end campaigns", MAKERS, DEVELOPERS),
    "rewards.view": Rule("see rewards", EVERYONE),
    "pools.view": Rule("see coupon pools", EVERYONE),
    "pools.edit": Rule("add coupon codes", MAKERS, DEVELOPERS),
    "coupons.reveal": Rule("see whole coupon codes", KEEPERS),
    "users.view": Rule("see people", EVERYONE),
    "users.personal": Rule("see names, phone numbers and e-mail addresses", KEEPERS),
    "users.edit": Rule("block people and sign them out", KEEPERS, DEVELOPERS),
    "users.erase": Rule("export and erase people", KEEPERS),
    "segments.view": Rule("see segments", EVERYONE),
    "segments.edit": Rule("change segments", MAKERS, DEVELOPERS),
    "segments.people": Rule("see who is in a segment", MAKERS | {Role.DEVELOPER}),
    "segments.export": Rule("export segments", KEEPERS),
    "events.view": Rule("see events", BUILDERS | {Role.MARKETER}),
    "events.payload": Rule("see what events carry", BUILDERS),
    "events.edit": Rule("replay events and send test events", BUILDERS),
    "developers.view": Rule("see the developers' pages", BUILDERS | {Role.MARKETER}),
    "keys.edit": Rule("make and revoke keys", BUILDERS),
    "webhooks.view": Rule("see webhooks", BUILDERS | {Role.MARKETER}),
    "webhooks.edit": Rule("change webhooks", BUILDERS),
    "team.view": Rule("see the team", EVERYONE),
    "team.edit": Rule("change the team", KEEPERS),
    "audit.view": Rule("see the audit log", KEEPERS),
    "admin.use": Rule("use the admin", KEEPERS),
}


def may(role: str, permission: str, kind: str) -> bool:
    """Whether `role` has `permission` in an environment of this kind; an unknown name is refused."""
    rule = RULES.get(permission)
    if rule is None:
        return False
    return role in rule.roles or (kind == Environment.Kind.TEST and role in rule.in_test)


def refusal(permission: str) -> str:
    """What to tell a person who may not: who can, and whom to ask."""
    rule = RULES.get(permission)
    if rule is None:
        return "Nobody may do this."
    return f"Only {_people(rule.roles)} may {rule.words}. Ask an Admin."


def _people(roles: Iterable[Role]) -> str:
    names = [f"{role.label}s" for role in Role if role in frozenset(roles)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
