"""Small changes to an appointment: the client's details, a no-show, the link once more, another deadline."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.deadlines import NoDeadline
from booking.models import ChangedMeanwhile
from booking.responses import only_posted
from booking.templatetags.wording import until
from staff.access import CHANGE, DeskRequest, desk
from staff.forms.correct import CorrectForm
from staff.forms.moment import MomentForm
from staff.pages.appointment import (
    back,
    changed_meanwhile,
    done,
    fetch,
    is_as_seen,
    permitted,
    show,
    show_changed,
)


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CHANGE)
def correct(request: DeskRequest, pk: int) -> HttpResponse:
    """Correct name, email address, phone number and note."""
    appointment = fetch(request, pk)
    if not permitted(request, appointment)["correct"]:
        return show_changed(request, pk) if request.method == "POST" else back(appointment)
    form = CorrectForm(request.POST if request.method == "POST" else None, appointment=appointment)
    if request.method != "POST":
        return show(request, "staff/correct.html", appointment, form=form)
    if not is_as_seen(request, appointment):
        problem = changed_meanwhile(request, appointment)
        known = {"problem": problem, "on_record": form.on_record}
        form.bring_up_to_date()
        return show(request, "staff/correct.html", appointment, form=form, status=409, **known)
    if not form.is_valid():
        return show(request, "staff/correct.html", appointment, form=form, status=422)
    try:
        form.correct(request.user)
    except ChangedMeanwhile:
        return show_changed(request, pk)
    return done(request, appointment, _("The details are saved."))


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CHANGE)
def keep(request: DeskRequest, pk: int) -> HttpResponse:
    """Keep a held appointment unpaid until another moment."""
    appointment = fetch(request, pk)
    posted = request.method == "POST"
    if not permitted(request, appointment)["keep"]:
        return show_changed(request, pk) if posted else back(appointment)
    form = MomentForm(
        request.POST if posted else None,
        zone=appointment.provider.zone,
        initial_moment=appointment.kept_until or appointment.hold_expires_at,
    )
    if not posted:
        return show(request, "staff/keep.html", appointment, form=form)
    if not is_as_seen(request, appointment):
        problem = changed_meanwhile(request, appointment)
        return show(request, "staff/keep.html", appointment, form=form, problem=problem, status=409)
    if form.is_valid():
        try:
            appointment.keep_until(form.cleaned_data["moment"], request.user)
        except NoDeadline as refusal:
            form.add_error(None, str(refusal))
        except ChangedMeanwhile:
            return show_changed(request, pk)
        else:
            kept = until(form.cleaned_data["moment"], appointment.provider.zone)
            return done(request, appointment, _("The time is kept until %(moment)s.") % {"moment": kept})
    return show(request, "staff/keep.html", appointment, form=form, status=422)


@only_posted
@desk(CHANGE)
def no_show(request: DeskRequest, pk: int) -> HttpResponse:
    """Write down that the client did not come or, with `came`, that they came after all."""
    appointment = fetch(request, pk)
    if not is_as_seen(request, appointment):
        return show_changed(request, pk)
    try:
        if "came" in request.POST:
            appointment.undo_no_show(request.user)
            return done(request, appointment, _("It is written down that the client came."))
        appointment.mark_no_show(request.user)
        return done(request, appointment, _("It is written down that the client did not come."))
    except ChangedMeanwhile:
        return show_changed(request, pk)


@only_posted
@desk(CHANGE)
def send_link(request: DeskRequest, pk: int) -> HttpResponse:
    """Mail the client the link to the appointment's page once more, or to the payment page if it is not paid yet."""
    appointment = fetch(request, pk)
    if not is_as_seen(request, appointment):
        return show_changed(request, pk)
    try:
        appointment.send_link_again(request.user)
    except ChangedMeanwhile:
        return show_changed(request, pk)
    return done(request, appointment, _("The link is on its way."))
