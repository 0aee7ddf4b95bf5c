"""Who invited whom: one referrer a person, for ever; never oneself, and never in a circle.

The referrer is kept as sent, an id that nobody has yet included: the invited may register before
the one who invited. An id stands for whoever has it now, or had it as a visitor; so whenever a
person with a referrer gets a new id, the way up is walked again; one that turns out to lead back to
the person goes, and leaves room for a true one. Codes are read in any case of letters. One at a
time in an environment, so that of two who name each other one is refused.
"""

from collections.abc import Collection
from dataclasses import replace

from glu_admin import hot
from glu_admin.config import EnvironmentConfig
from users.records import Record
from users.registration_form import RegistrationForm, warning

MOST_STEPS = 500  # a longer way up is refused: it can't be told from a circle

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
# whoever goes by a name: the user, else the visitor, else the one whom a visitor turned out to be
_NAMED = """
    SELECT found.id FROM (
        SELECT 1 AS place, e.id FROM users_enduser e
         WHERE e.environment_id = {environment} AND e.user_id = {name}
        UNION ALL
        SELECT 2, e.id FROM users_enduser e
         WHERE e.environment_id = {environment} AND e.anonymous_id = {name}
           AND e.user_id IS NULL AND e.merged_into_id IS NULL
        UNION ALL
        SELECT 3, coalesce(e.merged_into_id, e.id) FROM users_enduser e
         WHERE e.environment_id = {environment} AND e.anonymous_id = {name}
           AND (e.user_id IS NOT NULL OR e.merged_into_id IS NOT NULL)
    ) found ORDER BY found.place, found.id DESC LIMIT 1
"""


def _named(name: str, environment: str = "%(environment)s") -> str:
    return _NAMED.format(name=name, environment=environment)


# everyone who has a referrer, and who that is; a person's row, not an alias's
EDGES = f"""
    SELECT person.id, ({_named("person.referred_by", "person.environment_id")})
      FROM users_enduser person WHERE person.referred_by IS NOT NULL AND person.merged_into_id IS NULL
"""
_WALK = f"""
    WITH RECURSIVE up (steps, name, id) AS (
        SELECT 0, %(referrer)s::varchar, ({_named("%(referrer)s")})
        UNION ALL
        SELECT up.steps + 1, person.referred_by, ({_named("person.referred_by")})
          FROM up JOIN users_enduser person
            ON person.environment_id = %(environment)s AND person.id = up.id
         WHERE person.referred_by IS NOT NULL AND up.steps < %(most)s
    )
    SELECT steps FROM up
     WHERE id = ANY(%(people)s::bigint[]) OR name = ANY(%(names)s::varchar[]) OR steps = %(most)s
     ORDER BY steps LIMIT 1
"""
_OWNER = """
    SELECT coalesce(u.user_id, u.anonymous_id)
      FROM users_enduser o
      JOIN users_enduser u
        ON u.environment_id = o.environment_id AND u.id = coalesce(o.merged_into_id, o.id)
     WHERE o.environment_id = %s AND o.referral_code = %s
"""
_ALIASES = "SELECT anonymous_id FROM users_enduser WHERE environment_id = %s AND merged_into_id = %s"


def must_settle(form: RegistrationForm, known: Record | None) -> bool:
    """Whether this call could bring a referrer, or close a circle with the one there is."""
    if known is None or not known.referred_by:
        return form.referred_by is not None or form.referral_code is not None
    renamed = form.user_id not in (None, known.user_id)
    return renamed or form.anonymous_id not in (None, known.anonymous_id)


def settle(
    config: EnvironmentConfig, form: RegistrationForm, known: Record | None
) -> tuple[RegistrationForm, bool]:
    """The form with `referred_by` final, and whether the stored referrer has to go.

    Call it in the transaction that writes the person; the lock lasts until its end.
    """
    lock(config.id)
    if known is not None and known.referred_by:
        circle = _steps(config, known.referred_by, form, known) is not None
        return replace(form, referred_by=None), circle
    referrer, told = form.referred_by, "referredBy"
    if referrer is None and form.referral_code is not None:
        referrer, told = _by_code(config, form.referral_code), "referralCode"
        if referrer is None:
            reason = "Nobody has this referral code; it was ignored."
            return _without(form, told, "referral_code_unknown", reason), False
    if referrer is None:
        return form, False
    steps = _steps(config, referrer, form, known)
    if steps == 0:
        reason = "Nobody can refer themselves; it was ignored."
        return _without(form, told, "self_referral", reason), False
    if steps is not None:
        reason = "This referrer was invited by this very user, directly or through others; it was ignored."
        return _without(form, told, "referral_cycle", reason), False
    return replace(form, referred_by=referrer), False


def lock(environment_id: object) -> None:
    """Until the transaction's end nobody else changes who invited whom."""
    hot.rows(_LOCK, [f"referrals:{environment_id}"])


def leads_to(
    environment_id: object, referrer: str, *, people: Collection[int], names: Collection[str]
) -> int | None:
    """After how many steps up from `referrer` one of these stands (0: it is one); None: never."""
    values = {
        "environment": environment_id,
        "referrer": referrer,
        "people": list(people),
        "names": list(names),
        "most": MOST_STEPS,
    }
    row = hot.row(_WALK, values)
    return None if row is None else row[0]


def _steps(
    config: EnvironmentConfig, referrer: str, form: RegistrationForm, known: Record | None
) -> int | None:
    names = {form.user_id, form.anonymous_id}
    if known is not None:
        names |= {known.user_id, known.anonymous_id}
        names |= {row[0] for row in hot.rows(_ALIASES, [config.id, known.id])}
    people = [known.id] if known else []
    return leads_to(config.id, referrer, people=people, names=[each for each in names if each])


def _by_code(config: EnvironmentConfig, code: str) -> str | None:
    row = hot.row(_OWNER, [config.id, code.strip().upper()])
    return None if row is None else row[0]


def _without(form: RegistrationForm, field: str, code: str, message: str) -> RegistrationForm:
    return replace(form, referred_by=None, warnings=(*form.warnings, warning(field, code, message)))
