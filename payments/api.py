"""Paying over the JSON API: a program gets the address of a Checkout Session, which a person then opens."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from booking.api.problems import Problem
from booking.api.schemas import Instant, ProblemOut, Slug, Url
from booking.by_reference import get_by_reference
from booking.models import Appointment
from booking.templatetags.wording import iso
from payments.checkout import RETRY_AFTER, AlreadyPaid, NotHeld, open_session
from payments.dues import due_now
from payments.gateway import StripeUnavailable

router = Router(tags=["Paying"])


class CheckoutOut(Schema):
    session_id: str
    checkout_url: Url
    expires_at: Instant


@router.post(
    "/appointments/{slug:reference}/checkout",
    response={200: CheckoutOut, 404: ProblemOut, 409: ProblemOut, 503: ProblemOut},
    summary="Open a Checkout Session, or return the one that is open",
)
def checkout(request: HttpRequest, reference: Slug) -> dict[str, Any]:
    appointment = get_by_reference(reference)
    if appointment.status == Appointment.Status.CONFIRMED and due_now(appointment):
        raise Problem(
            409,
            _("This appointment is confirmed. Its client pays the rest on the page that the link in the mail opens."),
        )
    try:
        payment = open_session(appointment)
    except AlreadyPaid:
        raise Problem(409, _("A payment for this appointment has come or is on its way. Do not pay again.")) from None
    except NotHeld:
        raise Problem(409, _("Only a held appointment can be paid for. Book the time again.")) from None
    except StripeUnavailable as problem:
        raise Problem(503, str(problem), headers={"Retry-After": RETRY_AFTER}) from None
    return {
        "session_id": payment.checkout_session_id,
        "checkout_url": payment.url,
        "expires_at": iso(payment.expires_at, appointment.provider.zone, "seconds"),
    }
