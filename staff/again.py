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
from django.utils.translation import gettext_lazy

from booking.forms import parse_instant
from booking.models import Appointment, Provider, Service, offers
from booking.models.appointment.queryset import AppointmentQuerySet
from booking.refund_forms import DecidedRefundForm
from booking.templatetags.wording import day_and_clock
from payments.forms import RefundForm
from staff.forms.away import EVERYBODY, AwayForm
from staff.forms.caller import CallerForm
from staff.forms.correct import CorrectForm
from staff.forms.moment import MomentForm
from staff.forms.person import PersonForm
from staff.forms.provider import NewProviderForm, ProviderForm
from staff.forms.service import ServiceForm
from staff.forms.settings import SettingsForm
from staff.forms.taking import TakingForm, UndoForm
from staff.forms.week import WeekForm
from staff.interrupted import Interrupted
from staff.row_numbers import row_numbers

NOT_THERE = gettext_lazy("It is about something that is not there, or that your login does not show.")


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
            return Meaning(str(NOT_THERE))

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
    when = day_and_clock(appointment.appointment_time, appointment.provider.zone)
    return _("%(client)s, %(moment)s") % {"client": appointment.client, "moment": when}


# What the form of each page means


def cancel(form: SentAgain) -> Meaning:
    sentence = _("Cancel the appointment of %(client_and_time)s.") % {"client_and_time": named(form.appointment)}
    return Meaning(sentence, DecidedRefundForm.base_fields)


def refund(form: SentAgain) -> Meaning:
    sentence = _("Return money of the appointment of %(client_and_time)s.")
    return Meaning(sentence % {"client_and_time": named(form.appointment)}, RefundForm.base_fields)


def move(form: SentAgain) -> Meaning:
    moved = form.appointment
    becomes = day_and_clock(parse_instant(form.sent.get("appointment_time", "")), moved.provider.zone)
    sentence = _("Move the appointment of %(client_and_time)s, to %(moment)s.")
    return Meaning(sentence % {"client_and_time": named(moved), "moment": becomes})


def take(form: SentAgain) -> Meaning:
    sentence = _("Record money taken at the practice for %(client_and_time)s.")
    return Meaning(sentence % {"client_and_time": named(form.appointment)}, TakingForm.base_fields)


def undo_taking(form: SentAgain) -> Meaning:
    sentence = _("Record money as taken off again at the practice for %(client_and_time)s.")
    return Meaning(sentence % {"client_and_time": named(form.appointment)}, UndoForm.base_fields)


def ask_for_rest(form: SentAgain) -> Meaning:
    return Meaning(_("Ask %(client_and_time)s for the rest by link.") % {"client_and_time": named(form.appointment)})


def make_receipt(form: SentAgain) -> Meaning:
    return Meaning(_("Make a receipt for %(client_and_time)s.") % {"client_and_time": named(form.appointment)})


def correct(form: SentAgain) -> Meaning:
    sentence = _("Correct the details of %(client_and_time)s.") % {"client_and_time": named(form.appointment)}
    return Meaning(sentence, CorrectForm.base_fields)


def keep(form: SentAgain) -> Meaning:
    sentence = _("Keep the time of %(client_and_time)s, until another deadline to pay.")
    return Meaning(sentence % {"client_and_time": named(form.appointment)}, MomentForm.base_fields)


def no_show(form: SentAgain) -> Meaning:
    if "came" in form.sent:
        sentence = _("Write down that the client came after all: %(client_and_time)s.")
    else:
        sentence = _("Write down that the client did not come: %(client_and_time)s.")
    return Meaning(sentence % {"client_and_time": named(form.appointment)})


def send_link(form: SentAgain) -> Meaning:
    return Meaning(_("Send the link again to %(client_and_time)s.") % {"client_and_time": named(form.appointment)})


def book(form: SentAgain) -> Meaning:
    provider = form.provider(form.sent.get("provider", ""))
    offer = offers.find(provider.slug, form.sent.get("service", ""))
    if not offer:
        return Meaning(str(NOT_THERE))
    when = form.sent.get("appointment_time")
    begins = parse_instant(when) if when else None
    fields = CallerForm(form.sent, offer=offer, begins=begins).fields
    if not form.sent.get("every"):
        del fields["times"]  # How many is preset, and means nothing of a booking that is once.
    if not begins or {"find", "fill"} & form.sent.keys():
        sentence = _("Look up a client who is to be booked with %(provider)s.")
        return Meaning(sentence % {"provider": provider}, fields)
    sentence = _("Book %(service)s with %(provider)s, %(moment)s.")
    when = day_and_clock(begins, provider.zone)
    booked = {"service": offer.service.translated["name"], "provider": provider, "moment": when}
    return Meaning(sentence % booked, fields)


