from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config.api import api, docs

urlpatterns = [
    path("", include("booking.urls")),
    path("payments/", include("payments.urls")),
    path("api/docs", docs, name="api-docs"),
    path("api/", api.urls),
    path("admin/", admin.site.urls),
]
if settings.STRIPE_SANDBOX:
    urlpatterns.append(path("stripe-sandbox/", include("payments.sandbox.urls")))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
