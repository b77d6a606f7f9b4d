"""The webhook door; mounted at the root."""

from django.urls import path

from . import door

urlpatterns = [path("hooks/<uuid:uid>/", door.receive, name="hook")]
