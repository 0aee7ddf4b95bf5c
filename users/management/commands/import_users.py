"""People from a file of any size into an environment: `import_users FILE --environment test`."""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from glu_admin import config
from glu_admin.progress import Bar
from glu_admin.workspaces import choosing
from glu_admin.workspaces.audit import Actor
from users.bulk import files, import_, jobs
from users.bulk.files import BLOCK, FileError
from users.bulk.import_ import Order
from users.bulk.report import Faults, Report

SHOWN = 20


class Command(BaseCommand):
    help = "Import people from a CSV (userId,email,attributes.tier,…) or newline-delimited JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="May be packed by gzip.")
        choosing.add_arguments(parser)
        parser.add_argument("--format", choices=files.FORMATS, help="If the file's name does not say it.")
        parser.add_argument("--dry-run", action="store_true", help="Only say what would be imported.")
        parser.add_argument(
            "--skip-bad", action="store_true", help="Import the good lines of a file with bad ones."
        )

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        environment = choosing.environment(options["environment"], options["workspace"])
        opened = config.get(environment.id)
        if opened is None or not file.is_file():
            raise CommandError(f"There is no file {file}.")
        bar = Bar(sys.stderr, "people")
        order = Order(
            key=uuid.uuid4(),
            config=opened,
            open=lambda: _blocks(file),
            kind=options["format"] or _format(file),
            now=timezone.now(),
            dry_run=options["dry_run"],
            skip_bad=options["skip_bad"],
        )
        try:
            report = import_.run(order, bar)
        except (FileError, OSError) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What was written is there; the same file again does the rest."
            ) from None
        finally:
            bar.end()
        jobs.record(environment, Actor("import_users"), report, environment)
        self._tell(report)
        if report.is_refused:
            raise CommandError("Nothing was imported. Mend these lines, or leave them out with --skip-bad.")

    def _tell(self, report: Report) -> None:
        self._list("can't be used", report.bad)
        self._list("left out", report.left_out)
        self._list("taken in part", report.warnings)
        if report.ignored_columns:
            self.stdout.write(f"Columns passed over: {', '.join(report.ignored_columns)}.")
        if report.is_dry:
            self.stdout.write(
                f"{report.created:,} people are new and {report.changed:,} known. Nothing was written."
            )
        elif not report.is_refused:
            rest = f"{report.changed:,} changed, {report.unchanged:,} as before."
            self.stdout.write(f"{report.created:,} people are new, {rest}")

    def _list(self, what: str, faults: Faults) -> None:
        for each in faults.first[:SHOWN]:
            field = f"{each.field}: " if each.field else ""
            self.stdout.write(f"Line {each.line:,} {what}. {field}{each.message}")
        if faults.total > SHOWN:
            self.stdout.write(f"… and {faults.total - SHOWN:,} more lines {what}.")


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while block := source.read(BLOCK):
            yield block


def _format(file: Path) -> str:
    name = file.name.lower().removesuffix(".gz")
    if name.endswith((".ndjson", ".jsonl")):
        return files.NDJSON
    if name.endswith((".csv", ".tsv", ".txt")):
        return files.CSV
    raise CommandError(f"Say --format csv or --format ndjson: the name {file.name} does not tell.")
