"""Codes from a file of any size into a pool: `import_coupons POOL FILE` reports, `--add` adds."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from glu_admin.workspaces.audit import Actor
from rewards import coupon_imports
from rewards.coupon_files import EXPLAINED, CouponFile
from rewards.models import CouponPool


class Command(BaseCommand):
    help = "Check a file of coupon codes against a pool, and add the good ones with --add."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pool", type=UUID, help="The pool's id, as in its page's address.")
        parser.add_argument("file", type=Path, help="One code a line, or a CSV with a header.")
        parser.add_argument("--add", action="store_true", help="Add the good codes; without it, only report.")

    def handle(self, *args: Any, pool: UUID, file: Path, add: bool, **options: Any) -> None:
        found = CouponPool.objects.select_related("environment__workspace").filter(id=pool).first()
        if found is None:
            raise CommandError(f"There is no coupon pool {pool}.")
        try:
            with file.open("rb") as opened:
                self._run(found, coupon_imports.read(opened, found, now=timezone.now()), add)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from None

    def _run(self, pool: CouponPool, source: CouponFile, add: bool) -> None:
        report = coupon_imports.examine(pool, source, self._progress)
        self._progress("checked", report.rows)
        self.stdout.write("")
        for reason, problems in report.problems.items():
            lines = ", ".join(str(line) for line, _ in problems.first)
            more = f" and {problems.count - len(problems.first):,} more" if problems.count > 20 else ""
            self.stdout.write(f"{problems.count:>10,} left out. {EXPLAINED[reason]} Lines {lines}{more}.")
        self.stdout.write(f"{report.accepted:>10,} good codes for “{pool.name}” ({pool.environment}).")
        if not add:
            self.stdout.write("Nothing was added. Run it again with --add to add the good codes.")
            return
        count = coupon_imports.add(pool, source, Actor("import_coupons"), self._progress)
        self.stdout.write(f"\n{count:>10,} codes added.")

    def _progress(self, step: str, rows: int) -> None:
        if rows % 10_000 == 0 or step == "checked":
            self.stdout.write(f"\r{step} {rows:,} ", ending="")
            self.stdout.flush()
