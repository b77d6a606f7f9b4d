from django.conf import settings
from django.core.checks import Tags, Warning, register

from . import crypto


@register(Tags.security, deploy=True)
def hash_root_is_named(app_configs, **kwargs) -> list[Warning]:
    """Nodes that share HUIYIN_KEYS must share the hash root, also after its oldest key is dropped."""
    if not settings.HUIYIN_KEYS or crypto.ROOT_PREFIX in settings.HUIYIN_KEYS:
        return []
    return [
        Warning(
            "HUIYIN_KEYS names no hash root, so it is derived from the oldest key.",
            hint="Add hash:<content of secrets/hash_root> to HUIYIN_KEYS before you drop that key.",
            id="foundation.W001",
        )
    ]
