"""What the public pages show. Each function costs a fixed number of queries, whatever the size of the site."""

from .models import ArticlePage, ColumnPage, HomePage

POPULAR = 8
RELATED = 4


def columns_of(page) -> list[ColumnPage]:
    """Live columns below `page`, in the editor's order."""
    return list(ColumnPage.objects.child_of(page).live().order_by("path"))


def home_context(home: HomePage) -> dict:
    articles = ArticlePage.objects.descendant_of(home).live()
    return {"columns": columns_of(home), "popular": articles.filter(popular=True).order_by("path")[:POPULAR]}


def column_context(column: ColumnPage) -> dict:
    return {
        "columns": columns_of(column),
        "articles": ArticlePage.objects.child_of(column).live().order_by("path"),
        "trail": trail(column),
    }


def article_context(article: ArticlePage) -> dict:
    related = ArticlePage.objects.sibling_of(article, inclusive=False).live().order_by("path")[:RELATED]
    contents = [block.value for block in article.body if block.block_type == "heading"]
    return {"related": related, "trail": trail(article), "contents": contents}


def trail(page) -> list:
    """Pages above this one, from the home page down."""
    return list(page.get_ancestors().filter(depth__gt=1).live())
