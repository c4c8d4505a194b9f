"""The working hours of a provider as a week: typed or copied to other days and people, looked at, then saved."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking import customs
from booking.models import ChangedMeanwhile, Provider, SlotTaken
from booking.responses import page
from booking.schedule.away import Touches, shown
from booking.schedule.new_week import (
    first_free,
    in_words,
    left_outside,
    length_of,
    outside,
    replace_week,
    weeks_of,
)
from staff.access import CHANGE, SET_HOURS, DeskRequest, appointments_of, desk, providers_of
from staff.forms import hours_as_typed
from staff.forms.week import WeekForm, for_people, name_of
from staff.pages.away import BUSY
from staff.pages.led_on import after_hours
from staff.week_compared import Compared, questions, steps
from staff.with_links import with_links

# What is copied by a press: from which day, and to which.
COPIES = {"workdays": (0, range(1, 5)), "week": (0, range(1, 7))}


@require_safe
@desk(SET_HOURS)
def first_hours(request: DeskRequest) -> HttpResponse:
    """Lead to the first provider whose hours this user may set. Without any, the day says what is missing."""
    first = providers_of(request.user).first()
    return HttpResponseRedirect(reverse("staff:hours", args=[first.slug]) if first else reverse("staff:day"))


@require_http_methods(["GET", "HEAD", "POST"])
@desk(SET_HOURS)
def hours(request: DeskRequest, provider: str) -> HttpResponse:
    """Show the week as it is. A POST looks at what another one offers and leaves outside or, with `save`, saves it."""
    providers = {one.slug: one for one in providers_of(request.user)}
    if provider not in providers:
        raise Http404
    chosen = providers.pop(provider)
    week = list(chosen.working_hours.all())
    typed = copied(request.POST) if request.method == "POST" else None
    form = WeekForm(typed, week=week, providers=list(providers.values()))
    if typed is None:
        booked = outside(chosen, week, appointments_of(request.user), timezone.now())
        return show(request, chosen, form, in_words(week), outside=booked)
    was = typed.get("was") or in_words(week)
    if not form.is_valid():
        return show(request, chosen, form, was, status=422)
    if "save" not in typed:
        return look(request, chosen, form, was)
    if typed.get("looked") != form.in_words:
        problem = _("Nothing is saved yet, as these are not the hours that you looked at. This is what they offer.")
        return look(request, chosen, form, was, problem=problem, status=409)
    return save(request, chosen, form)


def copied(typed: QueryDict) -> QueryDict:
    """What is typed, with Monday's line on other days as well if that button was pressed."""
    source, days = COPIES.get(typed.get("copy", ""), (0, range(0)))
    typed = typed.copy()
    for day in days:
        typed[name_of(day)] = typed.get(name_of(source), "")
    return typed


def save(request: DeskRequest, provider: Provider, form: WeekForm) -> HttpResponse:
    week, known, was = form.cleaned_data["week"], request.POST, request.POST.get("was", "")
    try:
        replace_week(
            [provider, *form.cleaned_data["providers"]],
            week,
            appointments_of(request.user),
            was=was,
            seen=known.getlist("seen"),
            by=request.user,
            now=timezone.now(),
        )
    except ChangedMeanwhile:
        present = list(provider.working_hours.all())
        problem = _(
            "Nothing was saved, as these hours were changed since you opened this page. They are by now: %(hours)s."
        )
        problem %= {"hours": for_people(present)}
        form = form.brought_up_to_date(was, present)
        return show(request, provider, form, in_words(present), problem=problem, status=409)
    except SlotTaken:
        return show(request, provider, form, was, problem=BUSY, status=409)
    except Touches:
        problem = _("Nothing is saved yet, as somebody was booked since you looked. Read the list again.")
        return look(request, provider, form, was, problem=problem, status=409)
    sentence = _("The hours are saved, and clients can choose from them at once.")
    messages.success(request, with_links(sentence, *after_hours(request, provider)))
    return HttpResponseRedirect(reverse("staff:hours", args=[provider.slug]), status=303)


def look(request: DeskRequest, provider: Provider, form: WeekForm, was: str, **context: Any) -> HttpResponse:
    """Show what the typed week changes and offers, and who is booked outside it, with the button that saves it."""
    week, now = form.cleaned_data["week"], timezone.now()
    providers = [provider, *form.cleaned_data["providers"]]
    present = weeks_of(providers)
    left = left_outside(providers, present, week, appointments_of(request.user), now)
    hours = length_of(week).total_seconds() / 3600
    compared = [Compared(one, steps(present[one.pk], week)) for one in providers]
    offers = {
        "compared": compared,
        "changes": any(one.steps for one in compared),
        "questions": questions(week),
        "length": customs.length(hours, "hour"),
        "first_free": first_free(provider, week, now),
        "left": left,
        "seen": [shown(one) for one in left],
        "looked": form.in_words,
    }
    return show(request, provider, form, was, **{**offers, **context})


def show(
    request: DeskRequest,
    provider: Provider,
    form: WeekForm,
    was: str,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """`was` is what somebody was shown of the hours. It stays that until they are told that these are others by now."""
    known = {"provider": provider, "form": form, "was": was, "may_change": request.user.has_perm(CHANGE)}
    typed = {
        "example": hours_as_typed.example(),
        "overnight": hours_as_typed.overnight(),
        "all_day": hours_as_typed.all_day(),
    }
    return page(request, "staff/hours.html", {**known, **typed, **context}, status=status)
