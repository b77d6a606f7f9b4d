from django.urls import path

from . import views

app_name = "portal"
urlpatterns = [path("contact/", views.contact, name="contact")]
