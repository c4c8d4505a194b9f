"""How pages answer: whole for a browser's own navigation, only the part inside `<main>` for htmx."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a template that extends `base`: the site's frame, or for htmx only a title and the content of `<main>`."""
    swapped = "HX-Request" in request.headers
    frame = {"base": "swap.html" if swapped else "base.html", "swapped": swapped, "failed": status >= 400}
    context = {**context, **frame}
    response = render(request, template, context, status=status)
    # What a page shows depends on the cookies that say which times this browser holds and which zone it reads times
    # in: with them in Vary, the Back button asks again once they have changed.
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    # For the same reason no shared cache may keep it.
    patch_cache_control(response, private=True)
    if swapped and status >= 400:
        # A refused address has no place in the history: Back would land on the refusal. The site's script also knows
        # by this header that an error is an answer of ours, and not one of a proxy on the way.
        response["HX-Push-Url"] = "false"
    return response


def see_other(url_name: str, reference: str) -> HttpResponse:
    """The redirect after a successful POST (303): the browser gets the next page, and reloading repeats nothing."""
    return HttpResponseRedirect(reverse(url_name, args=[reference]), status=303)
