"""What people and programs read when a request cannot be answered."""

import logging
import sys
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from booking import request_id
from booking.api.problems import CONTENT_TYPE, Problem
from booking.pages.book import show_form_after_csrf_failure
from booking.responses import page
from config import outages

logger = logging.getLogger(__name__)


def answer(request: HttpRequest, status: int, heading: str, sentence: str, reference: str = "") -> HttpResponse:
    """Answer with an error in a form that suits whoever asked.

    Programs get problem+json, HTMX a line of text if the same press may succeed later, and people a page. With the
    `reference` of an appointment, the page leads back to it. Where the failure is ours, the page names the number of
    the request, which is in our log.
    """
    if is_program(request):
        return Problem(status, f"{heading}. {sentence}").response()
    if (status == 429 or status >= 500) and "HX-Request" in request.headers:
        # HTMX leaves the page as it is, with all that was typed, and static/site.js says on it that this failed.
        return HttpResponse(f"{heading}. {sentence}", status=status, content_type="text/plain")
    number = request_id.current.get() if status >= 500 else ""
    context = {"heading": heading, "sentence": sentence, "reference": reference, "number": number}
    at_the_desk = is_at_the_desk(request)
    return page(request, "booking/error.html", {**context, "at_the_desk": at_the_desk}, status=status)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def is_at_the_desk(request: HttpRequest) -> bool:
    return request.path.startswith("/staff/")


def is_program(request: HttpRequest) -> bool:
    """Whether a program asks. Stripe's webhook sends JSON too, and no form in a browser does."""
    return is_api(request) or request.content_type == "application/json"


def reference_in(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.kwargs.get("reference", "") if match else ""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    to_people, to_programs = (
        _("Go back, reload the page, and try once more."),
        _("Send one small JSON object to this site's own name."),
    )
    sentence = to_programs if is_program(request) else to_people
    return answer(request, 400, _("We could not read that request"), sentence)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, _("This page is not yours to see"), _("Go to the start page, or ask the practice."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    match = request.resolver_match
    if match and match.view_name == "booking:book":
        return show_form_after_csrf_failure(request)
    if match and (of_the_desk := getattr(match.func, "after_csrf_failure", None)):
        shown: HttpResponse = import_string(of_the_desk)(request)
        return shown
    return answer(
        request,
        403,
        _("Your browser did not send our cookie"),
        _(
            "Nothing was booked, paid or cancelled. Allow cookies for this site, open the page again, and try once "
            "more."
        ),
        reference=reference_in(request),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    to_clients, to_staff = (
        _("Check the link for missing characters, or start a new booking."),
        _(
            "Check its number, or find what you look for from the day. What is in the diary of another is not shown "
            "here."
        ),
    )
    sentence = to_staff if is_at_the_desk(request) else to_clients
    return answer(request, 404, _("There is nothing at this address"), sentence)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception. Django calls this while it handles it, also where a middleware has raised it."""
    return database_failed(request, sys.exc_info()[1]) or answer(
        request,
        500,
        _("Something went wrong on our side"),
        _("It was not you. Try again in a moment; if you were paying, your payment is safe and we will find it."),
    )


def database_failed(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Answer 503 if the database is busy, full or away; None for any other exception."""
    outage = outages.outage_of(error)
    if not outage or not error:
        return None
    logger.log(outage.log_level, "The database failed: %s", outages.name_of(error))
    sentence = outage.to_programs if is_program(request) else outage.to_people
    response = answer(request, 503, outage.heading, sentence, reference_in(request))
    response["Retry-After"] = outage.retry_after
    return response


# While DEBUG is on, Django answers these statuses with pages of its own. Programs get our answers instead.
DEBUG_PAGES: dict[int, Callable[[HttpRequest], HttpResponse]] = {400: bad_request, 500: server_error}


def method_not_allowed(request: HttpRequest, empty: HttpResponse) -> HttpResponse:
    sentence = _("This address takes %(methods)s only, so nothing was changed.") % {"methods": empty["Allow"]}
    response = answer(request, 405, _("That cannot be done here"), sentence, reference_in(request))
    for name in empty.headers.keys() - {"Content-Type", "Content-Length"}:
        response[name] = empty[name]
    return response


class ErrorPages:
    """A middleware that answers errors for which Django has no handler to set: 405, and a database that fails.

    While DEBUG is on it also replaces pages of Django's own: the one that lists all routes (404), and for programs
    those of 400 and 500.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405:
            return method_not_allowed(request, response)
        if response.status_code == 404 and request.resolver_match is None:
            return not_found(request, Http404())
        if is_api(request) and response.status_code in DEBUG_PAGES and response["Content-Type"] != CONTENT_TYPE:
            return DEBUG_PAGES[response.status_code](request)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return not_found(request, exception)
        return database_failed(request, exception)
