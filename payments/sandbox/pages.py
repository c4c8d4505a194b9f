"""The hosted payment page, as Stripe's customers see it. Here no money moves."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from booking import languages
from booking.customs import customary
from payments.sandbox import checkout
from payments.sandbox.cards import TEST_CARDS, CardForm
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.money import money
from payments.sandbox.wire import StripeError


@never_cache
@sensitive_post_parameters("number", "expiry", "cvc")
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, session_id: str) -> HttpResponse:
    try:
        session = checkout.retrieve(session_id)
    except StripeError:
        return page(request, "unknown", status=404)
    with translation.override(language_of(session)):
        return answer(request, session)


def answer(request: HttpRequest, session: StripeObject) -> HttpResponse:
    if request.method == "POST" and session.body["status"] == "open":
        return take_payment(request, session)
    return show(request, session)


def take_payment(request: HttpRequest, session: StripeObject) -> HttpResponse:
    if answer := request.POST.get("authentication"):
        return show_outcome(request, checkout.authenticate(session.pk, passed=answer == "complete"))
    form = CardForm(request.POST)
    if not form.is_valid():
        return show_form(request, session, form, status=422)
    return show_outcome(request, checkout.pay(session.pk, form.card()))


def show_outcome(request: HttpRequest, attempt: checkout.Attempt) -> HttpResponse:
    if attempt.decline:
        return show_form(request, attempt.session, CardForm(), status=402, declined=gettext(attempt.decline.message))
    if attempt.authenticates:
        return page(request, "authenticate", total=total(attempt.session.body))
    if attempt.paid:
        return HttpResponseRedirect(success_url(attempt.session.body), status=303)
    return show(request, attempt.session)


def show(request: HttpRequest, session: StripeObject) -> HttpResponse:
    if session.body["status"] == "expired":
        return page(request, "expired", status=410, cancel_url=session.body["cancel_url"])
    if session.body["status"] == "complete":
        return page(request, "paid", success_url=success_url(session.body), total=total(session.body))
    return show_form(request, session, CardForm())


def show_form(
    request: HttpRequest, session: StripeObject, form: CardForm, status: int = 200, declined: str = ""
) -> HttpResponse:
    return page(
        request,
        "pay",
        status,
        form=form,
        declined=declined,
        items=list(map(item_line, session.internal["line_items"], session.internal["descriptions"])),
        total=total(session.body),
        email=session.body["customer_email"],
        cancel_url=session.body["cancel_url"],
        test_cards=TEST_CARDS,
    )


def page(request: HttpRequest, name: str, status: int = 200, **context: object) -> HttpResponse:
    context["failed"] = status >= 400
    response = render(request, f"payments/sandbox/{name}.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def item_line(item: Body, description: str | None) -> dict[str, object]:
    return {
        "name": item["description"],
        "description": description,
        "quantity": item["quantity"],
        "amount": money(item["amount_total"], item["currency"], customary(languages.active())),
    }


def total(session: Body) -> str:
    return money(session["amount_total"], session["currency"], customary(languages.active()))


def language_of(session: StripeObject) -> str:
    """The language of the session's page. If it names none, Stripe too takes the browser's."""
    named: str = session.body["locale"] or "auto"
    return translation.get_language() if named == "auto" else named.lower()


def success_url(session: Body) -> str:
    # Stripe too replaces this very text, and not a percent-encoded form of it.
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])
