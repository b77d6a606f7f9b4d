"""Every address of the product. Each room brings its own urls.py; this page only mounts them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("console/", include("console.desk.urls")),
    path("console/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
]
