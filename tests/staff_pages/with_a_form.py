"""The site's URLs and one more: a form of the desk that notes what it was sent."""

from django.http import HttpResponse
from django.urls import path

from config.urls import *  # noqa: F403 - the handlers for errors as well
from config.urls import urlpatterns as ours
from staff.access import LOOK, desk

SENT = []


@desk(LOOK)
def a_form(request):
    SENT.append(request.POST.copy())
    return HttpResponse("noted")


urlpatterns = [path("staff/a-form/", a_form), *ours]
