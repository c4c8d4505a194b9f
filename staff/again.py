"""What an interrupted form does, in words, for the page that shows it once more before it is sent.

Of what it carries, that page lists what a person typed or chose, by the labels of the form's fields. All else was in
hidden fields, and is for the page that it is sent to.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.urls import ResolverMatch, resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from booking.forms import parse_instant
from booking.models import Appointment, Provider, offers
from booking.models.appointment.queryset import AppointmentQuerySet
from booking.refund_forms import DecidedRefundForm
from booking.templatetags.wording import day_and_clock
from payments.forms import RefundForm
from staff.forms.away import AwayForm
from staff.forms.caller import CallerForm
from staff.forms.correct import CorrectForm
from staff.forms.moment import MomentForm
from staff.forms.week import WeekForm
from staff.interrupted import Interrupted
from staff.row_numbers import row_numbers

NOT_THERE = "It is about something that is not there, or that your login does not show."


class Meaning(NamedTuple):
    sentence: str
    """What pressing does, and about whom."""
    fields: Mapping[str, forms.Field] = {}
    """Those that a person fills in."""


class SentAgain:
    """An interrupted form, as somebody reads it who may see these appointments and providers."""

    def __init__(
        self,
        interrupted: Interrupted,
        appointments: AppointmentQuerySet[Appointment],
        providers: QuerySet[Provider],
    ) -> None:
        self.appointments, self.providers = appointments, providers
        self.sent = QueryDict(interrupted.typed)
        self.meaning = self.read(interrupted.address.partition("?")[0])

    def read(self, path: str) -> Meaning:
        try:
            self.match: ResolverMatch = resolve(path)
            return MEANINGS[self.match.view_name](self)
        except (Http404, LookupError, ObjectDoesNotExist, ValueError):
            return Meaning(NOT_THERE)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """The label of each field that somebody filled in, and what they typed or chose there, in words."""
        filled = ((name, field) for name, field in self.meaning.fields.items() if any(self.sent.getlist(name)))
        return [
            (str(field.label or name.capitalize()), ", ".join(in_words(field, self.sent.getlist(name))))
            for name, field in filled
            if not field.widget.is_hidden
        ]

    @property
    def appointment(self) -> Appointment:
        return self.appointments.get(pk=self.match.kwargs["pk"])

    def provider(self, slug: str) -> Provider:
        return self.providers.get(slug=Provider.present_slug(slug))


def in_words(field: forms.Field, values: list[str]) -> list[str]:
    choices: Any = getattr(field, "choices", ())
    words = {str(value): str(label) for value, label in choices}
    return [words.get(value, value) for value in values]


def named(appointment: Appointment) -> str:
    return f"{appointment.client}, {day_and_clock(appointment.appointment_time, appointment.provider.zone)}"


# What the form of each page means


def cancel(form: SentAgain) -> Meaning:
    return Meaning(f"Cancel the appointment of {named(form.appointment)}.", DecidedRefundForm.base_fields)


def refund(form: SentAgain) -> Meaning:
    return Meaning(f"Return money of the appointment of {named(form.appointment)}.", RefundForm.base_fields)


def move(form: SentAgain) -> Meaning:
    moved = form.appointment
    becomes = day_and_clock(parse_instant(form.sent.get("appointment_time", "")), moved.provider.zone)
    return Meaning(f"Move the appointment of {named(moved)}, to {becomes}.")


def correct(form: SentAgain) -> Meaning:
    return Meaning(f"Correct the details of {named(form.appointment)}.", CorrectForm.base_fields)


def keep(form: SentAgain) -> Meaning:
    sentence = f"Keep the time of {named(form.appointment)}, until another deadline to pay."
    return Meaning(sentence, MomentForm.base_fields)


def no_show(form: SentAgain) -> Meaning:
    happened = "came after all" if "came" in form.sent else "did not come"
    return Meaning(f"Write down that the client {happened}: {named(form.appointment)}.")


def send_link(form: SentAgain) -> Meaning:
    return Meaning(f"Send the link again to {named(form.appointment)}.")


def book(form: SentAgain) -> Meaning:
    provider = form.provider(form.sent.get("provider", ""))
    offer = offers.find(provider.slug, form.sent.get("service", ""))
    if not offer:
        return Meaning(NOT_THERE)
    when = form.sent.get("appointment_time")
    begins = parse_instant(when) if when else None
    fields = CallerForm(form.sent, offer=offer, begins=begins).fields
    if not form.sent.get("every"):
        del fields["times"]  # How many is preset, and means nothing of a booking that is once.
    if not begins or {"find", "fill"} & form.sent.keys():
        return Meaning(f"Look up a client who is to be booked with {provider}.", fields)
    return Meaning(f"Book {offer.service} with {provider}, {day_and_clock(begins, provider.zone)}.", fields)


def book_another(form: SentAgain) -> Meaning:
    first = form.appointments.filter(pk__in=row_numbers(form.sent.getlist("booked")))[:1].get()
    begins = day_and_clock(parse_instant(form.sent.get("time", "")), first.provider.zone)
    return Meaning(f"Book one more for {first.client}, {begins}.")


def away(form: SentAgain) -> Meaning:
    if taken_back := row_numbers(form.sent.getlist("take_back")):
        whose = form.providers.filter(time_off__pk__in=taken_back).distinct()
        return Meaning(f"Take back that these are away: {', '.join(map(str, whose))}." if whose else NOT_THERE)
    who = form.provider(form.sent["provider"]) if form.sent.get("provider") else "everybody"
    fields = AwayForm(None, providers=form.providers, now=timezone.now()).fields
    return Meaning(f"Write down when {who} is away.", {name: fields[name] for name in fields if name != "provider"})


def holidays(form: SentAgain) -> Meaning:
    return Meaning(f"Write down the public holidays of {form.sent.get('year', 'this year')} as time off.")


def hours(form: SentAgain) -> Meaning:
    provider = form.provider(form.match.kwargs["provider"])
    does = "Save these as" if "save" in form.sent else "Look at these as"
    others = list(form.providers.exclude(pk=provider.pk))
    return Meaning(f"{does} the working hours of {provider}.", WeekForm(None, week=[], providers=others).fields)


def portrait(form: SentAgain) -> Meaning:
    """Only removing one is carried along. No form carries a file, so whoever sent a picture is led to its page."""
    provider = form.provider(form.match.kwargs["provider"])
    return Meaning(_("Remove the portrait of %(provider)s.") % {"provider": provider})


MEANINGS: dict[str, Callable[[SentAgain], Meaning]] = {
    "staff:cancel": cancel,
    "staff:refund": refund,
    "staff:move": move,
    "staff:correct": correct,
    "staff:keep": keep,
    "staff:no-show": no_show,
    "staff:link": send_link,
    "staff:book": book,
    "staff:book-another": book_another,
    "staff:away": away,
    "staff:holidays": holidays,
    "staff:hours": hours,
    "staff:portrait": portrait,
}
