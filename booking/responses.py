"""How pages answer: as a whole page where a browser navigates by itself, and as the content of `<main>` for htmx."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_POST


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a template that extends the variable `base`.

    `base` is the site's frame with its header and footer, or for htmx a frame of only a title, the content of `<main>`,
    and what belongs to this page of what stands around that.
    """
    swapped = "HX-Request" in request.headers
    frame = {"base": "swap.html" if swapped else "base.html", "swapped": swapped, "failed": status >= 400}
    context = {**context, **frame}
    response = render(request, template, context, status=status)
    # What a page shows depends on two cookies: one says which times this browser holds, the other in which zone it
    # reads times. As the header Vary names cookies, the Back button asks the server again once they have changed.
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    # For the same reason no shared cache may keep the page.
    patch_cache_control(response, private=True)
    if swapped and status >= 400:
        # A URL that was answered with an error stays out of the history, or the Back button would lead to the error.
        # The site's script also tells by this header an error of ours from one of a proxy in between.
        response["HX-Push-Url"] = "false"
    return response


def only_posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view to which only forms are sent. Its address is that of a page of ours with one more part."""
    view = require_POST(view)
    view.is_only_posted = True  # type: ignore[attr-defined]  # a mark of ours, which mypy cannot know
    return view


def is_only_posted(view: Callable[..., HttpResponse]) -> bool:
    return getattr(view, "is_only_posted", False)


def kept_for_good(response: HttpResponse, *, is_present: bool = True) -> HttpResponse:
    """Have every cache keep a file whose address holds a hash of what is in it.

    While a new release is being started, pages of the other release ask with another hash. They get the file that is
    here, but may not keep it under that address.
    """
    response["Cache-Control"] = "public, max-age=31536000, immutable" if is_present else "no-cache"
    return response


def see_other(url_name: str, reference: str) -> HttpResponse:
    """The redirect after a successful POST (303): the browser gets the next page, and reloading repeats nothing."""
    return HttpResponseRedirect(reverse(url_name, args=[reference]), status=303)
