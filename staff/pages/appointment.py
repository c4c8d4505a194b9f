"""The page of one appointment: who, when and what, its money and its story, and what can be done with it by now."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.models import Appointment, WaitingEntry
from booking.responses import page
from booking.templatetags.wording import until
from payments.models import Payment, Taking
from payments.receipts import Receipts, is_on_receipts, receipts_of
from staff.access import CHANGE, LOOK, RETURN_MONEY, SEE_MONEY, TAKE_MONEY, DeskRequest, appointments_of, desk
from staff.story import last_change, payments_of, story


@require_safe
@desk(LOOK)
def appointment(request: DeskRequest, pk: int) -> HttpResponse:
    return show_appointment(request, fetch(request, pk))


def show_appointment(
    request: DeskRequest, appointment: Appointment, problem: str = "", *, status: int = 200
) -> HttpResponse:
    """The page as it is now. `problem` says why a press changed nothing."""
    payments = payments_seen(request, appointment)
    waits = WaitingEntry.objects.waiting().filter(appointment=appointment).exists()
    receipts = receipts_seen(appointment, payments)
    told = story(appointment, payments, receipts.made if receipts else ())
    context: dict[str, Any] = {"problem": problem, "payments": payments, "receipts": receipts, "story": told}
    context["takings"] = takings_seen(request, appointment)
    return show(request, "staff/appointment.html", appointment, status=status, waits=waits, **context)


# What the page has in common with the pages on which something about it is changed


def fetch(request: DeskRequest, pk: int) -> Appointment:
    return get_object_or_404(appointments_of(request.user), pk=pk)


def payments_seen(request: DeskRequest, appointment: Appointment) -> list[Payment] | None:
    """Its payments, or None if this user may see nothing of money."""
    return list(payments_of(appointment)) if request.user.has_perm(SEE_MONEY) else None


def takings_seen(request: DeskRequest, appointment: Appointment) -> list[Taking]:
    """What was taken for it at the practice, each with its counter-entries; nothing for who may see nothing of that.

    Most appointments are paid online, and are asked nothing more.
    """
    if not (appointment.due_at_practice and may_see_takings(request)):
        return []
    return list(appointment.takings.filter(undoes=None).prefetch_related("counter_entries"))


def receipts_seen(appointment: Appointment, payments: list[Payment] | None) -> Receipts | None:
    """Its receipts, where there is one or can be one. Who may see no payments sees no receipts."""
    if payments is None:
        return None
    paid = appointment.something_was_paid or any(map(is_on_receipts, payments))
    receipts = receipts_of(appointment) if paid or appointment.due_at_practice else None
    return receipts if receipts and (paid or receipts.made) else None


def may_see_takings(request: DeskRequest) -> bool:
    return request.user.has_perm(SEE_MONEY) or request.user.has_perm(TAKE_MONEY)


def show(
    request: DeskRequest, template: str, appointment: Appointment, *, status: int = 200, **context: Any
) -> HttpResponse:
    known = {"appointment": appointment, "zone": appointment.provider.zone, "seen": appointment.shown_to_staff}
    return page(request, template, {**known, "may": permitted(request, appointment), **context}, status=status)


def permitted(request: DeskRequest, appointment: Appointment) -> dict[str, bool]:
    """What this user can do with the appointment as it is now, by short names: the buttons that are shown."""
    changes, takes = request.user.has_perm(CHANGE), request.user.has_perm(TAKE_MONEY)
    confirmed = appointment.status == Appointment.Status.CONFIRMED
    stands = appointment.stands
    return {
        "see_money": request.user.has_perm(SEE_MONEY),
        "return_money": request.user.has_perm(RETURN_MONEY),
        "see_takings": may_see_takings(request),
        "take": takes and bool(appointment.left_at_practice),
        "undo_taking": takes,
        "ask_for_rest": takes and appointment.rest_may_be_asked_for,
        "correct": changes and not appointment.erased_at,
        "move": changes and stands,
        "cancel": changes and stands,
        "keep": changes and appointment.is_unpaid_with_deadline,
        "send_link": changes and appointment.may_be_mailed,
        "mark_no_show": changes and appointment.may_be_no_show,
        "undo_no_show": changes and confirmed and appointment.no_show_at is not None,
    }


def is_as_seen(request: DeskRequest, appointment: Appointment) -> bool:
    return request.POST.get("seen") == appointment.shown_to_staff


def changed_meanwhile(request: DeskRequest, appointment: Appointment) -> str:
    """The sentence for somebody whose page was older than the last change."""
    at, happened = last_change(appointment, payments_seen(request, appointment))
    when = until(at, appointment.provider.zone)
    sentence = _(
        "Nothing was changed now, as it has changed since you opened this page. Last, at %(moment)s: %(happened)s"
    )
    return sentence % {"moment": when, "happened": happened}


def show_changed(request: DeskRequest, pk: int) -> HttpResponse:
    """Answer a press that came too late with the appointment as it is by now, and with what happened to it."""
    now = fetch(request, pk)
    return show_appointment(request, now, changed_meanwhile(request, now), status=409)


def done(request: DeskRequest, appointment: Appointment, sentence: str) -> HttpResponse:
    """Lead back to the page of the appointment, which says what was done."""
    messages.success(request, sentence)
    return back(appointment)


def back(appointment: Appointment) -> HttpResponse:
    return HttpResponseRedirect(reverse("staff:appointment", args=[appointment.pk]), status=303)
