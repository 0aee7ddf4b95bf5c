"""`manage.py verify`: holds the data against every promise, and fails if one is broken."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campaigns import verification
from campaigns.verification import Finding


class Command(BaseCommand):
    help = "Prove that the data is right: coupons, rewards, ledger, plays, draws, webhooks, tenancy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("only", nargs="?", default="", help="The beginning of a name, such as coupons.")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        findings = [self._tell(finding) for finding in verification.run(options["only"])]
        if not findings:
            raise CommandError(f"No invariant is called {options['only']}.")
        broken = [each for each in findings if not each.holds]
        seconds = time.monotonic() - started
        if broken:
            names = ", ".join(each.name for each in broken)
            raise CommandError(f"{len(broken)} of {len(findings)} invariants are broken: {names}.")
        self.stdout.write(f"All {len(findings)} invariants hold ({seconds:.1f} s).")

    def _tell(self, finding: Finding) -> Finding:
        verdict = "ok    " if finding.holds else "BROKEN"
        self.stdout.write(f"{verdict} {finding.name:20} {finding.checked:>9,}  {finding.promise}")
        if not finding.holds:
            self.stdout.write(f"       {finding.violations:,} violations: {'; '.join(finding.examples)}")
        return finding
