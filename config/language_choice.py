"""Which of the languages on offer a request is answered in."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from booking import languages
from booking.responses import is_only_posted, only_posted
from config.logs import GetResponse


def begin_in_the_practices_own(get_response: GetResponse) -> GetResponse:
    """Begin each request in the practice's own language.

    A thread keeps the language of its last request. One that is refused before `Language` has seen it, as for its host,
    would be answered in that of a stranger.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        translation.activate(languages.practice_tag())
        return get_response(request)

    return middleware


class Language(LocaleMiddleware):
    """Answer in the language that the address names, or that was chosen with the switch, or that the browser asks for.

    Programs choose with `Accept-Language` alone, since the API ignores cookies.
    """

    def process_request(self, request: HttpRequest) -> None:
        if is_for_programs(request.path):
            request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
        super().process_request(request)
        # Django knows each language by the country of the environment.
        translation.activate(languages.tag_of(named_by_address(request) or languages.active()))
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Name the language of an answer. A file that is kept for good is the same in all of them.

        Whoever sends a form from a page whose address names the language goes on in it. A GET keeps nothing.
        """
        if "immutable" in response.get("Cache-Control", ""):
            return response
        if request.method == "POST" and named_by_address(request):
            remember(request.LANGUAGE_CODE, response)
        return super().process_response(request, response)


def is_for_programs(path: str) -> bool:
    """The page that describes the API has a switch at its foot like any other page."""
    return path.startswith("/api/") and path != reverse("api-docs")


def may_name_a_language(path: str) -> bool:
    """Only a page for clients has an address that they are given: at the desk, the parameter is a field of a form."""
    return not (is_for_programs(path) or path.startswith("/staff/"))


def named_by_address(request: HttpRequest) -> str:
    """The language that the address of a page names, as in `?language=es`, if it is offered; otherwise empty."""
    try:
        named = request.GET.get("language", "") if may_name_a_language(request.path) else ""
    except SuspiciousOperation:
        # There are too many parameters to read. What reads them next refuses them.
        return ""
    return named if named in dict(languages.offered()) else ""


def remember(tag: str, response: HttpResponseBase) -> None:
    """Have the browser keep the language, in the cookie that the switch writes."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        tag,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


# The switch stands on every page. With a token it would give a cookie to each visitor, to guard against another site
# that sends somebody's form, and all that this could bring about is another language.
@csrf_exempt
@only_posted
def choose(request: HttpRequest) -> HttpResponse:
    """Go back to the page from which the switch was pressed, whose address may have named another language.

    If it was the answer to a form that nothing else is sent to, go to the page above, which can be seen again.
    """
    response = set_language(request)
    if "Location" in response:
        response["Location"] = to_be_seen(without_language(response["Location"]))
    return response


def without_language(url: str) -> str:
    parts = urlsplit(url)
    query = QueryDict(parts.query, mutable=True)
    if "language" not in query or not may_name_a_language(parts.path):
        return url
    query.pop("language")
    return parts._replace(query=query.urlencode()).geturl()


def to_be_seen(url: str) -> str:
    parts = urlsplit(url)
    found = view_at(parts.path)
    return parts._replace(path=page_above(parts.path), query="").geturl() if found and is_only_posted(found) else url


def page_above(path: str) -> str:
    """The nearest address above that has a page. The start page is above all others."""
    above = f"{path.rstrip('/').rpartition('/')[0]}/"
    found = view_at(above)
    return above if found and not is_only_posted(found) else page_above(above)


def view_at(path: str) -> Callable[..., HttpResponse] | None:
    try:
        return resolve(path).func
    except Resolver404:
        return None
