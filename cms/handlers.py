"""News this room acts on: what is published is found, what is withdrawn is not; rights follow the roles and the
editor speaks the account's language."""

from typing import Any

from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from wagtail.signals import page_published, page_unpublished
from wagtail.users.models import UserProfile

from console.events import subscribe
from console.staff.models import User

from . import search
from .models import ArticlePage


def register() -> None:
    """Called from AppConfig.ready()."""
    subscribe(("staff.permissions_changed", "staff.role_created"), "cms.rights", rights_of_roles, mode="inline")


def rights_of_roles(event: Any) -> None:
    """A cell of the permission table was changed: the groups in the editor follow in the same transaction."""
    from .rights import sync_rights

    sync_rights()


@receiver(page_published, sender=ArticlePage)
def index_published(sender, instance: ArticlePage, **kwargs) -> None:
    search.index_article(instance)


@receiver(page_unpublished, sender=ArticlePage)
def drop_unpublished(sender, instance: ArticlePage, **kwargs) -> None:
    search.drop_article(instance.pk)


@receiver(pre_save, sender=UserProfile)
def follow_account(sender, instance: UserProfile, **kwargs) -> None:
    """There is one setting of language and time zone: the account's. Wagtail's copy of it never differs."""
    instance.preferred_language, instance.current_time_zone = instance.user.language, instance.user.time_zone


@receiver(post_save, sender=User)
def change_with_account(sender, instance: User, update_fields=None, **kwargs) -> None:
    if update_fields is None or {"language", "time_zone"} & set(update_fields):
        UserProfile.objects.filter(user=instance).update(
            preferred_language=instance.language, current_time_zone=instance.time_zone
        )
