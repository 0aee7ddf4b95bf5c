"""What a poll or a survey was told: each question with its answers, how many chose each, and their share.

Counted from the plays themselves, so a person who took part twice counts twice, as they answered.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from campaigns.console import sql
from campaigns.models import Campaign
from campaigns.types import all_types

# what was chosen together is counted together, so whoever chose several answers is one voice
_SAID = """
    SELECT said ->> 'question', said -> 'chosen', count(*)
    FROM campaigns_play p
    CROSS JOIN jsonb_path_query(p.answer, '$.reveal.answers[*]') AS said
    WHERE p.environment_id = %(environment)s AND p.campaign_id = %(campaign)s
    GROUP BY 1, 2
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
    """The questions of today in their order; answers that were taken out since come last."""
    kind = all_types().get(campaign.type)
    asked = kind.asked(campaign.config) if kind else ()
    if not asked:
        return []
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    voices: Counter[str] = Counter()
    for text, together, count in sql.rows(_SAID, environment=campaign.environment_id, campaign=campaign.pk):
        chosen = orjson.loads(together)
        voices[text] += count if chosen else 0
        counts[text].update(dict.fromkeys(chosen, count))
    return [_question(text, answers, counts[text], voices[text]) for text, answers in asked]


def _question(text: str, answers: Sequence[str], counts: Counter[str], voices: int) -> Question:
    former = sorted(counts.keys() - set(answers))
    shares = ((each, counts[each]) for each in [*answers, *former])
    choices = tuple(Choice(each, count, 100 * count / voices if voices else 0.0) for each, count in shares)
    return Question(text, voices, choices)
