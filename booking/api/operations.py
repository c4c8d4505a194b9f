"""The operations of the JSON API by which programs book.

Their rules are those of the pages, since they use the same form, the same diary and the same methods of appointments.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.decorators import decorate_view

from booking import money
from booking.api.idempotency import reference_for
from booking.api.problems import Problem
from booking.api.schemas import AppointmentIn, AppointmentOut, Day, ProblemOut, ProviderOut, SlotsOut, Slug
from booking.by_reference import get_by_reference, private
from booking.forms import BookingForm
from booking.limits import LimitReached, client_ip, network_hash
from booking.models import Appointment, NotCancellable, Provider, Service, SlotTaken, offers
from booking.models.offers import Offer, offer_of
from booking.schedule.diary import Diary
from booking.schedule.first_free import first_free, key_of
from booking.templatetags.wording import iso
from booking.text import printable

# The names of the operations are part of openapi.json, and so are their docstrings: none of them has one.
router = Router(tags=["Booking"])


def describe_service(service: Service) -> dict[str, Any]:
    return {
        "name": service.translated["name"],
        "slug": service.slug,
        "duration_minutes": service.duration_minutes,
        **describe_price(service),
    }


def describe_price(of: Service | Appointment) -> dict[str, str]:
    amounts = {"price": of.price, "due_online": of.due_online, "due_at_practice": of.due_at_practice}
    decimals = {name: money.decimal_string(amount, of.currency) for name, amount in amounts.items()}
    return {**decimals, "currency": of.currency}


def describe_provider(provider: Provider, free: datetime | None) -> dict[str, Any]:
    return {
        "name": provider.name,
        "slug": provider.slug,
        "time_zone": provider.time_zone,
        "services": [describe_service(service) for service in provider.offered],
        "next_free": free and iso(free, provider.zone, "seconds"),
    }


def describe_appointment(appointment: Appointment) -> dict[str, Any]:
    zone = appointment.provider.zone
    pay_until = appointment.hold_expires_at if appointment.is_held else None
    payment_path = reverse("payments:pay", args=[appointment.reference])
    return {
        "reference": appointment.reference,
        "status": appointment.state,
        "provider_name": appointment.provider_name,
        "service": appointment.service.slug,
        "appointment_time": iso(appointment.appointment_time, zone, "seconds"),
        "duration_minutes": appointment.duration_minutes,
        "client_email": appointment.client_email,
        **describe_price(appointment),
        "hold_expires_at": pay_until and iso(pay_until, zone, "seconds"),
        "payment_url": f"{settings.SITE_URL}{payment_path}" if appointment.is_held else None,
    }


@router.get("/providers", response=list[ProviderOut], summary="Who can be seen, and for what")
def providers(request: HttpRequest) -> list[dict[str, Any]]:
    bookable = list(Provider.objects.bookable())
    first_offers = [Offer(provider, provider.offered[0]) for provider in bookable]
    free = first_free(first_offers, timezone.now())
    return [describe_provider(offer.provider, free.get(key_of(offer))) for offer in first_offers]


@router.get(
    "/providers/{slug:slug}/slots",
    response={200: SlotsOut, 404: ProblemOut, 422: ProblemOut},
    summary="The free times of one day, on the provider's calendar",
)
def slots(request: HttpRequest, slug: Slug, date: Day, service: Slug) -> dict[str, Any]:
    offer = offers.find(slug, service)
    if not offer:
        raise Http404
    diary = Diary(offer.provider, offer.service, timezone.now(), only=date)
    return {"date": date, "time_zone": diary.zone.key, "slots": on_providers_clock(diary, diary.free(date))}


def on_providers_clock(diary: Diary, moments: Sequence[datetime]) -> list[str]:
    """Write moments in ISO 8601 with the offset of the provider's zone. A program can post one back to book it."""
    return [iso(moment, diary.zone, "seconds") for moment in moments]


