"""Which of the languages on offer a request is answered in."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language


class Language(LocaleMiddleware):
    """Answer in the language that was chosen with the switch on a page, or else in the one that the browser asks for.

    Programs choose with `Accept-Language` alone, since the API ignores cookies.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.path.startswith("/api/"):
            request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Name the language of an answer. A file that is kept for good is the same in all of them."""
        if "immutable" in response.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)


# The switch stands on every page. With a token it would give a cookie to each visitor, to guard against another site
# that sends somebody's form, and all that this could bring about is another language.
choose = csrf_exempt(set_language)