def book_another(form: SentAgain) -> Meaning:
    first = form.appointments.filter(pk__in=row_numbers(form.sent.getlist("booked")))[:1].get()
    begins = day_and_clock(parse_instant(form.sent.get("time", "")), first.provider.zone)
    return Meaning(_("Book one more for %(client)s, %(moment)s.") % {"client": first.client, "moment": begins})


def away(form: SentAgain) -> Meaning:
    if taken_back := row_numbers(form.sent.getlist("take_back")):
        whose = form.providers.filter(time_off__pk__in=taken_back).distinct()
        names = ", ".join(map(str, whose))
        sentence = _("Take back that these are away: %(names)s.") if whose else str(NOT_THERE)
        return Meaning(sentence % {"names": names})
    if form.sent.get("provider") == EVERYBODY:
        sentence = _("Write down when everybody is away.")
    elif form.sent.get("provider"):
        sentence = _("Write down when %(provider)s is away.") % {"provider": form.provider(form.sent["provider"])}
    else:
        sentence = _("Write down when somebody is away.")
    fields = AwayForm(None, providers=form.providers, now=timezone.now()).fields
    return Meaning(sentence, {name: fields[name] for name in fields if name != "provider"})


def holidays(form: SentAgain) -> Meaning:
    return Meaning(_("Write down the public holidays as time off."))


def hours(form: SentAgain) -> Meaning:
    provider = form.provider(form.match.kwargs["provider"])
    if "save" in form.sent:
        sentence = _("Save these as the working hours of %(provider)s.")
    else:
        sentence = _("Look at these as the working hours of %(provider)s.")
    others = list(form.providers.exclude(pk=provider.pk))
    return Meaning(sentence % {"provider": provider}, WeekForm(None, week=[], providers=others).fields)


def portrait(form: SentAgain) -> Meaning:
    """Only removing one is carried along. No form carries a file, so whoever sent a picture is led to its page."""
    provider = form.provider(form.match.kwargs["provider"])
    return Meaning(_("Remove the portrait of %(provider)s.") % {"provider": provider})


def calendar_address(form: SentAgain) -> Meaning:
    provider = form.provider(form.match.kwargs["provider"])
    if "remove" in form.sent:
        return Meaning(_("Remove the calendar address of %(provider)s.") % {"provider": provider})
    return Meaning(_("Make a calendar address for %(provider)s.") % {"provider": provider})


def examine(form: SentAgain) -> Meaning:
    return Meaning(_("Examine the connections to Stripe and to the mail server."))


def look_at_person(form: SentAgain) -> Meaning:
    return Meaning(_("Look at what is held about this person."), PersonForm.base_fields)


def download_person(form: SentAgain) -> Meaning:
    return Meaning(_("Download what is held about this person."), PersonForm.base_fields)


def erase_person(form: SentAgain) -> Meaning:
    if "sure" in form.sent:
        return Meaning(_("Erase what is held about this person. This cannot be undone."), PersonForm.base_fields)
    return Meaning(_("Look at what would be erased about this person."), PersonForm.base_fields)


def settings(form: SentAgain) -> Meaning:
    sentence = _("Save these settings.") if "save" in form.sent else _("Look at what these settings would change.")
    return Meaning(sentence, SettingsForm(None, {}).fields)


def service(form: SentAgain) -> Meaning:
    changed = Service.objects.get(slug=form.match.kwargs["service"])
    return Meaning(_("Change the service %(service)s.") % {"service": changed}, ServiceForm().fields)


def service_order(form: SentAgain) -> Meaning:
    moved = Service.objects.get(slug=form.match.kwargs["service"])
    return Meaning(_("Move the service %(service)s to another place in the list.") % {"service": moved})


def provider(form: SentAgain) -> Meaning:
    changed = form.provider(form.match.kwargs["provider"])
    return Meaning(_("Change the provider %(provider)s.") % {"provider": changed}, ProviderForm().fields)


def add_service(form: SentAgain) -> Meaning:
    return Meaning(_("Add a service."), ServiceForm().fields)


def add_provider(form: SentAgain) -> Meaning:
    return Meaning(_("Add a provider."), NewProviderForm().fields)


MEANINGS: dict[str, Callable[[SentAgain], Meaning]] = {
    "staff:cancel": cancel,
    "staff:refund": refund,
    "staff:take": take,
    "staff:undo-taking": undo_taking,
    "staff:rest": ask_for_rest,
    "staff:receipt": make_receipt,
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
    "staff:calendar": calendar_address,
    "staff:examine": examine,
    "staff:people": look_at_person,
    "staff:people-download": download_person,
    "staff:people-erase": erase_person,
    "staff:settings": settings,
    "staff:service": service,
    "staff:service-order": service_order,
    "staff:provider": provider,
    "staff:add-service": add_service,
    "staff:add-provider": add_provider,
}
