"""Libraries register plain admins for tables that are managed elsewhere, or hold secrets; they are taken out.

Every page that remains stands on ScopedModelAdmin.
"""

from importlib import import_module

from django.apps import apps
from django.contrib import admin

LIBRARIES = (
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django.contrib.auth",
    "django_q",
    "taggit",
    "wagtail.documents",
    "wagtail.images",
)

for name in LIBRARIES:
    if apps.is_installed(name):
        # Imported first, or autodiscovery would register them again after this.
        import_module(f"{name}.admin")
for model in list(admin.site._registry):
    if model.__module__.startswith(LIBRARIES):
        admin.site.unregister(model)
