"""Wagtail's news: what is published is found, what is withdrawn is not."""

from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished

from . import search
from .models import ArticlePage


@receiver(page_published, sender=ArticlePage)
def index_published(sender, instance: ArticlePage, **kwargs) -> None:
    search.index_article(instance)


@receiver(page_unpublished, sender=ArticlePage)
def drop_unpublished(sender, instance: ArticlePage, **kwargs) -> None:
    search.drop_article(instance.pk)
