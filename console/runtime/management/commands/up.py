"""`manage.py up`: prepare the database, then run web, worker, listener and watchdog until stopped."""

import fcntl
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.translation import gettext as _

from console.runtime import children
from console.runtime.migrating import migrate
from console.runtime.supervisor import Child, Supervisor
from console.runtime.warm import warm
from console.runtime.watchdog import Watchdog


class Command(BaseCommand):
    help = "Set up and run the whole product: web, worker, listener, watchdog."
    requires_system_checks = []

    def add_arguments(self, parser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, then stop")

    def handle(self, *args, **options) -> None:
        home = Path(settings.HUIYIN_HOME)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
        self.lock = take_lock(home / "up.lock")
        refuse_taken_port()
        self._in_a_child(self.prepare)
        if options["no_serve"]:
            return
        warm()
        connections.close_all()
        watchdog, announced = Watchdog(), [False]

        def tick(supervisor: Supervisor) -> None:
            watchdog(supervisor)
            if not announced[0] and answers(children.READY_URL):
                announced[0] = True
                self.announce()

        Supervisor(children.CHILDREN, tick).run()
        self.stdout.write(_("Stopped."))

    def _in_a_child(self, step: Callable[[], None]) -> None:
        """What migrating and loading take in memory is not handed on to every process."""
        child = Child("prepare", step)
        child.start()
        _pid, status = os.waitpid(child.pid, 0)
        if status:
            raise CommandError(_("Could not be prepared; what went wrong stands above."))

    def prepare(self) -> None:
        from console.plugin_host import discovery

        for problem in discovery.preflight_all():
            self.stderr.write(self.style.WARNING(str(problem)))
        migrate()
        if not getattr(settings, "WHITENOISE_USE_FINDERS", False):
            call_command("collectstatic", verbosity=0, interactive=False)
        if settings.HUIYIN_DEMO:
            call_command("demo", "load", "--if-empty")
        connections.close_all()

    def announce(self) -> None:
        base = settings.HUIYIN_BASE_URL
        rows = [
            (_("Help centre"), f"{base}/"),
            (_("Hub"), f"{base}/console/"),
            (_("Editor"), f"{base}/cms/"),
            (_("API"), f"{base}/api/docs/"),
        ]
        self.stdout.write(self.style.SUCCESS(_("Huiyin is ready.")))
        for label, url in rows:
            self.stdout.write(f"  {label:<14} {url}")
        if settings.HUIYIN_DEMO:
            from console.runtime.demo.people import SIGN_INS, demo_password

            self.stdout.write(_("Demo sign-ins (fictional bank), one password for all: %s") % demo_password())
            self.stdout.write("  " + "  ".join(SIGN_INS))
        self.stdout.write(_("Stop with Ctrl-C."))
        self.stdout.flush()


def take_lock(path: Path):
    """One supervisor a home folder. Held until the process ends, however it ends."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CommandError(_("Another Huiyin already runs on this home folder: %s") % path.parent)
    return handle


def refuse_taken_port() -> None:
    """A stale listener would silently share the port; refuse to start beside it."""
    port = int(os.environ.get("PORT", "8000"))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("HUIYIN_BIND", "127.0.0.1"), port))
        except OSError:
            raise CommandError(_("Port %s is taken. Stop what listens there, or set PORT.") % port)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        time.sleep(0.1)
        return False
