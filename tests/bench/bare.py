"""The page that all others are compared with: one SELECT of 20 rows, a template of 20 lines and no middleware.

This module is at once the settings, the URLs and the view of a small site. That site uses the product's database
and connection pool.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all

TEMPLATE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{{ title }}</title>
  </head>
  <body>
    <h1>{{ title }}</h1>
    <table>
      {% for hours in opening_hours %}
        <tr>
          <th>{{ hours.weekday }}</th>
          <td>{{ hours.opens }}</td>
          <td>{{ hours.closes }}</td>
        </tr>
      {% endfor %}
    </table>
  </body>
</html>
"""
LOADER = ("django.template.loaders.locmem.Loader", {"bare.html": TEMPLATE})
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {"loaders": [("django.template.loaders.cached.Loader", [LOADER])]},
    }
]
# The models of the product name the users of Django and the log of its admin, which have to be there.
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.admin", "booking"]
MIDDLEWARE = []
ROOT_URLCONF = __name__


def bare(request: HttpRequest) -> HttpResponse:
    from booking.models import WorkingHours  # Django reads this module as settings, before there are models

    return render(request, "bare.html", {"title": "Opening hours", "opening_hours": WorkingHours.objects.all()[:20]})


urlpatterns = [path("", bare)]
