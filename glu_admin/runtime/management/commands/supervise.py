"""`./glu run`: starts everything, keeps it running, stops it."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from glu_admin.runtime.binaries import PostgresError
from glu_admin.runtime.commandline import fail
from glu_admin.runtime.home import HomeInUseError
from glu_admin.runtime.network import PortError
from glu_admin.runtime.supervisor import NotReadyError, supervise


class Command(BaseCommand):
    help = "Runs PostgreSQL, worker, web and beat until it is stopped."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets a phone in this network in")
        parser.add_argument("--port", type=int, help="default: the first free one from 8000")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            supervise(options["host"], options["port"])
        except (HomeInUseError, NotReadyError, PortError, PostgresError) as error:
            sys.exit(fail(str(error)))
