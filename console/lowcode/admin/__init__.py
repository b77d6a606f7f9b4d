from . import blueprints, views  # noqa: F401  each registers its pages
