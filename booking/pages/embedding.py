"""The booking page as the practice's own pages bring it: by a link that names the language, or in a frame.

Only what leads to a time is shown in a frame. Browsers send no cookies of ours from within the page of another site, so
the form could not be sent from there, and no other site may lay anything over it: each time leads to the whole page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt

from booking import languages

View = Callable[..., HttpResponse]


def may_be_framed(view: View) -> View:
    """Let the sites that EMBED_ON names show this view in a frame. Without any, it is as every other page."""

    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.EMBED_ON:
            return view(request, *args, **kwargs)
        replace = csp_replace({"frame-ancestors": settings.EMBED_ON})
        allowed: View = replace(view)  # type: ignore[assignment]  # its types know only views without arguments
        return xframe_options_exempt(allowed)(request, *args, **kwargs)

    return framed


def kept_in_links(request: HttpRequest) -> dict[str, str]:
    """What the links of a page say again besides the choices, so that the next page is like this one."""
    language = request.GET.get("language", "")
    # config/language_choice.py has answered in the language that the address names, if the practice offers it.
    kept = {"language": language} if language == languages.active() else {}
    if is_framed(request):
        kept["embedded"] = "1"
    return kept


def is_framed(request: HttpRequest) -> bool:
    """Whether the page is to be one for a frame: its address says so, or the browser does."""
    asked = request.GET.get("embedded") == "1" or request.headers.get("Sec-Fetch-Dest") == "iframe"
    return asked and bool(settings.EMBED_ON) and request.method != "POST"
