"""Libraries register plain admins for tables that are managed here, or hold secrets; they are taken out."""

from importlib import import_module

from django.apps import apps
from django.contrib import admin

LIBRARIES = (
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "django.contrib.auth",
)

for name in LIBRARIES:
    if apps.is_installed(name):
        # Imported first, or autodiscovery would register them again after this.
        import_module(f"{name}.admin")
for model in list(admin.site._registry):
    if model.__module__.startswith(LIBRARIES):
        admin.site.unregister(model)
