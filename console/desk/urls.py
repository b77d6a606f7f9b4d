"""Addresses of the desk, under /console/."""

from django.urls import path

from .views import home, preferences

app_name = "desk"

urlpatterns = [
    path("desk/", home.home, name="home"),
    path("desk/preferences/", preferences.save, name="preferences"),
]
