"""Owns every process of a running Glu Admin: PostgreSQL, worker, web and beat.

It starts them in that order, starts again what dies, and stops them in reverse. run.json
exists exactly while everything answers.
"""

import http.client
import os
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from django.conf import settings

from glu_admin.runtime import database, home, network, programs, welcome
from glu_admin.runtime.announce import Steps, welcome_text
from glu_admin.runtime.children import Child, Keeper, Service
from glu_admin.runtime.commandline import database_folder
from glu_admin.runtime.logs import ChildLog
from glu_admin.runtime.postgres import Cluster, url_for
from glu_admin.runtime.stopping import StopRequested, StopSignals

LOOK_EVERY = 0.2
READY_WITHIN = 90.0


class NotReadyError(Exception):
    """Something did not come up in time; the message says what and where to look."""


@dataclass(frozen=True)
class Place:
    """Where a run lives and listens."""

    home: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        return settings.PUBLIC_URL or f"http://{network.reachable_address(self.host)}:{self.port}"

    @property
    def run_file(self) -> Path:
        return self.home / "run.json"


class Supervisor:
    """One run, from the first process to the last."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.steps = Steps()
        self.signals = StopSignals()
        self.keepers: list[Keeper] = []
        self.children: list[Child] = []
        self.database_log = ChildLog(place.home / "logs" / "database.log")

    def run(self) -> None:
        """Returns when a stop was asked for; raises PostgresError or NotReadyError if a start fails."""
        self.signals.install()
        self.place.run_file.unlink(missing_ok=True)
        (self.place.home / "static").mkdir(exist_ok=True)  # looked for by the static files' server
        try:
            self._start()
            self._watch()
        except StopRequested:
            self.steps.say("Stopping …")
        finally:
            self.signals.requested = True
            self._stop()
        self.steps.say("Stopped.")

    def _start(self) -> None:
        self._start_database()
        self._prepare_database()
        self.steps.begin("Starting worker, web and beat")
        programs.ready_file(self.place.home).unlink(missing_ok=True)
        environment = os.environ | {
            "GLU_HOME": str(self.place.home),
            "GLU_PUBLIC_URL": self.place.url,
            "GLU_SUPERVISED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(programs.metrics_folder(self.place.home)),
            "PYTHONUNBUFFERED": "1",
        }
        self.children = programs.make_children(
            self.place.home, environment, host=self.place.host, port=self.place.port
        )
        worker, web, beat = self.children
        self._own(worker)
        self._own(web)
        self._wait_until_ready()
        self._own(beat)
        self._welcome()

    def _own(self, service: Service) -> None:
        with self.signals.held():
            service.start()
            self.keepers.append(Keeper(service))

    def _start_database(self) -> None:
        folder = database_folder(self.place.home)
        if os.environ["DATABASE_URL"] != url_for(folder):
            self.steps.begin("Using the database that DATABASE_URL names")
            return
        first = not folder.exists()
        self.steps.begin("Creating the database" if first else "Starting PostgreSQL")
        self._own(Cluster(folder, log=self.database_log.path))

    def _prepare_database(self) -> None:
        database.check_server(os.environ["DATABASE_URL"])
        waiting = database.missing_migrations()
        if waiting:
            self.steps.begin(f"Preparing its tables ({waiting} migrations)")
            database.migrate()
        if settings.GLU_ENV != "production":
            if waiting and database.has_demo():
                self.steps.begin("Loading the demo brand")
            if problem := database.load_demo():
                self.steps.say(problem)
        database.let_go()

    def _welcome(self) -> None:
        facts = welcome.facts(url=self.place.url, pid=os.getpid())
        database.let_go()
        home.write_private(self.place.run_file, facts)
        self.steps.say(welcome_text(facts, host=self.place.host))
        self.steps.say(f"Ready in {self.steps.elapsed:.1f} s; logs are in {self.place.home / 'logs'}.")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            self._look()
            if self._worker_answers() and self._web_answers():
                return
            time.sleep(0.05)
        logs = self.place.home / "logs"
        slow = "web" if self._worker_answers() else "worker"
        raise NotReadyError(f"The {slow} was not ready within {READY_WITHIN:.0f} s; see {logs / slow}.log.")

    def _worker_answers(self) -> bool:
        file, worker = programs.ready_file(self.place.home), self.children[0].process
        return worker is not None and file.exists() and file.read_text() == str(worker.pid)

    def _web_answers(self) -> bool:
        host, port = network.own_address(self.place.host), self.place.port
        asked = http.client.HTTPConnection(host.strip("[]"), port, timeout=5)
        try:
            asked.request("GET", "/readyz")
            return asked.getresponse().status == HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asked.close()

    def _watch(self) -> None:
        while True:
            self._look()
            time.sleep(LOOK_EVERY)

    def _look(self) -> None:
        for keeper in self.keepers:
            with self.signals.held():
                if line := keeper.look():
                    self.steps.say(line)
        logs = [("database", self.database_log), *((child.name, child.log) for child in self.children)]
        for name, log in logs:
            log.rotate()
            if line := log.new_error():
                self.steps.say(f"{name}: {line} (logs/{name}.log)")

    def _stop(self) -> None:
        self.place.run_file.unlink(missing_ok=True)
        database.let_go()
        for keeper in reversed(self.keepers):
            keeper.service.stop()


def supervise(host: str, wanted_port: int | None) -> None:
    """Run until somebody stops it; raises HomeInUseError, PortError, PostgresError or NotReadyError."""
    where: Path = settings.GLU_HOME
    with home.owned(where, home.SUPERVISOR, wait=30.0):
        Supervisor(Place(where, host, network.choose_port(host, wanted_port))).run()
