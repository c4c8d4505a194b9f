"""How the site introduces itself: to a phone that puts it on its home screen, and to crawlers."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from booking import colour, languages
from booking.in_force import in_force
from config import style_icon_and_script

# The pages of an appointment are not named here; docs/decisions/0016-what-crawlers-may-read.md says why.
ROBOTS = """\
User-agent: *
# Each day, time and time zone of a calendar is an address of its own.
Disallow: /*service=
Disallow: /admin/
Disallow: /api/
"""


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86400)
def manifest(request: HttpRequest) -> HttpResponse:
    """The manifest that a phone reads when it puts the site on its home screen: https://www.w3.org/TR/appmanifest/"""
    start = reverse("booking:book")
    facts = {
        "id": start,
        "start_url": start,
        "name": in_force.PRACTICE_NAME,
        "short_name": in_force.PRACTICE_NAME,
        "lang": languages.practice_tag(),
        # An app window with a way back, since paying leaves the site and returns.
        "display": "minimal-ui",
        "theme_color": in_force.palettes["light"].accent,
        "background_color": colour.LIGHT.ground,
        "icons": [{"src": style_icon_and_script.address("icon.svg"), "type": "image/svg+xml", "sizes": "any"}],
    }
    return JsonResponse(facts, content_type="application/manifest+json")
