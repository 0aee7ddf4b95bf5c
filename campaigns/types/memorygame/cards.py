"""The cards of a memory game: which symbol lies where, and what a turned card does to the table.

Pure. The table knows cards by what they are and not by where they lie: the layout is made of the
attempt's seed anew each time, so no state holds it and no page can tell it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.types.moves import shuffled

# each has a shape of its own; a drawing and a name for each lie in the templates
SYMBOLS = ("cup", "star", "leaf", "heart", "bell", "fish", "key", "moon", "umbrella", "flower")
FEWEST, MOST = 3, len(SYMBOLS)
COPIES = 2


@dataclass(frozen=True)
class Table:
    """What lies open. Cards are numbers: `symbol * 2` and `symbol * 2 + 1` are a pair."""

    turns: int = 0  # pairs of cards that were tried
    open: tuple[int, ...] = ()  # up to two cards; two are no pair, and are turned back by the next turn
    found: tuple[int, ...] = ()  # symbols, in the order in which they were found

    def turn(self, card: int) -> "Table":
        """The table after this hidden card was turned."""
        before = self.open if len(self.open) < COPIES else ()
        if not before:
            return replace(self, open=(card,))
        turned = replace(self, turns=self.turns + 1)
        if symbol_of(before[0]) == symbol_of(card):
            return replace(turned, open=(), found=(*self.found, symbol_of(card)))
        return replace(turned, open=(*before, card))

    def is_open(self, card: int) -> bool:
        """Whether turning this card would tell nothing: two that are no pair may be turned once more."""
        return symbol_of(card) in self.found or self.open == (card,)


def symbol_of(card: int) -> int:
    return card // COPIES


def layout(pairs: int, seed: bytes) -> Sequence[int]:
    """The card at each place."""
    return shuffled(range(pairs * COPIES), seed, "card")
