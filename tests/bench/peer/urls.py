"""The addresses of the site of django-appointment: where its documents put them."""

from django.urls import include, path

urlpatterns = [path("appointment/", include("appointment.urls"))]
