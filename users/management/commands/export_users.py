"""An environment's people into a file: `export_users FILE --environment test`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from glu_admin.progress import Bar
from glu_admin.workspaces import audit, choosing
from glu_admin.workspaces.audit import Actor
from users.bulk import export, files, jobs
from users.bulk.export import Filter, TooManyAttributes


class Command(BaseCommand):
    help = "Export people as CSV (safe to open in a spreadsheet) or newline-delimited JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        choosing.add_arguments(parser)
        parser.add_argument("--format", choices=files.FORMATS, default=files.CSV)
        parser.add_argument("--since", type=_moment, help="Registered at or after this time.")
        parser.add_argument("--until", type=_moment, help="Registered before this time.")
        parser.add_argument(
            "--test", dest="is_test", action="store_true", default=None, help="Test users only."
        )
        parser.add_argument("--attributes", help="Columns of the CSV: tier,city. All of them, if not said.")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        environment = choosing.environment(options["environment"], options["workspace"])
        names = options["attributes"]
        chosen = Filter(
            environment_id=environment.id,
            since=options["since"],
            until=options["until"],
            is_test=options["is_test"],
            attributes=None if names is None else tuple(filter(None, names.split(","))),
        )
        bar = Bar(sys.stderr, "people")
        part = file.with_name(f"{file.name}.part")
        try:
            with part.open("wb") as out:
                people = export.run(chosen, options["format"], out.write, bar)
            part.replace(file)
        except (TooManyAttributes, OSError) as error:
            raise CommandError(str(error)) from None
        finally:
            bar.end()
            part.unlink(missing_ok=True)
        audit.record(
            environment, Actor("export_users"), f"{jobs.EXPORT}.end", environment, {"people": [None, people]}
        )
        self.stdout.write(f"{people:,} people are in {file}.")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
