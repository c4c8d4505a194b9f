"""How an appointment is shown: to its client, in their language and on their clock, and to staff."""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from booking import phone, zones
from booking.models.appointment.dues import AppointmentDues
from booking.models.changes import Change
from booking.models.translations import translated


class AppointmentPresentation(AppointmentDues):
    class Meta(AppointmentDues.Meta):
        abstract = True

    @property
    def client(self) -> str:
        """What staff call the client: the name, or else the email address, or the phone number."""
        if self.erased_at:
            return _("Name erased")
        return self.client_name or self.client_email or phone.display(self.client_phone)

    @property
    def translated_service(self) -> str:
        return translated(self.service_name, self.service_names)

    @property
    def title(self) -> str:
        """What its client's calendar calls it."""
        names = {"service": self.translated_service, "provider": self.provider_name}
        return _("%(service)s with %(provider)s") % names

    def go_on_in(self, language: str) -> None:
        """Address its client in this language from now on: they booked in another, and have chosen this one since."""
        if language != self.language:
            self.language = language
            self.save(update_fields=["language"])

    @property
    def standing(self) -> str:
        """In one word what staff have to know of it. The filter `standing_in_words` has the words that they read."""
        if self.state == self.Status.HELD:
            return "held" if self.hold_expires_at else "on-its-way"
        if self.state == self.Status.CONFIRMED:
            return "no-show" if self.no_show_at else self.standing_of_money
        if self.state == self.Status.CANCELLED and self.was_only_held:
            return "given-back"
        return self.state

    @property
    def standing_of_money(self) -> str:
        """How far a confirmed appointment is paid, online and at the practice."""
        if self.left_at_practice:
            return "to-pay"
        return "paid" if self.price else "free"

    @property
    def something_was_paid(self) -> bool:
        """Whether a payment has confirmed it, or money was taken for it at the practice. Some may have gone back.

        Where all is due at the practice again, as a rest that was paid by link went back, only the payments tell.
        """
        confirmed_by_a_payment = self.confirmed_at is not None and self.due_online > 0
        return confirmed_by_a_payment or self.taken_at_practice > 0

    @property
    def was_only_held(self) -> bool:
        """Whether it was never confirmed: who cancels it then gives back a time, and calls off no appointment."""
        return self.confirmed_at is None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which the client reads its times: their own if its clock differs, or else the provider's.

        The clocks are compared now and at the time of the appointment, since they may change in between and the client
        reads times of both. One difference is enough.
        """
        theirs = zones.find(self.client_time_zone)
        moments = (self.appointment_time, timezone.now())
        differs = theirs and any(zones.differ(theirs, self.provider.zone, moment) for moment in moments)
        return theirs if theirs and differs else self.provider.zone

    @property
    def provider_zone(self) -> ZoneInfo | None:
        """The provider's time zone, where the client reads the times in another one."""
        return self.provider.zone if self.provider.zone != self.zone else None

    @property
    def seconds_kept(self) -> int:
        """After how many whole seconds the hold has surely run out, or 1 if it has no end. A page then asks again.

        It is a day at most: a browser cannot wait for a month, and would ask at once.
        """
        left = (self.hold_expires_at - timezone.now()).total_seconds() if self.hold_expires_at else 0
        return min(max(int(left), 0) + 1, 24 * 60 * 60)

    @property
    def is_news(self) -> bool:
        """Whether it was confirmed so recently that its mail may still be on its way."""
        return bool(self.confirmed_at and timezone.now() - self.confirmed_at < timedelta(minutes=5))

    @property
    def shown_state(self) -> str:
        """The status and time that a page shows. Its buttons send them along, to be compared with what is true then."""
        return f"{self.state} {self.appointment_time.isoformat()}"

    @property
    def shown_to_staff(self) -> str:
        """What a form of staff shows of it, to be compared with what is true when that is sent.

        Whatever anybody changes has a row among its changes, and Stripe may say at any time that it is paid, that the
        rest was paid by link, or that money was returned.
        """
        changes = Change.objects.filter(appointment=self.pk).count()
        return f"{self.shown_state} {self.returned} {self.due_at_practice} {changes}"

    @property
    def map_address(self) -> str:
        """A map with the place on it, or nothing for a place without a number of a house, as of a call by video.

        A map knows streets by the names that they have there, and those are the words of the practice's first language.
        """
        place = self.provider.where_in_first_language
        is_an_address = any(character.isdecimal() for character in place)
        return f"https://www.openstreetmap.org/search?{urlencode({'query': place})}" if is_an_address else ""

    @property
    def absolute_url(self) -> str:
        return f"{settings.SITE_URL}{reverse('booking:appointment', args=[self.reference])}"

    @property
    def payment_url(self) -> str:
        return f"{settings.SITE_URL}{reverse('payments:pay', args=[self.reference])}"

    @property
    def receipt_url(self) -> str:
        return f"{settings.SITE_URL}{reverse('payments:receipt', args=[self.reference])}"

    @property
    def book_again_address(self) -> str:
        moment = self.appointment_time.isoformat()
        query = {"provider": self.provider.slug, "service": self.service.slug, "time": moment}
        return f"{reverse('booking:book')}?{urlencode(query)}"

    @property
    def next_one(self) -> datetime:
        """The time a week later at which the provider's clock shows the same; of one long past, the first ahead."""
        local = self.appointment_time.astimezone(self.provider.zone)
        weeks = max(1, -((self.appointment_time - timezone.now()) // timedelta(weeks=1)))
        return zones.to_utc(local.date() + timedelta(weeks=weeks), local.time(), self.provider.zone)

    @property
    def next_one_address(self) -> str:
        """The booking page for the same provider and service, opened at the day of `next_one`."""
        query = {"provider": self.provider.slug, "service": self.service.slug, "like": self.next_one.isoformat()}
        return f"{reverse('booking:book')}?{urlencode(query)}"
