"""What each child process of the supervisor runs, after the fork."""

import os

from django.conf import settings


def web() -> None:
    """Serve pages with gunicorn's synchronous workers on PORT."""
    from gunicorn.app.base import BaseApplication

    class Pages(BaseApplication):
        def load_config(self) -> None:
            for key, value in {
                "bind": f"{os.environ.get('HUIYIN_BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}",
                "workers": int(os.environ.get("HUIYIN_WEB_WORKERS", "2")),
                "preload_app": True,
                "max_requests": 5000,
                "max_requests_jitter": 500,
                "timeout": 60,
                "graceful_timeout": 20,
                "proc_name": "huiyin-web",
                "loglevel": "warning",
                "logger_class": "console.runtime.weblog.Lines",
                "pre_fork": lambda server, worker: close_connections(),
            }.items():
                self.cfg.set(key, value)

        def load(self):
            from console.wsgi import application

            return application

    Pages().run()


def worker() -> None:
    """Answer rings; the jobs only drain rows (console/foundation/work.py)."""
    from .puller import run

    run()


def listener() -> None:
    """Hold the long connections of channel accounts; they only ring, the worker fetches."""
    from console.channels.listener import run

    run()


def close_connections() -> None:
    from django.db import connections

    connections.close_all()


WORKERS = [f"worker-{number}" for number in range(1, settings.Q_CLUSTER["workers"] + 1)]
CHILDREN = {"web": web, **dict.fromkeys(WORKERS, worker), "listener": listener}
READY_URL = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz"
