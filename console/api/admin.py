from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _

from console.foundation.admin import ScopedModelAdmin

from . import services
from .models import ApiToken


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedModelAdmin):
    """Tokens are issued here and shown once; afterwards only their first letters."""

    list_display = ["name", "user", "hint", "created_at", "expires_at", "last_used_on", "revoked_at"]
    search_fields = ["name"]
    fields = ["user", "name", "scopes", "expires_at"]
    actions = ["revoke"]

    def has_change_permission(self, request, obj=None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change) -> None:
        data = form.cleaned_data
        token, secret = services.issue_token(data["user"], data["name"], data["scopes"], data["expires_at"])
        obj.pk = token.pk
        text = _("Copy the token now, it is shown only once: %(secret)s") % {"secret": secret}
        self.message_user(request, text, messages.WARNING)

    @admin.action(description=_("Revoke"))
    def revoke(self, request, queryset) -> None:
        for token in queryset:
            services.revoke_token(token)
