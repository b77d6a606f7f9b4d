"""`/api/v1/` from each room's api.py, and the schema. Nothing else is decided here."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from cms import api as articles
from console.cases import api as cases
from console.channels import api as channels
from console.conversations import api as conversations
from console.customers import api as customers
from console.events import api as events
from console.lowcode import api as lowcode
from console.outreach import api as outreach

from . import api as own

router = SimpleRouter()
for room in (articles, cases, conversations, channels, customers, events, lowcode, outreach, own):
    for prefix, viewset in room.ROUTES:
        router.register(prefix, viewset, basename=prefix.replace("/", "-"))

urlpatterns = [
    path("v1/", include((router.urls, "v1"))),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]
