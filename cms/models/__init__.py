from .brand import Brand
from .pages import ArticlePage, ColumnPage, HomePage

__all__ = ["ArticlePage", "Brand", "ColumnPage", "HomePage"]
