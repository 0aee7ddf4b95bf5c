"""Why a segment is not written: what is wrong with it, or who uses it."""

from collections.abc import Sequence
from typing import NamedTuple

from users.segments.uses import Use


class SegmentFault(NamedTuple):
    """One thing to mend; `field` is its path: `name`, `rule.all[1].value`."""

    field: str
    message: str


class SegmentError(ValueError):
    """The segment can't be stored like this; `field` and `message` are those of the first fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message
        self.faults: tuple[SegmentFault, ...] = (SegmentFault(field, message),)

    @classmethod
    def of(cls, faults: Sequence[SegmentFault]) -> "SegmentError":
        error = cls(*faults[0])
        error.faults = tuple(faults)
        return error


class InUseError(Exception):
    """Something uses the segment. If it `is_asked`, who has seen the uses may go on; else nobody may."""

    def __init__(self, uses: Sequence[Use], *, is_asked: bool = False) -> None:
        names = ", ".join(f"{use.kind} “{use.name}”" for use in uses[:3])
        more = f" and {len(uses) - 3} more" if len(uses) > 3 else ""
        super().__init__(f"It is used by {names}{more}.")
        self.uses, self.is_asked = tuple(uses), is_asked
