"""What a draw gives, as parts of the one statement that writes a play.

`locks` come before the statement's last condition, `writes` after it: nothing is taken from
a pool or a stock, and nothing is given, unless all of the play takes place.
"""

from dataclasses import dataclass

from glu_admin.webhooks import outbox
from rewards import coupons, ledger

_STOCK_LOCK = """
    stock AS MATERIALIZED (
        SELECT s.id FROM {after}, rewards_stock s
        WHERE s.environment_id = %(environment)s AND s.id = %(stock)s AND s.issued < s."limit"
        FOR NO KEY UPDATE OF s
    )"""
_STOCK_WRITE = """
    taken AS (
        UPDATE rewards_stock s SET issued = s.issued + 1 FROM stock, {source} WHERE s.id = stock.id
    )"""


@dataclass(frozen=True)
class Gift:
    """Which parts it takes; a statement is composed once for each kind."""

    reward: bool = False
    coupon: bool = False
    stock: bool = False

    @property
    def details(self) -> str:
        """The details of the reward, which the coupon's row adds to."""
        return "%(details)s::jsonb || coupon.details" if self.coupon else "%(details)s::jsonb"

    @property
    def expires_at(self) -> str:
        """When the reward ends, by its own rule or with its coupon, whichever comes first."""
        own = "%(expires_at)s::timestamptz"
        return f"least({own}, coupon.expires_at)" if self.coupon else own

    def locks(self, after: str) -> tuple[list[str], str]:
        """The parts, and the name of the last one: it has a row if nothing has run out."""
        parts = []
        if self.coupon:
            parts.append(coupons.locks(after))
            after = "coupon"
        if self.stock:
            parts.append(_STOCK_LOCK.format(after=after))
            after = "stock"
        return parts, after

    def writes(self, source: str) -> list[str]:
        """The parts that write, for the one row of `source`."""
        parts = []
        if self.coupon:
            parts.append(coupons.writes(source))
        if self.stock:
            parts.append(_STOCK_WRITE.format(source=source))
        if self.reward:
            parts += [self._granted(source), outbox.part(source, "kind", "reward")]
        return parts

    def _granted(self, source: str) -> str:
        number = "coupon.number" if self.coupon else "NULL::integer"
        given = f"{source}, coupon" if self.coupon else source
        return ledger.parts(given, number=number, details=self.details, expires_at=self.expires_at)


NOTHING = Gift()
