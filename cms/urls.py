"""Public addresses of the help centre, mounted under the language prefix."""

from django.urls import include, path
from wagtail import urls as wagtail_urls

from . import views

urlpatterns = [
    path("search/", views.search_page, name="cms_search"),
    path("", include(wagtail_urls)),
]
