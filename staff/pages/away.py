"""When somebody is away: writing it down, with whom it touches, and taking it back."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from booking.models import Appointment, SlotTaken, TimeOff
from booking.responses import page
from booking.schedule.away import Touches, is_in, shown, take_back, write_down
from booking.schedule.public_holidays import country
from booking.templatetags.wording import when_away
from staff.access import CHANGE, CLOSE, DeskRequest, appointments_of, desk, providers_of
from staff.bookable import booked_on, holidays_in_reach, read_bookable, said_of_holidays
from staff.forms.away import AwayForm
from staff.row_numbers import row_numbers

BUSY = gettext_lazy("The diary was busy for a moment, and nothing was saved. Try again.")


class Absence(NamedTuple):
    """Time off that reads the same for all who have it: everybody who is away at Christmas, each by their own clock."""

    when: str
    times_off: list[TimeOff]
    touched: list[Appointment]

    @property
    def names(self) -> list[str]:
        return [str(off.provider) for off in self.times_off]


@require_http_methods(["GET", "HEAD", "POST"])
@desk(CLOSE)
def away(request: DeskRequest) -> HttpResponse:
    """Show what is written down already, and a form for more. A POST saves that, or takes one back."""
    posted = request.method == "POST"
    if posted and "take_back" in request.POST:
        return taken_back(request)
    typed = request.POST if posted else None
    form = AwayForm(typed, providers=providers_of(request.user), now=timezone.now(), initial=request.GET.dict())
    if not posted:
        return show_away(request, form)
    return save(request, form) if form.is_valid() else show_away(request, form, status=422)


def save(request: DeskRequest, form: AwayForm) -> HttpResponse:
    """Save it, unless it touches somebody whom staff have not seen on this page yet."""
    times_off, seen = form.cleaned_data["times_off"], request.POST.getlist("seen")
    try:
        saved = write_down(times_off, appointments_of(request.user), seen, request.user, form.now)
    except Touches as touches:
        return show_away(request, form, problem_of(touches, seen), status=409, in_it=marked(touches, seen))
    except SlotTaken:
        return show_away(request, form, str(BUSY), status=409)
    if not saved:
        form.add_error(None, _("That is written down already, so nothing was added."))
        return show_away(request, form, status=422)
    sentence = _("Saved: %(people)s, %(time)s.")
    return done(request, sentence % {"people": people(saved), "time": when_away(saved[0])})


def problem_of(touches: Touches, seen: list[str]) -> str:
    """What staff read who have `seen` these of the appointments that it touches."""
    if seen:
        return _("Nothing is saved yet: others are booked in it than you saw listed. Read the list again.")
    count = len(touches.appointments)
    sentence = ngettext(
        "Nothing is saved yet: one appointment is booked in it.",
        "Nothing is saved yet: %(count)d appointments are booked in it.",
        count,
    )
    return sentence % {"count": count}


def marked(touches: Touches, seen: list[str]) -> list[Appointment]:
    """The appointments that it touches; each has `shown`, and `is_new` if staff saw others already but not this one."""
    # Both are for the template alone, and no part of the model that mypy knows.
    for one in touches.appointments:
        one.shown = shown(one)  # type: ignore[attr-defined]
        one.is_new = bool(seen) and shown(one) not in seen  # type: ignore[attr-defined]
    return touches.appointments


def people(times_off: list[TimeOff]) -> str:
    """Who is away, by name as long as there are few."""
    names = [str(off.provider) for off in times_off]
    if len(names) < 4:
        return ", ".join(names)
    return ngettext("one provider", "all %(count)d providers", len(names)) % {"count": len(names)}


def taken_back(request: DeskRequest) -> HttpResponse:
    chosen = row_numbers(request.POST.getlist("take_back"))
    gone = take_back(coming(request).filter(pk__in=chosen), request.user)
    if gone:
        sentence = _("Taken back: %(people)s, %(time)s. That time can be booked again.")
        return done(request, sentence % {"people": people(gone), "time": when_away(gone[0])})
    form = AwayForm(None, providers=providers_of(request.user), now=timezone.now())
    return show_away(request, form, _("Nothing was changed now: it had been taken back already."), status=409)


def coming(request: DeskRequest) -> QuerySet[TimeOff]:
    """The time off that this user may see, and that is not over yet."""
    theirs = TimeOff.objects.filter(provider__in=providers_of(request.user), ends__gt=timezone.now())
    return theirs.select_related("provider").order_by("starts", "provider__name")


def absences(request: DeskRequest) -> list[Absence]:
    """Time off to come, with whom it still touches. It takes two queries."""
    by_when: dict[str, list[TimeOff]] = {}
    for off in coming(request):
        by_when.setdefault(when_away(off), []).append(off)
    now = timezone.now()
    booked = appointments_of(request.user).not_over(now).in_time_off().order_by("appointment_time")
    in_it = list(booked) if by_when else []
    return [Absence(when, rows, [one for one in in_it if is_in(one, rows)]) for when, rows in by_when.items()]


def show_away(
    request: DeskRequest, form: AwayForm, problem: str = "", *, status: int = 200, **context: Any
) -> HttpResponse:
    now = timezone.now()
    bookable = read_bookable(providers_of(request.user), now)
    known = {
        "form": form,
        "problem": problem,
        "absences": absences(request),
        "may_change": request.user.has_perm(CHANGE),
        "country": country(),
        "lacking_holidays": said_of_holidays(booked_on(holidays_in_reach(now), bookable, now), bookable),
    }
    return page(request, "staff/away.html", {**known, **context}, status=status)


def done(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("staff:away"), status=303)
