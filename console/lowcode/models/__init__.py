from .blueprint import BlueprintRelease
from .fields import FieldDefinition, IndexRow
from .versions import VersionedConfig
from .view import SavedView

__all__ = ["BlueprintRelease", "FieldDefinition", "IndexRow", "SavedView", "VersionedConfig"]
