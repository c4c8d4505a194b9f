"""All URLs of the site, and its pages for errors."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.utils.functional import lazy

from booking.in_force import in_force
from config import language_choice, logo, manifest_and_robots, style_icon_and_script
from config.api import api, docs
from staff.pages.sign_in import AdminSignIn

admin.site.site_header = admin.site.site_title = lazy(lambda: in_force.PRACTICE_NAME, str)()
admin.site.index_title = "Set up and look up"
# The admin's own view would redirect a POST to an address without its last slash, and what was sent would be lost.
# config.middleware.LastSlash redirects only GET and HEAD.
admin.site.final_catch_all_view = False

urlpatterns = [
    path("", include("booking.urls")),
    path("payments/", include("payments.urls")),
    path("staff/", include("staff.urls")),
    path("api/docs", docs, name="api-docs"),
    path("api/", api.urls),
    path("admin/login/", AdminSignIn.as_view()),
    path("admin/", admin.site.urls),
    path("language/", language_choice.choose, name="language"),
    path("coloured/<str:digest>/<str:name>", style_icon_and_script.serve, name="coloured"),
    path("logo/<slug:digest>", logo.serve, name="logo"),
    # For pages that name no icon of their own: the admin, and JSON in a browser.
    path("favicon.ico", style_icon_and_script.serve, {"digest": "", "name": "icon.svg"}),
    path("manifest.webmanifest", manifest_and_robots.manifest, name="manifest"),
    path("robots.txt", manifest_and_robots.robots),
]
if settings.STRIPE_SANDBOX:
    urlpatterns.append(path("stripe-sandbox/", include("payments.sandbox.urls")))
if settings.MAILBOX:
    urlpatterns.append(path("mail/", include("config.mailbox")))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
