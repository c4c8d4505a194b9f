"""Money taken at the practice: writing it down, taking it off again, and asking for the rest by link instead."""

from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.models import Appointment, ChangedMeanwhile
from booking.responses import only_posted
from booking.templatetags.wording import price
from payments.models import Taking
from staff.access import TAKE_MONEY, DeskRequest, desk
from staff.forms.taking import TakingForm, UndoForm
from staff.pages.appointment import back, done, fetch, is_as_seen, permitted, show, show_changed


@require_http_methods(["GET", "HEAD", "POST"])
@desk(TAKE_MONEY)
def take(request: DeskRequest, pk: int) -> HttpResponse:
    """Write down that a part of what is due at the practice was taken, or all of it.

    Pressed twice, the second press is led to the page that lists what the first has written.
    """
    appointment = fetch(request, pk)
    posted = request.method == "POST"
    if not permitted(request, appointment)["take"]:
        return show_changed(request, pk) if posted else back(appointment)
    form = TakingForm(request.POST if posted else None, appointment=appointment)
    if not posted:
        return show(request, "staff/take.html", appointment, form=form)
    if not is_as_seen(request, appointment):
        return show_changed(request, pk)
    if not form.is_valid():
        return show(request, "staff/take.html", appointment, form=form, status=422)
    try:
        taking = form.take(request.user)
    except ChangedMeanwhile:
        return show_changed(request, pk)
    return done(request, appointment, recorded(taking, appointment))


def recorded(taking: Taking, appointment: Appointment) -> str:
    amounts = {
        "amount": price(taking.decimal_amount, taking.currency),
        "left": price(appointment.left_at_practice, appointment.currency),
    }
    if appointment.left_at_practice:
        return _("%(amount)s is recorded, and %(left)s is still to pay.") % amounts
    return _("%(amount)s is recorded, and nothing is left to pay.") % amounts


@require_http_methods(["GET", "HEAD", "POST"])
@desk(TAKE_MONEY)
def undo(request: DeskRequest, pk: int, taking_pk: int) -> HttpResponse:
    """Undo an entry, or a part of it, by a counter-entry: it was a mistake, or money was given back."""
    appointment = fetch(request, pk)
    entries = appointment.takings.filter(undoes=None).prefetch_related("counter_entries")
    taking = get_object_or_404(entries, pk=taking_pk)
    # The one that was read as this user's: it knows its provider, and the sum that this page showed.
    taking.appointment = appointment
    posted = request.method == "POST"
    if not taking.left:
        return show_changed(request, pk) if posted else back(appointment)
    form = UndoForm(request.POST if posted else None, taking=taking)
    if not posted:
        return show(request, "staff/undo_taking.html", appointment, form=form, taking=taking)
    if not is_as_seen(request, appointment):
        return show_changed(request, pk)
    if not form.is_valid():
        return show(request, "staff/undo_taking.html", appointment, form=form, taking=taking, status=422)
    try:
        undone = form.undo(request.user)
    except ChangedMeanwhile:
        return show_changed(request, pk)
    return done(request, appointment, recorded_back(undone, taking.left - undone.taken_off))


def recorded_back(undone: Taking, left: Decimal) -> str:
    """What is said once that counter-entry is written, and so much is left of the entry."""
    amounts = {"amount": price(undone.taken_off, undone.currency), "left": price(left, undone.currency)}
    if left:
        return _("%(amount)s is recorded as taken off again, and %(left)s of the entry is left.") % amounts
    return _("%(amount)s is recorded as taken off again, and nothing of the entry is left.") % amounts


@only_posted
@desk(TAKE_MONEY)
def ask_for_rest(request: DeskRequest, pk: int) -> HttpResponse:
    """Let the client pay by link what is still to be paid at the practice, and mail the link if there is an address."""
    appointment = fetch(request, pk)
    if not is_as_seen(request, appointment):
        return show_changed(request, pk)
    try:
        appointment.ask_for_rest(request.user)
    except ChangedMeanwhile:
        return show_changed(request, pk)
    if appointment.client_email:
        return done(request, appointment, _("The link is on its way."))
    return done(request, appointment, _("The rest can be paid by link now. Read the address out."))
