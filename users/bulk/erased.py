"""Who was erased is not brought back by an old file: such a line is left out and told.

Somebody who registered again since then is a person like others.
"""

from collections.abc import Sequence

from glu_admin.workspaces.models import Environment
from users.bulk.rows import Fault
from users.models import Erasure
from users.privacy.erasure import subject_of

TOLD = "This person was erased. Only a registration of their own makes them known again."


def any_in(environment: Environment) -> bool:
    return Erasure.objects.filter(environment=environment).exists()


def among(environment: Environment, people: Sequence[tuple[int, str]]) -> list[Fault]:
    """The lines of (line, user id) whose person was erased."""
    subjects = {subject_of(environment, user_id): line for line, user_id in people}
    erased = Erasure.objects.filter(environment=environment, subject__in=subjects)
    lines = sorted(subjects[subject] for subject in set(erased.values_list("subject", flat=True)))
    return [Fault(line, "userId", "user_erased", TOLD) for line in lines]
