from django.urls import path

from console.urls import *  # noqa: F403
from console.urls import urlpatterns as product

from .views import bare

urlpatterns = [path("bare/", bare), *product]
