"""`manage.py demo load | remove | reset`: the sample brand, in and out."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from campaigns.demo import loading, removing
from campaigns.demo.loading import DemoIsThereError
from glu_admin.workspaces.models import Workspace


class Command(BaseCommand):
    help = "Load the demo brand, take it out again without a trace, or both."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("load", "remove", "reset"))
        parser.add_argument(
            "--if-empty", action="store_true", help="Load only where no workspace exists yet."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        match options["what"]:
            case "load":
                self._load(only_if_empty=options["if_empty"])
            case "remove":
                self._remove()
            case "reset":
                self._remove()
                self._load(only_if_empty=False)

    def _load(self, *, only_if_empty: bool) -> None:
        if only_if_empty and Workspace.objects.exists():
            return
        started = time.monotonic()
        try:
            made = loading.load(timezone.now())
        except DemoIsThereError as error:
            raise CommandError(str(error)) from None
        self._say(
            f"Loaded {made.users:,} people, {made.plays:,} plays, {made.rewards:,} rewards and"
            f" {made.codes:,} coupon codes in {time.monotonic() - started:.1f} s."
        )

    def _remove(self) -> None:
        removed = removing.remove()
        self._say(
            f"Removed {removed:,} rows of the demo brand." if removed else "There is no demo brand here."
        )

    def _say(self, line: str) -> None:
        if self.verbosity:
            self.stdout.write(line)

    def execute(self, *args: Any, **options: Any) -> Any:
        self.verbosity = options["verbosity"]
        return super().execute(*args, **options)
