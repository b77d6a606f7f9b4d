from django.core.exceptions import ValidationError
from rest_framework import pagination
from rest_framework.exceptions import NotFound


class CursorPagination(pagination.CursorPagination):
    """Newest first by primary key; `?limit=` up to 200. Cost does not grow with the page number."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-pk"
    template = None

    def get_ordering(self, request, queryset, view):
        ordering = getattr(view, "page_ordering", None)
        return (ordering,) if isinstance(ordering, str) else ordering or super().get_ordering(request, queryset, view)

    def paginate_queryset(self, queryset, request, view=None):
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, TypeError, OverflowError, ValidationError):
            # A cursor is text from outside: one that was edited is a wrong address, not a fault of ours.
            raise NotFound(self.invalid_cursor_message)

    def get_paginated_response_schema(self, schema):
        """The first page has none before it and the last none after; in OpenAPI 3.1 that is a type, not a flag."""
        described = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            described["properties"][name] = {"type": ["string", "null"], "format": "uri"}
        return described
