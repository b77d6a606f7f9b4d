"""Sign-in and account pages. Mounted before everything else, so that no other door opens first."""

from django.urls import include, path, re_path

from . import views

DOORS = [
    re_path(r"^console/login/?$", views.sign_in_door),
    re_path(r"^cms/login/?$", views.sign_in_door),
    re_path(r"^(?:en/|zh-hans/)?_util/login/?$", views.sign_in_door),
    re_path(r"^console/password_(?:change|reset)(?:/.*)?$", views.password_door),
    re_path(r"^cms/password_reset(?:/.*)?$", views.password_door),
]

urlpatterns = [
    *DOORS,
    path("accounts/", views.account, name="account_home"),
    path("accounts/language/", views.set_language, name="account_language"),
    path("accounts/sessions/", views.sessions, name="usersessions_list"),
    path("accounts/sessions/<int:pk>/end/", views.end_session, name="account_end_session"),
    path("accounts/", include("allauth.urls")),
]
