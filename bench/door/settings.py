from console.settings import *  # noqa: F403
from console.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "bench.door"]
ROOT_URLCONF = "bench.door.urls"
