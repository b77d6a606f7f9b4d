"""Where log lines go: JSON on standard error, masked on the way (console/foundation/logging.py)."""

from .env import env

HUIYIN_LOG_LEVEL = env.str("HUIYIN_LOG_LEVEL", default="INFO")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "console.foundation.logging.Formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": HUIYIN_LOG_LEVEL},
    "loggers": {
        # Django's own would mail whole error pages, with every local variable, to the administrators.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "rjieba": {"level": "WARNING"},
        "wagtail": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
    },
}
