"""One way to answer with a page: whole for a browser's own navigation, only its partial for htmx."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The template extends `base`, which for htmx is only a title and what goes into `<main>`."""
    swapped = "HX-Request" in request.headers
    frame = {"base": "swap.html" if swapped else "base.html", "swapped": swapped, "failed": status >= 400}
    context = {**context, **frame}
    response = render(request, template, context, status=status)
    # A page shows what this browser keeps, on its own clock: Back asks anew once the cookies that say so have changed.
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    # And its address: not for a shared cache.
    patch_cache_control(response, private=True)
    if swapped and status >= 400:
        # A refused address has no place in the history: Back would land on the refusal. It is also how the script
        # knows an answer of ours, which it may put where somebody typed, from a proxy's.
        response["HX-Push-Url"] = "false"
    return response


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the pages of one appointment: whoever has the address may read them, so the address must not get around."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"
        return response

    return guarded
