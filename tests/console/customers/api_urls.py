"""This room's API alone, so that its tests need no other room's."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from console.customers.api import ROUTES

router = SimpleRouter()
for prefix, viewset in ROUTES:
    router.register(prefix, viewset, basename=prefix)

urlpatterns = [path("api/v1/", include(router.urls))]
