"""Database, queue, cache and files."""

from .env import HOME, env

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{HOME / 'huiyin.sqlite3'}")}
DATABASE = DATABASES["default"]
DATABASE["ATOMIC_REQUESTS"] = False
DATABASE.setdefault("OPTIONS", {})
if DATABASE["ENGINE"].endswith("sqlite3"):
    DATABASE["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
        ),
    }
else:
    DATABASE["CONN_HEALTH_CHECKS"] = True
    # As long as SQLite waits: then the sender is told to come again, rather than left without an answer.
    if lock_seconds := env.int("DATABASE_LOCK_SECONDS", default=20):
        DATABASE["OPTIONS"].setdefault("options", f"-c lock_timeout={lock_seconds}s")
DATABASE["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=600)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The queue is a doorbell: rows hold the truth (console/foundation/work). Of django-q2 the table and its broker are
# used; console/runtime/puller.py runs what it holds. `retry` must exceed `timeout`.
Q_CLUSTER = {
    "name": "huiyin",
    "orm": "default",
    "workers": env.int("HUIYIN_WORKERS", default=2),
    "timeout": 150,
    "retry": 600,
    "bulk": 1,
    "poll": 0.1,
    "max_rss": 300_000,
    "save_limit": -1,
    "label": "Queue",
}

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "huiyin"}
    ),
}

# What all processes of one machine must agree on (presence, look-up limits) when there is no Redis.
CACHES["shared"] = (
    CACHES["default"]
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(HOME / "cache")}
)

MEDIA_ROOT = HOME / "media"
MEDIA_URL = "/media/"
# Attachments are encrypted and never served from the web root (console/channels/attachments.py).
VAULT_ROOT = HOME / "vault"
STATIC_ROOT = HOME / "static"
STATIC_URL = "/static/"

# How many workers may drain one pump at once. One on SQLite, which has a single writer anyway; elsewhere one
# fewer than the workers, so that a slow channel never holds them all.
HUIYIN_PUMP_PARALLEL = env.int(
    "HUIYIN_PUMP_PARALLEL", default=1 if DATABASE["ENGINE"].endswith("sqlite3") else max(1, Q_CLUSTER["workers"] - 1)
)
# How leases name this machine (console/foundation/leases.py); no two nodes of one database may share a name.
HUIYIN_NODE = env.str("HUIYIN_NODE", default="")
# Work is due and none has been done for this long: the queue hangs (console/runtime/watchdog.py).
HUIYIN_HUNG_SECONDS = env.int("HUIYIN_HUNG_SECONDS", default=60)
# The malware scanner for files that come in or go out (console/channels/services/scanning.py); empty: none.
HUIYIN_SCAN_CLAMD = env.str("HUIYIN_SCAN_CLAMD", default="")
HUIYIN_SCAN_COMMAND = env.str("HUIYIN_SCAN_COMMAND", default="")
HUIYIN_SCAN_REQUIRED = env.bool("HUIYIN_SCAN_REQUIRED", default=False)
