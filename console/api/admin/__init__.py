from . import tokens, webhooks  # noqa: F401
