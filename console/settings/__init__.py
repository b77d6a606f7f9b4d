"""Settings of the running product, read from the environment (docs/reference/settings.md).

Split by subject; `test.py` is the same product with fast hashing and throw-away folders.
"""

from .apps import *  # noqa: F403
from .base import *  # noqa: F403
from .data import *  # noqa: F403
from .logs import *  # noqa: F403
from .security import *  # noqa: F403
from .sign_in import *  # noqa: F403
from .theme import *  # noqa: F403
from .web import *  # noqa: F403
