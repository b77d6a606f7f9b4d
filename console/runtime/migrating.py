"""Brings the database to the models' shape, libraries' tables first.

Almost everything of ours points at staff members and pages. When our tables exist before the libraries' many
migrations run, Django draws all our models anew for each of them; the other way round a first start is much quicker.
"""

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cms.services import lay_site

OURS = ("console.", "cms", "plugins.")


def migrate() -> None:
    """Apply what is missing, then lay the help centre's first pages. Safe on every start, by one node after another."""
    executor = MigrationExecutor(connection)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith(OURS)}
    libraries = [node for node in executor.loader.graph.leaf_nodes() if node[0] not in ours]
    if executor.migration_plan(libraries):
        executor.migrate(libraries)
    call_command("migrate", verbosity=0, interactive=False)
    lay_site()
