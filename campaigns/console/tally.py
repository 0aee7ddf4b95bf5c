"""What a poll or a survey was told: each question with its answers, how many chose each, and their share.

Counted from the plays themselves, so a person who took part twice counts twice, as they answered.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.console import sql
from campaigns.models import Campaign
from campaigns.types import all_types

_SAID = """
    SELECT said ->> 'question', chosen, count(*)
    FROM campaigns_play p
    CROSS JOIN jsonb_path_query(p.answer, '$.reveal.answers[*]') AS said
    CROSS JOIN jsonb_array_elements_text(said -> 'chosen') AS chosen
    WHERE p.environment_id = %(environment)s AND p.campaign_id = %(campaign)s
    GROUP BY 1, 2
"""
# whoever chose several answers is one voice
_VOICES = """
    SELECT said ->> 'question', count(*)
    FROM campaigns_play p
    CROSS JOIN jsonb_path_query(p.answer, '$.reveal.answers[*]') AS said
    WHERE p.environment_id = %(environment)s AND p.campaign_id = %(campaign)s
        AND said -> 'chosen' <> '[]'
    GROUP BY 1
"""


@dataclass(frozen=True)
class Choice:
    text: str
    count: int
    share: float  # of the question's voices, in percent


@dataclass(frozen=True)
class Question:
    """`voices`: how many answered it at all."""

    text: str
    voices: int
    choices: tuple[Choice, ...]


def of(campaign: Campaign) -> list[Question]:
    """The questions in their order; answers that were changed since come after those of today."""
    kind = all_types().get(campaign.type)
    asked = kind.asked(campaign.config) if kind else ()
    if not asked:
        return []
    about = {"environment": campaign.environment_id, "campaign": campaign.pk}
    said = Counter({(text, chosen): count for text, chosen, count in sql.rows(_SAID, **about)})
    voices: Counter[str] = Counter(dict(sql.rows(_VOICES, **about)))
    return [_question(text, answers, said, voices[text]) for text, answers in asked]


def _question(text: str, answers: Sequence[str], said: Counter[tuple[str, str]], voices: int) -> Question:
    former = sorted({chosen for asked, chosen in said if asked == text} - set(answers))
    return Question(text, voices, tuple(_choices(text, [*answers, *former], said, voices)))


def _choices(
    text: str, answers: Iterable[str], said: Counter[tuple[str, str]], voices: int
) -> Iterable[Choice]:
    for each in answers:
        count = said[text, each]
        yield Choice(each, count, 100 * count / voices if voices else 0.0)
