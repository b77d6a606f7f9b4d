"""The webhook door and the way to attachments; mounted at the root."""

from django.urls import path

from . import door, downloads

urlpatterns = [
    path("hooks/<uuid:uid>/", door.receive, name="hook"),
    path("console/attachments/<int:pk>/", downloads.download, name="attachment"),
]
