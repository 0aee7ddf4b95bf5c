"""Writes the table of operators into users/segments/README.md, after one was added or changed."""

from typing import Any

from django.core.management.base import BaseCommand

from users.segments import reference


class Command(BaseCommand):
    help = "Write the table of segment operators into users/segments/README.md."

    def handle(self, *args: Any, **options: Any) -> None:
        reference.FILE.write_text(reference.written(reference.FILE.read_text()))
        self.stdout.write(f"Wrote {reference.FILE}.")
