"""Knowledge from and to one table: `import_rows` puts a file's rows in place, `export_rows` writes them again."""

from .service import Outcome, Report, export_rows, import_rows
from .table import COLUMNS, Refused, Row, TableRefused, read

__all__ = ["COLUMNS", "Outcome", "Refused", "Report", "Row", "TableRefused", "export_rows", "import_rows", "read"]
