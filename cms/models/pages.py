from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from .blocks import Body


class HomePage(Page):
    """The door of the help centre: search first, then tasks and columns."""

    headline = models.CharField(_("headline"), max_length=120, blank=True)
    template = "cms/home.html"
    content_panels = [*Page.content_panels, FieldPanel("headline")]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["cms.ColumnPage"]
    max_count_per_parent = 2

    class Meta:
        verbose_name = _("help centre home")

    def get_context(self, request, *args, **kwargs) -> dict:
        from cms import queries

        return super().get_context(request, *args, **kwargs) | queries.home_context(self)


class ColumnPage(Page):
    """A column (栏目): a named group of articles, shown in the menu."""

    intro = models.CharField(_("introduction"), max_length=200, blank=True)
    icon = models.SlugField(_("icon"), max_length=40, default="book-open")
    template = "cms/column.html"
    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("icon")]
    parent_page_types = ["cms.HomePage", "cms.ColumnPage"]
    subpage_types = ["cms.ArticlePage", "cms.ColumnPage"]

    class Meta:
        verbose_name = pgettext_lazy("help centre", "column")

    def get_context(self, request, *args, **kwargs) -> dict:
        from cms import queries

        return super().get_context(request, *args, **kwargs) | queries.column_context(self)


class ArticlePage(Page):
    """One answer. The short answer opens the page and is what text-only channels may quote."""

    short_answer = models.TextField(_("short answer"), help_text=_("The answer in one or two sentences."))
    body = StreamField(Body(), blank=True, verbose_name=_("body"))
    popular = models.BooleanField(_("popular"), default=False, help_text=_("Listed on the home page."))
    question_variants = models.TextField(
        _("other wordings"),
        blank=True,
        default="",
        db_default="",
        help_text=_("How customers ask for this, one wording a line. Search weighs them like the title."),
    )
    keywords = models.TextField(
        _("keywords"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Product names and terms customers use, with commas between them."),
    )
    external_id = models.CharField(
        _("external key"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        db_index=True,
        help_text=_("The key of the system this article is imported from. Translations share it."),
    )
    template = "cms/article.html"
    content_panels = [
        *Page.content_panels,
        FieldPanel("short_answer"),
        FieldPanel("body"),
        FieldPanel("popular"),
        MultiFieldPanel(
            [FieldPanel("question_variants"), FieldPanel("keywords"), FieldPanel("external_id")],
            _("To be found"),
        ),
    ]
    # A copy is another article; the key stays with the one it was imported as.
    exclude_fields_in_copy = ["external_id"]
    parent_page_types = ["cms.ColumnPage"]
    subpage_types = []

    class Meta:
        verbose_name = _("article")

    def get_context(self, request, *args, **kwargs) -> dict:
        from cms import queries

        return super().get_context(request, *args, **kwargs) | queries.article_context(self)

    def clean(self) -> None:
        super().clean()
        taken = ArticlePage.objects.filter(external_id=self.external_id, locale_id=self.locale_id).exclude(pk=self.pk)
        if self.external_id and taken.exists():
            raise ValidationError({"external_id": _("Another article of this language has this key.")})

    @property
    def wordings(self) -> list[str]:
        """The other ways customers ask this."""
        return [line.strip() for line in self.question_variants.splitlines() if line.strip()]

    def plain_body(self) -> str:
        """The body as text, for search and for channels without layout."""
        from django.utils.html import strip_tags

        return strip_tags(str(self.body)) if self.body else ""
