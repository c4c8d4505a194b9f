"""The site's URLs and one more: a page of the desk with a form, which notes what it was sent."""

from django.http import HttpResponse
from django.template import RequestContext, Template
from django.urls import path

from config.urls import *  # noqa: F403 - the handlers for errors as well
from config.urls import urlpatterns as ours
from staff.access import LOOK, desk

SENT = []
FORM = """{% extends "staff/desk.html" %}{% block title %}A form{% endblock %}{% block main %}
<h1>A form</h1>
<form class="own-login" method="post" action="/staff/a-form/">{% csrf_token %}
  <label for="note">Note</label><textarea name="note" id="note"></textarea>
  <button class="primary">Save</button>
</form>{% endblock %}"""


@desk(LOOK)
def a_form(request):
    if request.method == "GET":
        return HttpResponse(Template(FORM).render(RequestContext(request, {"base": "base.html"})))
    SENT.append(request.POST.copy())
    return HttpResponse("noted")


urlpatterns = [path("staff/a-form/", a_form), *ours]
