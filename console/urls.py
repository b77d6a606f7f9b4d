"""Every address of the product. Each room brings its own urls.py; this page only mounts them."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from cms.views import nothing_here
from console.runtime import health, metrics

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("api/", include("console.api.urls")),
    # Sign-in stands before every other room, so that no other door opens first.
    path("", include("console.staff.urls")),
    path("", include("console.channels.urls")),
    path("console/", include("console.desk.urls")),
    path("console/", admin.site.urls),
    # Wagtail's page that fails on purpose, so that its developers see the error page.
    path("cms/failwhale/", nothing_here),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]

# The customer's side: Chinese without a prefix, English under /en/.
urlpatterns += i18n_patterns(
    path("", include("console.portal.urls")),
    path("", include("cms.urls")),
    prefix_default_language=False,
)
