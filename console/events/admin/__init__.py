from . import alarms, deliveries, log  # noqa: F401  each registers its pages
