"""The product under test: fast password hashing, throw-away folders, keys of its own."""

from . import *  # noqa: F403
from . import data

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Tests of sign-in switch these on for themselves.
HUIYIN_REQUIRE_MFA = []
HUIYIN_IDLE_MINUTES = 0
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# One process is the whole machine here.
CACHES = data.CACHES | {"shared": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "shared"}}
if data.DATABASE["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and child processes of the tests must see one database.
    data.DATABASE["TEST"] = {"NAME": str(data.HOME / "test.sqlite3")}
    data.DATABASE["OPTIONS"] = {
        **data.DATABASE["OPTIONS"],
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;",
    }
else:
    # Nothing here must survive a power cut.
    data.DATABASE["OPTIONS"] = {**data.DATABASE["OPTIONS"], "options": "-c synchronous_commit=off"}
DATABASES = data.DATABASES