def json_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view that takes a JSON object, so that it answers any other content type with 415."""

    @wraps(view)
    def refuse_other_types(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.content_type != "application/json":
            return Problem(415, _("Send the request as JSON, with Content-Type: application/json.")).response()
        return view(request, *args, **kwargs)

    return refuse_other_types


@router.post(
    "/appointments",
    response={201: AppointmentOut, frozenset({400, 409, 415, 422, 429}): ProblemOut},
    summary="Hold a free time, or confirm it at once where it is free of charge",
)
@decorate_view(json_only)
def book(request: HttpRequest, asked: AppointmentIn, response: HttpResponse) -> Status[dict[str, Any]]:
    reference = reference_for(request)
    appointment = booked_before(reference) or hold(asked, reference, network_hash(client_ip(request)))
    response["Location"] = settings.SITE_URL + reverse("api:appointment", args=[appointment.reference])
    return Status(201, describe_appointment(appointment))


def booked_before(reference: str) -> Appointment | None:
    """The appointment that this same request booked before, if its process died before the answer was kept."""
    booked = Appointment.objects.select_related("provider", "service").filter(reference=reference)
    return booked.first() if reference else None


def hold(asked: AppointmentIn, reference: str, begun_from: str) -> Appointment:
    """Book with the page's form. The appointment gets `reference`, or a new one if that is empty. Raises Problem."""
    form = filled_in_form(asked, own_references=[reference] if reference else [], begun_from=begun_from)
    if not form.is_valid():
        # A program names the provider by `provider_name`, the form by `provider`.
        errors = {
            "provider_name" if field == "provider" else field: [str(sentence) for sentence in sentences]
            for field, sentences in form.errors.items()
        }
        raise Problem(422, _("Correct the fields named in errors."), errors=errors)
    try:
        return form.book(reference)
    except SlotTaken:
        diary = Diary(form.cleaned_data["provider"], form.cleaned_data["service"], timezone.now())
        nearest = diary.nearest_free(form.cleaned_data["appointment_time"])
        detail = _("That time was taken a moment ago. The nearest free ones are in alternatives.")
        raise Problem(409, detail, alternatives=on_providers_clock(diary, nearest)) from None
    except LimitReached as limit:
        raise Problem(429, str(limit), headers={"Retry-After": limit.retry_after}) from None


def filled_in_form(asked: AppointmentIn, **client: Any) -> BookingForm:
    """The form of the page, filled in by a program. If the program names no service, the provider's first one is taken.

    Raises Problem if no provider has the name.
    """
    offered = [offer_of(row) for row in offers.read_rows(name=asked.provider_name)]
    if not offered:
        sentence = _("Nobody of that name can be booked. GET /api/providers lists who can.")
        raise Problem(422, sentence, errors={"provider_name": [sentence]})
    provider, first = offered[0].provider, offered[0].service
    service = printable(asked.service or first.slug)
    offer = next((offer for offer in offered if offer.service.slug == service), None)
    return BookingForm({**asked.dict(), "provider": provider.slug, "service": service}, offer=offer, **client)


@router.get(
    "/appointments/{slug:reference}",
    response={200: AppointmentOut, 404: ProblemOut},
    url_name="appointment",
    summary="One appointment",
)
@decorate_view(private)
def appointment(request: HttpRequest, reference: Slug) -> dict[str, Any]:
    return describe_appointment(get_by_reference(reference))


@router.post(
    "/appointments/{slug:reference}/cancel",
    response={200: AppointmentOut, 404: ProblemOut, 409: ProblemOut},
    summary="Give the time back; of a paid one, what the cancellation policy says is returned",
)
@decorate_view(private)
def cancel(request: HttpRequest, reference: Slug) -> dict[str, Any]:
    appointment = get_by_reference(reference)
    try:
        appointment.cancel()
    except NotCancellable:
        raise Problem(
            409, _("It has begun, or was paid a moment ago: look at it again, or ask the practice.")
        ) from None
    return describe_appointment(appointment)
