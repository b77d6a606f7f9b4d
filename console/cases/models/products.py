from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from console.staff.scopes import ScopedQuerySet, ScopeFields


class ProductOwner(models.Model):
    """Somebody answers for a product, or a branch of products: its cases are open to them.

    By the category's code, which stays the same from one edition of the tree to the next.
    """

    DIMENSION = "product"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="products", verbose_name=_("colleague"), db_index=False
    )
    code = models.CharField(_("product"), max_length=20)
    since = models.DateTimeField(_("since"), auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    scope_fields = ScopeFields(site="user__site", team="user__memberships__team", owners=("user",))
    scope_permission = "staff.view"

    class Meta:
        ordering = ["code", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "code"], name="case_product_owner_once")]
        verbose_name = _("person answering for a product")
        verbose_name_plural = _("people answering for products")

    def __str__(self) -> str:
        return f"{self.user} · {self.code}"
