"""The index beside the search documents: FTS5 on SQLite, tsvector with GIN on PostgreSQL."""

from django.db import migrations

SQLITE = """CREATE VIRTUAL TABLE foundation_search_fts
USING fts5(terms, content='', detail=none, columnsize=0, tokenize='ascii')"""

# Terms live out of line: a page of the table then holds many short texts, which is what a search reads.
# The pending list is short, because every search walks it.
POSTGRESQL = [
    "ALTER TABLE foundation_searchdocument ADD COLUMN terms tsvector",
    "ALTER TABLE foundation_searchdocument ALTER COLUMN terms SET STORAGE EXTENDED",
    "ALTER TABLE foundation_searchdocument ALTER COLUMN text SET STORAGE MAIN",
    "ALTER TABLE foundation_searchdocument ALTER COLUMN folded SET STORAGE MAIN",
    "ALTER TABLE foundation_searchdocument ALTER COLUMN terms SET STATISTICS 1000",
    "ALTER TABLE foundation_searchdocument SET (toast_tuple_target = 256)",
    "CREATE INDEX foundation_search_terms ON foundation_searchdocument USING gin (terms) "
    "WITH (fastupdate = on, gin_pending_list_limit = 512)",
]


def make(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)
    elif schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement)


def drop(apps, schema_editor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE foundation_search_fts")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX foundation_search_terms")
        schema_editor.execute("ALTER TABLE foundation_searchdocument DROP COLUMN terms")


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]
    operations = [migrations.RunPython(make, drop)]
